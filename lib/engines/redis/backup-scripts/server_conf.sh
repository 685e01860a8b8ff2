# shellcheck shell=bash
# Instead of the function of that name in engine.sh, in a set that has a store.

# server_conf DIRECTORY IDENTITY: the primary notes in its log when commands were run, and keeps what it has no more use
# for until the container `ship` has sent it (engine_reconcile.sh).
server_conf() {
  base_server_conf "$@"
  [[ -z ${backup_remote:-} ]] || ((ordinal > 0)) || printf '%s\n' "aof-timestamp-enabled yes" "aof-disable-auto-gc yes"
}
