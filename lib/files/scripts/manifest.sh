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

# on_manifests PROGRAM ARGUMENT...: one of our programs for awk.
on_manifests() {
  local program="$scripts/$1"
  shift
  awk -f "$scripts/lines.awk" -f "$program" "$@"
}

# list_files TREE: prints its manifest, without checksums. What vanishes meanwhile is left out; the next time is right. What cannot be read for another
# reason (a disk that fails, no memory) must not be taken for gone.
list_files() {
  local status=0 failure
  [ -d "$1" ] || die "$1 is gone"
  list_links "$1" >"$work/links" 2>/dev/null || true
  (cd "$1" && find . -mindepth 1 -name "$odd" -prune -exec sh -c 'for path; do echo odd; done' - {} + -o -exec stat -c '%f %a %u %g %i %s %y %z %n' {} +) \
    >"$work/stat" 2>"$work/errors" || status=$?
  failure=$(grep -vE 'No such file|Permission denied|Not a directory' "$work/errors" | head -n 1)
  if [ "$status" -gt 1 ] || [ -n "$failure" ]; then die "the files cannot be listed: ${failure:-find ended with $status}"; fi
  on_manifests manifest.awk -v user="$(id -u)" -v group="$(id -g)" -v links="$work/links" -v unreadable="$work/unreadable" "$work/links" "$work/stat"
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

# sum_files TREE LIST SUMS: their checksums. One that has gone, or cannot be read, has none.
sum_files() { tr '\n' '\0' <"$2" | (cd "$1" && xargs -0 md5sum --) >"$3" 2>/dev/null || true; }
