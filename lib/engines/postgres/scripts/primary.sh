# shellcheck shell=bash
# What PostgreSQL answers to follow.sh, and how a replica follows: ordinal 0 by the address that was asked, so that no
# one else can be followed under its name. A server that lost its primary connects to none by itself that was not asked
# again. For engine-sync.sh.

# shellcheck disable=SC2034 # for follow.sh
refusal_pattern='password authentication failed' \
  position_pattern='^[0-9]{1,20} [0-9]{1,10} [0-9A-F]{1,8}/[0-9A-F]{1,8} (-|[0-9]{1,10}@[0-9A-F,/@]+)$'
primary_now=   # the address of ordinal 0, as it was asked last
slot_status=   # of this replica's slot there
not_accepting= # whether this pod's server does not accept connections yet
reloaded_for=  # the address that such a server was made to follow
detached=      # whether this replica was told to receive from no server, and not since to follow
if [[ -s $role_conf ]] && ((ordinal > 0)) && grep -q "^primary_conninfo = ''" "$role_conf"; then detached=yes; fi

# follow_before_accepting: a server that does not accept connections for long may need more log for that, of which
# transactions are open, say. The least that it holds is known of its files (engine_run).
# Globals: core_now (read); not_accepting_since (read and set).
follow_before_accepting() {
  local not_accepting=yes
  core_clock
  : "${not_accepting_since:=$core_now}"
  if ((core_now - not_accepting_since < 10)) || [[ ! -s $state/at-rest ]]; then return 0; fi
  not_accepting_since=$core_now
  core_follow_primary || true
}

# Globals: replayed (read); replica_position (set).
engine_replica_position() {
  local row
  if [[ -n $not_accepting ]]; then
    replica_position=$(<"$state/at-rest")
  else
    row=$(check_identified "$(ask_by "$(local_connection) replication=database" IDENTIFY_SYSTEM 5 2>/dev/null)") &&
      replica_position=$(position_at "$(local_connection)" "$row" "$replayed")
  fi
}
# Globals: primary_now (read and set); primary_position (set).
engine_primary_position() {
  local row
  primary_now=$(address_of "$core_primary_host") &&
    row=$(ask_by "$(connection "$primary_now") replication=database" IDENTIFY_SYSTEM 5 2>"$last_error_file") ||
    return 1
  if check_identified "$row" >/dev/null; then
    primary_position=$(position_at "$(connection "$primary_now")" "$row")
  else
    primary_position=$row # and follow.sh says that it makes no sense
  fi
}
engine_is_ancestor() { is_ancestor_of "$replica_position" "$primary_position"; }
# The name of the file that is needed, without its timeline. pg_walfile_name does not answer on a primary that is
# read-only.
# Globals: core_own_addresses, replica_position, primary_now (read); log_needed_from (read and set); synced, slot_status
# (set).
engine_primary_has_log() {
  local row oldest needed holder
  read -r _ _ log_needed_from _ <<<"$replica_position"
  is_lsn "$log_needed_from" || return 2
  row=$(ask_sql "$primary_now" "
    SELECT coalesce((SELECT wal_status FROM pg_replication_slots WHERE slot_name = '$slot'), 'none'),
      (SELECT min(substr(name, 9)) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}\$'),
      (SELECT upper(lpad(to_hex(segment / per_id), 8, '0') || lpad(to_hex(segment % per_id), 8, '0')) FROM (
        SELECT trunc(('$log_needed_from'::pg_lsn - '0/0') / setting::bigint)::bigint AS segment,
          4294967296 / setting::bigint AS per_id
        FROM pg_settings WHERE name = 'wal_segment_size') AS w),
      (SELECT coalesce(host(client_addr), 'itself')
        FROM pg_replication_slots JOIN pg_stat_replication ON pid = active_pid
        WHERE slot_name = '$slot')" 10) || return 2
  [[ $row =~ ^[a-z]+\|[0-9A-F]{16}\|[0-9A-F]{16}\|[0-9a-z:.]*$ ]] || return 2
  IFS='|' read -r slot_status oldest needed holder <<<"$row"
  if [[ -n $holder && " $core_own_addresses " != *" $holder "* ]]; then
    # Ours may be a connection that the primary does not know yet to be dead: it ends that itself.
    synced="$set_name-0 still sends its log to another $set_name-$ordinal, at $holder: a replaced pod that still runs? This one follows when that connection has ended"
    return 2
  fi
  [[ ! $needed < $oldest ]]
}
engine_can_give_copy() {
  local host
  host=$(core_host_of "$1")
  [[ $(identify "$host") == "${replica_position%% *}|"* ]] &&
    [[ $(ask_sql "$host" "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')") == t ]]
}

# Globals: receives_from, primary_now, slot_status, detached (read); reloaded_for (read and set); synced (set).
engine_follow() {
  if [[ $slot_status == none || $slot_status == lost ]]; then
    ask_sql "$primary_now" "
      SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$slot' AND NOT active;
      SELECT pg_create_physical_replication_slot('$slot', true)" >/dev/null || return 1
    log "created the replication slot $slot on $set_name-0"
  fi
  if [[ -n $not_accepting ]]; then
    if [[ $reloaded_for == "$primary_now" && -e $role_conf ]] || ! follow_address "$primary_now"; then return 0; fi
    reloaded_for=$primary_now
    log "the server does not accept connections yet: connecting it to $set_name-0, as it may need more log for that"
    : >"$state/reload"
  elif [[ $receives_from == "$primary_now" && -z $detached ]] ||
    { follow_address "$primary_now" && core_session_ask "SELECT pg_reload_conf()"; }; then
    synced="connecting to $set_name-0"
  fi
}
# follow_address ADDRESS: from the next reload on.
# Globals: detached (set).
follow_address() {
  write_role "$(follow_settings "$(connection "$core_primary_host" "$HOSTNAME") hostaddr=$1" "$slot")" || return 1
  detached=
}

# engine_detach: receive from no server, until this replica has asked the primary again. The receiver goes on while much
# is left to replay: it is ended.
# Globals: detached (set).
engine_detach() {
  detached=yes
  write_role "$(follow_settings '' '')"
  core_session_ask "SELECT pg_reload_conf();
    COPY (SELECT pid FROM pg_stat_activity WHERE backend_type = 'walreceiver')
      TO PROGRAM 'while read -r pid; do kill \"\$pid\"; done; true'" || true
}
