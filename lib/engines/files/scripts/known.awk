# known.awk -v pending=PENDING -v manifest=MANIFEST -v unsure=FILE -v all=YES-OR-NOTHING PENDING MANIFEST LIST: what is
# there (LIST) in the words of MANIFEST, as far as they are known: `?` for what a crash may have left otherwise, which
# is all of PENDING, a path a line, and what is in it; or all. What else is not what MANIFEST says, or not there, is
# written to FILE.
BEGIN { begin_list(unsure) }
function is_pending(path) {
  for (; path != ""; path = parent(path)) if (path in changing) return 1
  return 0
}

FILENAME == pending { changing[$0]; next }
{ path = path_of_line() }
FILENAME == manifest { known[path] = $0; type[path] = $1; next }
{
  doubtful = is_pending(path)
  if (!all && !doubtful && (path in known) && type[path] == $1) {
    put(known[path])
  } else {
    if (!doubtful) put_in(unsure, path)
    if ($1 == "l") put($0) # where it leads to can be seen
    else put($1 " " $2 " ? ? " path)
  }
  delete known[path]
}
END { for (path in known) if (!is_pending(path)) put_in(unsure, path) }
