# files-of.awk MANIFEST: its files, `MD5 PATH` a line.
$1 == "f" { put($4 " " path_of_line()) }
