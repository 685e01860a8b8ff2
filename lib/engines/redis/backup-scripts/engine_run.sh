# shellcheck shell=bash
# Instead of the function of that name in engine.sh, in a set that has a store.

# engine_run DIRECTORY: the append-only file of this volume has an id, as each numbers its files from 1 on. What was
# copied or restored is another file, and has another.
engine_run() {
  local log_id
  if [[ -n ${backup_remote:-} && ! -s $1/log-id ]]; then
    log_id=$(</proc/sys/kernel/random/uuid)
    echo "${log_id//-/}" >"$1/log-id.new" && mv "$1/log-id.new" "$1/log-id" && sync "$1/log-id" "$1"
  fi
  base_engine_run "$1"
}
