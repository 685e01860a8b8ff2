# apply-delta.awk -v parts=FOLDER DELTA OLD: prints the manifest that OLD becomes. What is new comes last, a folder before what is in it, as in DELTA.
# What of the two has to be compared (changes.awk) is written to `own` and `target` in FOLDER: all that DELTA names, and what is in a folder that it has.
# Fails as sound.awk does. That may be another one now, in which a link stands as in the former: the same line in both.
BEGIN {
  own = parts "/own"
  target = parts "/target"
  begin_list(own)
  begin_list(target)
}
function is_in_folder(path) {
  while ((path = parent(path)) != "") if (path in folder) return 1
  return 0
}

FILENAME == ARGV[1] {
  added_to = $1 == "+"
  $0 = substr($0, 3)
  path = added_to ? path_of_line() : $0
  if (added_to) { added[++count] = $0; if (!is_entry(path) || path in kind) refuse($0); kind[path] = $1 }
  if (added_to && $1 == "d") { folder[path]; folders++ }
  gone[path]
  next
}
{ path = path_of_line() }
path in gone { put_in(own, $0); next }
{ kind[path] = $1 }
folders && is_in_folder(path) { put_in(own, $0); put_in(target, $0) }
{ put($0) }
END {
  kind[""] = "d"
  for (path in kind) if (kind[parent(path)] != "d") refuse("in no folder: " path)
  for (i = 1; i <= count; i++) {
    put(added[i])
    put_in(target, added[i])
  }
}
