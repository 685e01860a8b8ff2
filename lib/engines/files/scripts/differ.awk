# differ.awk -v out=FOLDER OWN TARGET: what has to be done so that a tree whose manifest is OWN becomes one whose
# manifest is TARGET, as lists in the folder `out`, each of which is there:
#
#   moves     OLD<tab>NEW: files whose content is here, under a name that goes or becomes another one's
#   copies    files whose content is not here, or may not be
#   obstacles what is of another kind than what comes to its place, with all that is in it
#   new       folders, each after the one that it is in
#   links     TARGET PATH
#   modes     PERMISSIONS PATH
#   files, folders    to be removed last
BEGIN {
  split("moves copies obstacles new links modes files folders", all_lists, " ")
  for (i in all_lists) begin_list(out "/" all_lists[i])
}
function note(list, what) { put_in(out "/" list, what) }

# With "", as awk takes a field that looks like a number for one: a link to 1.10 is none to 1.1.
FILENAME == ARGV[1] {
  path = path_of_line()
  was[path] = $1; own_mode[path] = $2; content[path] = $1 == "l" ? $3 "" : $4 ""
  next
}
{
  path = target[++total] = path_of_line()
  kind[path] = $1; mode[path] = $2; wanted[path] = $1 == "l" ? $3 "" : $4 ""
}

# is_gone PATH: whether what was there is removed before anything comes.
function is_gone(path) {
  for (; path != ""; path = parent(path)) if (path in obstacle) return 1
  return 0
}

END {
  for (path in was) {
    if (path in kind && (was[path] == "d") != (kind[path] == "d")) { obstacle[path]; note("obstacles", path) }
    if (was[path] == "f" && content[path] != "?" &&
      !(path in kind && kind[path] == "f" && wanted[path] == content[path])) here[content[path]] = path
  }
  for (path in was) if (!(path in kind) && !is_gone(path)) note(was[path] == "d" ? "folders" : "files", path)
  for (n = 1; n <= total; n++) {
    path = target[n]
    there = path in was && !is_gone(path) ? was[path] : ""
    if (kind[path] == "l") {
      if (there != "l" || content[path] != wanted[path]) note("links", wanted[path] " " path)
      continue
    }
    if (kind[path] == "d") {
      if (there == "") note("new", path)
    } else if (there != "f" || content[path] != wanted[path] || wanted[path] == "?") {
      from = wanted[path] in here ? here[wanted[path]] : ""
      if (from == "") note("copies", path); else { note("moves", from "\t" path); delete here[wanted[path]] }
      if (from != "" && !(from in kind) && own_mode[from] == mode[path]) continue # it brings its mode with it
      there = ""
    }
    if (there == "" || own_mode[path] != mode[path]) note("modes", mode[path] " " path)
  }
}
