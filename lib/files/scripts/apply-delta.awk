# apply-delta.awk DELTA OLD: prints the manifest that OLD becomes. What is new comes last, a folder before what is in it, as in DELTA.
FILENAME == ARGV[1] {
  line = substr($0, 3)
  if ($1 == "+") {
    split(line, field, " ")
    gone[substr(line, length(field[1] field[2] field[3] field[4]) + 5)]
    added[++count] = line
  } else {
    gone[line]
  }
  next
}
!(substr($0, length($1 $2 $3 $4) + 5) in gone)
END { for (i = 1; i <= count; i++) print added[i] }
