# wanted.awk HAD MANIFEST: `MD5 SIZE PATH` for each content of the manifest that is not in HAD, an MD5 a line: of one of
# the files that have it. SIZE is `?` where it is not known. Of a file of which the manifest does not say what it is,
# nothing can be wanted: then it ends with status 4.
FILENAME == ARGV[1] { had[$1]; next }
$1 == "f" {
  if ($4 == "?") refuse($0)
  if ($4 in had) next
  had[$4]
  parts = split($3, version, ":")
  put($4 " " (parts > 1 ? version[2] : "?") " " path_of_line())
}
