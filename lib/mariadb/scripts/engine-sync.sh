# shellcheck shell=bash
# What MariaDB supplies to sync.sh and leave.sh: what the server reports, what must be mended, and how pods see one another. One client
# stays connected to this pod's server (session.sh); a lock that it holds there tells the other pods that this one is ready.

. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command="SELECT '.';" session_broken='ERROR 20[01][0-9] *'
primary_host=$(host_of 0)
primary_address= # where the primary was last reached: on `kubectl delete -f` its name goes before it does
identity=
mark=            # where the primary's log ended at marked_at; reached_at is when it ended where we are now, at least
marked_at=
reached_at=
was_up=
checked_at=-1000
roles_checked=
donor=           # the process that gives copies
looked_at=-1000  # when the followers' connections were last looked at
sockets=(/proc/net/tcp /proc/net/tcp6)

open_local() {
  { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  session_open bash -c 'exec "$@" 2>&1' - mariadb -N -B --force --unbuffered --skip-reconnect --skip-ssl -S "$socket" -u mysql -D cdk8s_stateful
  session_ask "SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''); SELECT id FROM identity;" || return 1
  identity=${answer[0]:-}
  [[ $identity =~ ^[0-9a-f]{32}$ ]] || { session_close; return 1; }
  was_up='' mark='' reached_at=''
}

# give_copies: to whoever shows by its certificate that it has the replication password; one at a time.
give_copies() {
  if [[ -n $donor ]] && kill -0 "$donor" 2>/dev/null; then return 0; fi
  socat "OPENSSL-LISTEN:$copy_port,reuseaddr,fork,max-children=1,cert=$state/copy/own.pem,cafile=$state/copy/ca.pem,verify=1,keepalive,keepidle=5,keepintvl=5,keepcnt=3" \
    "EXEC:$scripts/donate.sh" 2>"$state/copy/donor.log" &
  donor=$!
}

# tell_errors: of the last answer, and without the statements that the client repeats: there may be a password in them.
tell_errors() {
  local row
  for row in "${answer[@]}"; do
    if [[ $row == ERROR* ]]; then say "the server says: $row"; fi
  done
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the server itself
# reports. The lag is how long ago the primary's log ended where this replica now is, by our clock.
engine_observe() {
  [[ -n $session_pid ]] || open_local || return 1
  give_copies
  session_ask "SELECT CONCAT_WS('|', @@read_only, @@gtid_slave_pos, COALESCE(MAX(slave_io_running), 'No'), COALESCE(MAX(slave_sql_running), 'No'), COALESCE(MAX(gtid_io_pos), ''),
    COALESCE(MAX(last_io_errno), 0), COALESCE(MAX(last_sql_errno), 0), COALESCE(MAX(last_io_error), ''), COALESCE(MAX(last_sql_error), '')) FROM information_schema.slave_status;" || return 1
  [[ ${#answer[@]} == 1 && ${answer[0]} =~ ^(0|1|ON|OFF)\| ]] || { tell_errors; session_close; return 1; }
  IFS='|' read -r read_only applied receiving applying received io_error sql_error message <<<"${answer[0]}"
  role=replica
  if [[ $read_only == 0 || $read_only == OFF ]]; then role=primary; return 0; fi
  if [[ $receiving != Yes || $applying != Yes ]]; then
    synced="not following $set_name-0 yet"
    mark=
    return 0
  fi
  if [[ -z $mark ]]; then # just connected: what was received may still be what an earlier connection heard
    mark=$received marked_at=$SECONDS
    synced="just connected to $set_name-0"
    return 0
  fi
  if (($(sequence "$applied") >= $(sequence "$mark"))); then reached_at=$marked_at mark=$received marked_at=$SECONDS; fi
  if [[ -z $reached_at ]]; then
    synced="catching up with $set_name-0"
  else
    synced=yes
    lag=$((SECONDS - reached_at))
  fi
}

# engine_mend: make true what the ordinal demands. May set `synced` to a better reason, and `copy_anew` to the reason for that.
engine_mend() {
  if [[ $credentials/..data -nt $state/copy/own.pem ]]; then # the kubelet has brought a changed Secret
    if (check_passwords superuser-password replication-password password); then
      engine_prepare
      roles_checked='' was_up=''
      kill "$donor" 2>/dev/null || true
    fi
  fi
  if ((ordinal == 0)); then
    if [[ $role == replica ]]; then
      log "ordinal 0 is the primary: it accepts writes"
      session_ask "SET GLOBAL read_only = 0;" || true
      return 0
    fi
    mend_roles
    release_followers
  elif [[ $receiving == Yes && $applying == Yes ]]; then
    if [[ -z $was_up ]]; then
      primary_address=$(getent ahosts "$primary_host" | { read -r address _ && echo "$address"; }) || primary_address=
      was_up=$primary_address
    fi
  else
    was_up=
    diagnose
  fi
}

# mend_roles: the Secret is right, the database follows: also after it was changed.
mend_roles() {
  [[ -z $roles_checked ]] || return 0
  if ! password_works "$replication_user" replication-password || ! password_works root superuser-password || ! password_works "$user" password; then
    log "setting users and passwords to what the Secret says"
    timeout 30 "$scripts/users.sh" || return 0
  fi
  roles_checked=yes
}
password_works() { # USER KEY
  MYSQL_PWD=$(<"$credentials/$2") timeout 5 mariadb --skip-ssl-verify-server-cert -h 127.0.0.1 -P "$port" -u "$1" -e 'SELECT 1' >/dev/null 2>&1
}

# release_followers: a primary does not notice by itself that a replica is gone: what it sends stays in the kernel, for a quarter of an hour where
# the pod is gone too, and as long it holds the log that it was sending. The kernel knows: the peer has closed its end (state 08), or has
# not acknowledged what was sent to it several times.
release_followers() {
  local peer row id address closed=" "
  ((SECONDS - looked_at >= 2)) || return 0
  looked_at=$SECONDS
  while read -r peer; do closed+="$((16#$peer)) "; done < <(awk -v port=":$(printf %04X "$port")\$" \
    '$2 ~ port && ($4 == "08" || $4 == "01" && $7 >= "00000004") { sub(/.*:/, "", $3); print $3 }' "${sockets[@]}" 2>/dev/null)
  [[ $closed != " " ]] || return 0
  session_ask "SELECT CONCAT(id, ' ', host) FROM information_schema.processlist WHERE command = 'Binlog Dump' AND user = 'follower-$identity';" || return 0
  for row in "${answer[@]}"; do
    read -r id address <<<"$row"
    if [[ $closed == *" ${address##*:} "* ]] && session_ask "KILL $id;"; then
      log "released the connection of a replica that is gone ($address)"
    fi
  done
}

# diagnose: why does this replica not follow? Everything is asked of the two databases. Only where this data is an old state of the
# primary's, and the log between them is gone, may it be replaced.
diagnose() {
  local row theirs end own
  if ! row=$(query "$primary_host" "SELECT id, @@gtid_binlog_state FROM identity") || [[ -z $row ]]; then
    synced="$set_name-0 does not answer"
    return 0
  fi
  read -r theirs end <<<"$row"
  session_ask "SELECT @@gtid_current_pos;" || return 0
  own=${answer[0]:-}
  if [[ $own == *,* ]]; then synced="NOT FOLLOWING: the position $own is of several domains, where one is known: was gtid_domain_id set in a session?"; fi
  is_position "$own" || return 0
  if [[ $theirs != "$identity" ]]; then
    synced="NOT FOLLOWING: $set_name-0 holds another database ($theirs; here is $identity). Nothing is overwritten. Keep the one that is right: delete pod and claim of the other"
    session_ask "STOP SLAVE;" || true
  elif ! in_the_past_of "$own" "$end"; then
    synced="NOT FOLLOWING: this replica has what $set_name-0 has not ($own here, $end there). Nothing is overwritten. Was an old volume restored? Keep the one that is right: delete pod and claim of the other"
    session_ask "STOP SLAVE;" || true
  elif ((io_error == 1236)) && [[ $message == *purged* ]]; then
    copy_anew="$set_name-0 no longer has the log from $own on"
  elif ((sql_error != 0 || io_error != 0)); then
    synced="NOT FOLLOWING: $message"
    connect_to_primary
  else
    connect_to_primary
  fi
}
# in_the_past_of OWN-POSITION PRIMARY-STATE: whether the primary has what this replica has. The state is the last position of each server that
# ever wrote.
in_the_past_of() {
  local entry
  for entry in ${2//,/ }; do
    if [[ ${entry%-*} == "${1%-*}" ]]; then (($(sequence "$1") <= $(sequence "$entry"))); return; fi
  done
  return 1
}
# connect_to_primary: with what the Secret says now; not more often than it takes to see what comes of it.
connect_to_primary() {
  ((SECONDS - checked_at >= 5)) || return 0
  checked_at=$SECONDS
  session_ask "STOP SLAVE; CHANGE MASTER TO MASTER_HOST = '$primary_host', MASTER_PORT = $port, MASTER_USER = 'follower-$identity',
    MASTER_PASSWORD = $(quoted "$(<"$credentials/replication-password")"), MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 5,
    MASTER_SSL = 1, MASTER_SSL_VERIFY_SERVER_CERT = 0; START SLAVE;" || return 0
  tell_errors
}

# engine_stop: end the server from the outside.
engine_stop() { session_ask "SHUTDOWN;" || true; }

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
    session_open bash -c 'exec "$@" 2>&1' - mariadb -N -B --force --unbuffered --skip-reconnect --connect-timeout=3 --skip-ssl-verify-server-cert \
      -h "$primary_address" -P "$port" -u "$replication_user" -D cdk8s_stateful
  fi
  session_ask "SELECT GET_LOCK('leaving-$ordinal', 0);" && [[ ${answer[0]:-} == 1 ]]
}
# shellcheck disable=SC2034 # for leave.sh
engine_look_above() {
  local row server
  leaving_above='' connected_above=''
  session_ask "SELECT CONCAT('leaving ', seq) FROM seq_1_to_1000 WHERE seq > $ordinal AND IS_USED_LOCK(CONCAT('leaving-', seq)) IS NOT NULL; SHOW SLAVE HOSTS;" || return 1
  for row in "${answer[@]}"; do
    if [[ $row == leaving\ * ]]; then
      leaving_above+=${leaving_above:+ }${row#leaving }
    elif [[ $row =~ ^([0-9]+)$'\t' ]]; then
      server=$((BASH_REMATCH[1] - 1)) # the ordinal
      ((server <= ordinal)) || connected_above+=${connected_above:+ }$server
    fi
  done
}
