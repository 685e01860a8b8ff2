# shellcheck shell=bash
# What PostgreSQL supplies to sync.sh and leave.sh: what the server reports, what must be reconciled, and how pods see
# each other. One psql stays connected to this pod's server (session.sh); its application_name tells the other pods
# that this one is ready.

. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command='; \echo .'
. "$scripts/lag.sh"
. "$scripts/follow.sh"
# shellcheck source=primary.sh
. "$scripts/primary.sh"
lag_probe=0/0          # the log's very beginning
receiver=              # the process that receives the log; another one means another connection
roles_checked=         # the users, and who may enter 'postgres', as they were when the Secret's passwords let all in
fenced=                # whether this is a primary that is read-only, as the props demand
read_only_logged=      # whether that was logged
standby_names_written= # for whom commits wait, as the server was last told
shortage_logged=       # how many replicas that commits wait for were missing, when that was last logged
not_accepting_since=   # since when the server does not accept connections
declare -A gone_since=()

open_local() {
  "$bin/pg_isready" -q -h "$socket" -p "$port" || return 1
  core_session_open "$bin/psql" -XAtqw -d "$(local_connection)"
  core_session_ask "SELECT 1" && [[ ${core_answer[*]} == 1 ]] || return 1
  log_collation_changes
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the
# server itself reports.
# Globals: lag_probe, session_pid, receiver (read); role, receiving, receiver_now (read and set); receives_from,
# not_accepting_since, fenced, synced, lag_probe_at, replayed, idle_slots, roles_now, synchronous (set).
engine_observe() {
  if [[ -z $session_pid ]] && ! open_local; then
    receives_from=
    if ((ordinal > 0)); then follow_before_accepting; fi
    return 1
  fi
  not_accepting_since=
  core_session_ask "
    SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END,
      coalesce(r.status, 'none'), coalesce(r.pid, 0),
      coalesce(r.latest_end_lsn, pg_last_wal_replay_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'),
      pg_last_wal_replay_lsn() >= '$lag_probe',
      (SELECT string_agg(slot_name, ' ') FROM pg_replication_slots
        WHERE slot_type = 'physical' AND slot_name ~ '^replica_[0-9]{1,3}\$' AND NOT active),
      CASE WHEN current_setting('primary_conninfo') <> ''
        THEN coalesce(substring(current_setting('primary_conninfo'), 'hostaddr=([0-9a-fA-F:.]+)'), '?') END,
      (SELECT md5(string_agg(a::text, ' ' ORDER BY oid)
          || (SELECT (datacl, datconnlimit)::text FROM pg_database WHERE datname = 'postgres'))
        FROM pg_authid AS a WHERE rolname IN ('postgres', '$replication_user', '$user')),
      (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('quorum', 'sync') AND state = 'streaming')
    FROM (SELECT) AS one LEFT JOIN pg_stat_wal_receiver AS r ON true" || return 1
  # One row, of words that are ours or PostgreSQL's.
  local pattern='^(replica|primary)\|[a-z]+\|[0-9]{1,10}\|[0-9A-F]{1,8}/[0-9A-F]{1,8}\|[0-9A-F]{1,8}/[0-9A-F]{1,8}'
  pattern+='\|[tf]?\|[a-z_0-9 ]*\|[0-9a-fA-F:.?]*\|[0-9a-f]*\|[0-9]{1,9}$'
  [[ ${#core_answer[@]} == 1 && ${core_answer[0]} =~ $pattern ]] || return 1
  local end mark_reached
  IFS='|' read -r role receiving receiver_now end replayed mark_reached idle_slots receives_from roles_now synchronous \
    <<<"${core_answer[0]}"
  fenced=
  if ((ordinal == 0)) && [[ $role == replica && $read_only == yes ]]; then role=primary fenced=yes; fi
  [[ $role == replica ]] || return 0
  if [[ $receiving != streaming ]]; then
    synced="not connected to $set_name-0"
    lag_probe_at=
    return 0
  fi
  # Connected again: the end may be what the former connection heard.
  if [[ $receiver_now != "$receiver" ]]; then lag_probe_at=; fi
  if [[ $mark_reached == t ]]; then core_measure_lag yes "$end"; else core_measure_lag no "$end"; fi
}

# engine_reconcile: bring the server to the role that its ordinal requires. May set `synced` to a better reason, and
# `recopy_reason` to the reason for that.
# Globals: receives_from, fenced, role, receiving, receiver_now, detached (read); receiver (read and set);
# roles_checked, synced_at, primary_address (set).
engine_reconcile() {
  if core_take_new_secret check_secret; then
    write_password
    roles_checked=
  fi
  if ((ordinal == 0)); then
    # Data of a replica, put here by hand, say: a timeline of its own tells its replicas from those of before.
    if [[ $role == replica ]]; then
      log "ordinal 0 is the primary: promoting"
      core_session_ask "SELECT pg_promote(false)" || true
      return 0
    fi
    if [[ $read_only == yes ]]; then log_read_only; fi
    [[ -n $fenced ]] || reconcile_roles # a changed password has to wait
    reconcile_synchronous_replicas
    release_slots
  elif [[ $role == primary ]]; then
    synced_at= # never ready with what was written here
    log "this replica was promoted by hand: restarting its server as a replica. What was written here in the meantime" \
      "is on no other pod"
    engine_stop
  elif [[ $receiving == streaming && -n $detached ]]; then
    engine_detach # the session was lost, say
  elif [[ $receiving == streaming ]]; then
    if [[ $receiver_now != "$receiver" ]]; then
      receiver=$receiver_now
      primary_address=$receives_from
    fi
  else
    receiver=
    core_follow_primary || core_stop_receiving
  fi
}

# Globals: fenced (read); read_only_logged (read and set).
log_read_only() {
  [[ -z $read_only_logged ]] || return 0
  read_only_logged=yes
  if [[ -n $fenced ]]; then
    log "read-only: no writes are possible until 'readOnly' is removed"
  else
    log "NOT READ-ONLY: there are unlogged tables (pg_class.relpersistence 'u') or prepared transactions" \
      "(pg_prepared_xacts), which would be" \
      "lost. Make the tables LOGGED or drop them, commit or roll back the transactions, and delete this pod"
  fi
}

# log_collation_changes: an image with another C library, or ICU, may order text otherwise than the indexes have it.
log_collation_changes() {
  core_session_ask "
    SELECT format('%s|%s|%s', quote_ident(datname), datcollversion, pg_database_collation_actual_version(oid))
    FROM pg_database
    WHERE datallowconn AND datcollversion <> pg_database_collation_actual_version(oid)" || return 0
  local row name stored_version image_version
  for row in "${core_answer[@]}"; do
    IFS='|' read -r name stored_version image_version <<<"$row"
    log "COLLATION: database $name was made with version $stored_version of its locale's rules, this image has" \
      "version $image_version: text may sort differently, and indexes on it" \
      "be corrupt. On the primary: REINDEX DATABASE $name, then ALTER DATABASE $name REFRESH COLLATION VERSION; or go" \
      "back to the previous image"
  done
}

# reconcile_roles: the Secret is right, the database follows: after it was changed, and after somebody changed the
# users, by a dump of another set, say.
# Globals: roles_now (read); roles_checked (read and set).
reconcile_roles() {
  [[ $roles_checked != "$roles_now" ]] || return 0
  if [[ $roles_checked != reset ]] && ! passwords_work; then
    log "setting users and passwords to what the Secret says"
    if "$scripts/roles.sh"; then roles_checked=reset; fi
    return 0
  fi
  roles_checked=$roles_now
}
passwords_work() {
  password_works "$replication_user" replication-password postgres &&
    password_works postgres superuser-password postgres &&
    { password_works "$user" password "$database" || password_works "$user" password postgres; }
}
password_works() { # USER KEY DATABASE
  PGPASSFILE=/dev/null PGPASSWORD=$(<"$credentials/$2") timeout 10 "$bin/psql" -XAtqw \
    -d "host=127.0.0.1 port=$port user=$1 dbname=$3 require_auth=scram-sha-256" \
    -c 'SELECT 1' >/dev/null 2>&1
}

# reconcile_synchronous_replicas: commits wait for the replicas that are declared, as many of them as the props say.
# Globals: fenced, synchronous, standby_names (read); standby_names_written, shortage_logged (read and set).
reconcile_synchronous_replicas() {
  [[ ${synchronous_replicas:-0} != 0 && -z $fenced ]] || return 0
  find_standby_names
  if [[ $standby_names != "$standby_names_written" ]]; then
    write_role "$standby_names"
    if core_session_ask "SELECT pg_reload_conf()"; then standby_names_written=$standby_names; fi
  fi
  if ((synchronous >= synchronous_replicas)); then
    [[ -z $shortage_logged ]] || log "commits are acknowledged again: $synchronous replicas follow, of which" \
      "$synchronous_replicas must have each"
    shortage_logged=
  elif [[ $shortage_logged != "$synchronous" ]]; then
    shortage_logged=$synchronous
    log "COMMITS WAIT: $synchronous replicas follow, and 'synchronousReplicas' demands $synchronous_replicas. Reads" \
      "go on"
  fi
}

# release_slots: a slot that is unused and whose pod's name is gone keeps log that no replica needs. A pod that is only
# late finds wal_keep_size of log, and copies again if that is not enough. While our own name is gone too, DNS says
# nothing.
release_slots() {
  local name host
  core_clock
  for name in $idle_slots; do
    host=$(core_host_of "${name#replica_}")
    if core_resolves "$host" || ! core_resolves "$core_primary_host"; then
      unset "gone_since[$name]"
    elif ((core_now - ${gone_since[$name]:=$core_now} >= 30)); then
      if core_session_ask "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
          WHERE slot_name = '$name' AND NOT active"; then
        log "dropped the replication slot of $set_name-${name#replica_}, which is gone (slot $name)"
        unset "gone_since[$name]"
      fi
    fi
  done
}

# engine_stop: end the server from the outside. PostgreSQL has no statement for it, but runs a program for its
# superuser.
engine_stop() { core_session_ask "COPY (SELECT) TO PROGRAM 'kill -INT 1'" || true; }

# Ready is what others can see: as long as this process and the server live. A sign counts only if it was made by our
# own users: the superuser on the pod's own socket, or the replication user.
engine_announce_ready() { core_session_ask "SET application_name = 'stateful ready'"; }
engine_withdraw_ready() { core_session_ask "SET application_name = 'stateful'"; }
engine_peer_is_ready() {
  [[ $(ask_sql "$(core_host_of "$1")" "SELECT 1 FROM pg_stat_activity
    WHERE application_name = 'stateful ready' AND usename = 'postgres' AND client_addr IS NULL AND client_port = -1
    LIMIT 1") == 1 ]]
}

# engine_announce_leaving: be seen at the primary as leaving, until this process ends; and as ready no more, as a higher
# ordinal that starts must wait for the next pod.
engine_announce_leaving() {
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
    engine_withdraw_ready
  else
    [[ -n $primary_address ]] || return 1
    core_session_open "$bin/psql" -XAtqw -d "$(connection "$primary_address" "leaving-$ordinal")"
    core_session_ask "SELECT 1"
  fi
}
# engine_list_higher_ordinals: a pod that leaves asks all the time. One that has not asked for ten seconds is gone,
# though its connection is not yet.
# Globals: higher_leaving, higher_connected (set).
engine_list_higher_ordinals() {
  core_session_ask "
    SELECT (SELECT string_agg(DISTINCT substring(application_name, '[0-9]+\$'), ' ') FROM pg_stat_activity
        WHERE application_name ~ '^leaving-[0-9]{1,3}\$'
          AND substring(application_name, '[0-9]{1,3}\$')::int > $ordinal
          AND usename = '$replication_user' AND state_change > clock_timestamp() - interval '10 s'),
      (SELECT string_agg(DISTINCT substring(application_name, '[0-9]+\$'), ' ') FROM pg_stat_replication
        WHERE application_name ~ '^$set_name-[0-9]{1,3}\$'
          AND substring(application_name, '[0-9]{1,3}\$')::int > $ordinal
          AND usename = '$replication_user')" || return 1
  [[ ${#core_answer[@]} == 1 && ${core_answer[0]} =~ ^[0-9\ ]*\|[0-9\ ]*$ ]] || return 1
  IFS='|' read -r higher_leaving higher_connected <<<"${core_answer[0]}"
}
