# apply-delta.awk -v parts=FOLDER DELTA OLD: prints the manifest that OLD becomes. What is new comes last, a folder before what is in it, as in DELTA.
# What of the two has to be compared (changes.awk) is written to `own` and `target` in FOLDER: all that DELTA names, and what is in a folder that it has.
# That may be another one now, in which a link stands as in the former: the same line in both.
BEGIN {
  own = parts "/own"
  target = parts "/target"
  printf "" >own
  printf "" >target
}
function is_in_folder(path) {
  while (match(path, /\/[^\/]*$/)) {
    path = substr(path, 1, RSTART - 1)
    if (path in folder) return 1
  }
  return 0
}

FILENAME == ARGV[1] {
  added_to = $1 == "+"
  $0 = substr($0, 3)
  path = added_to ? path_of_line() : $0
  if (added_to) added[++count] = $0
  if (added_to && $1 == "d") { folder[path]; folders++ }
  gone[path]
  next
}
{ path = path_of_line() }
path in gone { print >own; next }
folders && is_in_folder(path) { print >own; print >target }
{ print }
END {
  for (i = 1; i <= count; i++) {
    print added[i]
    print added[i] >target
  }
}
