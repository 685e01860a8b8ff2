# shellcheck shell=bash
# The manifest: what a tree of files is, one entry a line: TYPE PERMISSIONS VERSION CHECKSUM PATH. The primary's is what
# every replica has to come to.
#
#   TYPE      d, f, l (folder, file, symbolic link); nothing else is replicated
#   VERSION   of a file INODE:SIZE:MODIFIED:CHANGED, so that no write and no rename keeps it; of a folder its inode; of
#             a link its target, with %20, %09 and %25 for a blank, a tab and a %; `?` where a crash may have left
#             something else
#   CHECKSUM  MD5 of a file's content
tab=$'\t'
newline=$'\n'

# find_files NAME: what is in `files`, as the list $work/NAME. What vanishes meanwhile is left out; the next time is
# right. What cannot be read for another reason (a disk that fails, no memory, a process that is killed) must not be
# taken for gone: then it fails.
find_files() {
  local complaints reason
  [[ -d $files ]] || die "$files is gone"
  # Names with a tab or a line break do not fit in a line.
  complaints=$({
    {
      cd "$files" && {
        find . -name "*[$tab$newline]*" -prune -printf 'odd name\n' \
          -o -type l -lname "*$newline*" -printf 'odd link\n' \
          -o -printf '%y\t%m\t%U\t%G\t%i\t%s\t%T@\t%C@\t%P\t%l\n' 2>&3 || [[ $? -eq 1 ]]
      } && echo 'done'
    } | ended >"$work/$1"
  } 3>&1) || complaints="find: it has ended early${complaints:+ after $complaints}"
  reason=$(
    printf '%s\n' "$complaints" |
      grep -vE '^(find: .*: (No such file or directory|Permission denied|Not a directory))?$' |
      head -n 1
  ) || true
  [[ -z $reason ]] || log_change "the files cannot be listed: $reason"
  [[ -z $reason ]]
}
# list_files: prints their manifest, without checksums; what cannot be read goes to $work/hidden.
list_files() {
  find_files found || return 1
  on_manifests manifest.awk -v user="$(id -u)" -v group="$(id -g)" -v hidden="$work/hidden" "$work/found" || {
    log_change "the files cannot be listed: no room for lists"
    return 1
  }
}

# sum_files TREE LIST SUMS: their checksums. One that has gone, or cannot be read, has none.
sum_files() {
  whole "$2" || return 1
  paths "$2" | (cd "$1" && xargs -0 -r bash "$scripts/sum.sh" 2>/dev/null) | ended >"$3"
  whole "$3"
}
