#!/usr/bin/env bash
# shellcheck shell=sh disable=SC3043
# The server's container: holds the volume's lock, copies anew if sync.sh found that this replica cannot catch up, and becomes
# the server. The server itself is process 1: it must get the signals, and it must not have orphans of ours to reap.
part=run
. "${STATEFUL_SCRIPTS:-/opt/stateful}/common.sh"
. "$scripts/volume.sh"

copy_anew() {
  local own size
  from=$(cat "$state/copy-anew")
  is_number "$from" || from=$((ordinal - 1))
  rm -f "$state/copy-anew"
  own=$(engine_identity_of_files "$current")
  size=$(engine_size "$(host_of "$from")") || { log "$set_name-$from does not answer: not copying anew now"; return 0; }
  is_number "$size" || { log "$set_name-$from says that its data has '$size' bytes: not copying anew now"; return 0; }
  if room_for "$size"; then
    # With old data in place an unfit source is no reason to wait: the old data must go on answering for itself.
    copy_while_answering copying "$from" 20 "$own" || log "not copied anew; starting with the data there is"
  elif [ "$(engine_identity "$(host_of 0)")" = "$own" ] && [ "$(engine_identity "$(host_of "$from")")" = "$own" ]; then
    log "no room for a second copy beside the old one ($size bytes): removing the old one first"
    mv -T "$current" "$outgoing" # at once: half of it must never be taken for the whole
    rm -rf "$outgoing"
  fi
}

# What may take long is attended: bash may lose a SIGINT otherwise (process-1.sh), and the server must become process 1.
try_lock "$state/running" || wait_lock # sync.sh waits until it is free, to see the server's end
end_on_signal
# A former pod whose container was restarted (former.sh): its successor has its place.
while [ -e "$state/replaced" ]; do
  say "NOT STARTING: this pod was replaced by another at $(cat "$state/replaced"): 'kubectl delete pod --force' leaves it running on a node that does not answer"
  pause 0.5
done
lock_volume
settle_volume
. "$scripts/clone.sh"
from=$((ordinal - 1)) # whom to copy from, if need be
if [ "$ordinal" -gt 0 ] && [ -e "$state/copy-anew" ] && [ -d "$current" ]; then attend copy_anew; fi
if [ ! -d "$current" ]; then # the old copy made room for a new one
  [ "$ordinal" -gt 0 ] || die "this volume's data is gone, since 'prepare' found it: delete the pod, and it is found out what to do"
  attend copy_while_answering empty "$from" "" ""
fi
trap - TERM INT
engine_run "$current"
