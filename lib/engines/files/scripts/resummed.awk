# resummed.awk -v sums=SUMS -v verdicts=VERDICTS SUMS VERDICTS MANIFEST: the manifest with the checksums that md5sum
# printed into SUMS where it has `?`; without the files that have none and that are gone, by VERDICTS (`look_for`).
# Fails where that does not say.
FILENAME == sums { summed[summed_path()] = checksum(); next }
FILENAME == verdicts { verdict[substr($0, 3)] = $1; next }
$1 == "f" && $4 == "?" {
  path = path_of_line()
  if (path in summed) put($1 " " $2 " " $3 " " summed[path] " " path)
  else if (!(path in verdict)) cut_short()
  else if (verdict[path] == "+") put($0)
  next
}
{ put($0) }
