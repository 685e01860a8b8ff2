# missed.awk OWN NEW UNREADABLE: paths that the manifest OWN has, and neither NEW nor UNREADABLE, a path a line, has, nor a folder of UNREADABLE.
FILENAME == ARGV[1] { place[++count] = path_of_line(); next }
FILENAME == ARGV[2] { there[path_of_line()]; next }
{ there[$0]; hidden[$0] }
END {
  for (i = 1; i <= count; i++) {
    found = place[i] in there
    for (part = place[i]; !found && match(part, /\/[^\/]*$/); ) { part = substr(part, 1, RSTART - 1); found = part in hidden }
    if (!found) print place[i]
  }
}
