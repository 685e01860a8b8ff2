# verify.awk -v sums=SUMS -v copies=COPIES SUMS COPIES MANIFEST: prints those of COPIES, a path a line, that have not the checksum that MANIFEST says, by what
# md5sum printed into SUMS.
FILENAME == sums { summed[summed_path()] = checksum(); next }
FILENAME == copies { wanted[$0]; next }
{ path = path_of_line() }
$1 == "f" && path in wanted && (!(path in summed) || summed[path] != $4) { put(path) }
