#!/usr/bin/env bash
# A job: restores the newest backup and all log after it into a volume of its own, starts the server there, where no one
# reaches it, and has it check its data. It never touches the set. What it found goes into the store, as
# `proven/BACKUP`: only then older backups may go; or as `failed-proofs/BACKUP.TIME`.
container=prove job=proof
. "${STATEFUL_SCRIPTS:-/opt/stateful}/job.sh"
. "$scripts/volume.sh"
. "$scripts/restore.sh"
core_end_on_signal

# core_not_proven WHAT: says so here and, as jobs and their logs go, in the store.
# Globals: base, path, stage (read).
core_not_proven() {
  local name
  name=$base.$(date -u +%Y%m%dT%H%M%SZ)
  rm -rf "$stage/proof"
  mkdir -p "$stage/proof"
  printf 'failed %s\nbackup %s\n' "$(date -u +%FT%TZ)" "$base" >"$stage/proof/$name"
  [[ $(core_store_send "$stage/proof" "$path/failed-proofs") == "$name" ]] ||
    core_store_failed "it does not take that the proof of $base failed"
  die "NOT PROVEN: $1"
}

core_clock
begin=$core_now
engine_prepare
core_open_store backup || die "the store of the backups cannot be used: see above"
# shellcheck disable=SC2034 # for an engine that fetches by itself
core_from_store=backup
# Another cluster may have a set of this name, and the same folder.
if ! own=$(engine_backup_identity "$(core_host_of 0)") || ! core_is_identity "$own"; then
  own=$(core_newest_identity "$(core_namespace)/$set_name") || die "the store does not say which backups there are"
fi
[[ -n $own ]] ||
  die "NOT PROVEN: the store has nothing of $(core_namespace)/$set_name. Does the container 'ship' of $set_name-0 say why?"
path=$(core_namespace)/$set_name/$own base=
core_choose_base "$path" latest ||
  die "NOT PROVEN: there is no complete backup in folder $path. Look at the last jobs of the CronJob 'backup'"
log "restoring backup $base, and the log after it, into a volume that goes with this pod"
rm -rf "$core_incoming"
core_fetch_base "$path/base/$base" ||
  core_not_proven "backup $base cannot be restored, see the error above. Take another one now, and keep older ones"
engine_replay "$core_incoming" "$path" latest proof ||
  core_not_proven "the log after backup $base cannot be replayed, see the error above. Take another backup now"
engine_prove "$core_incoming" ||
  core_not_proven "backup $base was restored, and its data is damaged: see above. Is the set's own damaged too?"
core_clock
rm -rf "$stage/proof"
mkdir -p "$stage/proof"
# The same backup is proven again where no newer one is there: nothing is overwritten.
proofs=$(core_store_list "$path/proven" --files-only) ||
  die "backup $base is good, but the store does not say which proofs it has"
name=$base
if [[ $'\n'$proofs$'\n' == *$'\n'$base$'\n'* ]]; then name=$base.$(date -u +%Y%m%dT%H%M%SZ); fi
printf 'proven %s\nbackup %s\nseconds %s\n' "$(date -u +%FT%TZ)" "$base" "$((core_now - begin))" >"$stage/proof/$name"
[[ $(core_store_send "$stage/proof" "$path/proven") == "$name" ]] ||
  die "backup $base is good, but that could not be stored"
log "PROVEN: backup $base and the log after it restore, and the data is sound; $((core_now - begin)) s"
