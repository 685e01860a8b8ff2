# shellcheck shell=bash
# The second half of the engine, for the sidecar: what the server reports, what must be reconciled, and how pods see one another. Once a second
# `sync` calls engine_observe and engine_reconcile; when the pod is told to stop, engine_announce_leaving and engine_list_higher_ordinals.

# One psql stays connected to this pod's server. Its application_name tells the other pods that this one is ready, and dies with it.
# shellcheck source=session.sh
. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command='; \echo .'
# How far a replica is behind, and whether it may follow at all: the core's, over what this engine answers.
# shellcheck source=lag.sh
. "$scripts/lag.sh"
# shellcheck source=follow.sh
. "$scripts/follow.sh"
# shellcheck disable=SC2034 # for follow.sh: how psql says that a password is refused, and what a position looks like
refusal_pattern='password authentication failed' position_pattern='^[0-9]{1,20} [0-9]{1,10} [0-9A-F]{1,8}/[0-9A-F]{1,8} (-|[0-9@A-F/,]+)$'
lag_probe=0/0        # the log's very beginning
receiver=            # the process that receives the log: another one means another connection
primary_now=         # the address of the primary, as it was asked last
roles_set=           # the users' row in the database, when they had the Secret's passwords
detached=            # whether this replica was told to receive from no one, and not since to follow
not_accepting_since= # since when the server does not answer
alone_since=         # when the primary was first seen without a replica

open_local() {
  "$bin/pg_isready" -q -h "$socket" -p "$port" || return 1
  core_session_open "$bin/psql" -XAtqw -d "$(local_connection)"
}

# engine_observe: sets `role`, and for a replica `synced` and `lag`, as the server itself reports them; fails if it does not answer.
engine_observe() {
  if [[ -z $session_pid ]] && ! open_local; then
    receives_from=
    if ((ordinal > 0)); then follow_before_accepting; fi
    return 1
  fi
  not_accepting_since=
  core_session_ask "
    SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END, coalesce(r.status, 'none'), coalesce(r.pid, 0),
      coalesce(r.latest_end_lsn, pg_last_wal_replay_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'), pg_last_wal_replay_lsn() >= '$lag_probe',
      (SELECT string_agg(quote_ident(application_name), ', ' ORDER BY application_name) FROM pg_stat_replication WHERE state = 'streaming' AND application_name ~ '^$set_name-[0-9]{1,3}\$'),
      current_setting('synchronous_standby_names'), substring(current_setting('primary_conninfo'), 'hostaddr=([0-9a-fA-F:.]+)'),
      (SELECT md5(string_agg(a::text, ' ' ORDER BY oid)) FROM pg_authid AS a WHERE rolname IN ('postgres', 'replicator', 'app'))
    FROM (SELECT) AS one LEFT JOIN pg_stat_wal_receiver AS r ON true" || return 1
  [[ ${#core_answer[@]} == 1 && ${core_answer[0]} =~ ^(primary|replica)\|[a-z]+\|[0-9]+\|[0-9A-F]+/[0-9A-F]+\|[0-9A-F]+/[0-9A-F]+\|[tf]?\|[^|]*\|[^|]*\|[0-9a-fA-F:.]*\|[0-9a-f]*$ ]] || return 1
  local end reached
  IFS='|' read -r role receiving receiver_now end replayed reached streaming waits_for receives_from roles_now <<<"${core_answer[0]}"
  if [[ $receiving != streaming ]]; then
    synced="not connected to $set_name-0" receiver='' lag_probe_at=
    return 0
  fi
  if [[ $receiver_now != "$receiver" ]]; then # just connected: `end` may still be what an earlier connection heard
    # shellcheck disable=SC2034 # primary_address is for former.sh
    receiver=$receiver_now primary_address=$receives_from lag_probe_at=
  fi
  if [[ $reached == t ]]; then core_measure_lag yes "$end"; else core_measure_lag no "$end"; fi
}

# engine_reconcile: make true what the ordinal demands. May set `synced` to a better reason, and `recopy_reason` to why a new copy is needed.
engine_reconcile() {
  if core_take_new_secret core_check_passwords superuser-password replication-password password; then
    engine_prepare
    roles_set=
  fi
  if ((ordinal == 0)); then
    if [[ $role == replica ]]; then # a replica's data, put here by hand: its own timeline tells it from what it was
      log "ordinal 0 is the primary: promoting"
      core_session_ask "SELECT pg_promote(false)" || true
    else
      [[ $roles_set == "$roles_now" ]] || set_roles # somebody may have changed them
      choose_acknowledgement
      release_slots
    fi
  elif [[ $role == primary ]]; then
    synced_at= # for sync.sh: not ready with what was written here
    log "somebody promoted this replica: stopping its server, which starts again as a replica"
    engine_stop
  elif [[ $receiving != streaming ]]; then
    core_follow_primary || core_stop_receiving
  elif [[ -n $detached ]]; then
    engine_detach # its session was lost before
  fi
}

# choose_acknowledgement: what this engine is for. A commit waits for the disk of any of the replicas that stream: by their names, as a copy that is being
# made streams too, and is none yet. When none has for `patience` seconds, the primary goes on alone. So a replica that restarts changes nothing.
choose_acknowledgement() {
  local wanted=$waits_for
  if [[ -n $streaming ]]; then
    alone_since='' wanted="ANY 1 ($streaming)"
  elif core_clock && ((core_now - ${alone_since:=$core_now} >= ${patience:?})); then
    wanted=
  fi
  [[ $waits_for != "$wanted" ]] || return 0
  write_role "synchronous_standby_names = '$wanted'"
  if [[ -n $wanted ]]; then
    log_change "from now on a commit is acknowledged when it is on the volume of one of $streaming too"
  else
    log_change "ALONE: no replica is there; from now on a commit is acknowledged when it is on this volume"
  fi
  core_session_ask "SELECT pg_reload_conf()" || true
}

# set_roles: the Secret is right, the database follows: when it is new, whenever a password has changed, and after somebody changed the users. Nothing of
# it waits for a replica, and no password is in a command line, in the server's log, or in what extensions keep of statements.
set_roles() {
  if [[ $roles_set == reset ]]; then # the row that we made
    roles_set=$roles_now
    return 0
  fi
  superuser_password=$(<"$credentials/superuser-password") replication_password=$(<"$credentials/replication-password") \
  password=$(<"$credentials/password") "$bin/psql" -Xqw -v ON_ERROR_STOP=1 -d "$(local_connection)" <<'SQL' || return 0
\getenv superuser_password superuser_password
\getenv replication_password replication_password
\getenv password password
SET log_statement = none;
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;
SET track_activities = off;
SET pg_stat_statements.track_utility = off;
SET pgaudit.log = none;
ALTER ROLE postgres PASSWORD :'superuser_password';
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['replicator', 'app']) AS name WHERE to_regrole(name) IS NULL \gexec
ALTER ROLE replicator LOGIN REPLICATION CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD :'replication_password';
GRANT pg_monitor, pg_checkpoint, pg_use_reserved_connections TO replicator;
GRANT CONNECT ON DATABASE postgres TO replicator;
ALTER ROLE replicator IN DATABASE postgres SET event_triggers = off; -- which it cannot set itself
ALTER ROLE app LOGIN PASSWORD :'password';
SELECT 'CREATE DATABASE app OWNER app' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'app') \gexec
SQL
  roles_set=reset
}

# release_slots: a vanished replica's slot holds log for no one. While our own name is gone too, DNS says nothing.
release_slots() {
  local name
  core_session_ask "SELECT slot_name FROM pg_replication_slots
    WHERE slot_name ~ '^replica_[0-9]+\$' AND inactive_since < now() - interval '45 seconds'" || return 0
  for name in "${core_answer[@]}"; do
    if ! core_resolves "$(core_host_of "${name#replica_}")" && core_resolves "$core_primary_host" &&
      core_session_ask "SELECT pg_drop_replication_slot('$name')" && ((${#core_answer[@]} == 1)); then
      log "dropped the replication slot of $set_name-${name#replica_}, which is gone"
    fi
  done
}

# What follow.sh asks before this replica may follow. It follows an address, and no one by himself once that is gone.
# engine_replica_position: of a server that does not answer yet, what its files say (engine_run).
engine_replica_position() {
  if [[ -z $session_pid ]]; then
    replica_position=$(cat "$state/position")
  else
    replica_position=$(position_of "$socket" "$replayed")
  fi
}
engine_primary_position() {
  primary_now=$(core_addresses_of "$core_primary_host")
  primary_now=${primary_now%%$'\n'*}
  [[ $primary_now =~ ^[0-9a-fA-F:.]+$ ]] && primary_position=$(position_of "$primary_now")
}
engine_is_ancestor() { is_ancestor_of "$replica_position" "$primary_position"; }
engine_primary_has_log() {
  read -r _ _ log_needed_from _ <<<"$replica_position"
  case $(query "$primary_now" "$make_slot;
    SELECT '$log_needed_from'::pg_lsn - '0/0' < min((pg_split_walfile_name(name)).segment_number) * pg_size_bytes(current_setting('wal_segment_size'))
    FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}\$'" | tail -n 1) in
    f) return 0 ;;
    t) return 1 ;;
    *) return 2 ;;
  esac
}
engine_can_give_copy() {
  [[ $(engine_identity "$(core_host_of "$1")") == "${replica_position%% *}" ]] &&
    [[ $(query "$(core_host_of "$1")" "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')") == t ]]
}
engine_follow() {
  if [[ -z $session_pid ]]; then
    follow_address && : >"$state/reload" && not_accepting_since=$core_now
  elif [[ $receives_from != "$primary_now" || -n $detached ]] && follow_address; then
    core_session_ask "SELECT pg_reload_conf()" || true
  fi
}
follow_address() { follow_settings "$(connection "$core_primary_host" "$HOSTNAME") hostaddr=$primary_now" "$slot" && detached=; }
# follow_before_accepting: a server that does not answer for long may need more log for it: of which transactions are open, say. It is nudged (engine_run).
follow_before_accepting() {
  core_clock
  if ((core_now - ${not_accepting_since:=$core_now} >= 10)) && [[ -s $state/position ]]; then core_follow_primary || true; fi
}
# engine_detach: the core has found that the primary was replaced and goes on. Nothing more may come from it; what receives is ended, as it goes on while
# there is much to replay.
engine_detach() {
  detached=yes
  follow_settings '' ''
  core_session_ask "SELECT pg_reload_conf();
    COPY (SELECT pid FROM pg_stat_activity WHERE backend_type = 'walreceiver') TO PROGRAM 'while read -r pid; do kill \"\$pid\"; done; true'" || true
}

# engine_stop: end the server, from the other container: for a new copy, which `run` makes when it starts again.
engine_stop() { core_session_ask "COPY (SELECT) TO PROGRAM 'kill -INT 1'" || true; }

# What the other pods see, as long as this sidecar and its server live. The ordinal above becomes ready only after this one.
engine_announce_ready() { core_session_ask "SET application_name = 'stateful ready'"; }
engine_withdraw_ready() { core_session_ask "SET application_name = 'stateful'"; }
engine_peer_is_ready() { [[ $(query "$(core_host_of "$1")" "SELECT 1 FROM pg_stat_activity
  WHERE application_name = 'stateful ready' AND usename = 'postgres' AND client_port = -1 LIMIT 1") == 1 ]]; } # no one else can say so

# engine_announce_leaving: be seen at the primary as leaving, by a session that ends with this pod; and as ready no more. The name has no '-', as those of sets have.
engine_announce_leaving() {
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
    engine_withdraw_ready
  else
    [[ -n $primary_address ]] || return 1
    core_session_open "$bin/psql" -XAtqw -d "$(connection "$primary_address" "leaving_$ordinal")"
    core_session_ask "SELECT 1"
  fi
}
# engine_list_higher_ordinals: sets higher_leaving and higher_connected: the higher ordinals that leave, and that follow the primary still. Who leaves asks all the
# time: if not, he is gone, though his connection is not yet.
engine_list_higher_ordinals() {
  core_session_ask "
    SELECT string_agg(DISTINCT n, ' ') FILTER (WHERE name LIKE 'leaving\_%' AND state_change > clock_timestamp() - interval '10 s'),
      string_agg(DISTINCT n, ' ') FILTER (WHERE name LIKE '$set_name-%')
    FROM (SELECT application_name AS name, substring(application_name, '[0-9]+\$') AS n, state_change FROM pg_stat_activity WHERE usename = 'replicator') AS a
    WHERE name ~ '^(leaving_|$set_name-)[0-9]{1,3}\$' AND n::int > $ordinal" || return 1
  [[ ${#core_answer[@]} == 1 && ${core_answer[0]} =~ ^[0-9\ ]*\|[0-9\ ]*$ ]] || return 1
  IFS='|' read -r higher_leaving higher_connected <<<"${core_answer[0]}"
}
