# shellcheck shell=bash
# Lists: of paths, and of what manifests say, an entry a line. A full disk cuts one short, of which neither awk nor
# xargs need tell; and what is missed in a list is removed somewhere. So the last line of each is `/` and the number of
# those before it: who makes it writes that last, and who uses it looks whether it is so (lines.awk, `whole`). No entry
# looks like that, as no path in a tree begins with `/`.

# on_manifests PROGRAM ARGUMENT...: one of our programs for awk, on lists. Fails where one of them was cut short.
on_manifests() { awk -f "$scripts/lines.awk" -f "$scripts/$1" -f "$scripts/end.awk" "${@:2}"; }

# ended: what is read becomes a list. What it is read from must not end early unseen.
ended() { awk '{ print } END { print "/" NR }'; }
no_entries() { # LIST...
  local list
  for list; do echo /0 >"$list" || return 1; done
}
# whole LIST...: whether each is there with all its entries.
whole() {
  local list
  for list; do
    [[ $(tail -n 1 "$list") == "/$(($(wc -l <"$list") - 1))" ]] || return 1
  done
}
is_empty() { # LIST
  local first
  IFS= read -r first <"$1" && [[ $first == /0 ]]
}
count_of() { # LIST
  local last
  last=$(tail -n 1 "$1")
  echo "${last#/}"
}
entries() { whole "$1" && sed '$d' "$1"; }
# paths LIST: its entries, for `xargs -0`.
paths() { entries "$1" | tr '\n' '\0'; }
# all_of LIST...: their entries as one list, each once.
all_of() { on_manifests all-of.awk "$@"; }

# pack WORDS LIST: as it goes over the network and stays on the volume, under a line of these words and the number of
# entries. `unpack FILE` makes a list of it again, and fails where it has not come whole: of a file that has grown since
# rclone listed it only a part may come, and nothing tells.
pack() { whole "$2" && echo "$1 $(count_of "$2")" && sed '$d' "$2"; }
unpack() { is_packed "$1" && tail -n +2 "$1" && echo "/$(($(wc -l <"$1") - 1))"; }
is_packed() {
  local count
  count=$(head -n 1 "$1") && count=${count##* } && core_is_number "$count" &&
    [[ $(wc -l <"$1") == $((count + 1)) && -z $(tail -c 1 "$1") ]]
}

# look_for LIST VERDICTS: writes for each path `+ PATH` where it is there, `- PATH` where nothing is that could be
# replicated. Fails where of one that cannot be told: what a disk does not give is not gone.
look_for() {
  local complaints reason
  if is_empty "$1"; then
    no_entries "$2"
    return
  fi
  whole "$1" || return 1
  complaints=$({
    paths "$1" | (cd "$files" && xargs -0 stat -c '%f %n' -- 2>&3) | ended >"$work/looked"
  } 3>&1) || true # one that is gone
  reason=$(
    printf '%s\n' "$complaints" |
      grep -vE '^(stat: .*: (No such file or directory|Not a directory|Too many levels of symbolic links))?$' |
      head -n 1
  ) || true
  [[ -z $reason ]] || log_change "the files cannot be looked for: $reason"
  [[ -z $reason ]] || return 1
  on_manifests verdicts.awk -v complaints="$(printf '%s\n' "$complaints" | grep -c .)" "$work/looked" "$1" >"$2"
}
