# apply-delta.awk -v parts=FOLDER DELTA OLD: prints the manifest that OLD becomes. What is new comes last, a folder
# before what is in it, as in DELTA. What of the two has to be compared (differ.awk), all that DELTA names, is written
# to `own` and `target` in FOLDER. Fails as sound.awk does.
BEGIN {
  own = parts "/own"
  target = parts "/target"
  begin_list(own)
  begin_list(target)
}
FILENAME == ARGV[1] {
  added_to = $1 == "+"
  $0 = substr($0, 3)
  path = added_to ? path_of_line() : $0
  if (added_to) { added[++count] = $0; if (!is_entry(path) || path in kind) refuse($0); kind[path] = $1 }
  gone[path]
  next
}
{ path = path_of_line() }
path in gone { put_in(own, $0); next }
{ kind[path] = $1; put($0) }
END {
  kind[""] = "d"
  for (path in kind) if (kind[parent(path)] != "d") refuse("in no folder: " path)
  for (i = 1; i <= count; i++) {
    put(added[i])
    put_in(target, added[i])
  }
}
