# resummed.awk -v sums=SUMS -v there=THERE SUMS THERE MANIFEST: the manifest with the checksums that md5sum printed into SUMS where it has `?`; without the files
# that have none there either, nor are in THERE, a path a line.
FILENAME == sums { summed[summed_path()] = checksum(); next }
FILENAME == there { is_there[$0]; next }
$1 == "f" && $4 == "?" {
  path = path_of_line()
  if (path in summed) print $1, $2, $3, summed[path], path
  else if (path in is_there) print
  next
}
{ print }
