# verdicts.awk -v complaints=NUMBER LOOKED PATHS: `+ PATH` for those of PATHS that `stat` has seen (LOOKED, a line each
# of its mode and its path), and that are of a kind that is replicated; `- PATH` for the others. Fails where `stat` has
# neither seen nor complained of one.
FILENAME == ARGV[1] { seen++; if ($1 ~ /^[48a]...$/) there[substr($0, length($1) + 2)]; next }
{ asked++; put(($0 in there ? "+ " : "- ") $0) }
END { if (seen + complaints != asked) exit 3 }
