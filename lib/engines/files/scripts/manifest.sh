# shellcheck shell=sh disable=SC3043
# The manifest: what a tree of files is, one entry a line: TYPE PERMISSIONS VERSION CHECKSUM PATH. The primary's is what
# every replica has to come to.
#
#   TYPE      d, f, l (folder, file, symbolic link); nothing else is replicated
#   VERSION   of a file INODE:SIZE:MODIFIED:CHANGED, so that no write and no rename keeps it; of a folder its inode; of a link its target;
#             `?` where a crash may have left something else
#   CHECKSUM  MD5 of a file's content
newline='
'
tab=$(printf '\t')
odd="*[$newline$tab]*" # names that do not fit in a line

# list_files [ROOTS [CONDITION SINCE]]: prints the manifest of `files`, without checksums; or of what is below the paths
# in the list ROOTS, with these themselves, where CONDITION holds, in the words of find, and that has changed in the
# second SINCE or later. What vanishes meanwhile is left out; the next time is right. What cannot be read for another
# reason (a disk that fails, no memory, a process that is killed) must not be taken for gone: then it fails.
list_files() {
  local reason roots="${1:-$work/root}"
  [ -d "$files" ] || die "$files is gone"
  printf '.\n/1\n' >"$work/root"
  # What is complained of, and how all ended, goes by the third descriptor.
  # shellcheck disable=SC2016 # it is for the shells that find and xargs start
  {
    {
      paths "$roots" | (cd "$files" && odd="$odd" condition="${2:-}" complain='for path; do echo odd >&3; done' xargs -0 -r sh -c '
        find "$@" -name "$odd" -prune -exec sh -c "$complain" - {} + -o $condition -print0 2>&3 || echo "find $?" >&3' -) |
        (cd "$files" && xargs -0 -r sh -c 'stat -c "%f %a %u %g %i %s %y %z %n" "$@" 2>&3; echo "of $#"' - && echo done >&3) | ended >"$work/stat"
    } 3>&1 | ended >"$work/errors"
  }
  whole "$work/errors" || {
    log_change "the files cannot be listed: no room for lists"
    return 1
  }
  reason=$(sed '$d' "$work/errors" | grep -vE '^(odd|done|find 1)$|No such file|Permission denied|Not a directory' | head -n 1)
  [ -n "$reason" ] || grep -qx 'done' "$work/errors" || reason='stat has ended early'
  [ -z "$reason" ] || {
    log_change "the files cannot be listed: $reason"
    return 1
  }
  # Where they lead to they say only when they are asked.
  no_entries "$work/links" || return 1
  ! grep -q '^a' "$work/stat" || grep '^a' "$work/stat" | cut -d ' ' -f 13- | list_links | ended >"$work/links"
  on_manifests manifest.awk -v user="$(id -u)" -v group="$(id -g)" -v links="$work/links" -v errors="$work/errors" -v unreadable="$work/hidden" -v top="$work/top" \
    -v since="${3:-}" \
    "$work/links" "$work/errors" "$work/stat" || {
    log_change "the files cannot be listed: no room for lists"
    return 1
  }
}
# list_links: `l TARGET PATH` of each that is read, where %20, %09 and %25 in TARGET are a blank, a tab and a %, and %0A
# is that it has a line break.
list_links() {
  # shellcheck disable=SC2016 # it is for the shell that xargs starts
  tr '\n' '\0' | (cd "$files" && newline="$newline" tab="$tab" xargs -0 -r sh -c '
    for link; do
      to=$(readlink "$link")
      case $to in *"$newline"*) to=%0A ;; *) to=$(printf "%s" "$to" | sed "s/%/%25/g; s/ /%20/g; s/$tab/%09/g") ;; esac
      printf "l %s %s\n" "$to" "${link#./}"
    done' - 2>/dev/null)
}

# sum_files TREE LIST SUMS: their checksums. One that has gone, or cannot be read, has none.
sum_files() {
  whole "$2" || return 1
  # shellcheck disable=SC2016 # it is for the shell that xargs starts
  paths "$2" | (cd "$1" && xargs -0 -r sh "$scripts/sum.sh" 2>/dev/null) | ended >"$3"
  whole "$3"
}
