# keep.awk -v kept=FILE -v not_given=FILE OWN NEW MISSED EXPLAINED VERDICTS BEFORE: the manifest NEW, and what of OWN is
# not in it, but MISSED for the first time (missing.awk), or there by its name (`look_for`): the paths of that are
# written to `kept`, and those of them that BEFORE has to `not_given`. What is in no folder of it is left out: it has
# just changed, or its path leads through a link. Of nothing that OWN has may there be no word: then this fails.
BEGIN { begin_list(kept); begin_list(not_given) }
FILENAME == ARGV[1] { line[++count] = $0; place[count] = path_of_line(); next }
FILENAME == ARGV[2] { path = path_of_line(); new[++found] = $0; new_place[found] = path; there[path] = $1; next }
FILENAME == ARGV[3] { is_missed[$0]; next }
FILENAME == ARGV[4] { is_explained[$0]; next }
FILENAME == ARGV[5] { if ($1 == "+") is_there[substr($0, 3)]; else is_gone[substr($0, 3)]; next }
{ before[$0] }

function is_in_folders(path,   over) {
  over = parent(path)
  if (over == "") return 1
  if (!(over in are_folders)) are_folders[over] = there[over] == "d" && is_in_folders(over)
  return are_folders[over]
}
END {
  for (i = 1; i <= count; i++) {
    path = place[i]
    if (path in there || path in is_explained) continue
    if (path in is_missed || path in is_there) {
      there[path] = substr(line[i], 1, 1)
      again[path]
    } else if (!(path in is_gone)) exit 3
  }
  for (i = 1; i <= found; i++) if (is_in_folders(new_place[i])) put(new[i])
  for (i = 1; i <= count; i++) {
    path = place[i]
    if (!(path in again) || !is_in_folders(path)) continue
    put(line[i])
    if (!(path in is_there)) continue
    put_in(kept, path)
    if (path in before) put_in(not_given, path)
  }
}
