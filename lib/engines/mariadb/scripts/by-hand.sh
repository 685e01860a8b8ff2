# shellcheck shell=bash
# What an administrator did by hand on a running server that would break a promise, and what is done about it. For
# engine-sync.sh.

checked_position= # the position that was last looked at by only_flushed

# reset_settings: what an acknowledged write and following rest on, as the configuration file has it: a SET GLOBAL lasts
# until the next start.
reset_settings() {
  log "innodb_flush_log_at_trx_commit, sync_binlog, gtid_strict_mode or slave_exec_mode was changed by hand, but" \
    "acknowledged writes and replicas rely on them: resetting them"
  core_session_ask "SET GLOBAL innodb_flush_log_at_trx_commit = 1, GLOBAL sync_binlog = 1,
    GLOBAL gtid_strict_mode = 1, GLOBAL slave_exec_mode = STRICT;" && log_errors
}

# fence: no one may write on this replica any more, root included. To let it accept writes took the right READ ONLY
# ADMIN, by which root could write on, whatever read_only says. The primary takes that right back, by the log, which a
# replica that has gone its own way does not get. A session that has it already keeps it: so those of root end.
# `unfenced` until the server itself says that root has it no more: it is tried again.
unfenced=
# Globals: unfenced (set).
fence() {
  unfenced=yes
  core_session_ask "SET GLOBAL read_only = 1;" || return 1
  core_session_ask "SET SESSION sql_log_bin = 0;
    REVOKE READ ONLY ADMIN ON *.* FROM root@localhost;
    REVOKE READ ONLY ADMIN ON *.* FROM root@'%';
    SET SESSION sql_log_bin = 1;
    KILL USER root;" || return 1
  core_session_ask "SELECT COUNT(*) FROM information_schema.user_privileges
    WHERE grantee IN ('\'root\'@\'localhost\'', '\'root\'@\'%\'') AND privilege_type = 'READ ONLY ADMIN';" || return 1
  [[ ${core_answer[*]} == 0 ]] || return 1
  unfenced=
}

# drop_local_flushes OWN-POSITION: a FLUSH by hand is written to the log of the replica, as a transaction of its own,
# which the primary does not have. It changes no data. Where there is nothing else it is taken out of the log: else this
# replica would not follow any more. Fails where there is.
# Globals: checked_position (read and set).
drop_local_flushes() {
  local entry history=
  [[ $1 == *-$((ordinal + 1))-* && $1 != "$checked_position" ]] || return 1
  checked_position=$1
  only_flushed || return 1
  core_session_ask "SELECT @@gtid_binlog_state;" && is_history "${core_answer[0]:-}" || return 1
  for entry in ${core_answer[0]//,/ }; do
    [[ $entry == *-$((ordinal + 1))-* ]] || history+=${history:+,}$entry
  done
  core_session_ask "STOP SLAVE; RESET MASTER; SET GLOBAL gtid_binlog_state = '$history';" || return 1
  log_errors
  log "removed $1 from this replica's log: a FLUSH by hand, which changes no data. FLUSH LOCAL is not written there"
}
# only_flushed: whether all that this server itself wrote to its log are FLUSH statements.
only_flushed() {
  local row files=()
  core_session_ask "SHOW BINARY LOGS;" || return 1
  for row in "${core_answer[@]}"; do
    row=${row%%$'\t'*}
    [[ $row =~ ^binlog\.[0-9]+$ ]] || return 1
    files+=("$volume/current/$row")
  done
  timeout 20 mariadb-binlog --no-defaults --server-id=$((ordinal + 1)) "${files[@]}" | awk '
    /^#[0-9]+ .* end_log_pos / {
      if ($0 !~ /\t(Start: binlog|Gtid list|Binlog checkpoint|Stop|Rotate to|GTID [0-9-]+|Query\t)/) other = 1
      next
    }
    /^BINLOG / { encoded = 1 }
    encoded { if (/^.\/\*/) encoded = 0; next }
    /^(#|\/\*|SET (TIMESTAMP=|@@session\.)|DELIMITER |ROLLBACK|BEGIN$|COMMIT)/ { next }
    toupper($0) ~ /^ *FLUSH / || $0 == "" { next }
    { other = 1 }
    END { exit other }'
}
