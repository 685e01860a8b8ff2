# known.awk -v pending=PENDING -v manifest=MANIFEST -v unsure=FILE PENDING MANIFEST LIST: what is there (LIST) in the words of MANIFEST, which begins with a position,
# as far as they are known: `?` for what a crash may have left otherwise, which is all of PENDING, a path a line, and what is in it. What else is
# not what MANIFEST says, or not there, is written to FILE.
function is_pending(path) {
  for (; path != ""; path = index(path, "/") ? substr(path, 1, match(path, "/[^/]*$") - 1) : "") if (path in changing) return 1
  return 0
}

FILENAME == pending { changing[$0]; next }
FILENAME == manifest && FNR == 1 { next }
{ path = path_of_line() }
FILENAME == manifest { known[path] = $0; type[path] = $1; next }
{
  doubtful = is_pending(path)
  if (!doubtful && (path in known) && type[path] == $1) {
    print known[path]
  } else {
    if (!doubtful) print path >unsure
    if ($1 == "l") print # where it leads to can be seen
    else print $1, $2, "?", "?", path
  }
  delete known[path]
}
END { for (path in known) if (!is_pending(path)) print path >unsure }
