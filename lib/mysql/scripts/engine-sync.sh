# shellcheck shell=bash
# What MySQL supplies to sync.sh and leave.sh: what the server reports, what must be mended, and how pods see one another. One client
# stays connected to this pod's server (session.sh); a lock that it holds there tells the other pods that this one is ready.

. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command="SELECT '.';" session_broken='ERROR @(20[01][0-9]|4031) *'
primary_host=$(host_of 0)
previous_host=
((ordinal == 0)) || previous_host=$(host_of $((ordinal - 1)))
primary_address= # where the primary was last reached: on `kubectl delete -f` its name goes before it does
identity=
heard=           # what the primary had when it was last asked
mark=            # what the primary had at marked_at; reached_at is when it had what we have now, at least
marked_at=
reached_at=
was_up=
waiting_since=   # since when it waits for somebody to copy from
checked_at=-1000
passwords_seen=$state/passwords-seen # is as old as what we know of the Secret
[[ -e $passwords_seen ]] || : >"$passwords_seen"
roles_checked=
looked_at=-1000  # when the followers' connections were last looked at
sockets=(/proc/net/tcp /proc/net/tcp6)

open_local() {
  { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  session_open bash -c 'exec "$@" 2>&1' - mysql -N -B --force --unbuffered --skip-reconnect -S "$socket" -u mysql -D cdk8s_stateful
  session_ask "SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''); SELECT id FROM identity;" || return 1
  identity=${answer[0]:-}
  [[ $identity =~ ^[0-9a-f]{20}$ ]] || { session_close; return 1; }
  was_up='' marked_at='' reached_at=''
}

# tell_errors: of the last answer, and without the statements that the client repeats: there may be a password in them.
tell_errors() {
  local row
  for row in "${answer[@]}"; do
    if [[ $row == ERROR* ]]; then say "the server says: $row"; fi
  done
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the server itself
# reports. The lag is how long ago the primary had what this replica now has, by our clock.
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
  if [[ -z $marked_at ]]; then # just connected: what was received may still be what an earlier connection heard
    mark=${heard:-$received} heard='' marked_at=$SECONDS
    synced="just connected to $set_name-0"
    return 0
  fi
  if [[ $has_mark == 1 ]]; then reached_at=$marked_at mark=$received marked_at=$SECONDS; fi
  if [[ -z $reached_at ]]; then
    synced="catching up with $set_name-0"
  else
    synced=yes
    lag=$((SECONDS - reached_at))
  fi
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
      primary_address=$(getent ahosts "$primary_host" | { read -r address _ && echo "$address"; }) || primary_address=
      was_up=$primary_address waiting_since=
    fi
  else
    was_up=
    diagnose
  fi
}

# mend_roles: the Secret is right, the database follows: also after it was changed.
mend_roles() {
  [[ -z $roles_checked ]] || return 0
  if ! password_works "$replication_user" "$(<"$credentials/replication-password")" || ! password_works root "$(<"$credentials/superuser-password")" ||
    ! password_works "$user" "$(<"$credentials/password")" || ! password_works "follower-$identity" "$(follower_password)"; then
    log "setting users and passwords to what the Secret says"
    timeout 30 "$scripts/users.sh" || return 0
  fi
  roles_checked=yes
}
password_works() { # USER PASSWORD
  MYSQL_PWD=$2 timeout 5 mysql -h 127.0.0.1 -P "$port" -u "$1" -e 'SELECT 1' >/dev/null 2>&1
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
  if ((kept > 2 * log_size)) && [[ ${answer[0]:-} != "$oldest"$'\t'* ]]; then end_followers '*'; fi
}
# end_followers PATTERN: the connections of the replicas whose port is among these.
end_followers() {
  local row id address
  session_ask "SELECT CONCAT(id, ' ', host) FROM performance_schema.processlist WHERE command LIKE 'Binlog Dump%' AND user = 'follower-$identity';" || return 0
  for row in "${answer[@]}"; do
    read -r id address <<<"$row"
    # shellcheck disable=SC2053 # it is a pattern
    if [[ " ${address##*:} " == $1 ]] && session_ask "KILL $id;"; then log "ended the connection of the replica at $address, which is gone or holds log that must go"; fi
  done
}

# release_followers: a primary does not notice by itself that a replica is gone: what it sends stays in the kernel, for a quarter of an hour where
# the pod is gone too, and as long it holds the log that it was sending. The kernel knows: the peer has closed its end (state 08), or has
# not acknowledged what was sent to it several times.
release_followers() {
  local peer closed=
  ((SECONDS - looked_at >= 2)) || return 0
  looked_at=$SECONDS
  while read -r peer; do closed+="|$((16#$peer))"; done < <(awk -v port=":$(printf %04X "$port")\$" \
    '$2 ~ port && ($4 == "08" || $4 == "01" && $7 >= "00000004") { sub(/.*:/, "", $3); print $3 }' "${sockets[@]}" 2>/dev/null)
  [[ -z $closed ]] || end_followers " @(${closed#|}) "
}

# diagnose: why does this replica not follow? Everything is asked of the two databases. Only where this data is an old state of the
# primary's, and the log between them is gone, may it be replaced.
diagnose() {
  local row theirs purged own ahead has_log
  if ! row=$(query "$primary_host" "SELECT CONCAT_WS('|', id, REPLACE(@@gtid_executed, CHAR(10), ''), REPLACE(@@gtid_purged, CHAR(10), '')) FROM identity") || [[ -z $row ]]; then
    synced="$set_name-0 does not answer"
    return 0
  fi
  IFS='|' read -r theirs heard purged <<<"$row"
  if [[ $theirs != "$identity" ]]; then
    synced="NOT FOLLOWING: $set_name-0 holds another database ($theirs; here is $identity). Nothing is overwritten. Keep the one that is right: delete pod and claim of the other"
    session_ask "STOP REPLICA;" || true
    return 0
  fi
  session_ask "SELECT CONCAT_WS('|', REPLACE(@@gtid_executed, CHAR(10), ''), REPLACE(GTID_SUBTRACT(@@gtid_executed, '$heard'), CHAR(10), ''), GTID_SUBSET('$purged', @@gtid_executed));" || return 0
  IFS='|' read -r own ahead has_log <<<"${answer[0]:-}"
  if [[ -n $ahead ]]; then
    synced="NOT FOLLOWING: this replica has what $set_name-0 has not ($ahead). Nothing is overwritten. Was an old volume restored? Keep the one that is right: delete pod and claim of the other"
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
# connect_to_primary: with what the Secret says now; not more often than it takes to see what comes of it. A connection that breaks is made again
# once only, and then by us, who look before: another database may have come in the primary's place.
connect_to_primary() {
  ((SECONDS - checked_at >= 5)) || return 0
  checked_at=$SECONDS
  session_ask "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_HOST = '$primary_host', SOURCE_PORT = $port, SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1,
    SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 1, SOURCE_HEARTBEAT_PERIOD = 5;
    START REPLICA USER = 'follower-$identity' PASSWORD = '$(follower_password)';" || return 0
  tell_errors
}

# engine_stop: end the server from the outside.
engine_stop() { session_ask "SHUTDOWN;" || true; }

# engine_before_stop: a server that sends to replicas waits eight seconds for all others to end, and its event scheduler does not.
engine_before_stop() {
  ((ordinal == 0)) || return 0
  session_ask "SET GLOBAL event_scheduler = OFF;" || true
  session_close
}

# Ready is what others can see: as long as this process and the server live.
engine_show_ready() { session_ask "SELECT GET_LOCK('stateful-ready', 0);" && [[ ${answer[0]:-} == 1 ]]; }
engine_hide_ready() { session_ask "DO RELEASE_LOCK('stateful-ready');"; }
engine_peer_is_ready() { [[ $(query "$(host_of "$1")" "SELECT IS_USED_LOCK('stateful-ready') IS NOT NULL") == 1 ]]; }

# engine_show_leaving: be seen at the primary as leaving, until this process ends.
engine_show_leaving() {
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
  else
    [[ -n $primary_address ]] || return 1
    MYSQL_PWD=$(<"$credentials/replication-password")
    export MYSQL_PWD
    session_open bash -c 'exec "$@" 2>&1' - mysql -N -B --force --unbuffered --skip-reconnect --connect-timeout=3 \
      -h "$primary_address" -P "$port" -u "$replication_user" -D cdk8s_stateful
  fi
  session_ask "SELECT GET_LOCK('leaving-$ordinal', 0);" && [[ ${answer[0]:-} == 1 ]]
}
# shellcheck disable=SC2034 # for leave.sh
engine_look_above() {
  local row server
  leaving_above='' connected_above=''
  session_ask "SELECT object_name FROM performance_schema.metadata_locks WHERE object_type = 'USER LEVEL LOCK' AND object_name LIKE 'leaving-%'; SHOW REPLICAS;" || return 1
  for row in "${answer[@]}"; do
    if [[ $row =~ ^leaving-([0-9]+)$ ]]; then
      ((BASH_REMATCH[1] <= ordinal)) || leaving_above+=${leaving_above:+ }${BASH_REMATCH[1]}
    elif [[ $row =~ ^([0-9]+)$'\t' ]]; then
      server=$((BASH_REMATCH[1] - 1)) # the ordinal
      ((server <= ordinal)) || connected_above+=${connected_above:+ }$server
    fi
  done
}
