#!/usr/bin/env bash
# shellcheck shell=sh
# Init container. Ends when the volume holds this ordinal's data: at once where it does already; else ordinal 0 finds out
# whether it may initialise (blank.sh), and the others wait for the ordinal below and copy from it (clone.sh).
#
# An ordinal that has data does not wait here: its server must run, not ready, so that an ordinal 0 that lost everything can
# see that there is data. That it becomes ready only after the ordinal below is sync.sh's business.
part=prepare
. "${STATEFUL_SCRIPTS:-/opt/stateful}/common.sh"
. "$scripts/volume.sh"
end_on_signal

engine_prepare
if [ -d "$current" ] && [ ! -d "$verified" ]; then exit 0; fi # nothing to do, nothing touched: the lock is not needed
lock_volume
settle_volume
if holds_data; then exit 0; fi

if [ "$ordinal" -eq 0 ]; then
  . "$scripts/blank.sh"
  fill_blank_primary
else
  . "$scripts/clone.sh"
  copy_while_answering empty $((ordinal - 1)) "" ""
fi
