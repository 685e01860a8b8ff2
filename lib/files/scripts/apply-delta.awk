# apply-delta.awk DELTA OLD: prints the manifest that OLD becomes. What is new comes last, a folder before what is in it, as in DELTA.
FILENAME == ARGV[1] {
  added_to = $1 == "+"
  $0 = substr($0, 3)
  if (added_to) added[++count] = $0
  gone[added_to ? path_of_line() : $0]
  next
}
!(path_of_line() in gone)
END { for (i = 1; i <= count; i++) print added[i] }
