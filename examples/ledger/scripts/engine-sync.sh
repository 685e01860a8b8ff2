# shellcheck shell=bash
# The second half of the engine, for the sidecar: what the server reports, what must be mended, and how pods see one another. Once a second
# `sync` calls engine_observe and engine_mend; when the pod is told to stop, engine_show_leaving and engine_look_above.

# One psql stays connected to this pod's server. Its application_name tells the other pods that this one is ready, and dies with it.
# shellcheck source=session.sh
. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command='; \echo .'
primary_host=$(host_of 0)
primary_address= # where the primary was last reached: on `kubectl delete -f` the names go before the pods do
mark=0/0         # where the primary's log ended at marked_at; reached_at is when it ended where this replica is now, at least
marked_at=
reached_at=
receiver=        # the process that receives the log: another one means another connection
roles_set=       # whether the users have the Secret's passwords
alone_since=     # when the primary was first seen without a replica

open_local() {
  "$bin/pg_isready" -q -h "$socket" -p "$port" || return 1
  session_open "$bin/psql" -XAtqw -d "host=$socket port=$port user=postgres dbname=postgres application_name=stateful"
}

# engine_observe: sets `role`, and for a replica `synced` and `lag`, as the server itself reports them; fails if it does not answer. The lag
# is how long ago the primary's log ended where this replica is now: by one clock, and right while one long transaction is replayed.
engine_observe() {
  [[ -n $session_pid ]] || open_local || return 1
  session_ask "
    SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END, coalesce(r.status, 'none'), coalesce(r.pid, 0),
      coalesce(r.latest_end_lsn, pg_last_wal_replay_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'), pg_last_wal_replay_lsn() >= '$mark',
      (SELECT string_agg(quote_ident(application_name), ', ' ORDER BY application_name) FROM pg_stat_replication WHERE state = 'streaming' AND application_name ~ '^$set_name-[0-9]+\$'),
      current_setting('synchronous_standby_names')
    FROM (SELECT) AS one LEFT JOIN pg_stat_wal_receiver AS r ON true" || return 1
  ((${#answer[@]} == 1)) || return 1
  local end reached
  IFS='|' read -r role receiving receiver_now end replayed reached streaming waits_for <<<"${answer[0]}"
  if [[ $receiving != streaming ]]; then
    synced="not connected to $set_name-0" receiver=
  elif [[ $receiver_now != "$receiver" ]]; then # just connected: `end` may still be what an earlier connection heard
    synced="just connected to $set_name-0" receiver=$receiver_now mark=$end marked_at=$SECONDS
    primary_address=$(getent ahosts "$primary_host" | { read -r address _ && echo "$address"; }) || primary_address=
  else
    if [[ $reached == t ]]; then reached_at=$marked_at mark=$end marked_at=$SECONDS; fi
    synced="catching up with $set_name-0"
    if [[ -n $reached_at ]]; then synced=yes lag=$((SECONDS - reached_at)); fi
  fi
}

# engine_mend: make true what the ordinal demands. May set `synced` to a better reason, and `copy_anew` to why a new copy is needed.
engine_mend() {
  if [[ $credentials/..data -nt $PGPASSFILE ]]; then # the kubelet has brought a changed Secret
    engine_prepare
    roles_set=
  fi
  if ((ordinal == 0)); then
    if [[ $role == replica ]]; then # a replica's data, put here by hand: its own timeline tells it from what it was
      log "ordinal 0 is the primary: promoting"
      session_ask "SELECT pg_promote(false)" || true
    else
      [[ -n $roles_set ]] || set_roles
      choose_acknowledgement
      release_slots
    fi
  elif [[ $receiving != streaming ]]; then
    diagnose
  fi
}

# choose_acknowledgement: what this engine is for. A commit waits for the disk of any of the replicas that stream: by their names, as a copy that is being
# made streams too, and is none yet. When none has for `patience` seconds, the primary goes on alone. So a replica that restarts changes nothing.
choose_acknowledgement() {
  local wanted=$waits_for
  if [[ -n $streaming ]]; then
    alone_since='' wanted="ANY 1 ($streaming)"
  elif ((SECONDS - ${alone_since:=$SECONDS} >= ${patience:?})); then
    wanted=
  fi
  [[ $waits_for != "$wanted" ]] || return 0
  echo "synchronous_standby_names = '$wanted'" >"$state/acknowledge.conf"
  if [[ -n $wanted ]]; then
    say "from now on a commit is acknowledged when it is on the volume of one of $streaming too"
  else
    say "ALONE: no replica is there; from now on a commit is acknowledged when it is on this volume"
  fi
  session_ask "SELECT pg_reload_conf()" || true
}

# set_roles: the Secret is right, the database follows: when it is new, and whenever a password has changed. Nothing of it waits for a replica,
# and no password is in a command line or in the server's log.
set_roles() {
  superuser_password=$(<"$credentials/superuser-password") replication_password=$(<"$credentials/replication-password") \
    password=$(<"$credentials/password") "$bin/psql" -Xqw -v ON_ERROR_STOP=1 -h "$socket" -p "$port" -U postgres -d postgres <<'SQL' || return 0
\getenv superuser_password superuser_password
\getenv replication_password replication_password
\getenv password password
SET client_min_messages = warning;
SET synchronous_commit = local;
SET log_statement = none;
SET log_min_error_statement = panic;
ALTER ROLE postgres PASSWORD :'superuser_password';
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['replicator', 'app']) AS name WHERE to_regrole(name) IS NULL \gexec
ALTER ROLE replicator LOGIN REPLICATION PASSWORD :'replication_password';
GRANT pg_monitor, pg_checkpoint TO replicator;
ALTER ROLE app LOGIN PASSWORD :'password';
SELECT 'CREATE DATABASE app OWNER app' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'app') \gexec
SQL
  roles_set=yes
}

# release_slots: a vanished replica's slot holds log for nobody. While our own name is gone too, DNS says nothing.
release_slots() {
  local name
  session_ask "SELECT slot_name FROM pg_replication_slots
    WHERE slot_name ~ '^replica_[0-9]+\$' AND inactive_since < now() - interval '45 seconds'" || return 0
  for name in "${answer[@]}"; do
    if ! resolves "$(host_of "${name#replica_}")" && resolves "$primary_host" &&
      session_ask "SELECT pg_drop_replication_slot('$name')" && ((${#answer[@]} == 1)); then
      log "released what was kept for $set_name-${name#replica_}, which is gone"
    fi
  done
}

# diagnose: why does this replica not follow? Its data is given up for a new copy only where it is a point in the primary's past, from which
# on the primary has no log any more.
diagnose() {
  local own own_timeline theirs timeline end log_is_gone
  IFS='|' read -r own own_timeline _ < <(query "$socket" IDENTIFY_SYSTEM) || return 0
  IFS='|' read -r theirs timeline end _ < <(query "$primary_host" IDENTIFY_SYSTEM) || { synced="$set_name-0 does not answer"; return 0; }
  if [[ $own != "$theirs" ]]; then
    synced="NOT FOLLOWING: $set_name-0 holds another database ($theirs; here is $own). Nothing is overwritten"
  elif ! is_past "$own_timeline" "$replayed" "$timeline" "$end"; then
    synced="NOT FOLLOWING: this replica has what $set_name-0 has not ($own_timeline/$replayed here, $timeline/$end there). Nothing is overwritten"
  else
    log_is_gone=$(query "$primary_host" "$make_slot;
      SELECT '$replayed'::pg_lsn - '0/0' < min((pg_split_walfile_name(name)).segment_number) * pg_size_bytes(current_setting('wal_segment_size'))
      FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}\$'" | tail -n 1) || return 0
    if [[ $log_is_gone == t ]]; then copy_anew="$set_name-0 no longer has the log from $replayed on"; fi
  fi
}
# is_past TIMELINE LSN PRIMARYS-TIMELINE PRIMARYS-LSN: whether the first is a point in the primary's past. Its timeline has a history: in each
# line a timeline before, and where that ended.
is_past() {
  local end=$4
  if (($1 != $3)); then
    end=$(query "$primary_host" "TIMELINE_HISTORY $3" | tr '|' '\n' | awk -v timeline="$1" '$1 == timeline {print $2}')
  fi
  [[ -n $end ]] && (($(lsn "$2") <= $(lsn "$end")))
}

# engine_stop: end the server, from the other container: for a new copy, which `run` makes when it starts again.
engine_stop() { session_ask "COPY (SELECT) TO PROGRAM 'kill -INT 1'" || true; }

# What the other pods see, as long as this sidecar and its server live. The ordinal above becomes ready only after this one.
engine_show_ready() { session_ask "SET application_name = 'stateful ready'"; }
engine_hide_ready() { session_ask "SET application_name = 'stateful'"; }
engine_peer_is_ready() { [[ $(query "$(host_of "$1")" "SELECT 1 FROM pg_stat_activity WHERE application_name = 'stateful ready' LIMIT 1") == 1 ]]; }

# engine_show_leaving: be seen at the primary as leaving, by a session that ends with this pod; and as ready no more. The name has no '-', as those of sets have.
engine_show_leaving() {
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
    engine_hide_ready
  else
    [[ -n $primary_address ]] || return 1
    session_open "$bin/psql" -XAtqw -d "$(connection "$primary_address" "leaving_$ordinal")"
    session_ask "SELECT 1"
  fi
}
# engine_look_above: sets leaving_above and connected_above: the higher ordinals that leave, and that follow the primary still.
engine_look_above() {
  session_ask "
    SELECT string_agg(DISTINCT n, ' ') FILTER (WHERE name LIKE 'leaving\_%'), string_agg(DISTINCT n, ' ') FILTER (WHERE name LIKE '$set_name-%')
    FROM (SELECT application_name AS name, substring(application_name, '[0-9]+\$') AS n FROM pg_stat_activity) AS a
    WHERE name ~ '^(leaving_|$set_name-)[0-9]+\$' AND n::int > $ordinal" || return 1
  IFS='|' read -r leaving_above connected_above <<<"${answer[0]}"
}
