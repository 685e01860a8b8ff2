# shellcheck shell=bash
# Instead of the function of that name in engine-sync.sh, in a set that has a store.

archive_watched= # the session of which the server was told

# engine_reconcile: a server's checkpointer, which ends parts of the log by archive_timeout, asks once, as it starts,
# whether the server recovers. Where it asks too early it does not look again before the next checkpoint, half an hour
# later. A reload wakes it.
engine_reconcile() {
  base_engine_reconcile
  if ((ordinal == 0)) && [[ $role == primary && -n ${backup_remote:-} && $session_pid != "$archive_watched" ]] && core_session_ask "SELECT pg_reload_conf()"; then
    archive_watched=$session_pid
  fi
}
