# shellcheck shell=bash
# Whom a replica follows: ordinal 0, once it was asked who it is and what it has; by its address, so that nobody else can be followed under its
# name. A server that lost its primary connects to none by itself that was not asked again. For engine-sync.sh.

refusal='password authentication failed'
nudged_to= # the address that a server that does not accept connections was made to follow
detached= # whether this replica was told to receive from nobody, and not since to follow
if [[ -s $role_conf ]] && ((ordinal > 0)) && grep -q "^primary_conninfo = ''" "$role_conf"; then detached=yes; fi

# diagnose: why does this replica not follow, and may it? Everything is asked of the two databases. Only where this data is an old state of the
# primary's, and the log between them is gone, may it be replaced.
diagnose() {
  local own
  if leads_to_former; then return 0; fi
  own=$(check_identified "$(ask_by "$(local_connection) replication=database" IDENTIFY_SYSTEM 5 2>/dev/null)") &&
    own=$(position_at "$(local_connection)" "$own" "$replayed") || return 0
  if may_follow "$own"; then
    if [[ $followed == "$primary_now" && -z $detached ]] || { follow "$primary_now" && session_ask "SELECT pg_reload_conf()"; }; then
      synced="connecting to $set_name-0"
    fi
  elif [[ -n $followed ]]; then
    engine_detach
  fi
}

# follow_unseen: the same for a server that does not accept connections for long: it may need more log for that, of which transactions are open, say.
# The least that it holds is known of its files (engine_run).
follow_unseen() {
  local own
  clock
  : "${unseen_since:=$now}"
  if ((now - unseen_since < 10)) || [[ ! -s $state/at-rest ]]; then return 0; fi
  unseen_since=$now
  if leads_to_former; then return 0; fi
  own=$(<"$state/at-rest")
  identity=${own%% *}
  if may_follow "$own" && [[ $nudged_to != "$primary_now" || ! -e $role_conf ]] && follow "$primary_now"; then
    nudged_to=$primary_now
    log "the server does not accept connections yet: having it follow $set_name-0, as it may need more log for that"
    : >"$state/nudge"
  fi
}

# may_follow POSITION: whether the data at POSITION may follow the primary, whose address is then in `primary_now`. If not, `synced` says why, or `copy_anew`.
may_follow() {
  local row theirs at status oldest needed holder
  if ! primary_now=$(address_of "$primary_host") || ! row=$(identify "$primary_now"); then
    no_answer "$refusal"
    return 1
  fi
  if [[ ${row%%|*} != "$identity" ]]; then
    another_database "${row%%|*}" "$identity"
    synced_at=
    return 1
  fi
  theirs=$(position_at "$(connection "$primary_now")" "$row") || return 1
  if ! is_past "$1" "$theirs"; then
    at=$(cut -d' ' -f2,3 <<<"$1")
    theirs=$(cut -d' ' -f2,3 <<<"$theirs")
    more_than_the_primary "${at/ //} here, ${theirs/ //} there"
    synced_at= # whoever reads here reads another history: not ready at once, however little it is behind
    return 1
  fi
  # The name of the file that is needed, without its timeline. pg_walfile_name does not answer on a primary that is read-only.
  at=$(cut -d' ' -f3 <<<"$1")
  is_lsn "$at" || return 1
  row=$(ask_sql "$primary_now" "
    SELECT coalesce((SELECT wal_status FROM pg_replication_slots WHERE slot_name = '$slot'), 'none'),
      (SELECT min(substr(name, 9)) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}\$'),
      (SELECT upper(lpad(to_hex(segment / per_id), 8, '0') || lpad(to_hex(segment % per_id), 8, '0')) FROM (
        SELECT trunc(('$at'::pg_lsn - '0/0') / setting::bigint)::bigint AS segment, 4294967296 / setting::bigint AS per_id
        FROM pg_settings WHERE name = 'wal_segment_size') AS w),
      (SELECT coalesce(host(client_addr), 'itself') FROM pg_replication_slots JOIN pg_stat_replication ON pid = active_pid WHERE slot_name = '$slot')" 10) || return 1
  [[ $row =~ ^[a-z]+\|[0-9A-F]{16}\|[0-9A-F]{16}\|[0-9a-z:.]*$ ]] || return 1
  IFS='|' read -r status oldest needed holder <<<"$row"
  if [[ $needed < $oldest ]]; then
    copy_anew="$set_name-0 no longer has the log from $at on"
    return 1
  elif [[ -n $holder && " $own_addresses " != *" $holder "* ]]; then
    # Ours may be a connection that the primary does not know yet to be dead: it ends that itself.
    synced="$set_name-0 still feeds another $set_name-$ordinal, at $holder: one that was replaced and goes on? This one follows when that has ended"
    return 1
  elif [[ $status == none || $status == lost ]]; then
    ask_sql "$primary_now" "
      SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$slot' AND NOT active;
      SELECT pg_create_physical_replication_slot('$slot', true)" >/dev/null || return 1
    log "made the slot $slot on $set_name-0"
  fi
}
# follow ADDRESS: from the next reload on.
follow() {
  write_role "$(to_follow "$(connection "$primary_host" "$HOSTNAME") hostaddr=$1" "$slot")" || return 1
  detached=
}

# engine_detach: receive from nobody, until this replica has asked the primary again. The receiver goes on while much is left to replay: it is ended.
engine_detach() {
  detached=yes
  write_role "$(to_follow '' '')"
  session_ask "SELECT pg_reload_conf();
    COPY (SELECT pid FROM pg_stat_activity WHERE backend_type = 'walreceiver') TO PROGRAM 'while read -r pid; do kill \"\$pid\"; done; true'" || true
}
