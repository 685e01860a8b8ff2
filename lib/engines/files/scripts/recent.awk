# recent.awk -v deep=FILE FOLDERS MISSED KEPT RECENT: the folders in which names may have changed: those of RECENT, and
# of the paths that were MISSED the last time, or KEPT all the same. Those that are new, with all that came with them,
# are written to FILE. Both are paths that find takes; FOLDERS are the lines of the folders that were there before.
BEGIN { begin_list(deep) }
function name(path) { if (!(path in listed_already)) { listed_already[path]; put("./" path) } }

FILENAME == ARGV[1] { inode[path_of_line()] = $3 ""; next }
FILENAME != ARGV[4] { name(parent($0)); next }
{ path = path_of_line() }
$1 == "d" {
  if (parent(path) in is_new) is_new[path]
  else if (path in inode && inode[path] == $3 "") name(path)
  else { is_new[path]; put_in(deep, "./" path) }
}
END { name("") }
