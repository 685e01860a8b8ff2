# shellcheck shell=bash
# A backup may hold only what changed since another one, its parent, and that since its own, down to one that holds all
# data: its chain. It is as good as each of them. In the store, next to the chunks:
#
#   base/NAME/index     `parent NAME SUM`: what it needs, by the sum of that one's index. One that has no such line
#                       holds all data
#                       `manifest SIZE SHA256`: of the next
#   base/NAME/manifest  what the engine must know of it to take one that builds on it; sent before the index, and only
#                       with the prop `fullBackupEvery`
#
# Needs store.sh.

core_name_pattern='[0-9]{8}T[0-9]{6}Z'
core_chain=() # names, the one that holds all data first

# core_fetch_index FOLDER BACKUP FILE: compared with its own sum. 1 where the store does not say, 2 where it has none,
# or another than was written.
core_fetch_index() {
  local status=0 sum
  core_store_get "$1/base/$2/index" "$3" || status=$?
  case $status in
    0) ;;
    4)
      log "DAMAGED: $1/base/$2 is no backup: it has no index"
      return 2
      ;;
    *)
      core_store_failed "it does not give the index"
      return 1
      ;;
  esac
  sum=$(head -n -1 "$3" | sha256sum)
  [[ $(tail -n 1 "$3") == "sum ${sum%% *}" ]] || {
    log "DAMAGED: the index of $1/base/$2 is not what was written"
    return 2
  }
}
# core_parent_in INDEX: prints `NAME SUM`, or nothing where the backup holds all data. Fails where it says neither.
core_parent_in() {
  local line
  while IFS= read -r line; do
    if [[ $line == parent* ]]; then
      [[ $line =~ ^parent\ ($core_name_pattern\ [0-9a-f]{64})$ ]] && echo "${BASH_REMATCH[1]}"
      return
    fi
    if [[ $line == chunk* ]]; then break; fi # the rest of it
  done <"$1"
}

# core_find_chain FOLDER BACKUP: all that this backup needs. Their indexes are then in `$stage/chain`. 1 where the store
# does not say, 2 where one of them is missing or damaged, which is named.
# Globals: core_chain (set).
core_find_chain() {
  local name=$2 child='' sum='' parent status
  core_chain=()
  rm -rf "$stage/chain"
  mkdir -p "$stage/chain" || return 1
  while :; do
    status=0
    core_fetch_index "$1" "$name" "$stage/chain/$name" || status=$?
    if [[ $status == 0 && -n $sum && $(tail -n 1 "$stage/chain/$name") != "sum $sum" ]]; then
      log "DAMAGED: the index of $1/base/$name is not that of the backup on which $child was taken"
      status=2
    fi
    if ((status != 0)); then
      if [[ -n $child && $status == 2 ]]; then
        log "DAMAGED: backup $child holds only what changed since $name, and is worth nothing without it. To restore" \
          "an older one, and the log after it, move those from $child to $2 out of folder $1/base"
      fi
      return "$status"
    fi
    core_chain=("$name" "${core_chain[@]}")
    # A parent is older: so a chain has an end.
    if ! parent=$(core_parent_in "$stage/chain/$name") || [[ -n $parent && ! $parent < $name ]]; then
      log "DAMAGED: the index of $1/base/$name does not say on which backup it was taken"
      return 2
    fi
    if [[ -z $parent ]]; then return 0; fi
    child=$name name=${parent% *} sum=${parent#* }
  done
}

# core_find_parent: whether the next backup may build on the newest, and holds only what changed since. `$stage/parent`
# is then that one's manifest. Else it says why not. Fails where the store does not say.
# Globals: core_set_path, full_backup_every (read); core_parent (set).
core_find_parent() {
  local names failed name link why='' status=0
  core_parent=
  [[ -n ${full_backup_every:-} ]] || return 0
  if ! names=$(core_store_list "$core_set_path/base" -R --files-only --include index) ||
    ! failed=$(core_store_list "$core_set_path/failed-proofs" --files-only); then
    core_store_failed "it does not say which backups it has"
    return 1
  fi
  name=$(sed -nE "s/^($core_name_pattern)\\/index\$/\\1/p" <<<"$names" | LC_ALL=C sort | tail -n 1)
  [[ -n $name ]] || return 0
  core_find_chain "$core_set_path" "$name" || status=$?
  ((status != 1)) || return 1
  if ((status != 0)); then why="the newest, $name, is damaged: see above"; fi
  for link in "${core_chain[@]}"; do
    if [[ $'\n'$failed == *$'\n'"$link."* ]]; then why=${why:-the proof of $link failed}; fi
  done
  if [[ -n $why ]]; then
    :
  elif ((${#core_chain[@]} >= full_backup_every)); then
    why="${#core_chain[@]} build on one another already"
  elif ! grep -q '^manifest ' "$stage/chain/$name"; then
    why="$name was taken without the prop 'fullBackupEvery'"
  elif [[ $name > $(date -u +%Y%m%dT%H%M%SZ) ]]; then
    why="the newest, $name, is of a time that this clock has yet to come to" # and a parent is older
  else
    core_fetch_manifest "$name" || status=$?
    case $status in
      0) core_parent=$name ;;
      1) return 1 ;;
      *) why="what the store has of $name does not tell what changes after it" ;;
    esac
  fi
  [[ -n $core_parent ]] || log "the next backup is a full one: $why"
}
# core_fetch_manifest BACKUP: as `$stage/parent`. 1 where the store does not say, 2 where it has none, or not what was
# written.
# Globals: core_set_path (read).
core_fetch_manifest() {
  local size sum found status=0
  read -r _ size sum < <(grep -E '^manifest [1-9][0-9]{0,12} [0-9a-f]{64}$' "$stage/chain/$1") || return 2
  core_store_get "$core_set_path/base/$1/manifest" "$stage/parent.packed" || status=$?
  if ((status == 0)); then
    found=$(sha256sum <"$stage/parent.packed")
    if [[ $(stat -c %s "$stage/parent.packed") != "$size" || ${found%% *} != "$sum" ]] ||
      ! engine_decompress <"$stage/parent.packed" >"$stage/parent"; then
      log "DAMAGED: $core_set_path/base/$1/manifest in the store is not what was written"
      status=4
    fi
  else
    core_store_failed "it does not give the manifest of $1"
  fi
  rm -f "$stage/parent.packed"
  case $status in 0) ;; 4) return 2 ;; *) return 1 ;; esac
}
# core_send_manifest BACKUP: what the engine left as `$stage/manifest`; and notes it, and the parent, for the index.
# Globals: core_set_path, core_parent (read).
core_send_manifest() {
  local sum
  engine_compress <"$stage/manifest" >"$stage/last/manifest" && sum=$(sha256sum <"$stage/last/manifest") || return 1
  {
    [[ -z $core_parent ]] ||
      printf 'parent %s %s\n' "$core_parent" "$(sed -n '$s/^sum //p' "$stage/chain/$core_parent")"
    printf 'manifest %s %s\n' "$(stat -c %s "$stage/last/manifest")" "${sum%% *}"
  } >>"$facts" || return 1
  [[ $(core_store_send "$stage/last" "$core_set_path/base/$1") == manifest ]] || return 1
  rm "$stage/last/manifest"
}

# core_fetch_chain FOLDER: each of `core_chain` into a folder of its own, of which the engine makes one in `incoming`.
# They are where `outgoing` data would be: there is none, and what is there is worth nothing after a crash.
# Globals: core_chain (read).
core_fetch_chain() {
  local name folders=()
  log "backup ${core_chain[-1]} holds only what changed: it is made of ${#core_chain[@]}, from ${core_chain[0]} on"
  for name in "${core_chain[@]}"; do
    log "fetching $name"
    core_fetch_copy "$1/base/$name" "$stage/chain/$name" "$core_outgoing/$name" || return 1
    folders+=("$core_outgoing/$name")
  done
  engine_combine "$core_incoming" "${folders[@]}" || {
    log "backup ${core_chain[0]} and what changed up to ${core_chain[-1]} could not be made one, see the error above." \
      "Has the volume room for what a restore needs?"
    return 1
  }
  rm -rf "$core_outgoing"
}
