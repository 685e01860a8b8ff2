# shellcheck shell=bash
# What Redis and Valkey supply to sync.sh and leave.sh: what the server reports, what must be reconciled, and how pods
# see each other. One client stays connected to this pod's server (session.sh); its name tells the other pods that this
# one is ready.

. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command='ECHO .' session_broken='@(Could not connect to|Error:|BUSY|LOADING) *'
. "$scripts/lag.sh"
. "$scripts/follow.sh"
previous_host=
((ordinal == 0)) || previous_host=$(core_host_of $((ordinal - 1)))
run= # of the server: another one means that it was restarted
declare -A info=()
# shellcheck source=mark-position.sh
. "$scripts/mark-position.sh"
# shellcheck source=guard.sh
. "$scripts/guard.sh"
. "$scripts/passwords.sh"
# shellcheck source=primary.sh
. "$scripts/primary.sh"
query_began= # by clock
busy=        # whether it was said that a script occupies the server
detaching=   # whether this replica must become one that follows no primary
# A replica:
lag_probe_at=0
counted_by=  # the replication id that offsets belong to
was_up=      # whether the connection to what it follows was there
asked_to=    # when it was last told whom to follow
alone_since= # when it last followed no primary, without a break
saved=0      # the offset of the last snapshot, at least
saving=      # that of the one that is being taken
saved_at=0   # when it was last asked for

# set_time_limit: sets `left`, the seconds that a question to another pod may take: all of one look take four together.
# So a signal is heard soon.
set_time_limit() {
  core_clock
  left=$((4 - (core_now - ${query_began:-$core_now})))
  ((left > 0)) || left=1
}

# Globals: info (read); run (read and set); position, was_up, asked_to, alone_since, lag_reached_at, lag_probe (set).
open_local() {
  { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  connect "$(<"$token")" -s "$socket" --user stateful
  core_session_ask $'CLIENT NO-EVICT ON\nCLIENT SETNAME stateful\nINFO server' || {
    occupied
    return 1
  }
  [[ ${core_answer[*]:0:2} == "OK OK" ]] || {
    core_session_close
    return 1
  }
  read_info "${core_answer[@]}"
  has_info run_id || {
    core_session_close
    return 1
  }
  if [[ $run != "${info[run_id]}" ]]; then
    run=${info[run_id]} position=() was_up='' asked_to='' alone_since='' lag_reached_at='' lag_probe=''
  fi
}

# connect PASSWORD OPTION...: its error output comes among its answers.
connect() {
  export REDISCLI_AUTH=$1
  shift
  core_session_open bash -c 'exec "$@" 2>&1' - "$program-cli" -t 3 "$@"
}

# query_server: asks this pod's server all that is looked at, into `core_answer`. Fails where it was not this session
# that was answered: a client whose connection broke makes another by itself, which has no name. Others would not see
# us, and it may be another server.
# Globals: session_pid (read); busy (set).
query_server() {
  [[ -n $session_pid ]] || open_local || return 1
  core_session_ask $'CLIENT GETNAME\nINFO replication persistence clients\n'"CONFIG GET ${guarded[*]}" || {
    occupied
    return 1
  }
  busy=
  [[ ${core_answer[0]:-} != stateful* ]] || return 0
  core_session_close
  return 1
}
# Globals: core_session_error (read); busy (read and set).
occupied() {
  [[ $core_session_error == BUSY* ]] || return 0
  [[ -n $busy ]] || log "the server is blocked by a script of the application: SCRIPT KILL ends it, or SHUTDOWN" \
    "NOSAVE if it has already written"
  busy=yes
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the
# server itself reports.
# Globals: core_now, busy, info (read); query_began, lag_probe, counted_by, lag_probe_at (read and set); role, synced,
# detaching, lag_reached_at (set).
engine_observe() {
  core_clock
  query_began=$core_now
  # The server may have closed an idle connection (timeout): that is repaired at once. But who is told to stop looks no
  # more.
  query_server || {
    core_clock && core_hear && [[ -z $busy && -z ${core_leaving:-} ]] && ((core_now - query_began < 2)) &&
      open_local && query_server
  } || return 1
  read_info "${core_answer[@]}"
  read_guarded "${core_answer[@]}"
  has_replication &&
    has_info loading aof_enabled rdb_changes_since_last_save rdb_bgsave_in_progress rdb_last_bgsave_status || return 1
  [[ ${info[loading]} == 0 ]] || return 1
  if ((ordinal == 0)); then
    role=replica
    [[ ${info[role]} != master ]] || role=primary
    return 0
  fi
  # Above 0 a primary is one that waits for an ordinal 0 that lost its data (engine_detach). It refuses writes.
  role=replica
  synced="following no primary yet"
  if [[ ${info[role]} == master ]]; then
    detaching=
    synced="following again when $set_name-0 serves, which lost its data; or this replica was promoted by hand"
    return 0
  fi
  if [[ ${info[master_host]} != "$core_primary_host" || ${info[master_link_status]} != up ]]; then
    lag_probe=
    return 0
  fi
  # Another run of the primary counts from the beginning, and may have been connected to between two looks.
  if [[ ${info[master_replid]} != "$counted_by" ]]; then lag_probe='' counted_by=${info[master_replid]}; fi
  if [[ -n $lag_probe ]] && ((info[slave_repl_offset] >= lag_probe)); then lag_reached_at=$lag_probe_at; fi
  # The primary is asked now and then only, as each time starts a client.
  if [[ -z $lag_probe ]] ||
    { ((info[slave_repl_offset] >= lag_probe)) && ((core_now - lag_probe_at >= max_lag / 10)); }; then
    lag_probe_at=$core_now
    lag_probe=$(offset_of_primary) || lag_probe=
  fi
  core_update_lag
}
offset_of_primary() {
  local -A info=()
  info_of "$core_primary_host" replication && echo "${info[master_repl_offset]}"
}

# engine_reconcile: bring the server to the role that its ordinal requires. May set `synced` to a better reason. It
# never asks for a new copy by run.sh: the server takes one while it runs, and keeps its old data until that is
# complete.
# Globals: role, detaching, secret_looked_at, secret_due, info (read); synced (set).
engine_reconcile() {
  if [[ -z $secret_looked_at ]] || core_secret_has_changed; then check_secret_change; fi
  if [[ -n $secret_due ]]; then change_passwords; fi
  guard_connections
  guard_settings || return 0
  if ((ordinal == 0)); then
    if [[ $role == replica ]]; then
      log "ordinal 0 is the primary: promoting"
      core_session_ask "REPLICAOF NO ONE" || true
    else
      mark_position
    fi
  elif [[ -n $detaching ]]; then
    synced="following no primary until $set_name-0 serves"
    engine_detach
  elif core_leads_to_former_primary; then
    return 0
  elif [[ ${info[role]} == master ]]; then
    if serves "$core_primary_host"; then follow "$no_primary" "following again: $set_name-0 serves"; fi
  elif [[ ${info[master_link_status]} == up ]]; then
    connected
  else
    disconnected
  fi
}
serves() {
  local -A info=()
  engine_identity "$1" >/dev/null && info_of "$1" replication && [[ ${info[role]} == master ]]
}

# follow HOST-AND-PORT REASON
# Globals: core_now (read); synced, asked_to, was_up, alone_since (set).
follow() {
  log "$2"
  synced="waiting for the connection"
  core_clock
  asked_to=$core_now was_up='' alone_since=''
  core_session_ask "REPLICAOF $1" || true
}

# engine_detach: ordinal 0 has lost its data. This replica becomes a primary that refuses writes
# (min-replicas-to-write): so it receives from no server, connects to none by itself, and can be copied. It follows
# again when ordinal 0 serves. One that started from its last snapshot first starts again, with all that it received.
# Globals: session_pid, info (read); detaching (set).
engine_detach() {
  if [[ ${info[role]:-} == master ]]; then return 0; fi
  detaching=yes
  [[ -n $session_pid ]] || open_local || return 0 # the next look goes on with it
  if [[ ${info[aof_enabled]:-} == 0 ]]; then
    restart_server
  else
    log "following no primary until $set_name-0 serves"
    core_session_ask "REPLICAOF NO ONE" || true
  fi
}
restart_server() {
  log "$set_name-0 is gone: restarting, to load all that was received instead of the last snapshot"
  core_session_ask "SHUTDOWN NOSAVE" || true
}

# connected: to the ordinal below, from which it has copied: then the position is the primary's too, and it goes on
# there. Or to the primary.
# Globals: core_now, info (read); was_up, saved, saving, saved_at (read and set).
connected() {
  if [[ ${info[master_host]} == "$previous_host" && $previous_host != "$core_primary_host" ]]; then
    follow "$core_primary_host $port" "copied from $set_name-$((ordinal - 1)): following $set_name-0"
    return 0
  fi
  if [[ -z $was_up ]]; then
    was_up=yes
    core_keep_primary_address
  fi
  if [[ ${info[aof_enabled]} == 0 ]]; then
    log "continuing from the last snapshot"
    core_session_ask "CONFIG SET appendonly yes" || true
  fi
  # So that after a crash the primary still has the log from the last snapshot on.
  if [[ -n $saving ]]; then
    if [[ ${info[rdb_bgsave_in_progress]} == 0 ]]; then
      [[ ${info[rdb_last_bgsave_status]} != ok ]] || saved=$saving
      saving=
    fi
  elif ((info[slave_repl_offset] - saved > info[repl_backlog_size] / 2 && core_now - saved_at > 60)); then
    saved_at=$core_now
    if core_session_ask BGSAVE && [[ ${core_answer[0]:-} == "Background saving started" ]]; then
      saving=${info[slave_repl_offset]}
    fi
  fi
}

# disconnected: a replica that is left to itself would connect again, and take whatever is there. It follows no primary
# until we have looked.
# Globals: core_now, was_up, asked_to, info (read); alone_since (read and set); synced (set).
disconnected() {
  if [[ "${info[master_host]} ${info[master_port]}" != "$no_primary" ]]; then
    if [[ ${info[master_sync_in_progress]} == 1 ]]; then
      synced="copying from ${info[master_host]%%.*}"
    elif [[ -z $was_up && -n $asked_to ]] && ((core_now - asked_to < 60)) &&
      engine_identity "${info[master_host]}" >/dev/null; then
      synced="connecting to ${info[master_host]%%.*}"
    else
      follow "$no_primary" "no connection to ${info[master_host]%%.*}"
    fi
    return 0
  fi
  : "${alone_since:=$core_now}"
  core_follow_primary || true
  if [[ ${info[aof_enabled]} == 0 ]] && ((core_now - ${alone_since:-$core_now} > 10)); then restart_server; fi
}

# engine_stop: end the server from the outside.
engine_stop() { core_session_ask SHUTDOWN || true; }

# shellcheck source=signs.sh
. "$scripts/signs.sh"
