# known.awk -v pending=PENDING -v manifest=MANIFEST -v lost=FILE PENDING MANIFEST LIST: what is there (LIST) in the words of MANIFEST, which begins with a position,
# as far as they are known: `?` for what a crash may have left otherwise, which is all of PENDING, a path a line, and what is in it. What MANIFEST
# has and LIST has not is written to FILE.
FILENAME == pending { changing[$0]; next }
FILENAME == manifest && FNR == 1 { next }
{ path = path_of_line() }
FILENAME == manifest { known[path] = $0; type[path] = $1; next }
{
  doubtful = 0
  for (part = path; part != ""; part = index(part, "/") ? substr(part, 1, match(part, "/[^/]*$") - 1) : "") if (part in changing) doubtful = 1
  if (!doubtful && (path in known) && type[path] == $1) print known[path]
  else print $1, $2, "?", "?", path
  delete known[path]
}
END { for (path in known) print path >lost }
