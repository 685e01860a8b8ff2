# shellcheck shell=bash
# What PostgreSQL supplies to sync.sh and leave.sh: what the server reports, what must be mended, and how pods see one another.
# One psql stays connected to this pod's server (session.sh); its application_name tells the other pods that this one is ready.

. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command='; \echo .'
. "$scripts/following.sh"
mark=0/0       # the log's very beginning
identity=      # of this pod's data
receiver=      # the process that receives the log; another one means another connection
roles_checked= # whether the passwords were tried since the Secret last changed
fenced=        # whether this is a primary that nobody can write to, as the props demand
told=          # whether that was logged
declare -A gone_since=()

open_local() {
  "$bin/pg_isready" -q -h "$socket" -p "$port" || return 1
  session_open "$bin/psql" -XAtqw -d "host=$socket port=$port user=postgres dbname=postgres application_name=stateful"
  session_ask "SELECT system_identifier FROM pg_control_system()" && identity=${answer[0]}
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the server itself
# reports.
engine_observe() {
  [[ -n $session_pid ]] || open_local || return 1
  session_ask "
    SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END,
      coalesce(r.status, 'none'), coalesce(r.pid, 0),
      coalesce(r.latest_end_lsn, pg_last_wal_replay_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'), pg_last_wal_replay_lsn() >= '$mark',
      (SELECT string_agg(slot_name, ' ') FROM pg_replication_slots
        WHERE slot_type = 'physical' AND slot_name ~ '^replica_[0-9]+\$' AND NOT active)
    FROM (SELECT) AS one LEFT JOIN pg_stat_wal_receiver AS r ON true" || return 1
  ((${#answer[@]} == 1)) || return 1
  local end mark_reached
  IFS='|' read -r role receiving receiver_now end replayed mark_reached idle_slots <<<"${answer[0]}"
  fenced=
  if ((ordinal == 0)) && [[ $role == replica && $read_only == yes ]]; then role=primary fenced=yes; fi
  [[ $role == replica ]] || return 0
  if [[ $receiving != streaming ]]; then
    synced="not connected to $set_name-0"
    marked_at=
    return 0
  fi
  if [[ $mark_reached == t ]]; then measure_lag yes "$end"; else measure_lag no "$end"; fi
}

# engine_mend: make true what the ordinal demands. May set `synced` to a better reason, and `copy_anew` to the reason for that.
engine_mend() {
  if [[ $credentials/..data -nt $PGPASSFILE ]]; then # the kubelet has brought a changed Secret
    engine_prepare
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
    release_slots
  elif [[ $receiving == streaming ]]; then
    if [[ $receiver_now != "$receiver" ]]; then
      receiver=$receiver_now
      keep_primary_address
    fi
  else
    receiver=
    diagnose
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

# mend_roles: the Secret is right, the database follows: also after it was changed.
mend_roles() {
  [[ -z $roles_checked ]] || return 0
  if ! password_works "$replication_user" replication-password || ! password_works postgres superuser-password ||
    ! password_works "$user" password; then
    log "setting users and passwords to what the Secret says"
    "$scripts/roles.sh" || return 0
  fi
  roles_checked=yes
}
password_works() { # USER KEY
  PGPASSFILE=/dev/null PGPASSWORD=$(<"$credentials/$2") "$bin/psql" -XAtqw -d "host=127.0.0.1 port=$port user=$1 dbname=postgres" -c 'SELECT 1' >/dev/null 2>&1
}

# release_slots: a slot that nobody uses and whose pod's name is gone holds log for nobody. A pod that is only late finds
# wal_keep_size of log, and copies anew if that is not enough. While our own name is gone too, DNS says nothing.
release_slots() {
  local name host
  for name in $idle_slots; do
    host=$(host_of "${name#replica_}")
    if resolves "$host" || ! resolves "$primary_host"; then
      unset "gone_since[$name]"
    elif ((SECONDS - ${gone_since[$name]:=$SECONDS} >= 30)); then
      if session_ask "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$name' AND NOT active"; then
        log "released what was kept for $set_name-${name#replica_}, which is gone (slot $name)"
        unset "gone_since[$name]"
      fi
    fi
  done
}

# diagnose: why does this replica not follow? Everything is asked of the two databases. Only where this data is an old state of the
# primary's, and the log between them is gone, may it be replaced.
diagnose() {
  local row their_identity their_timeline their_lsn own_timeline status oldest needed
  if ! row=$(identify "$primary_host"); then
    no_answer 'password authentication failed'
    return 0
  fi
  IFS='|' read -r their_identity their_timeline their_lsn _ <<<"$row"
  if [[ $their_identity != "$identity" ]]; then
    another_database "$their_identity" "$identity"
    return 0
  fi
  # The control file may still name the timeline of the last restart point; the replication protocol knows the current one.
  own_timeline=$("$bin/psql" -XAtqw -d "host=$socket port=$port user=postgres dbname=postgres replication=database" -c IDENTIFY_SYSTEM | cut -d'|' -f2) || return 0
  [[ -n $own_timeline && -n $their_timeline && -n $their_lsn ]] || return 0
  if ! comes_before "$own_timeline" "$replayed" "$their_timeline" "$their_lsn"; then
    more_than_the_primary "$own_timeline/$replayed here, $their_timeline/$their_lsn there"
    return 0
  fi
  # The name of the file that is needed, without its timeline. pg_walfile_name does not answer on a primary that is read-only.
  row=$(ask_sql "$primary_host" "
    SELECT coalesce((SELECT wal_status FROM pg_replication_slots WHERE slot_name = '$slot'), 'none'),
      (SELECT min(substr(name, 9)) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}\$'),
      (SELECT upper(lpad(to_hex(segment / per_id), 8, '0') || lpad(to_hex(segment % per_id), 8, '0')) FROM (
        SELECT trunc(('$replayed'::pg_lsn - '0/0') / setting::bigint)::bigint AS segment, 4294967296 / setting::bigint AS per_id
        FROM pg_settings WHERE name = 'wal_segment_size') AS w)") || return 0
  IFS='|' read -r status oldest needed <<<"$row"
  if [[ $needed < $oldest ]]; then
    copy_anew="$set_name-0 no longer has the log from $replayed on"
  elif [[ $status == none || $status == lost ]]; then
    ask_sql "$primary_host" "
      SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$slot' AND NOT active;
      SELECT pg_create_physical_replication_slot('$slot', true)" >/dev/null && log "made the slot $slot on $set_name-0"
  fi
}
# comes_before TIMELINE LSN PRIMARY-TIMELINE PRIMARY-LSN: whether the first is a point in the primary's past.
comes_before() {
  local branch
  if (($1 == $3)); then
    (($(lsn "$2") <= $(lsn "$4")))
  elif (($1 < $3)); then
    branch=$("$bin/psql" -XAtqw -d "$(connection "$primary_host") replication=database" -c "TIMELINE_HISTORY $3" 2>/dev/null |
      sed 's/^[^|]*|//' | awk -v timeline="$1" '$1 == timeline {print $2}')
    [[ -n $branch ]] && (($(lsn "$2") <= $(lsn "$branch")))
  else
    return 1
  fi
}

# engine_stop: end the server from the outside. PostgreSQL has no statement for it, but runs a program for its superuser.
engine_stop() { session_ask "COPY (SELECT) TO PROGRAM 'kill -INT 1'" || true; }

# Ready is what others can see: as long as this process and the server live.
engine_show_ready() { session_ask "SET application_name = 'stateful ready'"; }
engine_hide_ready() { session_ask "SET application_name = 'stateful'"; }
engine_peer_is_ready() { [[ $(ask_sql "$(host_of "$1")" "SELECT 1 FROM pg_stat_activity WHERE application_name = 'stateful ready' LIMIT 1") == 1 ]]; }

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
engine_look_above() {
  session_ask "
    SELECT (SELECT string_agg(application_name, ' ') FROM (SELECT DISTINCT split_part(application_name, '-', 2) AS application_name
        FROM pg_stat_activity WHERE application_name ~ '^leaving-[0-9]+\$') AS l WHERE application_name::int > $ordinal),
      (SELECT string_agg(substring(application_name, '[0-9]+\$'), ' ') FROM pg_stat_replication
        WHERE application_name ~ '^$set_name-[0-9]+\$' AND substring(application_name, '[0-9]+\$')::int > $ordinal)" || return 1
  IFS='|' read -r leaving_above connected_above <<<"${answer[0]}"
}
