# resummed.awk -v sums=SUMS SUMS MANIFEST: the manifest with the checksums that md5sum printed into SUMS where it has `?` or none as yet; without the files
# that have none there either.
FILENAME == sums { summed[summed_path()] = checksum(); next }
$1 == "f" && ($4 == "?" || $4 == "-") {
  path = path_of_line()
  if (path in summed) print $1, $2, $3, summed[path], path
  next
}
{ print }
