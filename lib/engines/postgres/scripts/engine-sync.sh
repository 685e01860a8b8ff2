# shellcheck shell=bash
# What PostgreSQL supplies to sync.sh and leave.sh: what the server reports, what must be mended, and how pods see one another.
# One psql stays connected to this pod's server (session.sh); its application_name tells the other pods that this one is ready.

. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command='; \echo .'
. "$scripts/lag.sh"
. "$scripts/follow.sh"
# shellcheck source=primary.sh
. "$scripts/primary.sh"
mark=0/0       # the log's very beginning
receiver=      # the process that receives the log; another one means another connection
roles_checked= # the users, and who may enter the database 'postgres', as they were when all could log in with the Secret's passwords
fenced=        # whether this is a primary that nobody can write to, as the props demand
told=          # whether that was logged
waiting_written= # for whom commits wait, as the server was last told
told_waiting=  # how many replicas that commits wait for were missing, when that was last logged
unseen_since=  # since when the server does not accept connections
declare -A gone_since=()

open_local() {
  "$bin/pg_isready" -q -h "$socket" -p "$port" || return 1
  session_open "$bin/psql" -XAtqw -d "$(local_connection)"
  session_ask "SELECT 1" && [[ ${answer[*]} == 1 ]] || return 1
  tell_collations
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the server itself
# reports.
engine_observe() {
  if [[ -z $session_pid ]] && ! open_local; then
    receives_from=
    if ((ordinal > 0)); then follow_unseen; fi
    return 1
  fi
  unseen_since=
  session_ask "
    SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END,
      coalesce(r.status, 'none'), coalesce(r.pid, 0),
      coalesce(r.latest_end_lsn, pg_last_wal_replay_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'), pg_last_wal_replay_lsn() >= '$mark',
      (SELECT string_agg(slot_name, ' ') FROM pg_replication_slots
        WHERE slot_type = 'physical' AND slot_name ~ '^replica_[0-9]{1,3}\$' AND NOT active),
      CASE WHEN current_setting('primary_conninfo') <> '' THEN coalesce(substring(current_setting('primary_conninfo'), 'hostaddr=([0-9a-fA-F:.]+)'), '?') END,
      (SELECT md5(string_agg(a::text, ' ' ORDER BY oid) || (SELECT (datacl, datconnlimit)::text FROM pg_database WHERE datname = 'postgres'))
        FROM pg_authid AS a WHERE rolname IN ('postgres', '$replication_user', '$user')),
      (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('quorum', 'sync') AND state = 'streaming')
    FROM (SELECT) AS one LEFT JOIN pg_stat_wal_receiver AS r ON true" || return 1
  # One row, of words that are ours or PostgreSQL's.
  [[ ${#answer[@]} == 1 && ${answer[0]} =~ ^(replica|primary)\|[a-z]+\|[0-9]{1,10}\|[0-9A-F]{1,8}/[0-9A-F]{1,8}\|[0-9A-F]{1,8}/[0-9A-F]{1,8}\|[tf]?\|[a-z_0-9\ ]*\|[0-9a-fA-F:.?]*\|[0-9a-f]*\|[0-9]{1,9}$ ]] || return 1
  local end mark_reached
  IFS='|' read -r role receiving receiver_now end replayed mark_reached idle_slots receives_from roles_now synchronous <<<"${answer[0]}"
  fenced=
  if ((ordinal == 0)) && [[ $role == replica && $read_only == yes ]]; then role=primary fenced=yes; fi
  [[ $role == replica ]] || return 0
  if [[ $receiving != streaming ]]; then
    synced="not connected to $set_name-0"
    marked_at=
    return 0
  fi
  if [[ $receiver_now != "$receiver" ]]; then marked_at=; fi # connected anew: the end may be what the former connection heard
  if [[ $mark_reached == t ]]; then measure_lag yes "$end"; else measure_lag no "$end"; fi
}

# engine_mend: make true what the ordinal demands. May set `synced` to a better reason, and `copy_anew` to the reason for that.
engine_mend() {
  if new_secret check_secret; then
    write_password
    roles_checked=
  fi
  if ((ordinal == 0)); then
    # Data of a replica, put here by hand, say: a timeline of its own tells its replicas from those of before.
    if [[ $role == replica ]]; then
      log "ordinal 0 is the primary: promoting"
      session_ask "SELECT pg_promote(false)" || true
      return 0
    fi
    if [[ $read_only == yes ]]; then tell_read_only; fi
    [[ -n $fenced ]] || mend_roles # a changed password has to wait
    keep_waiting
    release_slots
  elif [[ $role == primary ]]; then
    synced_at= # never ready with what was written here
    log "somebody promoted this replica: stopping its server, which starts again as a replica. What was written here meanwhile is on no other pod"
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
    follow_primary || receive_from_nobody
  fi
}

tell_read_only() {
  [[ -z $told ]] || return 0
  told=yes
  if [[ -n $fenced ]]; then
    log "read-only: nobody can write here, until 'readOnly' is taken back"
  else
    log "NOT READ-ONLY: there are unlogged tables (pg_class.relpersistence 'u') or prepared transactions (pg_prepared_xacts), which would be" \
      "lost. Make the tables LOGGED or drop them, commit or roll back the transactions, and delete this pod"
  fi
}

# tell_collations: an image with another C library, or ICU, may order text otherwise than the indexes have it.
tell_collations() {
  session_ask "SELECT format('%s|%s|%s', quote_ident(datname), datcollversion, pg_database_collation_actual_version(oid)) FROM pg_database
    WHERE datallowconn AND datcollversion <> pg_database_collation_actual_version(oid)" || return 0
  local row name theirs ours
  for row in "${answer[@]}"; do
    IFS='|' read -r name theirs ours <<<"$row"
    log "COLLATION: database $name was made with version $theirs of its locale's rules, this image has $ours: text may be ordered otherwise, and indexes of it" \
      "be wrong. On the primary: REINDEX DATABASE $name, then ALTER DATABASE $name REFRESH COLLATION VERSION; or go back to the former image"
  done
}

# mend_roles: the Secret is right, the database follows: after it was changed, and after somebody changed the users, by a dump of another set, say.
mend_roles() {
  [[ $roles_checked != "$roles_now" ]] || return 0
  if [[ $roles_checked != mended ]] && ! passwords_work; then
    log "setting users and passwords to what the Secret says"
    if "$scripts/roles.sh"; then roles_checked=mended; fi
    return 0
  fi
  roles_checked=$roles_now
}
passwords_work() {
  password_works "$replication_user" replication-password postgres && password_works postgres superuser-password postgres &&
    { password_works "$user" password "$database" || password_works "$user" password postgres; }
}
password_works() { # USER KEY DATABASE
  PGPASSFILE=/dev/null PGPASSWORD=$(<"$credentials/$2") timeout 10 "$bin/psql" -XAtqw -d "host=127.0.0.1 port=$port user=$1 dbname=$3 require_auth=scram-sha-256" \
    -c 'SELECT 1' >/dev/null 2>&1
}

# keep_waiting: commits wait for the replicas that are declared, as many of them as the props say.
keep_waiting() {
  [[ ${synchronous_replicas:-0} != 0 && -z $fenced ]] || return 0
  find_waiting
  if [[ $waiting != "$waiting_written" ]]; then
    write_role "$waiting"
    if session_ask "SELECT pg_reload_conf()"; then waiting_written=$waiting; fi
  fi
  if ((synchronous >= synchronous_replicas)); then
    [[ -z $told_waiting ]] || log "commits are acknowledged again: $synchronous replicas follow, of which $synchronous_replicas must have each"
    told_waiting=
  elif [[ $told_waiting != "$synchronous" ]]; then
    told_waiting=$synchronous
    log "COMMITS WAIT: $synchronous replicas follow, and 'synchronousReplicas' demands $synchronous_replicas. Reads go on"
  fi
}

# release_slots: a slot that nobody uses and whose pod's name is gone holds log for nobody. A pod that is only late finds
# wal_keep_size of log, and copies anew if that is not enough. While our own name is gone too, DNS says nothing.
release_slots() {
  local name host
  clock
  for name in $idle_slots; do
    host=$(host_of "${name#replica_}")
    if resolves "$host" || ! resolves "$primary_host"; then
      unset "gone_since[$name]"
    elif ((now - ${gone_since[$name]:=$now} >= 30)); then
      if session_ask "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$name' AND NOT active"; then
        log "released what was kept for $set_name-${name#replica_}, which is gone (slot $name)"
        unset "gone_since[$name]"
      fi
    fi
  done
}

# engine_stop: end the server from the outside. PostgreSQL has no statement for it, but runs a program for its superuser.
engine_stop() { session_ask "COPY (SELECT) TO PROGRAM 'kill -INT 1'" || true; }

# Ready is what others can see: as long as this process and the server live. A sign counts only if it was made by our own users: the superuser
# on the pod's own socket, or the replication user.
engine_show_ready() { session_ask "SET application_name = 'stateful ready'"; }
engine_hide_ready() { session_ask "SET application_name = 'stateful'"; }
engine_peer_is_ready() {
  [[ $(ask_sql "$(host_of "$1")" "SELECT 1 FROM pg_stat_activity
    WHERE application_name = 'stateful ready' AND usename = 'postgres' AND client_addr IS NULL AND client_port = -1 LIMIT 1") == 1 ]]
}

# engine_show_leaving: be seen at the primary as leaving, until this process ends; and as ready no more, as whoever starts above must wait for the next pod.
engine_show_leaving() {
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
    engine_hide_ready
  else
    [[ -n $primary_address ]] || return 1
    session_open "$bin/psql" -XAtqw -d "$(connection "$primary_address" "leaving-$ordinal")"
    session_ask "SELECT 1"
  fi
}
# engine_look_above: a pod that leaves asks all the time. One that has not asked for ten seconds is gone, though its connection is not yet.
engine_look_above() {
  session_ask "
    SELECT (SELECT string_agg(DISTINCT substring(application_name, '[0-9]+\$'), ' ') FROM pg_stat_activity
        WHERE application_name ~ '^leaving-[0-9]{1,3}\$' AND substring(application_name, '[0-9]{1,3}\$')::int > $ordinal
          AND usename = '$replication_user' AND state_change > clock_timestamp() - interval '10 s'),
      (SELECT string_agg(DISTINCT substring(application_name, '[0-9]+\$'), ' ') FROM pg_stat_replication
        WHERE application_name ~ '^$set_name-[0-9]{1,3}\$' AND substring(application_name, '[0-9]{1,3}\$')::int > $ordinal
          AND usename = '$replication_user')" || return 1
  [[ ${#answer[@]} == 1 && ${answer[0]} =~ ^[0-9\ ]*\|[0-9\ ]*$ ]] || return 1
  IFS='|' read -r leaving_above connected_above <<<"${answer[0]}"
}
