# shellcheck shell=sh disable=SC3043
# Ordinal 0 has an empty volume. Is this the first start, or was its data lost? Only the other ordinals know, and all of them
# are asked: as long as one has not answered, nothing is made. Needs common.sh, volume.sh.

# ask ORDINAL: `empty` (a pod that waits says so), `holding` (a database took the call), `silent` (nobody there, or not yet).
ask() {
  local heard
  # A connection that ends without a word tells nothing: whoever took it may have been about to end.
  heard=$(hear "$(host_of "$1")") || heard=
  case $heard in
    "") echo silent ;;
    "connected empty $set_name") echo empty ;;
    "connected copying $set_name") echo silent ;; # it holds old data, and will say so when it has given up the copy
    *) echo holding ;;
  esac
}

# others: the ordinals above 0: as many as were declared, and those beyond that are there (somebody ran `kubectl scale`).
others() {
  local n=1 declared
  declared=$(cat "$config/replicas")
  while [ "$n" -lt "$declared" ] || [ "$n" -lt 1000 ]; do
    if [ "$n" -ge "$declared" ] && ! resolves "$(host_of "$n")"; then break; fi
    echo "$n"
    n=$((n + 1))
  done
}

# fill_blank_primary: give ordinal 0 its data: a new database on the very first start, else the most advanced copy there is.
fill_blank_primary() {
  local n holders holding silent
  while :; do
    # shellcheck source=settings.example.sh
    . "$config/settings.sh" # the answer to STOPPED below comes this way
    holders='' holding='' silent='' # ordinals, and the names of pods
    for n in $(others); do
      case $(ask "$n") in
        holding) holders="$holders $n" holding="$holding$set_name-$n " ;;
        silent) silent="$silent$set_name-$n " ;;
      esac
    done
    # shellcheck disable=SC2086 # $holders is a list
    if [ -n "$silent" ]; then
      say "this volume is empty; waiting for ${silent}to say whether there is data: nothing is created before all have answered." \
        "If a pod cannot start, see 'kubectl describe pod ${silent%% *}'; if it is not needed, lower the replicas"
    elif [ -z "$holders" ]; then
      make_first_data
      return 0
    elif [ "$lost_primary" = stop ]; then
      say "STOPPED: this volume is empty but ${holding}hold data. Nothing was changed. Restore the volume" \
        "of $set_name-0, or set 'lostPrimary: LostPrimary.RECOVER' to continue from the most advanced replica"
    elif recover_from_most_advanced $holders; then
      return 0
    fi
    pause 0.3
  done
}

# make_first_data: a new database, or what another one holds, if the props name one.
make_first_data() {
  rm -rf "$incoming"
  if [ -z "${source_host:-}" ]; then
    log "no ordinal holds data: initialising a new database"
    attend engine_initialise "$incoming" || die "the new database could not be made; the reason stands above. It is tried again"
    accept_incoming || die "the new database could not be put in its place on the volume"
    log "initialised"
  else
    log "no ordinal holds data: importing that of $source_host"
    attend engine_import "$incoming" || die "the data of $source_host could not be imported; the reason stands above. Nothing was changed there." \
      "All of it is tried again"
    accept_incoming || die "the imported data could not be put in its place on the volume"
    log "imported the data of $source_host"
  fi
}

recover_from_most_advanced() { # ORDINAL...
  local n position best="" best_position=""
  for n in "$@"; do
    # The position counts only once the replica has replayed all that it received.
    if ! position=$(engine_settled_position "$(host_of "$n")"); then
      say "this volume is empty; waiting for $set_name-$n to replay all that it has"
      return 1
    fi
    if [ -n "$best" ] && [ "${position%% *}" != "${best_position%% *}" ]; then
      say "STOPPED: this volume is empty and the replicas hold data of different origin: ${best_position%% *} on $set_name-$best," \
        "${position%% *} on $set_name-$n. Nothing was changed. Delete pod and claim of the one that is not wanted"
      return 1
    fi
    if [ -z "$best" ] || engine_is_ahead "$position" "$best_position"; then best=$n best_position=$position; fi
  done
  said=
  log "the data of $set_name-0 is lost: recovering from $set_name-$best, the most advanced ($best_position)"
  rm -rf "$incoming"
  if ! attend engine_recover "$(host_of "$best")" "$incoming"; then
    log "recovering from $set_name-$best failed, the reason stands above; trying again. If that never helps, delete pod and claim of $set_name-$best: then the next" \
      "best copy is taken, and what only $set_name-$best has is lost"
    return 1
  fi
  accept_incoming || die "the recovered data could not be put in its place on the volume"
  log "recovered from $set_name-$best at $best_position"
}
