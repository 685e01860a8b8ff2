#!/usr/bin/env bash
# shellcheck shell=sh disable=SC3043
# The server's container: holds the volume's lock, copies again if sync.sh found that this replica cannot catch up, and
# becomes the server. The server itself is process 1: it must get the signals, and it must not have orphans of ours to
# reap.
container=run
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pod.sh"
. "$scripts/volume.sh"

# core_recopy: take the copy that sync.sh asked for, if it can be had.
# Globals: core_copy_source (read).
# shellcheck disable=SC2317 # core_run_interruptible calls it
core_recopy() {
  local identity size
  identity=$(engine_identity_of_files "$core_current")
  size=$(engine_size "$(core_host_of "$core_copy_source")") || {
    log "$set_name-$core_copy_source does not answer: not copying again now"
    return 0
  }
  core_is_number "$size" || {
    log "$set_name-$core_copy_source says that its data has '$size' bytes: not copying again now"
    return 0
  }
  if core_has_room_for "$size"; then
    # With old data in place an unfit source is no reason to wait: the old data must go on answering for itself.
    core_copy_with_status copying "$core_copy_source" 20 "$identity" ||
      log "not copied again; starting with the existing data"
  elif [ "$(engine_identity "$(core_host_of 0)")" = "$identity" ] &&
    [ "$(engine_identity "$(core_host_of "$core_copy_source")")" = "$identity" ]; then
    log "no room for a second copy next to the old one ($size bytes): removing the old one first"
    mv -T "$core_current" "$core_outgoing" # at once: half of it must never be taken for the whole
    rm -rf "$core_outgoing"
  fi
}

# What may take long is run so that it can be interrupted: bash may lose a SIGINT otherwise (process-1.sh), and the
# server must become process 1.
try_lock "$state/running" || wait_lock # sync.sh waits until it is free, to see the server's end
core_end_on_signal
# A former pod whose container was restarted (former.sh): its successor has its place.
while [ -e "$state/replaced" ]; do
  log_change "NOT STARTING: this pod was replaced by another at $(cat "$state/replaced"):" \
    "'kubectl delete pod --force' leaves it running on a node that does not answer"
  pause 0.5
done
core_lock_volume
core_settle_volume
. "$scripts/copy.sh"
core_copy_source=$((ordinal - 1)) # which ordinal to copy from, if need be
if [ "$ordinal" -gt 0 ] && [ -e "$state/recopy" ] && [ -d "$core_current" ]; then
  core_copy_source=$(cat "$state/recopy")
  core_is_number "$core_copy_source" || core_copy_source=$((ordinal - 1))
  rm -f "$state/recopy"
  core_run_interruptible core_recopy
fi
if [ ! -d "$core_current" ]; then # the old copy made room for a new one
  [ "$ordinal" -gt 0 ] ||
    die "this volume's data is gone, since 'prepare' found it: delete the pod, so that 'prepare' runs again"
  core_run_interruptible core_copy_with_status empty "$core_copy_source" "" ""
fi
trap - TERM INT
engine_run "$core_current"
