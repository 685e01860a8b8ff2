# to-change.awk LIST...: the paths in the lists of differ.awk.
BEGIN { FS = "\t" }
FILENAME ~ /\/(links|modes)$/ { sub(/^[^ ]* /, "") }
{ for (i = 1; i <= NF; i++) if (!($i in seen)) { seen[$i]; put($i) } }
