# The last of the programs that run together (lists.sh): ends what they have listed.
END {
  print "/" (listed + 0)
  for (file in entries_of) print "/" entries_of[file] >file
}
