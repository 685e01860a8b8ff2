# What `stat` says of a tree, one entry a line (manifest.sh), becomes a manifest, as yet without checksums: TYPE PERMISSIONS VERSION - PATH.
# links is the first file: what list_links prints. user, group: who reads. What they cannot read is left out, and said in the file `unreadable`.
FILENAME == links { targets[substr($0, index($0, " ") + 1)] = substr($0, 1, index($0, " ") - 1); next }
$0 == "odd" { print "(a name with a tab or a line break)" >unreadable; next }
{
  path = substr($0, length($1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11 $12) + 13)
  path = substr(path, 3) # without ./
  kind = length($1) == 4 ? substr($1, 1, 1) : "other"
  permissions = substr("000" $2, length("000" $2) - 2)
  mine = substr(permissions, $3 == user ? 1 : $4 == group ? 2 : 3, 1)
  if (kind == "4") {
    if (mine % 2 == 1 && mine >= 4) print "d", permissions, $5, "-", path; else print path >unreadable
  } else if (kind == "8") {
    if (mine >= 4) print "f", permissions, $5 ":" $6 ":" $7 "T" $8 ":" $10 "T" $11, "-", path; else print path >unreadable
  } else if (kind == "a" && path in targets) {
    if (targets[path] == "%0A") print "(a link to a name with a line break)" >unreadable
    else print "l", "777", targets[path], "-", path
  }
}
