#!/usr/bin/env bash
# shellcheck shell=sh
# Init container. Ends when the volume holds this ordinal's data: at once if it does already; else ordinal 0 finds out
# whether it may initialise (bootstrap.sh), and the others wait for the ordinal below and copy from it (copy.sh).
#
# An ordinal that has data does not wait here: its server must run, not ready, so that an ordinal 0 that lost everything
# can see that there is data. That it becomes ready only after the ordinal below is up to sync.sh.
container=prepare
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pod.sh"
. "$scripts/volume.sh"
core_end_on_signal

engine_prepare
# Nothing to do, and nothing is touched: the lock is not needed.
if [ -d "$core_current" ] && [ ! -d "$core_verified" ]; then exit 0; fi
core_lock_volume
core_settle_volume
if core_holds_data; then exit 0; fi

if [ "$ordinal" -eq 0 ]; then
  . "$scripts/bootstrap.sh"
  core_bootstrap
else
  . "$scripts/copy.sh"
  core_copy_with_status empty $((ordinal - 1)) "" ""
fi
