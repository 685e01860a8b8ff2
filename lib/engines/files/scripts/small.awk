# small.awk OWN DELTA: the files that are new in DELTA and small, as far as they fit into a bundle of 16 MiB. Content
# that was in OWN replicas have. Of several names of one file only the first: tar would make them one on the replica
# too, whose modes and content cannot part any more.
FILENAME == ARGV[1] { if ($1 == "f") known[$4]; next }
$1 == "+" && $2 == "f" && !($5 in known) {
  split($4, version, ":")
  total += version[2] + 1024
  if (version[2] <= 65536 && total <= 16777216 && !(version[1] in packed)) {
    packed[version[1]]
    $0 = substr($0, 3)
    put("./" path_of_line())
  }
}
