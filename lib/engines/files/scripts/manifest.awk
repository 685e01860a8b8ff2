# What `list_files` has written of a tree becomes a manifest, as yet without checksums: TYPE PERMISSIONS VERSION - PATH.
# links is what list_links prints; errors what was complained of; then what `stat` says, an entry a line, and `of N`
# after each N that it was asked for: as many must have come, but for those that it complained of. What had changed
# before `since` is left out; `top` has the tree itself, where that has not. user, group: who reads. What they cannot
# read is left out, and its path written to `unreadable`.
BEGIN { begin_list(unreadable); begin_list(top) }
FILENAME == links { $0 = substr($0, 3); targets[substr($0, index($0, " ") + 1)] = substr($0, 1, index($0, " ") - 1); next }
FILENAME == errors && $0 == "odd" { put_in(unreadable, "(a name with a tab or a line break)"); next }
FILENAME == errors { refused += $1 == "stat:"; next }
$1 == "of" { asked += $2; next }
{
  told++
  path = substr($0, length($1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11 $12) + 13)
  path = substr(path, 3) # without ./
  if ($10 "T" $11 < since) next
  if (path == "") { put_in(top, "."); next }
  kind = length($1) == 4 ? substr($1, 1, 1) : "other"
  permissions = substr("000" $2, length("000" $2) - 2)
  mine = substr(permissions, $3 == user ? 1 : $4 == group ? 2 : 3, 1)
  if (kind == "4") {
    if (mine % 2 == 1 && mine >= 4) put("d " permissions " " $5 " - " path); else put_in(unreadable, path)
  } else if (kind == "8") {
    if (mine >= 4) put("f " permissions " " $5 ":" $6 ":" $7 "T" $8 ":" $10 "T" $11 " - " path); else put_in(unreadable, path)
  } else if (kind == "a" && path in targets) {
    if (targets[path] == "%0A") put_in(unreadable, "(a link to a name with a line break)")
    else put("l 777 " targets[path] " - " path)
  }
}
END { if (told + refused != asked) exit 3 }
