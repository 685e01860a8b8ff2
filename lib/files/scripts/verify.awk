# verify.awk -v sums=SUMS -v copies=COPIES SUMS COPIES MANIFEST: prints those of COPIES, a path a line, that have not the checksum that MANIFEST says, by what
# md5sum printed into SUMS.
function path_of_line() { return substr($0, length($1 $2 $3 $4) + 5) }
FILENAME == sums {
  sum = $1
  path = substr($0, length($1) + 3)
  if (sub(/^\\/, "", sum)) gsub(/\\\\/, "\\", path) # so coreutils tells that it has doubled backslashes
  summed[path] = sum
  next
}
FILENAME == copies { wanted[$0]; next }
{ path = path_of_line() }
$1 == "f" && path in wanted && (!(path in summed) || summed[path] != $4) { print path }
