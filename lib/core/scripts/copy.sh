# shellcheck shell=sh disable=SC3043
# A replica copies its data from another ordinal: the one below, or the primary where follow.sh has found
# (`recopy_source`) that it must. Needs pod.sh, volume.sh.

# core_copy_from ORDINAL PATIENCE IDENTITY: wait for it, reserve the log position at the primary, copy, check. Repeats
# until that has succeeded. If there is old data, it has an IDENTITY, which the primary must share, and after PATIENCE
# seconds without a fit source this returns 1; both are empty if there is none.
# Globals: core_now (set, by core_clock).
core_copy_from() {
  local from="$1" patience="$2" local_identity="$3" source primary identity since failures=0
  source=$(core_host_of "$from")
  primary=$(core_host_of 0)
  core_clock
  since=$core_now
  while :; do
    core_clock
    if [ -n "$patience" ] && [ $((core_now - since)) -gt "$patience" ]; then return 1; fi
    if ! identity=$(engine_identity "$primary") || ! core_is_identity "$identity"; then
      log_change "waiting for $set_name-0 to accept connections: a copy needs its log position reserved there"
    elif [ -n "$local_identity" ] && [ "$identity" != "$local_identity" ]; then
      log "not replacing this volume's data: it belongs to $local_identity, $set_name-0 is $identity"
      return 1
    elif [ "$(engine_identity "$source")" != "$identity" ]; then
      log_change "waiting for $set_name-$from to accept connections as a copy of $set_name-0"
    elif core_copy_once "$from"; then
      return 0
    else
      failures=$((failures + 1))
      core_back_off "$failures"
    fi
    pause 0.2
  done
}

# core_copy_with_status WORD ORDINAL PATIENCE IDENTITY: meanwhile whatever connects is told WORD and the set's name
# (bootstrap.sh understands it), and so the TCP probes succeed, however long the copy takes.
core_copy_with_status() {
  local server status=0
  serve_status "$1 $set_name" &
  server=$!
  core_copy_from "$2" "$3" "$4" || status=$?
  kill "$server"
  wait "$server" 2>/dev/null || true # some shells would say that it was terminated
  return "$status"
}

# core_copy_once ORDINAL
# Globals: core_now (set, by core_clock); core_logged (set).
core_copy_once() {
  local from="$1" source begin
  source=$(core_host_of "$from")
  core_clock
  begin=$core_now
  rm -rf "$core_incoming"
  if ! core_run_interruptible engine_reserve_log "$(core_host_of 0)" "$source"; then
    log_change "could not reserve the log position on $set_name-0; retrying"
    return 1
  fi
  core_logged=
  log "copying from $set_name-$from"
  if ! core_run_interruptible engine_copy "$source" "$core_incoming"; then
    core_clock
    log "the copy failed after $((core_now - begin)) s; retrying"
    return 1
  fi
  core_accept_incoming || die "the copy is complete, but could not be moved into place on the volume"
  core_clock
  log "copied from $set_name-$from and checked, $((core_now - begin)) s"
}
