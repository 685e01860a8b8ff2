# What the other programs for lists share (lists.sh, `on_manifests`). A line of a manifest is TYPE PERMISSIONS VERSION
# CHECKSUM PATH.
function path_of_line() { return substr($0, length($1 $2 $3 $4) + 5) }
function parent(path) { return match(path, /\/[^\/]*$/) ? substr(path, 1, RSTART - 1) : "" }

# A line of md5sum is CHECKSUM PATH, with two blanks; coreutils marks it with a backslash where it has doubled those of
# the path.
function checksum() { return substr($1, 1, 1) == "\\" ? substr($1, 2) : $1 }
function summed_path(   path) {
  path = substr($0, length($1) + 3)
  if (substr($1, 1, 1) == "\\") gsub(/\\\\/, "\\", path)
  return path
}

# is_entry: whether a line is one of a tree: of a kind that there is, under a path that does not lead out of it.
function is_entry(path) {
  if ($2 !~ /^[0-7][0-7][0-7]$/ || path ~ /\t/ || "/" path "/" ~ /\/\.?\.?\//) return 0
  if ($1 == "f") return ($3 == "?" || $3 ~ /^[0-9]+:[0-9]+:[-0-9T:.]+$/) &&
    ($4 == "?" || length($4) == 32 && $4 ~ /^[0-9a-f]+$/)
  if ($1 == "d") return $3 ~ /^([0-9]+|\?)$/ && $4 ~ /^[-?]$/
  return $1 == "l" && $4 == "-"
}
function refuse(what) { print what; is_refused = 1; exit 4 }

# put: what is printed, and put_in, what is written to a file that begin_list has begun, are lists too: end.awk, which
# comes last, ends them.
function put(line) { print line; listed++ }
function begin_list(file) { entries_of[file] = 0; printf "" >file }
function put_in(file, line) { print line >file; entries_of[file]++ }

# Every list that is read must be whole, or all of it ends here with status 3, and what was put has no end.
function cut_short() { is_short = 1; exit 3 }
FNR == 1 { if (NR > 1 && !list_ended) cut_short(); list_ended = 0 }
list_ended { cut_short() }
index($0, "/") == 1 && /^\/[0-9]+$/ {
  if (substr($0, 2) + 0 != FNR - 1) cut_short()
  list_ended = 1
  lists_read++
  next
}
END { if (is_refused) exit 4; if (is_short || !list_ended || lists_read != ARGC - 1) exit 3 }
