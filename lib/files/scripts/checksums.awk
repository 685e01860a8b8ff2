# checksums.awk -v sums=SUMS -v unknown=FILE OLD SUMS NEW: the manifest NEW with checksums. A file has that of OLD if it is the same one and
# has not been changed, or only has another name now; else what md5sum printed into SUMS. Paths of files without one are written to FILE, and left out.
function path_of_line() { return substr($0, length($1 $2 $3 $4) + 5) }
# All of a file's version but the time of its last change, which a rename sets too.
function content(version) { return substr(version, 1, length(version) - 30) }

FILENAME == sums {
  sum = $1
  path = substr($0, length($1) + 3)
  if (sub(/^\\/, "", sum)) gsub(/\\\\/, "\\", path) # so coreutils tells that it has doubled backslashes
  summed[path] = sum
  next
}
FILENAME == ARGV[1] {
  if ($1 != "f" || $4 == "?") next
  same[$3] = $4
  renamed[content($3)] = $4
  old[path_of_line()]
  next
}
$1 == "f" {
  path = path_of_line()
  if ($3 in same) $4 = same[$3]
  else if (!(path in old) && content($3) in renamed) $4 = renamed[content($3)]
  else if (path in summed) $4 = summed[path]
  else { print path >unknown; next }
  print $1, $2, $3, $4, path # not $0: blanks in a path must stay as they are
  next
}
{ print }
