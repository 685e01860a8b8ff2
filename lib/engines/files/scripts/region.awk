# region.awk -v rest=FILE -v still=FILE DEEP SHALLOW NAMES LIST HIDDEN UNREADABLE OWN: what of the manifest OWN was
# looked at, as LIST says what is there now. All else is as it was, and is written to `rest`. Looked at was what LIST or
# HIDDEN names, what is in a folder of DEEP or HIDDEN, and what is not among the NAMES in a folder of SHALLOW: it is not
# there any more. What of UNREADABLE was not looked at is written to `still`.
BEGIN { begin_list(rest); begin_list(still) }
FILENAME == ARGV[1] { deep[substr($0, 3)]; next }
FILENAME == ARGV[2] { shallow[substr($0, 3)]; next }
FILENAME == ARGV[3] { named[substr($0, 3)]; next }
FILENAME == ARGV[4] { path = path_of_line(); kind[path] = $1; next }
FILENAME == ARGV[5] { hidden[$0]; next }

function is_another(path) { return path in deep || path in hidden || !(path in named) && parent(path) in shallow }
# is_moved PATH: whether what was in the folder PATH need not be in it any more.
function is_moved(path) {
  if (path == "") return 0
  if (!(path in moved)) moved[path] = is_another(path) || path in kind && kind[path] != "d" || is_moved(parent(path))
  return moved[path]
}
function was_looked_at(path) { return path in kind || is_another(path) || is_moved(parent(path)) }

FILENAME == ARGV[6] { if (/^\(/ || !was_looked_at($0)) put_in(still, $0); next }
was_looked_at(path_of_line()) { put($0); next }
{ put_in(rest, $0) }
