# shellcheck shell=bash
# Instead of the function of that name in engine-sync.sh, in a set that has a store.

archive_watched= # the session of which the server was told

# engine_reconcile: a server's checkpointer, which ends parts of the log by archive_timeout, asks once, as it starts,
# whether the server recovers. Where it asks too early it does not look again before the next checkpoint, half an hour
# later. A reload wakes it. And the user by which the pods see one another may end a segment, to seal a backup.
engine_reconcile() {
  base_engine_reconcile
  if ((ordinal == 0)) &&
    [[ $role == primary && -z $fenced && -n ${backup_remote:-} && $session_pid != "$archive_watched" ]]; then
    if core_session_ask "SELECT pg_reload_conf(); DO \$\$ BEGIN
        IF NOT has_function_privilege('$replication_user', 'pg_switch_wal()', 'EXECUTE') THEN
          GRANT EXECUTE ON FUNCTION pg_switch_wal() TO $replication_user;
        END IF; END \$\$"; then
      archive_watched=$session_pid
    fi
  fi
}
