# shellcheck shell=bash
# What MariaDB supplies to sync.sh and leave.sh: what the server reports, what must be reconciled, and how pods see each
# other. What it has in common with MySQL is in mysql-common-sync.sh.

. "$scripts/mysql-common-sync.sh"
. "$scripts/by-hand.sh"

# shellcheck disable=SC2034 # for session.sh and mysql-common-sync.sh
session_broken='ERROR 20[01][0-9] *' processlist=information_schema.processlist followers='SHOW SLAVE HOSTS'
# What the server has of our users; and our own, which a dump of another server may have removed.
# shellcheck disable=SC2034 # for mysql-common-sync.sh
accounts="SELECT SHA2(GROUP_CONCAT(CONCAT_WS('|', user, host, priv) ORDER BY user, host), 256)
    FROM mysql.global_priv
    WHERE user IN ('mysql', 'root', '$replication_user', '$user') OR user LIKE 'follower-%';" \
  restore_account_sql="FLUSH NO_WRITE_TO_BINLOG PRIVILEGES;
    CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED VIA unix_socket;
    ALTER USER mysql@localhost IDENTIFIED VIA unix_socket PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;
    GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;"
# shellcheck disable=SC2034 # for follow.sh: an identity and a history, of which a new primary has none
position_pattern='^[0-9A-Za-z-]{1,64} (none|[0-9]{1,10}-[0-9]{1,10}-[0-9]{1,18}(,[0-9]{1,10}-[0-9]{1,10}-[0-9]{1,18})*)$'
was_up=
copy_server= # the process that gives copies
copy_server_log=$copy_scratch/donor.log
copy_server_logged_at=-1000

# serve_copies: to anyone who shows by its certificate that it has the replication password. Anyone who does not within
# five seconds is cut off, and does not keep others waiting. Where the kernel has IPv6 it takes either: by itself socat
# would take one, which one depends on its version.
# Globals: copy_server (read and set).
serve_copies() {
  local family=ip4
  log_copy_server_errors
  if [[ -n $copy_server ]] && kill -0 "$copy_server" 2>/dev/null; then return 0; fi
  if [[ -n $copy_server ]]; then log_change "what serves copies on port $copy_port has ended: restarting it"; fi
  if [[ -e ${ipv6_addresses:-/proc/net/if_inet6} ]]; then family=ip6,ipv6only=0; fi
  socat -T "$changes_silence" \
    "OPENSSL-LISTEN:$copy_port,pf=$family,reuseaddr,fork,max-children=16,rcvtimeo=5,cert=$certificates/own.pem,cafile=$certificates/ca.pem,verify=1,keepalive,keepidle=5,keepintvl=5,keepcnt=3" \
    "EXEC:$scripts/donate.sh" 2>>"$copy_server_log" &
  copy_server=$!
}
# log_copy_server_errors: what it complained of, once a minute at most: anybody can connect to a port.
# Globals: core_now (read); copy_server_logged_at (read and set).
log_copy_server_errors() {
  local row last=
  [[ -s $copy_server_log ]] || return 0
  while read -r row; do
    if [[ $row =~ \ E\ (.*) ]]; then last=${BASH_REMATCH[1]}; fi
  done <"$copy_server_log"
  : >"$copy_server_log"
  if [[ -n $last ]] && ((core_now - copy_server_logged_at >= 60)); then
    copy_server_logged_at=$core_now
    log "port $copy_port, where this set's pods get copies: ${last//[![:print:]]/?}"
  fi
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the
# server itself reports.
# Globals: lag_probe, session_pid (read); read_only, applied, receiving, applying, received, io_error, sql_error,
# connected_to (read and set); role, receives_from, synced, lag_probe_at, strayed, changed, message (set).
engine_observe() {
  [[ -n $session_pid ]] || open_local || return 1
  serve_copies
  core_session_ask "SELECT CONCAT_WS('|', @@read_only, @@gtid_slave_pos,
      COALESCE(MAX(slave_io_running), 'No'), COALESCE(MAX(slave_sql_running), 'No'), COALESCE(MAX(gtid_io_pos), ''),
      COALESCE(MAX(last_io_errno), 0), COALESCE(MAX(last_sql_errno), 0), COALESCE(MAX(master_host), ''),
      @@gtid_current_pos REGEXP CONCAT('-', @@server_id, '-'),
      @@innodb_flush_log_at_trx_commit <> 1 OR @@sync_binlog <> 1
        OR @@gtid_strict_mode <> 1 OR @@slave_exec_mode <> 'STRICT',
      COALESCE(MAX(last_io_error), ''), COALESCE(MAX(last_sql_error), ''))
    FROM information_schema.slave_status;" || return 1
  [[ ${#core_answer[@]} == 1 && ${core_answer[0]} =~ ^(0|1|ON|OFF)\| ]] || {
    log_errors
    core_session_close
    return 1
  }
  IFS='|' read -r read_only applied receiving applying received io_error sql_error connected_to strayed changed \
    message <<<"${core_answer[0]}"
  if ! core_is_number "$io_error" || ! core_is_number "$sql_error"; then
    core_session_close
    return 1
  fi
  role=replica receives_from=
  if [[ $read_only == 0 || $read_only == OFF ]]; then
    role=primary
    return 0
  fi
  # shellcheck disable=SC2034 # for follow.sh
  [[ $receiving == No ]] || receives_from=${connected_to:-$core_primary_host}
  if [[ $receiving != Yes || $applying != Yes ]]; then
    synced="not following $set_name-0 yet"
    lag_probe_at=
    return 0
  fi
  [[ -n $lag_probe ]] || lag_probe_at= # nothing has been received yet
  if (($(sequence "$applied") >= $(sequence "$lag_probe"))); then
    core_measure_lag yes "$received"
  else
    core_measure_lag no "$received"
  fi
}

# engine_reconcile: bring the server to the role that its ordinal requires. May set `synced` to a better reason, and
# `recopy_reason` to the reason for that.
# Globals: unfenced, applied, receiving, applying, received, sql_error, connected_to, strayed, changed (read); was_up,
# copy_server, role, primary_address (read and set); roles_checked, roles_at, synced (set).
engine_reconcile() {
  if core_take_new_secret core_check_passwords superuser-password replication-password password; then
    engine_prepare
    # shellcheck disable=SC2034 # for mysql-common-sync.sh
    roles_checked='' roles_at=-1000
    was_up=''
    kill "$copy_server" 2>/dev/null || true
    copy_server=
  fi
  if [[ $changed == 1 ]]; then reset_settings || true; fi
  if ((ordinal == 0)); then
    if [[ $role == replica ]]; then
      log "ordinal 0 is the primary: it accepts writes"
      core_session_ask "SET GLOBAL read_only = 0;" || true
      return 0
    fi
    reconcile_roles
    end_dead_followers
  elif [[ $role == primary || -n $unfenced ]]; then
    [[ -n $unfenced ]] || log "ordinal $ordinal is a replica, but it was made writable by hand: it is read-only again"
    if fence; then role=replica synced="it accepted writes until now"; fi
  elif [[ $receiving == Yes && $applying == Yes && $strayed != 1 ]]; then
    if [[ -z $was_up ]]; then
      primary_address=$connected_to
      was_up=$primary_address
    fi
  else
    was_up=
    # What was received is applied, wherever it came from: it may have been lost there, and would then be nowhere.
    if [[ $receiving == No && $applying == No && $sql_error == 0 && -n $received && $received != "$applied" ]]; then
      core_session_ask "START SLAVE SQL_THREAD;" || return 0
    fi
    core_follow_primary || true
  fi
}
# engine_detach: receive no more from a server that is not the primary, and apply what was received; engine_follow
# connects again.
engine_detach() { core_session_ask "STOP SLAVE IO_THREAD;"; }

# What follow.sh asks.
# Globals: identity (read); synced, replica_position (set).
engine_replica_position() {
  core_session_ask "SELECT @@gtid_current_pos;" || return 1
  if [[ ${core_answer[0]:-} == *,* ]]; then
    synced="NOT FOLLOWING: the position ${core_answer[0]} is of several domains, where one is known: was gtid_domain_id set in a session?"
  fi
  # shellcheck disable=SC2034 # for follow.sh
  is_position "${core_answer[0]:-}" && replica_position="$identity ${core_answer[0]}"
}
# Globals: primary_position (set).
engine_primary_position() {
  local row primary_identity history
  row=$(query "$core_primary_host" "SELECT id, @@gtid_binlog_state FROM identity") && [[ -n $row ]] || return 1
  read -r primary_identity history <<<"$row"
  primary_position="$primary_identity ${history:-none}"
}
# engine_is_ancestor: what is no more than a FLUSH by hand is taken out of this replica's log, and looked at again.
# Globals: primary_position, replica_position (read); synced (set).
engine_is_ancestor() {
  if contains "${primary_position#* }" "${replica_position#* }"; then return 0; fi
  drop_local_flushes "${replica_position#* }" || return 1
  synced="not following $set_name-0 yet"
  return 2
}
# engine_primary_has_log: the primary said so, when this replica last connected.
# Globals: io_error, message, replica_position (read); log_needed_from (set).
engine_primary_has_log() {
  # shellcheck disable=SC2034 # for follow.sh
  log_needed_from=${replica_position#* }
  ((io_error != 1236)) || [[ $message != *purged* ]]
}
engine_can_give_copy() {
  [[ $(query "$(core_host_of "$1")" "SELECT id, slave_io_running, slave_sql_running
    FROM identity, information_schema.slave_status") == "$identity"$'\tYes\tYes' ]]
}
engine_follow() { connect_to_primary; }
# follow_sql: by the address that the name leads to now, and not by what it leads to later. A connection that breaks is
# made again once only (see master_retry_count), and then by us, who look before: another database may have come in the
# primary's place.
follow_sql() {
  local address=
  read -r address < <(core_addresses_of "$core_primary_host") || true
  echo "STOP SLAVE;
    CHANGE MASTER TO MASTER_HOST = '${address:-$core_primary_host}', MASTER_PORT = $port,
      MASTER_USER = 'follower-$identity', MASTER_PASSWORD = '$(follower_password)', MASTER_USE_GTID = slave_pos,
      MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 5, MASTER_SSL = 1, MASTER_SSL_VERIFY_SERVER_CERT = 1;
    START SLAVE;"
}
