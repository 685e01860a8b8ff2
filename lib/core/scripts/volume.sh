# shellcheck shell=sh disable=SC3043
# The volume's layout, and the one lock on it. Data is never made or copied in place:
#
#   incoming   being made or copied; worth nothing
#   verified   complete and checked: the rename that gave it this name came last
#   current    what the server runs on
#   outgoing   what `current` was before `verified` took its place
#   temporary  what an engine's server writes for a while; worth nothing to the next one
#
# A crash between any two steps leaves a state that core_settle_volume finishes.
core_current=$volume/current
core_incoming=$volume/incoming
core_verified=$volume/verified
core_outgoing=$volume/outgoing

# core_lock_volume: wait until no other pod's server is on this volume, and keep the others out. A pod that was deleted
# by force may still be running when its successor starts on the same node. The lock is inherited: it ends with the last
# server process.
core_lock_volume() {
  try_lock "$volume/lock" && return 0
  log_change "waiting for the previous pod to release the volume"
  wait_lock
  log_change "the volume is free"
}

core_holds_data() { [ -d "$core_current" ] || [ -d "$core_verified" ]; }

# core_settle_volume: finish the change of data that a crash interrupted, and clear what is worth nothing. Under the
# lock. Each step only if the one before has succeeded: the shell ignores `set -e` in a function that is tested.
core_settle_volume() {
  if [ -d "$core_verified" ]; then
    if [ -d "$core_current" ]; then
      { rm -rf "$core_outgoing" && mv -T "$core_current" "$core_outgoing"; } || return 1
    fi
    { mv -T "$core_verified" "$core_current" && sync "$volume"; } || return 1
  fi
  rm -rf "$core_incoming" "$core_outgoing"
}

# core_accept_incoming: what is in `incoming` is complete and checked, and is the data from now on.
core_accept_incoming() {
  sync "$core_incoming" && mv -T "$core_incoming" "$core_verified" && sync "$volume" && core_settle_volume
}

# core_has_room_for BYTES: whether the volume can take a copy in addition to what it holds, with a tenth to spare.
core_has_room_for() {
  local free
  core_is_number "$1" || {
    log "the size of the copy is not a number: '$1'"
    return 1
  }
  free=$(($(stat -f -c '%a * %S' "$volume"))) # blocks that are free, times their size
  [ "$free" -gt $(($1 + $1 / 10)) ]
}

# core_foreign_files: what else is on the volume, and may be another installation's data: names, in one line. A file
# system's own do not count.
core_foreign_files() {
  local path names=''
  for path in "$volume"/* "$volume"/.[!.]*; do
    case ${path##*/} in
      current | incoming | verified | outgoing | lock | temporary | lost+found | .snapshot*) continue ;;
    esac
    if [ ! -L "$path" ] && { [ -f "$path" ] || [ -d "$path" ]; }; then names="$names${names:+ }${path##*/}"; fi
  done
  printf '%s' "$names"
}
