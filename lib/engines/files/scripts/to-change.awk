# to-change.awk LIST...: the paths in the lists of changes.awk.
BEGIN { FS = "\t" }
FILENAME !~ /\/(moves|copies|files|folders)$/ { sub(/^[^ ]* /, "") }
{ for (i = 1; i <= NF; i++) if (!($i in seen)) { seen[$i]; put($i) } }
