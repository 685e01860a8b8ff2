# own-words.awk COPIED LIST: the manifest LIST, which is without checksums, with those of COPIED, which is of the same
# files in another pod's words.
FILENAME == ARGV[1] { copied[path_of_line()] = $4; next }
$1 != "f" { put($0); next }
{ path = path_of_line() }
path in copied && copied[path] != "?" { put($1 " " $2 " " $3 " " copied[path] " " path) }
