# shellcheck shell=bash
# What MySQL supplies to sync.sh and leave.sh: what the server reports, what must be reconciled, and how pods see each
# other. What it has in common with MariaDB is in mysql-common-sync.sh.

. "$scripts/mysql-common-sync.sh"

# shellcheck disable=SC2034 # for session.sh and mysql-common-sync.sh
session_broken='ERROR @(20[01][0-9]|4031) *' processlist=performance_schema.processlist followers='SHOW REPLICAS'
# What the server has of our users; and our own, which a dump of another server may have removed.
# shellcheck disable=SC2034 # for mysql-common-sync.sh
accounts="SELECT SHA2(GROUP_CONCAT(CONCAT_WS('|', user, host, plugin, authentication_string, account_locked,
      password_expired, repl_slave_priv, super_priv) ORDER BY user, host), 256)
    FROM mysql.user
    WHERE user IN ('mysql', 'root', '$replication_user', '$user') OR user LIKE 'follower-%';
  SELECT id FROM cdk8s_stateful.identity;" \
  restore_account_sql="FLUSH NO_WRITE_TO_BINLOG PRIVILEGES;
    CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED WITH auth_socket;
    ALTER USER mysql@localhost IDENTIFIED WITH auth_socket ACCOUNT UNLOCK;
    GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;"
# shellcheck disable=SC2034 # for follow.sh
position_pattern='^[0-9A-Za-z-]{1,64} [0-9A-Za-z_:,-]+$'
primary_gtids=                # what the primary had when it was last asked
purged=                       # what of that its log begins after
counts_as_had=@@gtid_executed # in SQL: what this replica does not need from the primary's log
was_up=
compared_at=     # when this replica, which follows, was last compared with the primary
gtids_before=    # what this primary had a second ago
durable_at=-1000 # when it was last looked whether writes are flushed
ended_at=-1000   # when followers were last ended for the log that they hold
# Whether the server may have other certificates than lie there: the Secret may have changed while this sidecar was
# away.
stale_tls=yes

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the
# server itself reports.
# Globals: lag_probe, session_pid (read); lag_probe_at, received, primary_gtids, read_only, receiving, applying,
# io_error, sql_error (read and set); role, receives_from, synced, message (set).
engine_observe() {
  local has_mark
  [[ -n $session_pid ]] || open_local || return 1
  local flag=super_read_only
  ((ordinal > 0)) || flag=read_only # either keeps writers out
  core_session_ask "SELECT CONCAT_WS('|', @@$flag, COALESCE(c.service_state, 'OFF'), COALESCE(a.service_state, 'OFF'),
      GTID_SUBSET('$lag_probe', @@gtid_executed), REPLACE(COALESCE(c.received_transaction_set, ''), CHAR(10), ''),
      COALESCE(c.last_error_number, 0), COALESCE(w.last_error_number, 0),
      REPLACE(CONCAT(COALESCE(c.last_error_message, ''), COALESCE(w.last_error_message, '')), CHAR(10), ' '))
    FROM (SELECT '' AS channel_name) AS one
    LEFT JOIN performance_schema.replication_connection_status AS c USING (channel_name)
    LEFT JOIN performance_schema.replication_applier_status AS a USING (channel_name)
    LEFT JOIN (SELECT last_error_number, last_error_message FROM performance_schema.replication_applier_status_by_worker
      WHERE channel_name = '' AND last_error_number <> 0 LIMIT 1) AS w ON TRUE;" || return 1
  [[ ${#core_answer[@]} == 1 && ${core_answer[0]} =~ ^[01]\| ]] || {
    log_errors
    core_session_close
    return 1
  }
  IFS='|' read -r read_only receiving applying has_mark received io_error sql_error message <<<"${core_answer[0]}"
  role=replica
  if [[ $read_only == 0 ]]; then
    role=primary
    return 0
  fi
  if ! core_is_number "$io_error" || ! core_is_number "$sql_error" || ! is_gtid_set "$received"; then
    core_session_close
    return 1
  fi
  # shellcheck disable=SC2034 # for follow.sh
  receives_from=${receiving/#OFF/}
  if [[ $receiving != ON || $applying != ON ]]; then
    synced="not following $set_name-0 yet"
    lag_probe_at=
    return 0
  fi
  if [[ -z $lag_probe_at ]]; then # nothing may have been received yet
    received=${primary_gtids:-$received} primary_gtids=''
  fi
  if [[ $has_mark == 1 ]]; then core_measure_lag yes "$received"; else core_measure_lag no "$received"; fi
}

# engine_reconcile: bring the server to the role that its ordinal requires. May set `synced` to a better reason, and
# `recopy_reason` to the reason for that.
# Globals: core_now, primary_address, receiving, applying (read); stale_tls, role, compared_at, was_up (read and set);
# roles_checked, roles_at, synced (set).
engine_reconcile() {
  if core_take_new_secret check_secret; then roles_checked='' roles_at=-1000 stale_tls=yes; fi
  if [[ -n $stale_tls ]] && make_keys && core_session_ask "ALTER INSTANCE RELOAD TLS;"; then
    stale_tls=
    log_errors
  fi
  prune_log
  reset_durability
  if ((ordinal == 0)); then
    if [[ $role == replica ]]; then
      log "ordinal 0 is the primary: it accepts writes"
      core_session_ask "SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF;" || true
      return 0
    fi
    reconcile_roles
    end_dead_followers
    detect_imports
  elif [[ $role == primary ]]; then
    log "ordinal $ordinal is a replica, but it was made writable by hand: it is read-only again"
    if core_session_ask "SET GLOBAL super_read_only = ON;"; then
      role=replica synced="it accepted writes until now" compared_at=
    fi
  elif [[ $receiving == ON && $applying == ON ]]; then
    if [[ -z $was_up ]]; then
      core_keep_primary_address
      was_up=$primary_address
    fi
    if [[ -z $compared_at ]] || ((core_now - compared_at >= 60)); then compare_again; fi
  else
    was_up='' compared_at=''
    core_follow_primary || true
  fi
}
# compare_again: this replica follows, but somebody may have written here, or something may never come by the log. No
# answer tells nothing.
# Globals: core_now, received (read); synced (read and set); compared_at (set).
compare_again() {
  local was=$synced status=0 counts_as_had="CONCAT(@@gtid_executed, ',', '$received')"
  compared_at=$core_now
  core_may_follow_primary || status=$?
  case $status in
    1) compared_at='' ;;
    2) synced=$was ;;
  esac
}
# engine_detach: receive no more from a server that is not the primary, and apply what was received; engine_follow
# connects again.
engine_detach() { core_session_ask "STOP REPLICA IO_THREAD;"; }

# prune_log: MySQL bounds its log by age only. What is beyond `log_size` goes, but for the file that is written to, and
# those that a replica is still being sent. Where these come to as much again, that replica's connection ends, and it
# copies again; the others only connect again.
# Globals: core_now (read); ended_at (read and set).
prune_log() {
  local i name size kept=0 oldest=
  core_session_ask "SHOW BINARY LOGS;" || return 0
  for ((i = ${#core_answer[@]} - 1; i >= 0; i--)); do
    read -r name size _ <<<"${core_answer[i]}"
    core_is_number "$size" && [[ $name =~ ^[0-9A-Za-z._-]+$ ]] || return 0
    kept=$((kept + size))
    if ((kept <= log_size)) || [[ -z $oldest ]]; then oldest=$name; fi
  done
  if ((kept <= log_size)) || [[ ${core_answer[0]} == "$oldest"$'\t'* ]]; then return 0; fi
  core_session_ask "PURGE BINARY LOGS TO '$oldest';" || return 0
  if ((${#core_answer[@]} > 0)); then # as long as a backup locks the instance, it is refused, whatever follows
    log_errors
    return 0
  fi
  if ((kept <= 2 * log_size || core_now - ended_at < 10)); then return 0; fi
  core_session_ask "SHOW BINARY LOGS;" || return 0
  if [[ ${core_answer[0]:-} == "$oldest"$'\t'* ]]; then return 0; fi
  ended_at=$core_now
  end_followers '*' "which holds log that must be removed"
}

# reset_durability: what an acknowledged write rests on cannot be set by a parameter, nor by hand while the server runs.
# Globals: core_now (read); durable_at (read and set).
reset_durability() {
  ((core_now - durable_at >= 10)) || return 0
  durable_at=$core_now
  core_session_ask "SELECT @@sync_binlog = 1 AND @@innodb_flush_log_at_trx_commit = 1
    AND (SELECT variable_value = 'ON' FROM performance_schema.global_status
      WHERE variable_name = 'Innodb_redo_log_enabled');" || return 0
  [[ ${core_answer[0]:-} == 0 ]] || return 0
  log "sync_binlog, innodb_flush_log_at_trx_commit or the redo log was changed by hand: an acknowledged write must" \
    "survive the node, so it is reset"
  core_session_ask "ALTER INSTANCE ENABLE INNODB REDO_LOG; SET GLOBAL sync_binlog = 1; SET GLOBAL innodb_flush_log_at_trx_commit = 1;" || true
}

# detect_imports: a dump of another server brings transactions that count as done and are in no log (GTID_PURGED), and
# tables whose making is in no log either. A replica is told neither; it learns of the first only when it connects
# again, and copies.
# Globals: gtids_before (read and set).
detect_imports() {
  local row new server_uuid
  core_session_ask "SELECT CONCAT_WS('|', REPLACE(GTID_SUBTRACT(@@gtid_purged, '$gtids_before'), CHAR(10), ''), @@server_uuid, REPLACE(@@gtid_executed, CHAR(10), ''));" || return 0
  row=${core_answer[0]:-}
  IFS='|' read -r new server_uuid row <<<"$row"
  is_gtid_set "$row" && is_gtid_set "$new" && [[ $server_uuid =~ ^[0-9a-f-]{36}$ ]] || return 0
  # What this server wrote itself within the second may be gone from its log already.
  if [[ -n $gtids_before && ${new//$server_uuid/} =~ [0-9a-fA-F-]{36}: ]]; then
    log "transactions were added that are in no log ($new): replicas copy again"
    end_followers '*' "which does not receive them"
  fi
  gtids_before=$row
}

# What follow.sh asks. This pod's server compares sets of transactions, as only MySQL knows them.
# Globals: identity (read); replica_position (set).
engine_replica_position() {
  core_session_ask "SELECT REPLACE(@@gtid_executed, CHAR(10), '');" &&
    ((${#core_answer[@]} > 0)) &&
    is_gtid_set "${core_answer[0]}" &&
    replica_position="$identity ${core_answer[0]:-none}"
}
# Globals: purged (read and set); primary_position (set).
engine_primary_position() {
  local row primary_identity executed
  row=$(query "$core_primary_host" "SELECT CONCAT_WS('|', id, REPLACE(@@gtid_executed, CHAR(10), ''),
      REPLACE(@@gtid_purged, CHAR(10), ''))
    FROM identity") && [[ -n $row ]] || return 1
  IFS='|' read -r primary_identity executed purged <<<"$row"
  # shellcheck disable=SC2034 # for follow.sh, which says that nothing makes no sense
  if [[ $row == *"|"*"|"* ]] && is_gtid_set "$purged"; then primary_position="$primary_identity ${executed:-none}"; fi
}
# Globals: primary_position, replica_position (read); difference (read and set).
engine_is_ancestor() {
  core_session_ask "SELECT $(missing_sql "$primary_position" "$replica_position");" &&
    ((${#core_answer[@]} == 1)) &&
    is_gtid_set "${core_answer[0]}" || return 2
  difference=${core_answer[0]}
  [[ -z $difference ]]
}
# Globals: replica_position, purged (read); log_needed_from (set).
engine_primary_has_log() {
  log_needed_from=${replica_position#* }
  core_session_ask "SELECT GTID_SUBSET('$purged', $counts_as_had);" || return 2
  case ${core_answer[0]:-} in
    1) return 0 ;;
    0) return 1 ;;
  esac
  log_errors
  return 2
}
# engine_can_give_copy N: it has what is gone from the primary's log, and gets the rest.
engine_can_give_copy() {
  [[ $(query "$(core_host_of "$1")" "SELECT id, GTID_SUBSET('$purged', @@gtid_executed),
      EXISTS (SELECT * FROM performance_schema.replication_connection_status WHERE service_state = 'ON')
    FROM identity") == "$identity"$'\t1\t1' ]]
}
# Globals: primary_position (read); primary_gtids (set).
engine_follow() {
  primary_gtids=$(gtids_of "$primary_position")
  connect_to_primary
}
# follow_sql: a connection that breaks is made again once only, and then by us, who look before: another database may
# have come in the primary's place.
follow_sql() {
  echo "STOP REPLICA;
    CHANGE REPLICATION SOURCE TO SOURCE_HOST = '$core_primary_host', SOURCE_PORT = $port, SOURCE_AUTO_POSITION = 1,
      SOURCE_SSL = 1, SOURCE_SSL_CA = '$certificates/ca.pem',
      SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 1, SOURCE_HEARTBEAT_PERIOD = 5;
    START REPLICA USER = 'follower-$identity' PASSWORD = '$(follower_password)';"
}

# engine_pre_stop: a server that sends to replicas waits eight seconds for all others to end, and its event scheduler
# does not.
engine_pre_stop() {
  ((ordinal == 0)) || return 0
  core_session_ask "SET GLOBAL event_scheduler = OFF;" || true
  core_session_close
}
