# shellcheck shell=bash
# What the store means for an ordinal 0 without data, where no other ordinal has any: for bootstrap.sh.
#
#   the store ...                                             | then
#   -----------------------------------------------------------|---------------------------------------------------------
#   does not answer                                           | wait: nothing is made
#   has backups of this set that began as `restoreFrom` says  | restore the newest of these: this set was made so before
#   has other backups of this set, no restoreFrom, or another | stop, and name the newest and both ways on
#   has no backups of this set, restoreFrom                   | restore that
#   has no backups of this set, no restoreFrom                | a new database
#
# Needs store.sh and the engine's engine-restore.sh.

# shellcheck source=store.sh
. "$scripts/store.sh"
# shellcheck source=chain.sh
. "$scripts/chain.sh"
# shellcheck source=engine-backup.sh
. "$scripts/engine-backup.sh"
# shellcheck source=engine-restore.sh
. "$scripts/engine-restore.sh"
core_restore_failures=0 # in a row
instant='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z'

# core_data_from_store: 0 when `incoming` was restored and accepted, 1 if a new database may be made, 2 if neither: it
# said why.
core_data_from_store() {
  local own='' newest origin wanted=''
  [[ -z ${restore_remote:-} ]] || wanted="$restore_namespace/$restore_name until $restore_until"
  if [[ -n ${backup_remote:-} ]]; then
    if ! core_open_store backup || ! newest=$(core_newest_identity "$(core_namespace)/$set_name"); then
      core_store_failed "this volume is empty; waiting for it to say whether there are backups of this set. Nothing is made before it has answered"
      return 2
    fi
    own=$newest
  fi
  if [[ -n $own ]]; then
    origin=$(core_store_read "$(core_namespace)/$set_name/$own/origin") || {
      core_store_failed "it does not say how $own began"
      return 2
    }
    if [[ -n $wanted && $origin == "restored $wanted" ]]; then
      core_from_store=backup
      core_restore "$(core_namespace)/$set_name/$own" latest "$wanted"
      return
    fi
    if [[ -z $wanted || "$restore_namespace/$restore_name" != "$(core_namespace)/$set_name" ]]; then
      log_change "STOPPED: no pod of this set holds data, but the store has backups of it (folder $(core_namespace)/$set_name/$own). Nothing was changed. To restore, set" \
        "'restoreFrom: RestorePoint.latest(store, { name: \"$set_name\", namespaceName: \"$(core_namespace)\" })', with the encryption that they have; to begin with a new database, move that folder away in the store"
      return 2
    fi
  fi
  [[ -n $wanted ]] || return 1
  if ! core_open_store restore ||
    ! own=$(core_newest_identity "$restore_namespace/$restore_name" "$restore_until"); then
    core_store_failed "waiting for it to say whether there are backups of $restore_namespace/$restore_name"
    return 2
  fi
  if [[ -z $own ]]; then
    log_change "STOPPED: the store has no backup of $restore_namespace/$restore_name, which 'restoreFrom' names. Nothing was" \
      "changed. Look at the names, and at the store's folder"
    return 2
  fi
  core_from_store=restore
  core_restore "$restore_namespace/$restore_name/$own" "$restore_until" "$wanted"
}

# core_newest_identity SET [UNTIL]: the folder of its data that was begun last, before UNTIL if that is a time or a
# backup; where none was, the oldest, whose first backup is then named; nothing where there is none at all. A set that
# was restored has data that began later, and times before that are of the former.
core_newest_identity() {
  local names name newest='' began latest='' oldest='' first='' until
  until=$(core_stamp_of "${2:-latest}")
  names=$(core_store_list "$1" --dirs-only) || return 1
  while IFS= read -r name; do
    name=${name%/}
    core_is_identity "$name" || continue
    began=$(core_store_list "$1/$name/began" --files-only | LC_ALL=C sort | head -n 1) || return 1
    if [[ -z $oldest || $began < $first ]]; then oldest=$name first=$began; fi
    [[ -z $until || ! $began > $until ]] || continue
    if [[ -z $newest || $began > $latest ]]; then newest=$name latest=$began; fi
  done <<<"$names"
  printf '%s' "${newest:-$oldest}"
}
# core_stamp_of UNTIL: a time as backups are named, and as a name is; nothing for `latest`.
core_stamp_of() {
  local stamp=${1//[-:]/}
  case $1 in latest) ;; *) printf '%sZ' "${stamp%%[.Z]*}" ;; esac
}

# core_restore PATH UNTIL ORIGIN: until it is `latest`, a time, or a backup's name. 0 when it is done, 2 if not.
core_restore() {
  local base='' status=0
  core_choose_base "$1" "$2" || return 2
  core_clock
  local begin=$core_now
  rm -rf "$core_incoming"
  log "restoring $1, backup $base, until $2"
  core_hold_base "$1" "$base" &
  local holder=$!
  core_fetch_base "$1/base/$base" && core_run_interruptible engine_replay "$core_incoming" "$1" "$2" "$3" || status=2
  kill "$holder" 2>/dev/null || true
  if ((status != 0)); then
    rm -rf "$core_incoming"
    core_restore_failures=$((core_restore_failures + 1))
    local seconds=$((core_restore_failures > 5 ? 1800 : 30 << core_restore_failures))
    log "restoring failed, see the error above; nothing was changed. Trying again in $seconds s. Another 'restoreFrom' takes" \
      "effect when this pod is deleted"
    pause "$seconds"
    return 2
  fi
  core_accept_incoming || die "the restored data could not be put in its place on the volume"
  core_clock
  log "restored $1 until $2, $((core_now - begin)) s"
}

# core_hold_base PATH BACKUP: says in the store, hour by hour, that the backup is being read, so that it is not pruned
# meanwhile. Who may only read there restores all the same.
core_hold_base() {
  local directory=$stage/reading
  while :; do
    rm -rf "$directory"
    if ! mkdir -p "$directory" || ! : >"$directory/$2.$(date -u +%Y%m%dT%H%M%SZ)" ||
      [[ -z $(core_store_send "$directory" "$1/reading") ]]; then
      log "the store does not let it be said that backup $2 is being read: do not delete it by hand meanwhile"
    fi
    pause 3600
  done
}

# core_choose_base PATH UNTIL: sets `base` to the newest complete one that ended before.
# Globals: base (set).
core_choose_base() {
  local names name ended newest='' oldest until
  until=$(core_stamp_of "$2")
  names=$(core_store_list "$1/base" -R --files-only --include index) || {
    core_store_failed "it does not say which backups it has"
    return 1
  }
  names=$(sed -nE 's/^([0-9]{8}T[0-9]{6}Z)\/index$/\1/p' <<<"$names" | LC_ALL=C sort -r)
  oldest=${names##*$'\n'}
  while IFS= read -r name; do
    [[ -n $name && (-z $until || ! $name > $until) ]] || continue
    if [[ $2 =~ ^$instant$ ]]; then
      ended=$(core_store_read "$1/base/$name/index" | sed -nE "s/^ended ($instant)\$/\\1/p") || {
        core_store_failed "it does not give the index of $name"
        return 1
      }
      [[ -n $ended && ! $ended > $2 ]] || continue
    elif [[ $2 != latest && $2 != "$name" ]]; then
      continue
    fi
    newest=$name
    break
  done <<<"$names"
  if [[ -z $oldest ]]; then
    log_change "STOPPED: folder $1 has no complete backup, and log alone restores nothing. Nothing was changed. Look at the" \
      "store, and at the other folders next to it"
    return 1
  fi
  if [[ -z $newest ]]; then
    log_change "STOPPED: no backup in folder $1 is as old as $2: the oldest is $oldest. Nothing was changed. Give" \
      "'restoreFrom' a time after that one ended"
    return 1
  fi
  base=$newest
}

# core_fetch_base PATH: into `incoming`, with all that it builds on. Its index is then `$stage/index`.
core_fetch_base() {
  core_find_chain "${1%/base/*}" "${1##*/}" && cp "$stage/chain/${1##*/}" "$stage/index" || return 1
  if ((${#core_chain[@]} == 1)); then
    core_fetch_copy "$1" "$stage/index" "$core_incoming"
  else
    rm -rf "$core_outgoing"
    core_fetch_chain "${1%/base/*}" || {
      rm -rf "$core_outgoing"
      return 1
    }
  fi
}
# core_fetch_copy PATH INDEX DIRECTORY: each chunk as the index says it.
core_fetch_copy() {
  mkdir -p "$3" && core_fetch_chunks "$1" "$2" | engine_decompress | engine_restore "$3"
}
core_fetch_chunks() {
  local word name size sum rest found all n=0 core_announced=0
  all=$(grep -c '^chunk ' "$2")
  while read -r word name size sum rest; do
    [[ $word == chunk ]] || continue
    [[ $name =~ ^[0-9]{6}$ && $name == "$(printf %06d "$n")" && $sum =~ ^[0-9a-f]{64}$ && -z $rest ]] || {
      log "DAMAGED: the index of $1 names no chunk $n"
      return 1
    }
    core_fetch_chunk "$1/$name" || return 1
    found=$(sha256sum <"$stage/chunk")
    [[ ${found%% *} == "$sum" ]] || {
      log "DAMAGED: $1/$name in the store is not what was written (sha256 ${found%% *}, and not $sum)"
      return 1
    }
    cat "$stage/chunk" || return 1
    n=$((n + 1))
    if ((n * 10 / all > core_announced)); then
      core_announced=$((n * 10 / all))
      log "fetched $((core_announced * 10)) % of the copy"
    fi
  done <"$2"
  rm -f "$stage/chunk"
}
# core_fetch_chunk PATH: what takes hours to restore is not begun again for a moment's silence.
core_fetch_chunk() {
  local tries status
  for ((tries = 1; tries <= 10; tries++)); do
    status=0
    core_store_get "$1" "$stage/chunk" || status=$?
    ((status != 0)) || return 0
    core_store_failed "it does not give ${1##*/} of the copy"
    ((status != 4)) || return 1
    core_back_off "$tries"
  done
  return 1
}
