# shellcheck shell=bash
# What MySQL and MariaDB have in common while the server runs: for engine-sync.sh of either, which says in SQL what it
# takes (`processlist`, `followers`, `accounts`, `restore_account_sql`, `follow_sql`). One client stays
# connected to this pod's server (session.sh); a lock that it holds there tells the other pods that this one is ready.

. "$scripts/session.sh"
. "$scripts/lag.sh"
. "$scripts/follow.sh"

# shellcheck disable=SC2034 # for session.sh and follow.sh
session_end_command="SELECT '.';" refusal_pattern='^ERROR 1045 '
identity=                    # of this pod's data
checked_at=-1000             # when it was last told to connect to the primary
roles_checked=               # whether the passwords are known to work
roles_seen=                  # what the server had of our users by then
roles_at=-1000 roles_pause=1 # when they were last set, and how long until that is tried again
released_at=-1000            # when the followers' connections were last looked at
sockets=(/proc/net/tcp /proc/net/tcp6)
# Those above this pod's: in no database, as a session has none.
ordinals="(WITH RECURSIVE n (ordinal) AS (SELECT $((ordinal + 1)) UNION ALL
  SELECT ordinal + 1 FROM n WHERE ordinal < 999) SELECT ordinal FROM n)"

# Globals: identity (read and set); roles_checked, roles_at, was_up, lag_probe_at, lag_reached_at (set).
open_local() {
  { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  connect "${local_client[@]}" -S "$socket" -u mysql
  # A lock of somebody else's (a backup's, say) makes a statement fail before core_session_ask gives the server up.
  core_session_ask "${local_session_settings:-DO 0};
    SET SESSION lock_wait_timeout = 3;
    SELECT id FROM cdk8s_stateful.identity;" || return 1
  identity=${core_answer[0]:-}
  # Where the primary's table says something else than the file next to its data, a dump of another set was loaded:
  # reconcile_roles corrects it.
  if ((ordinal == 0)) && [[ -s $state/identity && $(<"$state/identity") != "${core_answer[*]}" ]]; then
    identity=$(<"$state/identity") roles_checked='' roles_at=-1000
  fi
  is_our_identity "$identity" || {
    log_errors
    core_session_close
    return 1
  }
  # shellcheck disable=SC2034 # was_up is for engine-sync.sh
  was_up='' lag_probe_at='' lag_reached_at=''
}
# connect CLIENT...: its error output comes among its answers.
connect() {
  core_session_open bash -c 'exec "$@" 2>&1' - "$@" -N -B --force --unbuffered --skip-reconnect \
    --init-command="${session_settings:-DO 0}"
}

# log_errors [SECRET]: of the last answer, and without the statements that the client repeats: there may be a password
# in them. Of an error that may repeat some of SECRET only the number is logged.
log_errors() {
  local row secret=${1:-} begin
  begin=${secret:0:6}
  for row in "${core_answer[@]}"; do
    [[ $row == ERROR* ]] || continue
    if [[ -n $begin && $row == *"$begin"* ]]; then row="${row%%:*} (its text is left out: there is a password in it)"; fi
    log_change "the server says: $row"
  done
}

# reconcile_roles: the Secret is right, the database follows: also after it was changed, and after somebody loaded other
# users over ours. If that does not help it is retried, less and less often: each try is in the binary log.
# Globals: core_now, identity (read); roles_checked, roles_seen, roles_at, roles_pause (read and set).
reconcile_roles() {
  local status
  if core_session_ask "$accounts"; then
    if [[ ${core_answer[*]} != "$roles_seen" && -n $roles_seen ]]; then
      roles_checked='' # and what was written into the tables of users counts from now on
      core_session_ask "$restore_account_sql" || return 0
      core_session_ask "$accounts" || return 0
    fi
    roles_seen=${core_answer[*]}
  fi
  [[ -z $roles_checked ]] || return 0
  core_session_ask "SELECT id FROM cdk8s_stateful.identity;" || return 0
  ((core_now - roles_at >= roles_pause)) || return 0
  status=0
  if [[ ${core_answer[*]} == "$identity" ]]; then passwords_refused || status=$?; fi
  case $status in
    0)
      log "setting users and passwords to what the Secret says"
      timeout 30 "$scripts/users.sh" || true
      roles_seen='' roles_at=$core_now
      roles_pause=$((roles_pause < 150 ? roles_pause * 2 : 300))
      ;;
    1) roles_checked=yes roles_pause=1 ;;
    *) roles_at=$core_now roles_pause=10 ;;
  esac
}
# passwords_refused: 0 if one of the Secret's passwords is, 1 if all are accepted, 2 if that cannot be said now: also
# where the pod is told to stop meanwhile, as each question to a stuck server may take five seconds.
# Globals: identity, core_leaving (read).
passwords_refused() {
  local i status all=1 users=("$replication_user" root "$user" "follower-$identity")
  local passwords=("$(<"$credentials/replication-password")" "$(<"$credentials/superuser-password")")
  passwords+=("$(<"$credentials/password")" "$(follower_password)")
  for i in "${!users[@]}"; do
    status=0
    password_refused "${users[i]}" "${passwords[i]}" || status=$?
    if ((status == 0)); then return 0; fi
    ((status == 1)) || all=2
    core_hear
    [[ -z ${core_leaving:-} ]] || return 2
  done
  return "$all"
}
# password_refused USER PASSWORD: 0 if it is wrong, which only these errors say; 1 if it is accepted. 2 if the server
# says neither: it has no connection left, or does not answer in time.
password_refused() {
  local said
  if said=$(MYSQL_PWD=$2 timeout 5 "${network_client[@]}" --connect-timeout=3 \
    -h 127.0.0.1 -P "$port" -u "$1" -e 'SELECT 1' 2>&1); then
    return 1
  fi
  [[ $said =~ (^|$'\n')ERROR\ (1045|1698|1820|1862|3118|3955|4151)\  ]] || return 2
}

# end_dead_followers: a primary does not notice by itself that a replica is gone: what it sends stays in the kernel, for
# a quarter of an hour where the pod is gone too, and as long it holds the log that it was sending. The kernel knows:
# the peer has closed its end (state 08), or has not acknowledged what was sent to it several times.
# Globals: core_now (read); released_at (read and set).
end_dead_followers() {
  local peer closed=
  ((core_now - released_at >= 2)) || return 0
  released_at=$core_now
  while read -r peer; do closed+="|$((16#$peer))"; done < <(awk -v port=":$(printf %04X "$port")\$" \
    '$2 ~ port && ($4 == "08" || $4 == "01" && $7 >= "00000004") { sub(/.*:/, "", $3); print $3 }' "${sockets[@]}" 2>/dev/null)
  [[ -z $closed ]] || end_followers "@(${closed#|})" "which is gone"
}
# end_followers PORTS WHY: the connections of the replicas whose port fits the pattern.
end_followers() {
  local row id address
  core_session_ask "SELECT CONCAT(id, ' ', host) FROM $processlist
    WHERE command LIKE 'Binlog Dump%' AND user = 'follower-$identity';" || return 0
  for row in "${core_answer[@]}"; do
    read -r id address <<<"$row"
    core_is_number "$id" || continue
    # shellcheck disable=SC2053 # it is a pattern
    if [[ ${address##*:} == $1 ]] && core_session_ask "KILL $id;"; then log "ended the connection of the replica at $address, $2"; fi
  done
}

# connect_to_primary: with what the Secret says now; not more often than it takes to see what comes of it. Why it did
# not follow until now is logged.
# Globals: core_now, io_error, sql_error, message (read); checked_at (read and set); synced (set).
connect_to_primary() {
  if ((sql_error != 0 || io_error != 0)); then synced="NOT FOLLOWING: $message"; fi
  ((core_now - checked_at >= 5)) || return 0
  checked_at=$core_now
  core_session_ask "$(follow_sql)" || return 0
  log_errors "$(follower_password)"
}

# engine_stop: end the server from the outside.
engine_stop() { core_session_ask "SHUTDOWN;" || true; }

# A sign is a lock of the server's, held by a session of this set: it ends with that session. It counts only if a
# session of the set's own users holds it, so that applications cannot fake one.
sign() { echo "$1-$identity"; }

# take_lock NAME: if it is taken, then by a pod that is gone, whose connection the server has not given up yet, or by a
# session that should not have it: that one is ended.
take_lock() {
  local name i
  name=$(sign "$1")
  for i in 1 2 3; do
    core_session_ask "SELECT GET_LOCK('$name', 1);" || return 1
    if [[ ${core_answer[0]:-} == 1 ]]; then return 0; fi
    core_session_ask "SELECT IS_USED_LOCK('$name');" || return 1
    if ! core_is_number "${core_answer[0]:-}" || ((i == 3)); then return 1; fi
    core_session_ask "KILL ${core_answer[0]};" || return 1
  done
}

# Ready is what others can see: as long as this process and the server live.
engine_announce_ready() { take_lock stateful-ready; }
engine_withdraw_ready() { core_session_ask "DO RELEASE_LOCK('$(sign stateful-ready)');"; }
engine_peer_is_ready() {
  [[ $(query "$(core_host_of "$1")" "SELECT COUNT(*) FROM $processlist
    WHERE id = IS_USED_LOCK('$(sign stateful-ready)') AND user = 'mysql'") == 1 ]]
}

# engine_announce_leaving: be seen at the primary as leaving, until this process ends; and as ready no more, as a higher
# ordinal that starts must wait for the next pod.
engine_announce_leaving() {
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
    engine_withdraw_ready || return 1
  else
    [[ -n $primary_address && -n $identity ]] || return 1
    MYSQL_PWD=$(<"$credentials/replication-password")
    export MYSQL_PWD
    connect "${network_client[@]}" --connect-timeout=3 -h "$primary_address" -P "$port" -u "$replication_user"
  fi
  take_lock "leaving-$ordinal"
}

# engine_list_higher_ordinals: a leaving pod asks ten times a second. A session that has been silent for long is of
# a pod that is gone.
# Globals: identity (read); higher_leaving, higher_connected (read and set).
# shellcheck disable=SC2034 # for leave.sh
engine_list_higher_ordinals() {
  local row number
  higher_leaving='' higher_connected=''
  core_session_ask "SELECT CONCAT('leaving-', l.ordinal)
    FROM (SELECT o.ordinal, IS_USED_LOCK(CONCAT('leaving-', o.ordinal, '-$identity')) AS holder
      FROM $ordinals AS o LIMIT 1000) AS l
    JOIN $processlist AS p ON p.id = l.holder
    WHERE p.user IN ('$replication_user', 'mysql') AND p.time < 10;
    $followers;" || return 1
  for row in "${core_answer[@]}"; do
    if [[ $row =~ ^leaving-([0-9]{1,3})$ ]]; then
      number=${BASH_REMATCH[1]}
      ((number <= ordinal)) || higher_leaving+=${higher_leaving:+ }$number
    elif [[ $row =~ ^([0-9]{1,4})$'\t' ]]; then
      number=$((BASH_REMATCH[1] - 1)) # the ordinal of that server id
      ((number <= ordinal)) || higher_connected+=${higher_connected:+ }$number
    elif [[ $row == ERROR* ]]; then
      # No one seen is not no one there.
      log_errors
      return 1
    fi
  done
}
