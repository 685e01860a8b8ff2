# checksums.awk -v sums=SUMS -v unknown=FILE -v late=FILE -v scanned=TIME -v began=TIME OLD SUMS NEW: the manifest NEW
# with checksums. A file has
# that of OLD if it is the same one and has not been changed, else what md5sum printed into SUMS. Paths of files without
# one are written to FILE, and left out. One that was itself renamed is read again, as that sets its time of change:
# another file could have its inode, its size and its time of modification, which anyone may set. So is one that had
# been changed in the second in which the scan of OLD began, or later: clocks are too coarse to tell whether it was read
# before its last change. Paths that are so of the scan that `began` are written to `late`.
BEGIN { begin_list(unknown); begin_list(late) }
function changed(version) { return substr(version, match(version, /[^:]*$/)) + 0 }

FILENAME == sums { summed[summed_path()] = checksum(); next }
FILENAME == ARGV[1] {
  if ($1 == "f" && $4 != "?" && changed($3) < scanned + 0) same[$3] = $4
  next
}
$1 == "f" {
  path = path_of_line()
  if (changed($3) >= began + 0) put_in(late, path)
  if ($3 in same) $4 = same[$3]
  else if (path in summed) $4 = summed[path]
  else { put_in(unknown, path); next }
  put($1 " " $2 " " $3 " " $4 " " path) # not $0: blanks in a path must stay as they are
  next
}
{ put($0) }
