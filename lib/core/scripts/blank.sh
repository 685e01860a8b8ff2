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

# fill_blank_primary: give ordinal 0 its data: a new database on the very first start, else what a replica has. Meanwhile whoever connects hears
# `recovering`: so a former pod of this name, and the replicas that it feeds, know that it was replaced (former.sh).
fill_blank_primary() {
  answer "recovering $set_name" &
  answerer=$!
  trap 'kill "$answerer" 2>/dev/null' EXIT
  await_data # not in a test: `set -e` holds in it
  trap - EXIT
  kill "$answerer" 2>/dev/null || true
  wait "$answerer" 2>/dev/null || true # some shells would say that it was terminated
}

await_data() {
  local n holders holding silent foreign best='' failures=0
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
    foreign=$(foreign_files)
    # shellcheck disable=SC2086 # $holders is a list
    if [ -n "$silent" ]; then
      say "this volume is empty; waiting for ${silent}to say whether there is data: nothing is created before all have answered." \
        "If a pod cannot start, see 'kubectl describe pod ${silent%% *}'. Lower the replicas only if the pods that are taken away never held data:" \
        "with fewer replicas a new database is created, and theirs is not asked for"
    elif [ -z "$holders" ] && [ -n "$foreign" ]; then
      say "STOPPED: this volume holds files that this set did not write: $foreign. Nothing was changed and no database is created beside them." \
        "Is it the claim of another installation? Move its files away, or delete pod and claim of $set_name-0 if nobody needs them"
    elif [ -z "$holders" ]; then
      make_first_data
      return 0
    elif [ "$lost_primary" = stop ]; then
      say "STOPPED: this volume is empty but ${holding}hold data. Nothing was changed. Restore the volume" \
        "of $set_name-0, or set 'lostPrimary: LostPrimary.RECOVER' to continue from the most advanced replica"
    elif settle $holders && choose $holders; then
      if recover_from "$best" $holders; then return 0; fi
      failures=$((failures + 1))
      back_off "$failures"
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

# settle ORDINAL...: notes where each stands (`settled_at N`). A position counts only once the replica receives from nobody and has applied all that it
# received: as long as a former primary feeds it, what that acknowledges is not lost, and there would be two primaries.
settle() {
  local n position first='' identity
  for n in "$@"; do
    if ! position=$(engine_settled_position "$(host_of "$n")"); then
      say "the data of $set_name-0 is lost; waiting for $set_name-$n before it is recovered: it ${position:-has not applied all that it received}." \
        "If a former $set_name-0 still runs on a node that does not answer, stop that node, or taint it" \
        "'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute' once it is off"
      return 1
    fi
    identity=${position%% *}
    if ! is_identity "$identity" || [ "$identity" = "$position" ]; then
      say "the data of $set_name-0 is lost; $set_name-$n says that it stands at '$position', which is no position"
      return 1
    fi
    if [ -z "$first" ]; then
      first="$identity $n"
    elif [ "$identity" != "${first% *}" ]; then
      say "STOPPED: this volume is empty and the replicas hold data of different origin: ${first% *} on $set_name-${first#* }," \
        "$identity on $set_name-$n. Nothing was changed. Delete pod and claim of the one that is not wanted"
      return 1
    fi
    printf '%s\n' "$position" >"$state/settled-$n" || return 1
  done
}
settled_at() { cat "$state/settled-$1"; }

# choose ORDINAL...: sets `best` to the first of which all others are ancestors. A higher number proves nothing: a replica that somebody promoted has a
# newer timeline and may lack every commit since.
choose() {
  local n other status histories=''
  for n in "$@"; do
    status=0
    for other in "$@"; do
      if [ "$n" -eq "$other" ]; then continue; fi
      engine_has_all_of "$(host_of "$n")" "$(settled_at "$n")" "$(settled_at "$other")" || status=$?
      if [ "$status" -gt 1 ]; then
        say "the data of $set_name-0 is lost; waiting for $set_name-$n to say whether it has all that $set_name-$other has"
        return 1
      fi
      if [ "$status" -ne 0 ]; then break; fi
    done
    if [ "$status" -eq 0 ]; then
      best=$n
      return 0
    fi
    histories="$histories${histories:+, }$set_name-$n at $(settled_at "$n")"
  done
  say "STOPPED: this volume is empty and the histories of the replicas differ: none has all that the others have ($histories). Was one of them promoted by" \
    "hand? Nothing was changed. Compare their data, then delete pod and claim of those that are not wanted"
  return 1
}

recover_from() { # BEST ORDINAL...
  local best="$1" n position best_position
  shift
  best_position=$(settled_at "$best")
  said=
  log "the data of $set_name-0 is lost: recovering from $set_name-$best, which has all that the others have ($best_position)"
  rm -rf "$incoming"
  if ! attend engine_recover "$(host_of "$best")" "$incoming"; then
    log "recovering from $set_name-$best failed, the reason stands above; trying again. If that never helps, delete pod and claim of $set_name-$best: then the next" \
      "best copy is taken, and what only $set_name-$best has is lost"
    return 1
  fi
  # What came to a replica meanwhile would not be in the copy.
  for n in "$@"; do
    if ! position=$(engine_settled_position "$(host_of "$n")") || ! engine_has_all_of "$(host_of "$best")" "$best_position" "$position"; then
      log "not using the copy: $set_name-$n was at $(settled_at "$n") when it was begun, and now ${position:-does not answer}; starting over"
      return 1
    fi
  done
  accept_incoming || die "the recovered data could not be put in its place on the volume"
  log "recovered from $set_name-$best at $best_position"
}
