# missed.awk -v hidden=FILE OWN NEW UNREADABLE: paths that the manifest OWN has, and neither NEW nor UNREADABLE, a path a line, has, nor a folder of UNREADABLE.
# Those that UNREADABLE explains are written to FILE.
BEGIN { begin_list(hidden) }
FILENAME == ARGV[1] { place[++count] = path_of_line(); next }
FILENAME == ARGV[2] { there[path_of_line()]; next }
{ cannot_be_read[$0] }
END {
  for (i = 1; i <= count; i++) {
    if (place[i] in there) continue
    for (part = place[i]; part != "" && !(part in cannot_be_read); ) part = parent(part)
    if (part == "") put(place[i]); else put_in(hidden, place[i])
  }
}
