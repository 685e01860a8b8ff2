# shellcheck shell=bash
# How PostgreSQL is restored: a base backup, and the log from the store up to the wanted point, replayed by a server
# that no one reaches. Needs engine.sh, engine-backup.sh, restore.sh.

# engine_restore DIRECTORY: from the tar on stdin. Every file is compared with the backup's own manifest.
engine_restore() {
  chmod 700 "$1" && tar -x -C "$1" && "$bin/pg_verifybackup" -q "$1"
}

# engine_replay DIRECTORY PATH UNTIL ORIGIN: ends with a primary at rest, on a timeline of its own. Where the log ends
# before UNTIL, it fails, and says what the last time is that can be reached.
engine_replay() {
  local target=() server_log=$stage/restore.log last status=1 recovers until=${3/T/ } newest='' reached
  case $3 in
    latest) newest=$(newest_log "$2") || {
      core_store_failed "it does not say which log it has"
      return 1
    } ;;
    *-*) target=(-c "recovery_target_time=${until%Z}+00" -c recovery_target_inclusive=on) ;;
    *)
      target=(
        -c "recovery_target_lsn=$(sed -nE 's/^sealed ([0-9A-F]+\/[0-9A-F]+) [0-9]+$/\1/p' "$stage/index")"
        -c recovery_target_inclusive=on
      )
      ;;
  esac
  rm -f "$1"/{standby.signal,postmaster.opts,stateful.id}
  drop_altered_settings "$1" && : >"$1/recovery.signal" || return 1
  printf '%s\n' "$core_from_store $2" >"$state/restore-path"
  local options=''
  # A server that answers meanwhile would need the limits that the former primary had: hence hot_standby=off.
  printf -v options ' %q' "${target[@]}" -c "restore_command=$scripts/fetch-log.sh %f %p" \
    -c recovery_target_action=promote -c recovery_target_timeline=latest -c hot_standby=off -c log_min_messages=log
  rm -f "$server_log" "$state/log-gap"
  start_offline_server "$1" "$options" >"$server_log" 2>&1 || {
    tell_replay_error "$server_log" "$3"
    return 1
  }
  while recovers=$(local_sql "SELECT pg_is_in_recovery()" 2>/dev/null) || [[ -s $1/postmaster.pid ]]; do
    if [[ $recovers == f ]]; then
      status=0
      break
    fi
    pause 0.5
  done
  last=$(sed -nE 's/.*last completed transaction was at log time (.*)$/\1/p' "$server_log" | tail -n 1)
  # A replay without a target ends where the log makes no more sense, and calls that the end.
  if ((status == 0)) && [[ -n $newest ]]; then
    reached=$(local_sql "SELECT pg_last_wal_replay_lsn()") && is_lsn "$reached" || reached=0/0
    if [[ $(place_of "$reached") < ${newest:8} ]]; then
      stop_offline_server "$1" || true
      [[ -s $state/log-gap ]] || printf '%s %s\n' "$reached" "$newest" >"$state/log-gap"
      tell_replay_error "$server_log" "$3"
      return 1
    fi
  fi
  if ((status == 0)); then
    stop_offline_server "$1" || return 1
    printf '%s-%s\n%s\n' "$(engine_identity_of_files "$1")" "$(date -u +%Y%m%dT%H%M%SZ)" "restored $4" \
      >"$1/stateful.id" || return 1
    rm -f "$1/recovery.done"
    log "replayed the log${last:+: the last transaction is of $last}"
    return 0
  fi
  tell_replay_error "$server_log" "$3"
  return 1
}
tell_replay_error() { # LOG UNTIL
  local last
  last=$(sed -nE 's/.*last completed transaction was at log time (.*)$/\1/p' "$1" | tail -n 1)
  if [[ -s $state/log-gap ]]; then
    local missing later
    read -r missing later <"$state/log-gap"
    log "CANNOT REACH $2: the log in the store has a gap from $missing to $later. The last transaction before it is of" \
      "${last:-before the copy}: give 'restoreFrom' that time, or one after the next backup ended"
  elif grep -q 'recovery ended before configured recovery target was reached' "$1"; then
    log "CANNOT REACH $2: the store's log ends before. The last transaction in it is of ${last:-before the copy}. Give 'restoreFrom' that time, or RestorePoint.latest"
  else
    log "the server says: $(grep -E ' (FATAL|PANIC|ERROR): ' "$1" | tail -n 3 | tr '\n' ' ')"
  fi
}

# engine_prove DIRECTORY: of restored data: every index and every table by pg_amcheck, every page by its checksum, and
# what the user asserts.
engine_prove() {
  local said status=0
  start_offline_server "$1" "-c autovacuum=off" >"$stage/prove.log" 2>&1 || {
    log "the server does not start: $(tail -n 3 "$stage/prove.log")"
    return 1
  }
  said=$("$bin/pg_amcheck" -h "$socket" -p "$port" -U postgres -w \
    --all --install-missing --no-strict-names --jobs 2 2>&1) || status=1
  if ((status != 0)); then log "DAMAGED: pg_amcheck says: ${said:0:2000}"; fi
  if ((status == 0)) && [[ -s $config/assertion.sql ]]; then
    said=$("$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -h "$socket" -p "$port" -U postgres -d "$database" \
      -f "$config/assertion.sql" 2>&1) || status=1
    if ((status != 0)) || [[ ${said##*$'\n'} != t ]]; then
      log "the assertion does not hold: it must end with a row that is true, and says: ${said:0:500}"
      status=1
    fi
  fi
  stop_offline_server "$1" >/dev/null || return 1
  if ((status == 0)); then said=$("$bin/pg_checksums" --check -D "$1" 2>&1) || {
    log "DAMAGED: pg_checksums says: ${said:0:2000}"
    status=1
  }; fi
  return "$status"
}
