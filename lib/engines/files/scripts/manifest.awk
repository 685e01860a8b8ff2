# manifest.awk -v user=USER -v group=GROUP -v hidden=FILE FOUND: what `find` has printed of a tree becomes a manifest,
# as yet without checksums: TYPE PERMISSIONS VERSION - PATH. user, group: who reads. What they cannot read is left out,
# and its path written to `hidden`.
BEGIN { FS = "\t"; begin_list(hidden) }
$0 == "odd name" { put_in(hidden, "(a name with a tab or a line break)"); next }
$0 == "odd link" { put_in(hidden, "(a link to a name with a line break)"); next }
$0 == "done" { is_done = 1; next }
$9 == "" { next } # the tree itself
{
  permissions = substr("000" $2, length("000" $2) - 2)
  mine = substr(permissions, $3 == user ? 1 : $4 == group ? 2 : 3, 1)
  if ($1 == "d") {
    if (mine % 2 == 1 && mine >= 4) put("d " permissions " " $5 " - " $9); else put_in(hidden, $9)
  } else if ($1 == "f") {
    if (mine >= 4) put("f " permissions " " $5 ":" $6 ":" $7 ":" $8 " - " $9); else put_in(hidden, $9)
  } else if ($1 == "l") {
    target = substr($0, length($1 $2 $3 $4 $5 $6 $7 $8 $9) + 10)
    gsub(/%/, "%25", target)
    gsub(/ /, "%20", target)
    gsub(/\t/, "%09", target)
    put("l 777 " target " - " $9)
  }
}
END { if (!is_done) exit 3 }
