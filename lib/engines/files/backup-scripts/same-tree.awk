# same-tree.awk SUMS LIST MANIFEST: whether LIST, a manifest without checksums, and what md5sum has printed into SUMS,
# are what MANIFEST says. Prints the first path that is not, and ends with status 4.
FILENAME == ARGV[1] { summed[summed_path()] = checksum(); next }
{ path = path_of_line(); what = $1 " " ($1 == "l" ? $3 : $1 == "f" ? "content" : "") }
FILENAME == ARGV[2] { there[path] = what; next }
!(path in there) || there[path] != what || ($1 == "f" && summed[path] "" != $4 "") { refuse(path) }
{ delete there[path] }
END { for (path in there) refuse(path) }
