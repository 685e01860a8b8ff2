# shellcheck shell=bash
# How the log of plain files is sent: by the container `ship` of ordinal 0. What waits for the store is on the volume
# (log-look.sh), up to `max_unshipped`. For engine-backup.sh.

least_free=10 # a tenth of the volume: with less it is dropped, unless it is little
little=$((64 << 20))
store_answers= # whether it took what was sent last

# engine_ship: sends what waits.
# Globals: branch_id (read); store_answers (set).
engine_ship() {
  [[ -n $branch_id ]] || return 0
  if { [[ -n $branch_found ]] || find_branch; } && send_waiting; then
    store_answers=yes
    return 0
  fi
  store_answers=
  drop_if_too_much
  return 1
}
branch_found= # whether the store was asked where its log goes on

# find_branch: where in the store's log this volume's goes on. With another one after it, or with more than was sent
# from here, the store has what these files do not come after.
# Globals: branch, branch_found (set).
find_branch() {
  local newest names
  newest=$(newest_branch "$core_set_path") || return 1
  if [[ -n $branch ]]; then
    names=$(core_store_list "$core_set_path/log/$branch/lists" --files-only) || {
      core_store_failed "it does not say which log it has"
      return 1
    }
    names=$(LC_ALL=C sort <<<"$names" | tail -n 1)
    if [[ $newest > $branch ]] || { [[ $names =~ $part_pattern ]] && ((10#${BASH_REMATCH[1]} > part)); }; then
      log "the store's log is not what was sent from this volume: was an older one brought back? It begins again"
      drop_log
      return 1
    fi
  else
    # What followed there, and is not in the store, is lost with its volume, or was dropped.
    if [[ -n $newest ]]; then core_note_gap "${newest:0:6}" "$(printf %06d $((10#${newest:0:6} + 1)))" || return 1; fi
    branch=$(printf %06d $((10#0${newest:0:6} + 1)))-$branch_id
    write_state || {
      branch=
      say_no_room_to_wait
      return 1
    }
    log "beginning branch $branch of the log"
  fi
  branch_found=yes
}
# send_waiting: contents, and then the parts that name them, in their order.
send_waiting() {
  local name path
  if has_files "$unsent/contents"; then
    while IFS= read -r name; do
      rm -f "$unsent/contents/$name"
    done < <(core_store_send "$unsent/contents" "$core_set_path/log/$branch/contents")
    ! has_files "$unsent/contents" || return 1
  fi
  for path in "$unsent/lists"/*; do
    [[ -e $path ]] || continue
    rm -rf "$stage/part" && mkdir -p "$stage/part" && cp "$path" "$stage/part/" || return 1
    [[ $(core_store_send "$stage/part" "$core_set_path/log/$branch/lists") == "${path##*/}" ]] || return 1
    rm -f "$path"
  done
}
has_files() {
  local paths=("$1"/*)
  [[ -e ${paths[0]} ]]
}
# send_meanwhile: while a list with much in it is read: so no more than a little waits, and what was noted before it is
# sent in time. Fails where too much waits.
# Globals: store_answers (set).
send_meanwhile() {
  make_part_if_due || return 1
  if [[ -n $store_answers && -n $branch_found ]] && ! send_waiting; then store_answers=; fi
  drop_if_too_much
  [[ -n $branch_id ]]
}

# engine_unshipped: bytes of the log that wait for the store.
engine_unshipped() {
  [[ -d $core_current/unsent/lists ]] || return 1
  find "$core_current/unsent/contents" "$core_current/unsent/lists" -type f -printf '%s\n' |
    awk '{ bytes += $1 } END { printf "%.0f\n", bytes }'
}
# drop_if_too_much: once the store was asked. With `StoreOutage.KEEP_LOG`, where `max_unshipped` is 0, never.
drop_if_too_much() {
  local bytes free all
  if ((max_unshipped == 0)) || [[ -n $store_answers || ! -e $state/ship-looked ]]; then return 0; fi
  bytes=$(engine_unshipped) && read -r free all < <(stat -f -c '%a %b' "$core_current") || return 0
  if ((bytes > max_unshipped || (bytes > little && free * least_free < all))); then
    log "$((bytes >> 20)) MiB that wait for the store are dropped: as much waits as may, or the volume is nearly" \
      "full. The log begins again"
    drop_log
  fi
}
# drop_log: what was not sent will never be; the next look begins another branch.
# Globals: branch_id, branch, branch_found (set).
drop_log() {
  rm -rf "${unsent:?}" && mkdir -p "$unsent/lists" "$unsent/contents"
  branch_id='' branch='' branch_found='' noted_run=''
}
