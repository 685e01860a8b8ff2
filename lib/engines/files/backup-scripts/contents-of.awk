# contents-of.awk -v lacking=FILE WANTED PART...: of the contents of WANTED, `MD5 SIZE PATH`, where the parts of the log
# have them: `CONTENTS archive MD5`, or `CONTENTS pieces MD5 NUMBER` for each piece. Paths of the others are written to
# FILE.
BEGIN { begin_list(lacking) }
function is_contents(name) { return length(name) == 74 && name ~ /^[0-9]+-[0-9a-f]+$/ && substr(name, 10, 1) == "-" }
FILENAME == ARGV[1] { path[$1] = substr($0, length($1 $2) + 3); next }
left > 0 { left--; next }
$1 == "list" { left = $6; next }
($1 == "archive" || $1 == "pieces") && ($2 in path) {
  for (i = 3; i <= NF; i++) if (!is_contents($i)) refuse("")
  if ($1 == "archive") put($3 " archive " $2)
  else for (i = 3; i <= NF; i++) put(sprintf("%s pieces %s %06d", $i, $2, i - 3))
  delete path[$2]
}
END { for (sum in path) put_in(lacking, path[sum]) }
