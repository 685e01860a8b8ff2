# shellcheck shell=bash
# What MySQL supplies to sync.sh and leave.sh: what the server reports, what must be mended, and how pods see one another. What it does as
# MariaDB does is in family-sync.sh.

. "$scripts/family-sync.sh"

# shellcheck disable=SC2034 # for session.sh and family-sync.sh
session_broken='ERROR @(20[01][0-9]|4031) *' processlist=performance_schema.processlist
# shellcheck disable=SC2034 # for family-sync.sh: who leaves, by the locks, and who follows
above="SELECT object_name FROM performance_schema.metadata_locks WHERE object_type = 'USER LEVEL LOCK' AND object_name LIKE 'leaving-%'; SHOW REPLICAS;"
previous_host=
((ordinal == 0)) || previous_host=$(host_of $((ordinal - 1)))
heard=           # what the primary had when it was last asked
was_up=
waiting_since=   # since when it waits for somebody to copy from
passwords_seen=$state/passwords-seen # is as old as what we know of the Secret
[[ -e $passwords_seen ]] || : >"$passwords_seen"

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the server itself
# reports.
engine_observe() {
  local has_mark
  [[ -n $session_pid ]] || open_local || return 1
  session_ask "SELECT CONCAT_WS('|', @@super_read_only, COALESCE(c.service_state, 'OFF'), COALESCE(a.service_state, 'OFF'), GTID_SUBSET('$mark', @@gtid_executed),
    REPLACE(COALESCE(c.received_transaction_set, ''), CHAR(10), ''), COALESCE(c.last_error_number, 0), COALESCE(w.last_error_number, 0),
    REPLACE(CONCAT(COALESCE(c.last_error_message, ''), COALESCE(w.last_error_message, '')), CHAR(10), ' '))
    FROM (SELECT '' AS channel_name) AS one LEFT JOIN performance_schema.replication_connection_status AS c USING (channel_name)
    LEFT JOIN performance_schema.replication_applier_status AS a USING (channel_name)
    LEFT JOIN (SELECT last_error_number, last_error_message FROM performance_schema.replication_applier_status_by_worker
      WHERE channel_name = '' AND last_error_number <> 0 LIMIT 1) AS w ON TRUE;" || return 1
  [[ ${#answer[@]} == 1 && ${answer[0]} =~ ^[01]\| ]] || { tell_errors; session_close; return 1; }
  IFS='|' read -r read_only receiving applying has_mark received io_error sql_error message <<<"${answer[0]}"
  role=replica
  if [[ $read_only == 0 ]]; then role=primary; return 0; fi
  if [[ $receiving != ON || $applying != ON ]]; then
    synced="not following $set_name-0 yet"
    marked_at=
    return 0
  fi
  if [[ -z $marked_at ]]; then received=${heard:-$received} heard=''; fi # nothing may have been received yet
  if [[ $has_mark == 1 ]]; then measure_lag yes "$received"; else measure_lag no "$received"; fi
}

# engine_mend: make true what the ordinal demands. May set `synced` to a better reason, and `copy_anew` to the reason for that.
engine_mend() {
  if [[ $credentials/..data -nt $passwords_seen ]] && (check_passwords superuser-password replication-password password); then
    touch "$passwords_seen" # the kubelet has brought a changed Secret
    roles_checked=
  fi
  prune_log
  if ((ordinal == 0)); then
    if [[ $role == replica ]]; then
      log "ordinal 0 is the primary: it accepts writes"
      session_ask "SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF;" || true
      return 0
    fi
    mend_roles
    release_followers
  elif [[ $role == primary ]]; then
    log "ordinal $ordinal is a replica, and somebody let it accept writes: it does not any more"
    if session_ask "SET GLOBAL super_read_only = ON;"; then role=replica synced="it accepted writes until now"; fi
  elif [[ $receiving == ON && $applying == ON ]]; then
    if [[ -z $was_up ]]; then
      keep_primary_address
      was_up=$primary_address waiting_since=
    fi
  else
    was_up=
    diagnose
  fi
}

# prune_log: MySQL bounds its log by age only. What is beyond `log_size` goes, but for the file that is written to, and those that a replica is
# still being sent. Where these come to as much again, that replica's connection ends, and it copies anew; the others only connect again.
prune_log() {
  local i name size kept=0 oldest=
  session_ask "SHOW BINARY LOGS;" || return 0
  for ((i = ${#answer[@]} - 1; i >= 0; i--)); do
    read -r name size _ <<<"${answer[i]}"
    [[ $size =~ ^[0-9]+$ ]] || return 0
    kept=$((kept + size))
    if ((kept <= log_size)) || [[ -z $oldest ]]; then oldest=$name; fi
  done
  if ((kept <= log_size)) || [[ ${answer[0]} == "$oldest"$'\t'* ]]; then return 0; fi
  session_ask "PURGE BINARY LOGS TO '$oldest'; SHOW BINARY LOGS;" || return 0
  if ((kept > 2 * log_size)) && [[ ${answer[0]:-} != "$oldest"$'\t'* ]]; then end_followers '*' "which holds log that must go"; fi
}

# diagnose: why does this replica not follow? Everything is asked of the two databases. Only where this data is an old state of the
# primary's, and the log between them is gone, may it be replaced.
diagnose() {
  local row theirs purged own ahead has_log
  ask_primary "SELECT CONCAT_WS('|', id, REPLACE(@@gtid_executed, CHAR(10), ''), REPLACE(@@gtid_purged, CHAR(10), '')) FROM identity" || return 0
  IFS='|' read -r theirs heard purged <<<"$row"
  if [[ $theirs != "$identity" ]]; then
    another_database "$theirs" "$identity"
    session_ask "STOP REPLICA;" || true
    return 0
  fi
  session_ask "SELECT CONCAT_WS('|', REPLACE(@@gtid_executed, CHAR(10), ''), REPLACE(GTID_SUBTRACT(@@gtid_executed, '$heard'), CHAR(10), ''), GTID_SUBSET('$purged', @@gtid_executed));" || return 0
  IFS='|' read -r own ahead has_log <<<"${answer[0]:-}"
  if [[ -n $ahead ]]; then
    more_than_the_primary "$ahead"
    session_ask "STOP REPLICA;" || true
  elif [[ $has_log == 0 ]]; then
    choose_source
  elif [[ $has_log == 1 ]]; then
    if ((sql_error != 0 || io_error != 0)); then synced="NOT FOLLOWING: $message"; fi
    connect_to_primary
  else
    tell_errors
  fi
}
# choose_source: the server is restarted for a copy, so only when there is somebody to copy from: the ordinal below, if it has what is gone from
# the primary's log; after a minute the primary.
choose_source() {
  local why="$set_name-0 no longer has the log from $own on"
  if [[ $(query "$previous_host" "SELECT id, GTID_SUBSET('$purged', @@gtid_executed) FROM identity") == "$identity"$'\t'1 ]]; then
    copy_anew=$why
  elif ((SECONDS - ${waiting_since:=$SECONDS} > 60)); then
    copy_anew="$why, and $set_name-$((ordinal - 1)) cannot give a copy" copy_from=0
  else
    synced="$why: waiting for $set_name-$((ordinal - 1)), to copy from it"
  fi
}
# follow_sql: a connection that breaks is made again once only, and then by us, who look before: another database may have come in the primary's
# place.
follow_sql() {
  echo "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_HOST = '$primary_host', SOURCE_PORT = $port, SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1,
    SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 1, SOURCE_HEARTBEAT_PERIOD = 5;
    START REPLICA USER = 'follower-$identity' PASSWORD = '$(follower_password)';"
}

# engine_before_stop: a server that sends to replicas waits eight seconds for all others to end, and its event scheduler does not.
engine_before_stop() {
  ((ordinal == 0)) || return 0
  session_ask "SET GLOBAL event_scheduler = OFF;" || true
  session_close
}
