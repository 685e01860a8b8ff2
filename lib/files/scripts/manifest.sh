# shellcheck shell=sh disable=SC3043
# The manifest: what a tree of files is, one entry a line: TYPE PERMISSIONS VERSION CHECKSUM PATH. The primary's is what every replica has to come to.
#
#   TYPE      d, f, l (folder, file, symbolic link); nothing else is replicated
#   VERSION   of a file INODE:SIZE:MODIFIED:CHANGED, so that no write and no rename keeps it; of a folder its inode; of a link its target;
#             `?` where a crash may have left something else
#   CHECKSUM  MD5 of a file's content
newline='
'
tab=$(printf '\t')
odd="*[$newline$tab]*" # names that do not fit in a line

# list_files TREE: prints its manifest, without checksums. What vanishes meanwhile is left out; the next time is right. What cannot be read for another
# reason (a disk that fails) must not be taken for gone.
list_files() {
  list_links "$1" >"$work/links" 2>/dev/null || true
  (cd "$1" && find . -mindepth 1 -name "$odd" -prune -exec sh -c 'for path; do echo odd; done' - {} + -o -exec stat -c '%f %a %u %g %i %s %y %z %n' {} +) 2>"$work/errors" |
    awk -v user="$(id -u)" -v group="$(id -g)" -v links="$work/links" -v unreadable="$work/unreadable" \
      -f "$scripts/manifest.awk" "$work/links" -
  if grep -vE 'No such file|Permission denied|Not a directory' "$work/errors" >"$work/failures"; then
    die "the files cannot be listed: $(head -n 1 "$work/failures")"
  fi
}
# list_links TREE: TARGET PATH of each, where %20 and %25 in TARGET are a blank and a %, and %0A is that it has a line break.
list_links() {
  # shellcheck disable=SC2016 # it is for the shell that find starts
  (cd "$1" && newline="$newline" find . -type l ! -name "$odd" -exec sh -c '
    for link; do
      to=$(readlink "$link")
      case $to in *"$newline"*) to=%0A ;; *) to=$(printf "%s" "$to" | sed "s/%/%25/g; s/ /%20/g") ;; esac
      printf "%s %s\n" "$to" "${link#./}"
    done' - {} +)
}

# scan: the manifest of `files` in $work/scan. Only what has changed since $work/own is read. $data/scanned is when the scan began that $work/own is from.
scan() {
  began=$(date -u +%FT%T)
  rm -f "$work/unreadable" "$work/unknown"
  list_files "$files" >"$work/list"
  : >"$work/sums"
  with_checksums >"$work/scan"
  if [ -s "$work/unknown" ]; then
    tr '\n' '\0' <"$work/unknown" | (cd "$files" && xargs -0 md5sum --) >"$work/sums" 2>/dev/null || true # one may have gone
    with_checksums >"$work/scan"
  fi
  touch "$work/gone"
  awk -v gone="$work/gone" -f "$scripts/linger.awk" "$work/own" "$work/gone" "$work/scan" >"$work/lingering"
  cat "$work/lingering" >>"$work/scan"
}
with_checksums() {
  awk -v sums="$work/sums" -v unknown="$work/unknown" -v scanned="$(cat "$data/scanned" 2>/dev/null)" -f "$scripts/checksums.awk" \
    "$work/own" "$work/sums" "$work/list"
}
# note_scan: what was scanned is $work/own now.
note_scan() { printf '%s\n' "$began" >"$data/scanned"; }

# tell_unreadable: says what is not replicated, and who must do something.
tell_unreadable() {
  if [ -s "$work/unreadable" ]; then
    say "NOT REPLICATED: $(($(wc -l <"$work/unreadable"))) files or folders that the application keeps from its group, '$(head -n 1 "$work/unreadable")'" \
      "for one: give the group leave to read them (umask 0027), and it happens by itself"
  elif [ -n "$said" ]; then
    said=
    log "all files can be read"
  fi
}
