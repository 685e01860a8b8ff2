# shellcheck shell=bash
# What MySQL and MariaDB do alike beside a running server: for engine-sync.sh of either, which says in SQL what it takes (`processlist`, `above`,
# `follow_sql`). One client stays connected to this pod's server (session.sh); a lock that it holds there tells the other pods that this one
# is ready.

. "$scripts/session.sh"
. "$scripts/following.sh"

# shellcheck disable=SC2034 # for session.sh
session_end_command="SELECT '.';"
identity=        # of this pod's data
checked_at=-1000 # when it was last told to connect to the primary
roles_checked=
looked_at=-1000  # when the followers' connections were last looked at
sockets=(/proc/net/tcp /proc/net/tcp6)

open_local() {
  { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  connect "${local_client[@]}" -S "$socket" -u mysql
  session_ask "SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''); SELECT id FROM identity;" || return 1
  identity=${answer[0]:-}
  [[ $identity =~ ^[0-9a-f]{20,}$ ]] || { session_close; return 1; }
  # shellcheck disable=SC2034 # was_up is for engine-sync.sh
  was_up='' marked_at='' reached_at=''
}
# connect CLIENT...: what it complains of comes among its answers.
connect() { session_open bash -c 'exec "$@" 2>&1' - "$@" -N -B --force --unbuffered --skip-reconnect -D cdk8s_stateful; }

# tell_errors: of the last answer, and without the statements that the client repeats: there may be a password in them.
tell_errors() {
  local row
  for row in "${answer[@]}"; do
    if [[ $row == ERROR* ]]; then say "the server says: $row"; fi
  done
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
  MYSQL_PWD=$2 timeout 5 "${network_client[@]}" -h 127.0.0.1 -P "$port" -u "$1" -e 'SELECT 1' >/dev/null 2>&1
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
  [[ -z $closed ]] || end_followers "@(${closed#|})" "which is gone"
}
# end_followers PORTS WHY: the connections of the replicas whose port fits the pattern.
end_followers() {
  local row id address
  session_ask "SELECT CONCAT(id, ' ', host) FROM $processlist WHERE command LIKE 'Binlog Dump%' AND user = 'follower-$identity';" || return 0
  for row in "${answer[@]}"; do
    read -r id address <<<"$row"
    # shellcheck disable=SC2053 # it is a pattern
    if [[ ${address##*:} == $1 ]] && session_ask "KILL $id;"; then log "ended the connection of the replica at $address, $2"; fi
  done
}

# ask_primary SQL: sets `row`; or `synced` to why there is none, and fails.
ask_primary() {
  if row=$(query "$primary_host" "$1") && [[ -n $row ]]; then return 0; fi
  no_answer '^ERROR 1045 '
  return 1
}
# connect_to_primary: with what the Secret says now; not more often than it takes to see what comes of it.
connect_to_primary() {
  ((SECONDS - checked_at >= 5)) || return 0
  checked_at=$SECONDS
  session_ask "$(follow_sql)" || return 0
  tell_errors
}

# engine_stop: end the server from the outside.
engine_stop() { session_ask "SHUTDOWN;" || true; }

# Ready is what others can see: as long as this process and the server live.
engine_show_ready() { session_ask "SELECT GET_LOCK('stateful-ready', 0);" && [[ ${answer[0]:-} == 1 ]]; }
engine_hide_ready() { session_ask "DO RELEASE_LOCK('stateful-ready');"; }
engine_peer_is_ready() { [[ $(query "$(host_of "$1")" "SELECT IS_USED_LOCK('stateful-ready') IS NOT NULL") == 1 ]]; }

# engine_show_leaving: be seen at the primary as leaving, until this process ends; and as ready no more, as whoever starts above must wait for the next pod.
engine_show_leaving() {
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
    engine_hide_ready || return 1
  else
    [[ -n $primary_address ]] || return 1
    MYSQL_PWD=$(<"$credentials/replication-password")
    export MYSQL_PWD
    connect "${network_client[@]}" --connect-timeout=3 -h "$primary_address" -P "$port" -u "$replication_user"
  fi
  session_ask "SELECT GET_LOCK('leaving-$ordinal', 0);" && [[ ${answer[0]:-} == 1 ]]
}
# shellcheck disable=SC2034 # for leave.sh
engine_look_above() {
  local row number
  leaving_above='' connected_above=''
  session_ask "$above" || return 1
  for row in "${answer[@]}"; do
    if [[ $row =~ ^leaving-([0-9]+)$ ]]; then
      number=${BASH_REMATCH[1]}
      ((number <= ordinal)) || leaving_above+=${leaving_above:+ }$number
    elif [[ $row =~ ^([0-9]+)$'\t' ]]; then
      number=$((BASH_REMATCH[1] - 1)) # the ordinal of that server id
      ((number <= ordinal)) || connected_above+=${connected_above:+ }$number
    fi
  done
}
