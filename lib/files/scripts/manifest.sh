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

# list_files TREE: prints its manifest, without checksums. What vanishes meanwhile is left out; the next time is right.
list_files() {
  (cd "$1" && find . -type l ! -name "$odd" -exec sh -c 'for link; do printf "%s %s\n" "$(readlink "$link" | sed "s/%/%25/g; s/ /%20/g")" "${link#./}"; done' - {} +) \
    >"$work/links" 2>/dev/null || true
  (cd "$1" && find . -mindepth 1 -name "$odd" -prune -exec sh -c 'for path; do echo odd; done' - {} + -o -exec stat -c '%f %a %u %g %i %s %y %z %n' {} +) 2>/dev/null |
    awk -v user="$(id -u)" -v group="$(id -g)" -v links="$work/links" -v unreadable="$work/unreadable" \
      -f "$scripts/manifest.awk" "$work/links" -
}

# scan: the manifest of `files` in $work/scan. Only what has changed since $work/own is read.
scan() {
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
with_checksums() { awk -v sums="$work/sums" -v unknown="$work/unknown" -f "$scripts/checksums.awk" "$work/own" "$work/sums" "$work/list"; }

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
