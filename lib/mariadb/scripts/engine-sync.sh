# shellcheck shell=bash
# What MariaDB supplies to sync.sh and leave.sh: what the server reports, what must be mended, and how pods see one another. What it does as
# MySQL does is in family-sync.sh.

. "$scripts/family-sync.sh"

# shellcheck disable=SC2034 # for session.sh and family-sync.sh
session_broken='ERROR 20[01][0-9] *' processlist=information_schema.processlist
# shellcheck disable=SC2034 # for family-sync.sh: who leaves, by the locks, and who follows
above="SELECT CONCAT('leaving-', seq) FROM seq_1_to_1000 WHERE seq > $ordinal AND IS_USED_LOCK(CONCAT('leaving-', seq)) IS NOT NULL; SHOW SLAVE HOSTS;"
was_up=
donor=           # the process that gives copies

# give_copies: to whoever shows by its certificate that it has the replication password; one at a time.
give_copies() {
  if [[ -n $donor ]] && kill -0 "$donor" 2>/dev/null; then return 0; fi
  socat "OPENSSL-LISTEN:$copy_port,reuseaddr,fork,max-children=1,cert=$state/copy/own.pem,cafile=$state/copy/ca.pem,verify=1,keepalive,keepidle=5,keepintvl=5,keepcnt=3" \
    "EXEC:$scripts/donate.sh" 2>"$state/copy/donor.log" &
  donor=$!
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the server itself
# reports.
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
    marked_at=
    return 0
  fi
  [[ -n $mark ]] || marked_at= # nothing has been received yet
  if (($(sequence "$applied") >= $(sequence "$mark"))); then measure_lag yes "$received"; else measure_lag no "$received"; fi
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
      keep_primary_address
      was_up=$primary_address
    fi
  else
    was_up=
    diagnose
  fi
}

# diagnose: why does this replica not follow? Everything is asked of the two databases. Only where this data is an old state of the
# primary's, and the log between them is gone, may it be replaced.
diagnose() {
  local row theirs end own
  ask_primary "SELECT id, @@gtid_binlog_state FROM identity" || return 0
  read -r theirs end <<<"$row"
  session_ask "SELECT @@gtid_current_pos;" || return 0
  own=${answer[0]:-}
  if [[ $own == *,* ]]; then synced="NOT FOLLOWING: the position $own is of several domains, where one is known: was gtid_domain_id set in a session?"; fi
  is_position "$own" || return 0
  if [[ $theirs != "$identity" ]]; then
    another_database "$theirs" "$identity"
    session_ask "STOP SLAVE;" || true
  elif ! in_the_past_of "$own" "$end"; then
    more_than_the_primary "$own here, $end there"
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
follow_sql() {
  echo "STOP SLAVE; CHANGE MASTER TO MASTER_HOST = '$primary_host', MASTER_PORT = $port, MASTER_USER = 'follower-$identity',
    MASTER_PASSWORD = $(quoted "$(follower_password)"), MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 5,
    MASTER_SSL = 1, MASTER_SSL_VERIFY_SERVER_CERT = 0; START SLAVE;"
}
