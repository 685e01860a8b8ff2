#!/usr/bin/env bash
# Sidecar of a set with backups. On ordinal 0 it sends the database's log to the store, part by part as it fills, and
# takes a base backup where the log in the store begins nowhere; elsewhere it waits, or sends what a lost primary had
# not sent, where its engine has that. It ends after the server, and so sends what that writes out as it stops.
container=ship core_hears_marks=yes
# core_when_told: what the store does not take soon stays on the volume, and is sent after the next start: a store that
# is away, or slow, does not keep the pod. Run by process-1.sh next to the script, which may wait for the store.
core_when_told() {
  local state=${STATEFUL_STATE:-/run/stateful} call pid halves
  # Not every image has what asks for a lock and does not wait for it.
  flock "$state/running" true || return 0
  for ((halves = 0; ; halves++)); do
    : >"$state/server-ended" # again, as a script that only begins removes it
    # In these seconds the store may take the rest.
    if ((halves > ${STATEFUL_END_PATIENCE:-10} * 2)); then
      while IFS= read -r call; do
        if pid=$(cat "$call" 2>/dev/null); then kill "$pid" 2>/dev/null || true; fi # else it has ended
      done < <(find "$state" -maxdepth 1 -name "$container-call-*" -size +0)
    fi
    sleep 0.5
  done
}
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pod.sh"
# shellcheck source=volume.sh
. "$scripts/volume.sh"
# shellcheck source=store.sh
. "$scripts/store.sh"
# shellcheck source=engine-backup.sh
. "$scripts/engine-backup.sh"
# shellcheck source=base.sh
. "$scripts/base.sh"

core_leaving= # whether this pod was told to stop: core_hear
rm -f "$state/server-ended" "$state/store-away"
core_opened=      # whether the keys were read, since something failed last
core_failures=0   # in a row
core_base_needed= # whether the log that is sent continues no base backup: `unknown` until the store was asked
core_base_again=  # whether one is needed that begins later than the one that is being taken
core_base_pid=    # of the one that is being taken
core_base_after=0 # when it may be tried
core_base_failures=0
core_base_told=    # that only a job can take the one that is needed
core_told_tenths=0 # how much of what may wait for the store was waiting, when that was logged last

# core_find_path: as soon as the volume has data; fails where the store does not take that it begins.
# Globals: set_name (read); core_set_path (set).
core_find_path() {
  local identity
  [[ -d $core_current ]] && identity=$(engine_data_identity "$core_current") && core_is_identity "$identity" || return 0
  core_set_path=$(core_namespace)/$set_name/$identity
  core_tell_beginning || {
    core_set_path=
    return 1
  }
  core_base_needed=unknown
  log "sending the log to ${store%:}, folder $core_set_path"
}
# core_tell_beginning: once in the life of this data, in the store: when, and what it was made of. By it an ordinal 0
# that has lost everything finds what is newest, and whether what it shall begin with has been restored before.
# Globals: core_set_path, current, stage (read).
core_tell_beginning() {
  local begun others
  if ! begun=$(core_store_list "$core_set_path/began" --files-only) ||
    ! others=$(core_store_list "${core_set_path%/*}" --dirs-only); then
    core_store_failed "it does not say whether it has this data"
    return 1
  fi
  [[ -z $begun ]] || return 0
  if [[ -n $others && $others != "${core_set_path##*/}/" ]]; then
    log "the store has backups of other data of ${core_set_path%/*} too: former data of this set, or a set of another" \
      "cluster? Give sets of two clusters a 'folder' each, or a restore may take the other's"
  fi
  rm -rf "$stage/beginning"
  mkdir -p "$stage/beginning/began" || return 1
  engine_data_origin "$core_current" >"$stage/beginning/origin"
  : >"$stage/beginning/began/$(date -u +%Y%m%dT%H%M%SZ)"
  [[ $(core_store_send "$stage/beginning" "$core_set_path" | wc -l) == 2 ]]
}
# core_ship: once. What fails is looked at again, with the keys as they are then.
# Globals: core_opened (read and set).
core_ship() {
  if [[ -z $core_opened ]]; then core_open_store backup || return 1; fi
  core_opened=yes
  [[ -n $core_set_path ]] || core_find_path || return 1
  if [[ -n $core_set_path ]]; then engine_ship; fi
}
# core_tell_unshipped: while the store does not take the log, how much of it waits; a line each tenth of what may.
# Globals: max_unshipped (read); core_told_tenths (read and set).
core_tell_unshipped() {
  local bytes tenths words
  bytes=$(engine_unshipped) && core_is_number "$bytes" || return 0
  tenths=$((max_unshipped > 0 ? bytes * 10 / max_unshipped : bytes >> 30))
  if ((tenths > core_told_tenths)); then
    words="it is kept, until the volume is full. Make the store answer"
    ((max_unshipped == 0)) ||
      words="from $((max_unshipped >> 20)) MiB on the oldest is dropped, and no time in it can be restored"
    log "$((bytes >> 20)) MiB of the log wait for the store: $words"
  fi
  core_told_tenths=$tenths
}

# core_tend_base: takes a base backup where the log that is sent continues none: the set is new, say, or part of its log
# was dropped. Alongside the log, as the backup is complete only when the log up to its end is in the store.
# Globals: core_now (read); core_base_needed, core_base_again, core_base_pid, core_base_after, core_base_failures,
# core_base_told (read and set).
core_tend_base() {
  local status=0
  core_clock
  if [[ -n $core_base_pid ]]; then
    if kill -0 "$core_base_pid" 2>/dev/null; then return 0; fi
    wait "$core_base_pid" || status=$?
    core_base_pid=
    if ((status == 0)); then
      core_base_needed=$core_base_again core_base_again='' core_base_failures=0
    else
      core_base_failures=$((core_base_failures + 1))
      core_base_after=$((core_now + (core_base_failures > 5 ? 1800 : 30 << core_base_failures)))
      log "taking it again in $((core_base_after - core_now)) s"
    fi
  fi
  if [[ -z $core_base_needed || ! -e $state/ready ]] || ((core_now < core_base_after)); then return 0; fi
  if [[ $core_base_needed == unknown ]]; then core_look_for_base || return 0; fi
  [[ -n $core_base_needed ]] || return 0
  if [[ -n ${backs_up_from_volume:-} ]]; then
    [[ -n $core_base_told ]] ||
      log "the store has no backup that this log continues: nothing from here on can be restored" \
        "before there is one. Take it now: kubectl create job --from=cronjob/$set_name-backup $set_name-backup-now"
    # One is looked for again.
    core_base_told=yes core_base_needed=unknown core_base_after=$((core_now + 60))
    return 0
  fi
  log "the store has no backup that this log continues: taking one now"
  (
    core_store_complaint=$state/base-store
    [[ -z ${rate_limit:-} ]] || core_store_limit=(--bwlimit "$rate_limit")
    core_take_base
  ) &
  core_base_pid=$!
}
# core_look_for_base: whether the newest backup is older than the newest gap in the log, or there is none.
# Globals: core_set_path (read); core_base_needed, core_base_told (set).
core_look_for_base() {
  local bases gaps newest gap
  if ! bases=$(core_store_list "$core_set_path/base" -R --files-only --include index) ||
    ! gaps=$(core_store_list "$core_set_path/gaps" --files-only); then
    core_store_failed "it does not say which backups it has"
    return 1
  fi
  newest=$(LC_ALL=C sort <<<"$bases" | tail -n 1) gap=$(LC_ALL=C sort <<<"$gaps" | tail -n 1)
  newest=${newest%/index} gap=${gap%%.*}
  if [[ -n $newest && $newest > $gap ]]; then core_base_needed='' core_base_told=''; else core_base_needed=yes; fi
}
# core_note_gap FROM TO: parts of the log that the store will never have, as the engine names them: no time in them can
# be restored. The next backup begins after them; one that is being taken may not.
# Globals: core_set_path, stage, core_base_pid (read); core_base_needed, core_base_again (set).
core_note_gap() {
  local name
  name=$(date -u +%Y%m%dT%H%M%SZ).$1.$2
  rm -rf "$stage/gap"
  mkdir -p "$stage/gap" && : >"$stage/gap/$name" || return 1
  [[ $(core_store_send "$stage/gap" "$core_set_path/gaps") == "$name" ]] || return 1
  log "GAP: the log from $1 to $2 is not in the store: no time in it can be restored. Was it away for long?"
  if [[ -n $core_base_pid ]]; then core_base_again=yes; else core_base_needed=yes; fi
}

# core_ship_replica: what its engine finds to send.
# Globals: core_set_path (set).
core_ship_replica() {
  local identity
  [[ -d $core_current ]] && identity=$(engine_data_identity "$core_current") && core_is_identity "$identity" || return 0
  core_set_path=$(core_namespace)/$set_name/$identity
  engine_ship_replica
}
if ((ordinal > 0)); then
  while core_hear && [[ -z $core_leaving ]]; do
    if declare -F engine_ship_replica >/dev/null; then core_ship_replica || true; fi
    pause 20
  done
  exit 0
fi

engine_prepare
while :; do
  core_hear
  core_ended=
  if [[ -e $state/server-ended ]]; then core_ended=yes; fi
  # What an engine must see itself, it sees also while the store does not answer.
  if declare -F engine_watch >/dev/null; then engine_watch || true; fi
  if core_ship; then
    core_failures=0 core_told_tenths=0
    rm -f "$state/store-away"
  else
    core_failures=$((core_failures + 1)) core_opened=
    : >"$state/store-away"
    core_tell_unshipped
  fi
  [[ -e $state/ship-looked ]] || : >"$state/ship-looked"
  if [[ -n $core_ended ]]; then break; fi
  if [[ -n $core_leaving ]]; then
    pause 0.2
    continue
  fi
  if [[ -n $core_set_path ]]; then core_tend_base; fi
  if ((core_failures > 0)); then core_back_off "$core_failures"; else pause 1; fi
done
if [[ -n $core_base_pid ]]; then kill -- "$core_base_pid" 2>/dev/null || true; fi
