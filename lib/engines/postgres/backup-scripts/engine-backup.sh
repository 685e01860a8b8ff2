# shellcheck shell=bash
# What PostgreSQL supplies to ship.sh and backup.sh: its log, by segments, and a copy of all data. Restoring is in
# engine-restore.sh. Needs engine.sh, store.sh.

# shellcheck source=log-places.sh
. "$scripts/log-places.sh"
# shellcheck source=incremental.sh
. "$scripts/incremental.sh"
shipped_marks=$state/shipped # a file for each part of the log that the store has, and that archive.sh has not heard of
batch=8                      # parts that are sent at once
declare -A in_store=()       # parts of the log that the store has; only those that may still be on the volume
last_in_store=               # the place of the last of them: its name without the timeline
listed=                      # whether the store was asked

# engine_data_identity DIRECTORY: of data at rest: that of a restored database is its own.
engine_data_identity() {
  if [[ -s $1/stateful.id ]]; then head -n 1 "$1/stateful.id"; else engine_identity_of_files "$1"; fi
}
# engine_data_origin DIRECTORY: `new`, or what it was restored from.
engine_data_origin() {
  local origin=
  [[ ! -s $1/stateful.id ]] || origin=$(sed -n 2p "$1/stateful.id")
  echo "${origin:-new}"
}

# engine_ship: sends what is complete and is not in the store yet, the oldest first. PostgreSQL keeps what was not
# marked as shipped, and says in pg_stat_archiver how far that is. After a recovery from a replica the log that came by
# streaming is marked as done, and was sent by no one: so what the store has is asked once, and all that is here is
# compared with it.
engine_ship() {
  local path name pending=()
  [[ -d $core_current/pg_wal/archive_status ]] || return 0
  mkdir -p "$shipped_marks"
  if [[ -z $listed ]]; then
    list_store || return 1
    listed=yes
  fi
  for path in "$shipped_marks"/*; do # PostgreSQL was told
    [[ -e $core_current/pg_wal/archive_status/${path##*/}.ready || ! -e $path ]] || rm -f "$path"
  done
  for path in "$core_current"/pg_wal/archive_status/*.{ready,done}; do
    name=${path##*/} name=${name%.*}
    [[ $name =~ $log_part && -e $core_current/pg_wal/$name ]] || continue
    if [[ -z ${in_store[$name]:-} ]]; then
      pending+=("$name")
    elif [[ $path == *.ready && ! -e $shipped_marks/$name ]]; then
      : >"$shipped_marks/$name"
    fi
  done
  ((${#pending[@]} > 0)) || return 0
  # By place, whatever the timeline: so a gap is seen before what is after it.
  mapfile -t pending < <(printf '%s\n' "${pending[@]}" | LC_ALL=C sort -k 1.9)
  note_gaps "${pending[@]}" || return 1
  while ((${#pending[@]} > 0)); do
    send_parts "${pending[@]:0:batch}" || return 1
    pending=("${pending[@]:batch}")
  done
}
# note_gaps PART...: which are to be sent, in order. Between them and the last that the store has, of whatever timeline,
# nothing may be missing: a part is that PostgreSQL was told to let go (archive.sh), or that went with the volume of a
# former ordinal 0.
note_gaps() {
  local name before last=$last_in_store
  for name in "$@"; do
    [[ $name =~ ^[0-9A-F]{24}$ && ! ${name:8} < $last ]] || continue
    before=$(place_before "${name:8}")
    if [[ -n $last && $last < $before ]]; then core_note_gap "$last" "${name:8}" || return 1; fi
    last=${name:8}
  done
}
# engine_unshipped: bytes of the log that wait for the store.
engine_unshipped() {
  local paths=("$core_current"/pg_wal/archive_status/*.ready)
  [[ -e ${paths[0]} ]] || paths=()
  echo $((${#paths[@]} * segment_size))
}
list_store() {
  local names name
  names=$(core_store_list "$core_set_path/log" -R --files-only) || {
    core_store_failed "it does not say what it has"
    return 1
  }
  while IFS= read -r name; do
    name=${name##*/} name=${name%.*}
    if [[ $name =~ $log_part ]]; then note_stored "$name"; fi
  done <<<"$names"
}
# Globals: in_store, last_in_store (read and set).
note_stored() {
  in_store[$1]=yes
  if [[ $1 =~ ^[0-9A-F]{24}$ && ${1:8} > $last_in_store ]]; then last_in_store=${1:8}; fi
}
# send_parts NAME...: fails unless the store has all of them.
send_parts() {
  local name folder count=0
  rm -rf "$stage/log"
  for name in "$@"; do
    folder=$stage/log/$(folder_of "$name")
    mkdir -p "$folder"
    # Its time is the segment's own, so that the same part is always the same object.
    engine_compress <"$core_current/pg_wal/$name" >"$folder/$name.zst" || return 1
  done
  while IFS= read -r name; do
    name=${name##*/} name=${name%.zst}
    [[ $name =~ $log_part ]] || continue
    note_stored "$name"
    : >"$shipped_marks/$name"
    count=$((count + 1))
  done < <(core_store_send "$stage/log" "$core_set_path/log")
  rm -rf "$stage/log"
  ((count == $#))
}
# With zstd's own checksum: a damaged part of the log must not look like the log's end.
engine_compress() { zstd -q -3 -T1 --check -c; }
engine_decompress() { zstd -q -d -c; }

# engine_backup HOST [MANIFEST INDEX]: writes a copy of HOST's data to stdout, as a tar with the log that makes it
# whole, and where it begins and ends into `facts`; with manifest and index of a backup, of what changed since. The
# server checks each page as it sends it.
engine_backup() {
  if [[ -z ${full_backup_every:-} ]]; then
    copy_of "$1"
  else
    copy_of "$1" ${2:+"--incremental=$2"} | keep_manifest && note_history "$1" "${3:-}"
  fi
}
copy_of() { # HOST [OPTION]
  # stderr goes through note_places, stdout past it; both have ended when this returns.
  { "$bin/pg_basebackup" -w -d "$(connection "$1" "backup-for-$HOSTNAME" 0)" -D - -F tar -X fetch -c fast \
    --manifest-checksums=SHA256 -v "${@:2}" 2>&1 >&3 3>&- | note_places 3>&-; } 3>&1
}
# note_places: what pg_basebackup says of where the copy begins and ends, into `facts`, and what is wrong, into the log.
note_places() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ write-ahead\ log\ start\ point:\ ([0-9A-F/]+)\ on\ timeline\ ([0-9]{1,10})$ ]]; then
      echo "start ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}" >>"$facts"
    elif [[ $line =~ write-ahead\ log\ end\ point:\ ([0-9A-F/]+)$ ]]; then
      echo "end ${BASH_REMATCH[1]}" >>"$facts"
    elif [[ $line == *error:* || $line == *WARNING* || $line == *checksum* ]]; then
      log "$line"
    fi
  done
}
# engine_backup_facts: what the index must say: fails where pg_basebackup did not say it.
engine_backup_facts() { grep -qE '^start [0-9A-F/]+ [0-9]+$' "$facts" && grep -qE '^end [0-9A-F/]+$' "$facts"; }

# engine_backup_identity HOST: of its data, as engine_data_identity says it of files.
engine_backup_identity() {
  local identity
  identity=$(ask_sql "$1" "SELECT coalesce(nullif(current_setting('stateful.id', true), ''),
    (SELECT system_identifier::text FROM pg_control_system()))") && echo "$identity"
}
# engine_in_step HOST: whether this replica has what the primary has, or is the primary.
engine_in_step() {
  [[ $(ask_sql "$1" "SELECT NOT pg_is_in_recovery()
    OR EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')") == t ]]
}

# engine_seal: waits until the store has all log up to where the primary is now; prints that place. A message that no
# one reads is written there, so that the log goes on behind all that was committed before, and a restore can stop at
# it; and the segment is ended, which archive_timeout does otherwise.
engine_seal() {
  local primary row timeline lsn segment waited_since start started_on missing=
  primary=$(core_host_of 0)
  log "all data is sent; waiting for the log up to here"
  if ! lsn=$(ask_sql "$primary" "SELECT pg_logical_emit_message(true, 'stateful', 'backup')") || ! is_lsn "$lsn"; then
    log "$set_name-0 takes no write, by which a backup is sealed: a set that is read-only cannot be backed up"
    return 1
  fi
  row=$(identify "$primary") || return 1
  IFS='|' read -r _ timeline _ <<<"$row"
  # Of what was written just before: the message has been committed.
  segment=$(ask_sql "$primary" "SELECT pg_walfile_name(pg_current_wal_lsn())") &&
    [[ $segment =~ ^[0-9A-F]{24}$ ]] || return 1
  # It may fail: the sidecar has not allowed it yet (engine_reconcile.sh).
  ask_sql "$primary" "SELECT pg_switch_wal()" >/dev/null || true
  read -r _ start started_on <"$facts"
  if [[ $started_on != "$timeline" ]]; then
    log "the primary's timeline changed from $started_on to $timeline while the data was copied"
    return 1
  fi
  core_clock
  waited_since=$core_now
  # Parts are sent side by side: the last may be there before others.
  until store_has_part "$segment" && store_has_log "${segment:0:8}" "$(place_of "$start")" "${segment:8}"; do
    if [[ -n $missing ]] && log_was_dropped; then
      log "$missing of the log, which is between the copy's beginning and its end, was dropped meanwhile"
      return 1
    fi
    core_clock
    if ((core_now - waited_since > 600 + 2 * max_data_loss)); then
      log "the log up to $lsn did not come to the store${missing:+, but for some after $missing}: see the container" \
        "'ship' of $set_name-0"
      return 1
    fi
    pause 0.5
  done
  echo "sealed $lsn $timeline"
}
# store_has_log TIMELINE FROM TO: whether every segment between these places is there.
# Globals: missing (set): the last that is not, if the store says so.
store_has_log() {
  local place=$3 folder='' names=''
  missing=
  while [[ ! $place < $2 ]]; do
    if [[ $folder != "${1}${place:0:8}" ]]; then
      folder=${1}${place:0:8}
      names=$(core_store_list "$core_set_path/log/$folder" --files-only) || {
        core_store_failed "it does not say which log it has"
        return 1
      }
      names=$'\n'$names
    fi
    if [[ $names != *$'\n'"$1$place."* ]]; then
      missing=$1$place
      return 1
    fi
    place=$(place_before "$place")
  done
}
# log_was_dropped: since the backup began: it was noted as a gap.
# Globals: backup, core_set_path (read).
log_was_dropped() {
  local gaps
  gaps=$(core_store_list "$core_set_path/gaps" --files-only) || return 1
  gaps=$(LC_ALL=C sort <<<"$gaps" | tail -n 1)
  # shellcheck disable=SC2154 # core_send_base names it
  [[ ${gaps%%.*} > $backup ]]
}
store_has_part() {
  [[ -n $(core_store_list "$core_set_path/log/$(folder_of "$1")" --files-only --include "$1.*" 2>/dev/null) ]]
}

# first_log_after PATH SEGMENT: what the store has of the log after one that it does not have, if anything: of the same
# timeline.
first_log_after() {
  local folders folder names name
  [[ $2 =~ ^[0-9A-F]{24}$ ]] || return 0
  folders=$(core_store_list "$1/log" --dirs-only) || return 1
  while IFS= read -r folder; do
    folder=${folder%/}
    [[ $folder =~ ^[0-9A-F]{16}$ && ${folder:0:8} == "${2:0:8}" && ! $folder < ${2:0:16} ]] || continue
    names=$(core_store_list "$1/log/$folder" --files-only) || return 1
    while IFS= read -r name; do
      name=${name%%.*}
      if [[ $name =~ ^[0-9A-F]{24}$ && $name > $2 ]]; then
        echo "$name"
        return 0
      fi
    done < <(LC_ALL=C sort <<<"$names")
  done < <(LC_ALL=C sort <<<"$folders")
}

# newest_log PATH: the last segment that the store has, of its last timeline; nothing where it has none.
newest_log() {
  local folders folder names
  folders=$(core_store_list "$1/log" --dirs-only) || return 1
  folder=$(grep -E '^[0-9A-F]{16}/$' <<<"$folders" | LC_ALL=C sort | tail -n 1) || return 0
  names=$(core_store_list "$1/log/${folder%/}" --files-only) || return 1
  sed -nE 's/^([0-9A-F]{24})\.zst$/\1/p' <<<"$names" | LC_ALL=C sort | tail -n 1
}

# engine_prune_log PATH BACKUP: what is before the beginning of that backup, on whatever timeline. The files that tell
# where timelines begin stay.
engine_prune_log() {
  local start timeline first name names folder
  read -r _ start timeline < <(
    core_store_read "$1/base/$2/index" | grep -E '^start [0-9A-F]{1,8}/[0-9A-F]{1,8} [0-9]{1,10}$'
  ) || return 1
  first=$(place_of "$start")
  names=$(core_store_list "$1/log" -R --files-only) || {
    core_store_failed "it does not say which log it has: nothing of it was deleted"
    return 1
  }
  for name in $names; do
    folder=${name%/*} name=${name##*/}
    [[ $name =~ ^[0-9A-F]{24}[.] && ${name:8:16} < $first ]] || continue
    printf '%s/%s\n' "$folder" "$name"
  done >"$stage/old-log"
  [[ -s $stage/old-log ]] || return 0
  core_store_do 3600 delete --files-from "$stage/old-log" "$(core_store_folder "$1/log")" || {
    core_store_failed "old log could not be deleted, and stays"
    return 1
  }
  log "removed $(wc -l <"$stage/old-log") parts of the log from before the backup $2"
}
