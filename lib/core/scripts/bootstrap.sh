# shellcheck shell=sh disable=SC3043
# Ordinal 0 has an empty volume. Is this the first start, or was its data lost? Only the other ordinals know, and all of
# them are asked: nothing is created before every one has answered. Needs pod.sh, volume.sh.

# core_peer_state ORDINAL: `empty` (a pod that waits says so), `holding` (a database took the call), `silent` (no pod
# there, or not yet).
core_peer_state() {
  local status
  # A connection that ends without a word tells nothing: the process that took it may have been about to end.
  status=$(probe_peer "$(core_host_of "$1")") || status=
  case $status in
    "") echo silent ;;
    "connected empty $set_name") echo empty ;;
    "connected copying $set_name") echo silent ;; # it holds old data, and will say so when it has given up the copy
    *) echo holding ;;
  esac
}

# core_peer_ordinals: the ordinals above 0: as many as were declared, and any beyond that exist (somebody ran `kubectl
# scale`).
core_peer_ordinals() {
  local n=1 declared
  declared=$(cat "$config/replicas")
  while [ "$n" -lt "$declared" ] || [ "$n" -lt 1000 ]; do
    if [ "$n" -ge "$declared" ] && ! core_resolves "$(core_host_of "$n")"; then break; fi
    echo "$n"
    n=$((n + 1))
  done
}

# core_bootstrap: give ordinal 0 its data: a new database on the very first start, else what a replica has. Until then
# whatever connects is told `recovering`: so a former pod of this name, and the replicas that it feeds, know that it was
# replaced (former.sh).
# Globals: core_status_server (set).
core_bootstrap() {
  serve_status "recovering $set_name" &
  core_status_server=$!
  trap 'kill "$core_status_server" 2>/dev/null || true' EXIT
  core_find_data # not in a test: `set -e` holds in it
  trap - EXIT
  kill "$core_status_server" 2>/dev/null || true
  wait "$core_status_server" 2>/dev/null || true # some shells would say that it was terminated
}

# core_find_data: ask the others until it is known where the data comes from, and get it.
core_find_data() {
  local n holders holding silent foreign best='' failures=0
  while :; do
    # shellcheck source=settings.example.sh
    . "$config/settings.sh"         # the answer to STOPPED below comes this way
    holders='' holding='' silent='' # ordinals, and the names of pods
    for n in $(core_peer_ordinals); do
      case $(core_peer_state "$n") in
        holding) holders="$holders $n" holding="$holding$set_name-$n " ;;
        silent) silent="$silent$set_name-$n " ;;
      esac
    done
    foreign=$(core_foreign_files)
    # shellcheck disable=SC2086 # $holders is a list
    if [ -n "$silent" ]; then
      log_change "this volume is empty; waiting for ${silent}to report whether it has data: nothing is created before" \
        "all pods have answered. If a pod cannot start, see 'kubectl describe pod ${silent%% *}'. Lower 'replicas' only" \
        "if the removed pods never held data: otherwise a new database is created without looking for theirs"
    elif [ -z "$holders" ] && [ -n "$foreign" ]; then
      log_change "STOPPED: this volume holds files that this set did not write: $foreign. Nothing was changed and no" \
        "database is created next to them. Is it the PVC of another installation? Move the files away, or delete the" \
        "pod and PVC of $set_name-0 if they are not needed"
    elif [ -z "$holders" ]; then
      core_create_data
      return 0
    elif [ "$lost_primary" = stop ]; then
      log_change "STOPPED: this volume is empty but ${holding}hold data. Nothing was changed. Restore the volume" \
        "of $set_name-0, or set 'onPrimaryVolumeLoss: PrimaryVolumeLoss.RECOVER' to continue from the most advanced" \
        "replica"
    elif core_read_positions $holders && core_choose_source $holders; then
      if core_recover_from "$best" $holders; then return 0; fi
      failures=$((failures + 1))
      core_back_off "$failures"
    fi
    pause 0.3
  done
}

# core_create_data: a new database, or what another one holds, if the props name one.
core_create_data() {
  rm -rf "$core_incoming"
  if [ -z "${source_host:-}" ]; then
    log "no ordinal holds data: initialising a new database"
    core_run_interruptible engine_initialise "$core_incoming" ||
      die "could not initialise the database (see the error above); retrying"
    core_accept_incoming || die "could not move the new database into place on the volume"
    log "initialised"
  else
    log "no ordinal holds data: importing that of $source_host"
    core_run_interruptible engine_import "$core_incoming" ||
      die "could not import the data of $source_host (see the error above). Nothing was changed there. The whole" \
        "import is retried"
    core_accept_incoming || die "could not move the imported data into place on the volume"
    log "imported the data of $source_host"
  fi
}

# core_read_positions ORDINAL...: note the position of each (`core_noted_position N`). It counts only once the replica
# receives from no primary and has applied all that it received: as long as a former primary feeds it, what that
# acknowledges is not lost, and there would be two primaries.
core_read_positions() {
  local n position first='' identity
  for n in "$@"; do
    if ! position=$(engine_replayed_position "$(core_host_of "$n")"); then
      log_change "the data of $set_name-0 is lost; waiting for $set_name-$n before recovering it: it" \
        "${position:-has not applied all that it received}." \
        "If a former $set_name-0 still runs on a node that does not answer, stop that node, or taint it" \
        "'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute' once it is off"
      return 1
    fi
    identity=${position%% *}
    if ! core_is_identity "$identity" || [ "$identity" = "$position" ]; then
      log_change "the data of $set_name-0 is lost; $set_name-$n says that it stands at '$position', which is not a" \
        "position"
      return 1
    fi
    if [ -z "$first" ]; then
      first="$identity $n"
    elif [ "$identity" != "${first% *}" ]; then
      log_change "STOPPED: this volume is empty and the replicas hold data of different origin: ${first% *} on" \
        "$set_name-${first#* }," \
        "$identity on $set_name-$n. Nothing was changed. Delete the pod and PVC of the one that is not wanted"
      return 1
    fi
    printf '%s\n' "$position" >"$state/position-$n" || return 1
  done
}
core_noted_position() { cat "$state/position-$1"; }

# core_choose_source ORDINAL...: sets `best`, of core_find_data, to the first of which all others are ancestors. A
# higher number proves nothing: a replica that was promoted by hand has a newer timeline and may lack every commit
# since.
core_choose_source() {
  local n other status histories=''
  for n in "$@"; do
    status=0
    for other in "$@"; do
      if [ "$n" -eq "$other" ]; then continue; fi
      engine_has_all_of "$(core_host_of "$n")" "$(core_noted_position "$n")" "$(core_noted_position "$other")" ||
        status=$?
      if [ "$status" -gt 1 ]; then
        log_change "the data of $set_name-0 is lost; waiting for $set_name-$n to say whether it has all that" \
          "$set_name-$other has"
        return 1
      fi
      if [ "$status" -ne 0 ]; then break; fi
    done
    if [ "$status" -eq 0 ]; then
      best=$n
      return 0
    fi
    histories="$histories${histories:+, }$set_name-$n at $(core_noted_position "$n")"
  done
  log_change "STOPPED: this volume is empty and the histories of the replicas differ: none has all that the others" \
    "have ($histories). Was one of them promoted by hand? Nothing was changed. Compare their data, then delete the" \
    "pod and PVC of those that are not wanted"
  return 1
}

# core_recover_from BEST ORDINAL...: make what BEST has the primary's data; the ordinals are all that were asked.
# Globals: core_logged (set).
core_recover_from() {
  local best="$1" n position best_position
  shift
  best_position=$(core_noted_position "$best")
  core_logged=
  log "the data of $set_name-0 is lost: recovering from $set_name-$best, which has all that the others have" \
    "($best_position)"
  rm -rf "$core_incoming"
  if ! core_run_interruptible engine_recover "$(core_host_of "$best")" "$core_incoming"; then
    log "recovering from $set_name-$best failed (see the error above); retrying. If it keeps failing, delete the pod" \
      "and PVC of $set_name-$best:" \
      "the next best copy is then taken, and what only $set_name-$best has is lost"
    return 1
  fi
  # What a replica received in the meantime would not be in the copy.
  for n in "$@"; do
    if ! position=$(engine_replayed_position "$(core_host_of "$n")") ||
      ! engine_has_all_of "$(core_host_of "$best")" "$best_position" "$position"; then
      log "not using the copy: $set_name-$n was at $(core_noted_position "$n") when it was begun, and now" \
        "${position:-does not answer}; starting over"
      return 1
    fi
  done
  core_accept_incoming || die "could not move the recovered data into place on the volume"
  log "recovered from $set_name-$best at $best_position"
}
