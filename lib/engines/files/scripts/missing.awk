# missing.awk -v missed=FILE -v explained=FILE OWN NEW GONE HIDDEN: paths that the manifest OWN has and NEW has not, to
# be looked for by their names before anybody takes them for gone (`look_for`). Not among them, but in a list of their
# own, are
#   missed      what is missed for the first time. A scan takes a while: what is renamed meanwhile it may see neither
#               here nor there, and replicas would remove it and have to copy it again. So it is kept until it is missed
#               again. GONE are the paths that were missed the last time
#   explained   what HIDDEN, paths that cannot be read, explains
BEGIN { begin_list(missed); begin_list(explained) }
function inode(version) { return substr(version, 1, index(version ":", ":") - 1) }

FILENAME == ARGV[1] { path = path_of_line(); place[++count] = path; key[count] = $1 inode($3); next }
FILENAME == ARGV[2] { there[path_of_line()] = $1; if ($1 != "l") seen[$1 inode($3)]; next }
FILENAME == ARGV[3] { missed_before[$0]; next }
{ hidden[$0] }
END {
  there[""] = "d"
  for (i = 1; i <= count; i++) {
    path = place[i]
    if (path in there) continue
    if (!(path in missed_before) && !(key[i] in seen) && there[parent(path)] == "d") {
      there[path] = substr(key[i], 1, 1)
      put_in(missed, path)
      continue
    }
    for (part = path; part != "" && !(part in hidden); ) part = parent(part)
    if (part != "") put_in(explained, path); else put(path)
  }
}
