# shellcheck shell=bash
# A base backup: a copy of all data, from the highest replica that is in step, sent to the store in chunks. The index is
# sent last, when the store has every chunk, by checksum, and the log up to there: as long as it is not there, there is
# no backup. Sourced by backup.sh, and by ship.sh for the first one. Needs store.sh, engine-backup.sh.

# shellcheck source=chain.sh
. "$scripts/chain.sh"
chunks=$stage/chunks # filling, full, sending
export chunks scripts
core_index=$stage/index
core_chunk_size=${STATEFUL_CHUNK_SIZE:-64M}

# core_find_source: sets `core_source`, `core_set_path` of the data that the primary has, and `core_parent`, if the
# backup is to hold only what changed since that one.
# Globals: core_source, core_parent, core_set_path (set).
core_find_source() {
  local n declared identity
  declared=$(<"$config/replicas")
  core_is_number "$declared" || {
    log "the set's configuration says '$declared' replicas"
    return 1
  }
  if ! identity=$(engine_backup_identity "$(core_host_of 0)") || ! core_is_identity "$identity"; then
    log "$set_name-0 does not say whose data it has: is it up? The log of its container 'sync' says why not"
    return 1
  fi
  core_set_path=$(core_namespace)/$set_name/$identity
  core_find_parent || return 1
  for ((n = declared - 1; n >= 0; n--)); do
    if engine_in_step "$(core_host_of "$n")" &&
      [[ $(engine_backup_identity "$(core_host_of "$n")") == "$identity" ]]; then
      core_source=${core_source:-$n}
      if [[ -n $core_parent ]] && ! engine_builds_on "$(core_host_of "$n")" "$stage/chain/$core_parent"; then
        continue
      fi
      core_source=$n
      return 0
    fi
  done
  if [[ -n $core_source ]]; then
    log "no pod of $set_name can tell what changed since backup $core_parent: the next one is a full one"
    core_parent=
    return 0
  fi
  log "no pod of $set_name can be copied: the logs of their containers 'sync' say why"
  return 1
}

# core_send_chunks BACKUP: those that are full, as they come, until there are no more and `chunks/end` says so.
core_send_chunks() {
  local last path sum names name tries=0
  while :; do
    last=
    [[ ! -e $chunks/end ]] || last=yes
    for path in "$chunks"/full/*; do
      if [[ -e $path ]]; then mv "$path" "$chunks/sending/" || return 1; fi
    done
    names=("$chunks"/sending/*)
    if [[ ! -e ${names[0]} ]]; then
      if [[ -n $last ]]; then return 0; fi
      pause 0.2
      continue
    fi
    while IFS= read -r name; do
      [[ $name =~ ^[0-9]{6}$ ]] || continue
      sum=$(sha256sum <"$chunks/sending/$name") &&
        printf 'chunk %s %s %s\n' "$name" "$(stat -c %s "$chunks/sending/$name")" "${sum%% *}" >>"$core_index" ||
        return 1
      rm -f "$chunks/sending/$name"
    done < <(core_store_send "$chunks/sending" "$core_set_path/base/$1")
    names=("$chunks"/sending/*)
    if [[ ! -e ${names[0]} ]]; then
      tries=0
      continue
    fi
    tries=$((tries + 1))
    if ((tries == 10)); then
      log "the store did not take ${names[0]##*/} of the copy: giving up. There is no backup $1"
      : >"$chunks/failed"
      return 1
    fi
    core_back_off "$tries"
  done
}

# core_take_base: one backup, whole, or none, and it says why.
core_take_base() {
  local core_source='' core_parent='' status=0
  core_find_source || {
    log "there is no new backup: see the error above"
    return 1
  }
  core_send_base || status=$?
  if [[ $status == 2 && -n $core_parent ]]; then
    log "taking a full one instead"
    core_parent='' status=0
    core_send_base || status=$?
  fi
  return "$status"
}
# core_send_base: from `core_source`. 2 where the copy itself failed.
# Globals: core_source, core_parent, core_set_path (read).
core_send_base() {
  local backup='' begin sender copied=yes sealed ended sum others
  core_clock
  begin=$core_now
  while [[ -z $backup || -n $others ]]; do # another may have begun in the same second
    [[ -z $backup ]] || pause 1
    backup=$(date -u +%Y%m%dT%H%M%SZ)
    others=$(core_store_list "$core_set_path/base/$backup" --files-only) || {
      core_store_failed "it does not say which backups it has"
      return 1
    }
  done
  log "backup $backup: copying ${core_parent:+what changed since $core_parent, from }$set_name-$core_source to folder" \
    "$core_set_path"
  rm -rf "$chunks" "$core_index" "$facts" "$stage/last"
  mkdir -p "$chunks/filling" "$chunks/full" "$chunks/sending" "$stage/last" || return 1
  : >"$core_index"
  core_send_chunks "$backup" &
  sender=$!
  # shellcheck disable=SC2016 # split fills in $FILE
  engine_backup "$(core_host_of "$core_source")" ${core_parent:+"$stage/parent" "$stage/chain/$core_parent"} |
    engine_compress |
    split -b "$core_chunk_size" -a 6 -d --filter='exec "$scripts/stage-chunk.sh" "$FILE"' - '' || copied=
  : >"$chunks/end"
  wait "$sender" || {
    log "backup $backup failed: what the store has of it is no backup"
    return 1
  }
  if [[ -z $copied ]] || ! engine_backup_facts; then
    log "backup $backup failed: copying $set_name-$core_source ended before it was complete, see the error above"
    return 2
  fi
  if [[ -n ${full_backup_every:-} ]] && ! core_send_manifest "$backup"; then
    log "backup $backup failed: its manifest could not be stored"
    return 1
  fi
  sealed=$(engine_seal) || {
    log "backup $backup failed: without the log up to its end it is no backup"
    return 1
  }
  ended=$(date -u +%FT%TZ)
  {
    printf 'backup 1 %s\n' "$backup"
    cat "$facts"
    printf '%s\nended %s\n' "$sealed" "$ended"
    LC_ALL=C sort "$core_index"
  } >"$stage/last/index" || return 1
  sum=$(sha256sum <"$stage/last/index")
  printf 'sum %s\n' "${sum%% *}" >>"$stage/last/index" || return 1
  [[ $(core_store_send "$stage/last" "$core_set_path/base/$backup") == index ]] || {
    log "backup $backup failed: its index could not be stored"
    return 1
  }
  core_clock
  log "backup $backup is complete: $(grep -c ^chunk "$stage/last/index") chunks, compared with what the store has, and" \
    "the log up to $sealed; $((core_now - begin)) s"
}
