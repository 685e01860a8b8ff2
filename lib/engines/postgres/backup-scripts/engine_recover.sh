# shellcheck shell=bash
# Instead of the function of that name in engine.sh, in a set that has a store.

# engine_recover SOURCE DIRECTORY: the log that the former ordinal 0 had not sent yet is on its replica: all of it that
# is left there comes along, and is marked as not sent. What arrives by streaming counts as sent otherwise, and goes
# with the next checkpoint.
engine_recover() {
  local path name
  base_engine_recover "$1" "$2" || return 1
  [[ -n ${backup_remote:-} ]] || return 0
  # shellcheck source=older-log.sh
  . "$scripts/older-log.sh"
  fetch_older_log "$1" "$2" ||
    log "older log of ${1%%.*} could not be copied: where the store has not all of it, ship says what is missing"
  for path in "$2"/pg_wal/*; do
    name=${path##*/}
    [[ $name =~ ^[0-9A-F]{8}(\.history|[0-9A-F]{16}(\.partial)?)$ ]] || continue
    if [[ -e $2/pg_wal/archive_status/$name.done ]]; then
      mv "$2/pg_wal/archive_status/$name.done" "$2/pg_wal/archive_status/$name.ready" || return 1
    fi
  done
}
