# changes.awk -v out=FOLDER -v aside=NAME -v other_volume=YES-OR-NOTHING OWN TARGET: what has to be done so that a tree whose manifest is OWN becomes one
# whose manifest is TARGET, as lists in the folder `out`, each of which is there:
#
#   steps    in this order: `mkdir PATH`, `mv OLD<tab>NEW` of a folder (what was renamed is not copied again), `rm PATH` of what is of another kind
#            than what comes to its place
#   moves    OLD<tab>NEW of files that were renamed; after the steps, in any order
#   copies   files whose content is not, or may not be, what it was
#   links    TARGET PATH
#   modes    PERMISSIONS PATH
#   files, folders    to be removed last
#
# A folder that was renamed is told by its inode; not where OWN has those of another volume. One that is in the way of another is on its way, under a name
# that begins with `aside`, still one of the tree: where a crash leaves it there, others can copy it.
BEGIN {
  split("steps moves copies links modes files folders", all_lists, " ")
  for (i in all_lists) begin_list(out "/" all_lists[i])
}
function change(list, what) { put_in(out "/" list, what) }
function inode(version) { return version ~ /^[0-9]/ ? substr(version, 1, index(version ":", ":") - 1) : "" }
function forget(id) { if (own_at[place[id]] == id) delete own_at[place[id]] }

# With "", as awk takes a field that looks like a number for one: a link to 1.10 is none to 1.1.
FILENAME == ARGV[1] {
  id = ++own
  type[id] = $1; mode[id] = $2; version[id] = other_volume && $1 == "d" ? "?" : $3 ""; sum[id] = $4 ""; place[id] = path_of_line()
  own_at[place[id]] = id
  next
}
{
  n = ++total
  to_type[n] = $1; to_mode[n] = $2; to_version[n] = $3 ""; to_sum[n] = $4 ""; to_place[n] = path_of_line()
  target_at[to_place[n]] = n
  if ($1 == "d" && inode($3) != "") target_folder[inode($3)]
}

# is_kept ID: whether it stays under its name.
function is_kept(id,   n) {
  if (!(place[id] in target_at)) return 0
  n = target_at[place[id]]
  if (to_type[n] != type[id]) return 0
  return type[id] == "d" ? inode(to_version[n]) == inode(version[id]) : to_sum[n] == sum[id]
}
# rename_folder ID NEW: with all that is in it.
function rename_folder(id, new,   old, i, moved) {
  old = place[id] "/"
  for (i = 1; i <= own; i++) {
    if (!(i in place)) continue
    if (i != id && index(place[i], old) != 1) continue
    forget(i)
    moved = i == id ? new : new "/" substr(place[i], length(old) + 1)
    place[i] = moved
    own_at[moved] = i
  }
}

# here PATH TYPE: the entry of OWN that is there, if a folder can stay a folder and all else can be replaced; what cannot is removed.
function here(path, kind,   id, i) {
  if (!(path in own_at)) return 0
  id = own_at[path]
  if ((type[id] == "d") == (kind == "d")) return id
  change("steps", "rm " path)
  for (i = 1; i <= own; i++) if (i in place && (i == id || index(place[i], path "/") == 1)) { forget(i); delete place[i] }
  return 0
}
# make_way PATH: a folder that is another one now is moved aside, if it is to come back under another name.
function make_way(path,   id, to) {
  if (!(path in own_at)) return
  id = own_at[path]
  if (type[id] != "d" || is_kept(id) || !(inode(version[id]) in target_folder)) return
  for (to = aside "-" id; to in own_at || to in target_at; to = to "-");
  change("steps", "mv " path "\t" to)
  rename_folder(id, to)
}
# renamed LIST KEY: the entry of OWN that has now another name, if it is still there under its old one.
function renamed(list, key,   id) {
  if (!(key in list)) return 0
  id = list[key]
  return id in place && !is_kept(id) ? id : 0
}

function make_folder(n, path,   id) {
  make_way(path)
  id = here(path, "d")
  if (!id) {
    id = renamed(folder_of, inode(to_version[n]))
    if (id) {
      change("steps", "mv " place[id] "\t" path)
      rename_folder(id, path)
    } else {
      change("steps", "mkdir " path)
    }
  }
  if (!id || mode[id] != to_mode[n]) change("modes", to_mode[n] " " path)
}

function make_file(n, path,   id, from) {
  id = here(path, "f")
  if (id && type[id] == "f" && sum[id] == to_sum[n]) {
    if (mode[id] != to_mode[n]) change("modes", to_mode[n] " " path)
    return
  }
  from = id ? 0 : renamed(file_of, to_sum[n])
  if (from && place[from] in target_at) from = 0 # another one comes to its place: it must not be missed there meanwhile
  if (from) {
    change("moves", place[from] "\t" path)
    forget(from)
    place[from] = path
    own_at[path] = from
    if (mode[from] != to_mode[n]) change("modes", to_mode[n] " " path)
  } else {
    change("copies", path)
    change("modes", to_mode[n] " " path)
  }
}

function make_link(n, path,   id) {
  id = here(path, "l")
  if (!id || type[id] != "l" || version[id] != to_version[n]) change("links", to_version[n] " " path)
}

END {
  for (id = 1; id <= own; id++) {
    if (is_kept(id)) continue
    if (type[id] == "d" && inode(version[id]) != "") folder_of[inode(version[id])] = id
    if (type[id] == "f" && sum[id] != "?") file_of[sum[id]] = id
  }
  for (n = 1; n <= total; n++) if (to_type[n] == "d") make_folder(n, to_place[n])
  for (n = 1; n <= total; n++) if (to_type[n] != "d") here(to_place[n], to_type[n]) # all removals come before the first file is renamed
  for (n = 1; n <= total; n++) {
    if (to_type[n] == "f") make_file(n, to_place[n])
    else if (to_type[n] == "l") make_link(n, to_place[n])
  }
  for (id = 1; id <= own; id++) {
    if (!(id in place) || own_at[place[id]] != id || place[id] in target_at) continue
    change(type[id] == "d" ? "folders" : "files", place[id])
  }
}
