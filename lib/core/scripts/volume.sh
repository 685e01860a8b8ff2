# shellcheck shell=sh disable=SC3043
# The volume's layout, and the one lock on it. Data is never made or copied in place:
#
#   incoming   being made or copied; worth nothing
#   verified   complete and checked: the rename that gave it this name came last
#   current    what the server runs on
#   outgoing   what `current` was before `verified` took its place
#   temporary  what an engine's server writes for a while; worth nothing to the next one
#
# A crash between any two steps leaves a state that settle_volume finishes.
current=$volume/current
incoming=$volume/incoming
verified=$volume/verified
outgoing=$volume/outgoing

# lock_volume: wait until no other pod's server is on this volume, and keep the others out. A pod that was deleted by force may
# still be running when its successor starts on the same node. The lock is inherited: it ends with the last server process.
lock_volume() {
  try_lock "$volume/lock" && return 0
  say "waiting for the former pod's processes to leave the volume"
  wait_lock
  say "the volume is free"
}

holds_data() { [ -d "$current" ] || [ -d "$verified" ]; }

# settle_volume: finish the change of data that a crash interrupted, and clear what is worth nothing. Under the lock.
# Each step only if the one before has succeeded: the shell ignores `set -e` in a function that is tested.
settle_volume() {
  if [ -d "$verified" ]; then
    if [ -d "$current" ]; then
      { rm -rf "$outgoing" && mv -T "$current" "$outgoing"; } || return 1
    fi
    { mv -T "$verified" "$current" && sync "$volume"; } || return 1
  fi
  rm -rf "$incoming" "$outgoing"
}

# accept_incoming: what is in `incoming` is complete and checked, and is the data from now on.
accept_incoming() {
  sync "$incoming" && mv -T "$incoming" "$verified" && sync "$volume" && settle_volume
}

# room_for BYTES: whether the volume can take a copy beside what it holds, with a tenth to spare.
room_for() {
  local free
  is_number "$1" || { log "the size of the copy is no number: '$1'"; return 1; }
  free=$(($(stat -f -c '%a * %S' "$volume"))) # blocks that are free, times their size
  [ "$free" -gt $(($1 + $1 / 10)) ]
}

# foreign_files: what else is on the volume, and may be another installation's data: names, in one line. A file system's own do not count.
foreign_files() {
  local path names=''
  for path in "$volume"/* "$volume"/.[!.]*; do
    case ${path##*/} in current | incoming | verified | outgoing | lock | temporary | lost+found | .snapshot*) continue ;; esac
    if [ ! -L "$path" ] && { [ -f "$path" ] || [ -d "$path" ]; }; then names="$names${names:+ }${path##*/}"; fi
  done
  printf '%s' "$names"
}
