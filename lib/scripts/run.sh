#!/usr/bin/env bash
# The server's container: holds the volume's lock, copies anew if sync.sh found that this replica cannot catch up, and becomes
# the server. The server itself is process 1: it must get the signals, and it must not have orphans of ours to reap.
part=run
. "${STATEFUL_SCRIPTS:-/opt/stateful}/common.sh"
. "$scripts/volume.sh"

copy_anew() {
  local own size answer=copying answerer status=0
  . "$scripts/clone.sh"
  own=$(engine_identity_of_files "$current")
  rm -f "$state/copy-anew"
  size=$(engine_size "$(host_of $((ordinal - 1)))") || { log "$set_name-$((ordinal - 1)) does not answer: not copying anew now"; return 0; }
  if ! room_for "$size"; then
    [[ $(engine_identity "$(host_of 0)") == "$own" && $(engine_identity "$(host_of $((ordinal - 1)))") == "$own" ]] || return 0
    log "no room for a second copy beside the old one ($size bytes): removing the old one first"
    rm -rf "$current"
    answer=empty
  fi
  perl "$scripts/answer.pl" "$port" "$answer $set_name" & # also keeps the TCP probes content, however long the copy takes
  answerer=$!
  # With old data in place an unfit source is no reason to wait: the old data must go on answering for itself.
  if [[ -d $current ]]; then clone_from_previous 20 "$own" || status=$?; else clone_from_previous "" ""; fi
  kill "$answerer"
  wait "$answerer" || true
  ((status == 0)) || log "not copied anew; starting with the data there is"
}

exec {running}>"$state/running" # sync.sh waits on this lock to see the server's end
flock "$running"
end_on_signal
lock_volume
settle_volume
if [[ -e $state/copy-anew ]] && ((ordinal > 0)); then copy_anew; fi
trap - TERM INT
engine_run "$current"
