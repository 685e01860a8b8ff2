# keep.awk -v kept=FILE OWN NEW HIDDEN VERDICTS: the manifest NEW, and what of OWN is missed in it though it is there by its name (`look_for`), whose paths are
# written to FILE. What is in no folder of it is left out: it has just changed, or its path leads through a link. Of nothing that OWN has may there be no
# word: then this fails.
BEGIN { begin_list(kept) }
FILENAME == ARGV[1] { path = path_of_line(); line[++count] = $0; place[count] = path; own[path]; next }
FILENAME == ARGV[2] { path = path_of_line(); new[++found] = $0; new_place[found] = path; there[path] = $1; next }
FILENAME == ARGV[3] { explained[$0]; next }
{ path = substr($0, 3); if ($1 == "+") is_there[path]; else explained[path] }

function is_in_folders(path) {
  for (path = parent(path); path != ""; path = parent(path)) if (path in there ? there[path] != "d" : path in own) return 0
  return 1
}
END {
  for (i = 1; i <= count; i++) {
    path = place[i]
    if (path in there || path in explained) continue
    if (!(path in is_there)) exit 3
    there[path] = substr(line[i], 1, 1)
    again[path] = line[i]
  }
  for (i = 1; i <= found; i++) if (is_in_folders(new_place[i])) put(new[i])
  for (i = 1; i <= count; i++) if (place[i] in again && is_in_folders(place[i])) { put(again[place[i]]); put_in(kept, place[i]) }
}
