# replay-lists.awk -v until=TIME -v limit=TIME -v mark=MARK -v run=RUN -v chosen=FILE BASE PART...: the manifest of the
# last list that was published at or before the time `until`, or of the very last for 0: what the lists in the parts of
# the log make of BASE, which is list MARK of RUN. What is not before `limit`, if that is not 0, is of no use. To FILE,
# as one line:
#
#   HOW MARK TIME NEXT MISSING   MARK and TIME of that list, when the next one in the log was published, and how many
#                                came between the two that are not in the log. TIME is 0 where BASE is that list. HOW
#                                is `reached`; `missing`, where one of those may be what is wanted; or `beyond`, where
#                                no later list says that there was none before `until`
function refuse_part(what) { refuse(FILENAME ": " what) }
function set(path, line) {
  if (path in place) delete line_at[place[path]]
  place[path] = ++last_place
  line_at[last_place] = line
}
function unset(path) { if (path in place) { delete line_at[place[path]]; delete place[path] } }
function clear(   path) { for (path in place) delete line_at[place[path]]; split("", place) }

FILENAME == ARGV[1] { set(path_of_line(), $0); next }
left > 0 {
  left--
  if (skipped) next
  if (kind == "full") { set(path_of_line(), $0); next }
  if ($1 == "-") { unset(substr($0, 3)); next }
  if ($1 != "+") refuse_part($0)
  $0 = substr($0, 3)
  set(path_of_line(), $0)
  next
}
FNR == 1 { if ($1 != "log") refuse_part($0); is_first = $3 == 1; next }
$1 == "archive" || $1 == "pieces" { next }
function is_head() { return $1 == "list" && NF == 6 && $2 $4 $6 ~ /^[0-9]+$/ && ($5 == "full" || $5 == "delta") }
is_head() {
  left = $6; kind = $5; skipped = 1
  if (stopped) next
  # A branch that begins later than the backup is none that continues it.
  if (!follows && $3 == run && $2 + 0 >= mark + 0) {
    follows = 1
    if (is_first && $5 == "full" && !listed_before && $2 + 0 > mark + 0) { stopped = 1; next }
  }
  listed_before = 1
  if (!follows) next
  if (limit + 0 > 0 && $4 + 0 >= limit + 0) { stopped = 1; next }
  if (until + 0 > 0 && $4 + 0 > until + 0) { stopped = 1; next_mark = $2; next_time = $4; next }
  skipped = 0
  at_mark = $2; at_time = $4
  if (kind == "full") clear()
  next
}
{ refuse_part($0) }
END {
  if (left > 0) exit 3
  if (at_mark == "") { at_mark = mark; at_time = 0 }
  missing = next_time == "" ? 0 : next_mark - at_mark - 1
  if (missing < 0) missing = 0
  how = next_time == "" && at_time "" != until "" ? "beyond" : "reached"
  if (how == "reached" && missing > 0 && at_time "" != until "") how = "missing"
  print how " " at_mark " " at_time " " (next_time == "" ? 0 : next_time) " " missing >chosen
  for (i = 1; i <= last_place; i++) if (i in line_at) put(line_at[i])
}
