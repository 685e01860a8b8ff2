#!/usr/bin/env bash
# A job: takes a base backup, and removes what is older than the window.
container=backup job=backup
. "${STATEFUL_SCRIPTS:-/opt/stateful}/job.sh"
# shellcheck source=volume.sh
. "$scripts/volume.sh"
# shellcheck source=store.sh
. "$scripts/store.sh"
# shellcheck source=engine-backup.sh
. "$scripts/engine-backup.sh"
# shellcheck source=base.sh
. "$scripts/base.sh"
# shellcheck source=prune.sh
. "$scripts/prune.sh"
core_end_on_signal

engine_prepare
core_open_store backup || die "the store of the backups cannot be used: see above"
core_take_base || exit 1
core_prune "$core_set_path" || true # the backup is there
