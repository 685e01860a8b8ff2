# apply-delta.awk DELTA OLD: the manifest that OLD becomes. What is new comes last, a folder before what is in it, as in
# DELTA. Whether it is one of a tree, sound.awk tells.
FILENAME == ARGV[1] {
  is_new = $1 == "+"
  $0 = substr($0, 3)
  if (is_new) added[++count] = $0
  changed[is_new ? path_of_line() : $0]
  next
}
!(path_of_line() in changed) { put($0) }
END { for (i = 1; i <= count; i++) put(added[i]) }
