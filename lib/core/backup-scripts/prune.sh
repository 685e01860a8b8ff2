# shellcheck shell=bash
# What is older than the window goes. Every second inside the window stays restorable, and nothing goes before a newer
# backup was proven. For backup.sh; needs store.sh, chain.sh, and the engine's engine_prune_log.
#
#   a backup ...                                                   | it
#   ---------------------------------------------------------------|----------------------------------------------------
#   ended inside the window                                        | stays
#   is the newest of those that ended before it                    | stays: the window's first seconds need it
#   is read by a restore that was seen in the last day             | stays, and all that is newer
#   is what one that stays builds on                               | stays: that would be none without it
#   is older than these, and a newer one was proven                | goes: its index first, so that it is none from then on
#   is older than these, and no newer one was proven               | stays
#   was begun two days ago, and has no index                       | goes: it never was one
#
# And the log goes from before the oldest that stays.

# core_prune PATH: of one set's data. A store that lets nothing be deleted keeps everything, and says so.
# Globals: retention (read).
core_prune() {
  local -A parents=() # what those that stay build on
  local unread=()     # those that stay, of which it is not known yet what they build on
  local core_now cutoff day_ago two_days_ago name names=() complete='' proven='' reading='' begun=''
  local oldest='' newest_proven='' gone=0
  core_now=$(date -u +%s)
  cutoff=$(stamp $((core_now - retention)))
  day_ago=$(stamp $((core_now - 86400)))
  two_days_ago=$(stamp $((core_now - 172800)))
  if ! complete=$(core_store_list "$1/base" -R --files-only --include index) ||
    ! proven=$(core_store_list "$1/proven" --files-only) ||
    ! reading=$(core_store_list "$1/reading" --files-only) ||
    ! begun=$(core_store_list "$1/base" --dirs-only | LC_ALL=C sort -r); then
    core_store_failed "it does not say which backups it has: nothing was deleted"
    return 1
  fi
  [[ -z $begun ]] || mapfile -t names <<<"$begun"
  complete=" ${complete//$'\n'/ } " proven=" ${proven//$'\n'/ } "
  # A restore says `BACKUP.TIME`, hour by hour.
  for name in $reading; do
    [[ $name =~ ^([0-9]{8}T[0-9]{6}Z)\.([0-9]{8}T[0-9]{6}Z)$ ]] || continue
    if [[ ${BASH_REMATCH[2]} < $day_ago ]]; then
      core_store_delete "$1/reading/$name" || true
      continue
    fi
    [[ -n $oldest && ! ${BASH_REMATCH[1]} < $oldest ]] || oldest=${BASH_REMATCH[1]}
  done
  local keeps=yes read_from=$oldest
  oldest=
  for name in "${names[@]}"; do # the newest first
    name=${name%/}
    [[ $name =~ ^[0-9]{8}T[0-9]{6}Z$ ]] || continue
    if [[ $complete != *" $name/index "* ]]; then
      if [[ $name < $two_days_ago ]] && remove "$1/base/$name"; then
        log "removed what was left of the backup $name, which was never complete"
      fi
      continue
    fi
    if [[ -n $keeps || -z $newest_proven || (-n $read_from && ! $name < $read_from) ]]; then
      oldest=$name unread+=("$name")
    elif ! core_find_needed "$1"; then
      log "it is not known on which others they build: no older backup was deleted"
      return 1
    elif [[ -n ${parents[$name]:-} ]] || ! core_store_delete "$1/base/$name/index"; then
      oldest=$name unread+=("$name")
    elif remove "$1/base/$name"; then
      gone=$((gone + 1))
    fi
    if [[ $proven == *" $name "* ]]; then newest_proven=${newest_proven:-$name}; fi
    if [[ -n $keeps && $name < $cutoff ]] && [[ ! $(core_ended_of "$1" "$name") > $cutoff ]]; then keeps=; fi
  done
  if ((gone > 0)); then log "removed $gone backups that are older than the window; the oldest is $oldest now"; fi
  [[ -z $oldest ]] || engine_prune_log "$1" "$oldest"
}
# core_find_needed PATH: asked only where something may go: it reads the index of each that stays, once.
# Globals: parents, unread (read and set).
core_find_needed() {
  local name parent
  for name in "${unread[@]}"; do
    core_fetch_index "$1" "$name" "$stage/staying" && parent=$(core_parent_in "$stage/staying") || return 1
    if [[ -n $parent ]]; then parents[${parent% *}]=yes; fi
  done
  unread=()
}
stamp() { date -u -d "@$1" +%Y%m%dT%H%M%SZ; }
# core_ended_of PATH BACKUP: as a stamp. What cannot be read has not ended: nothing goes because of it.
core_ended_of() {
  local ended
  ended=$(core_store_read "$1/base/$2/index" |
    sed -nE 's/^ended ([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z$/\1\2\3T\4\5\6Z/p')
  printf '%s' "${ended:-99999999T999999Z}"
}
remove() { core_store_do 3600 purge "$(core_store_folder "$1")" || {
  core_store_failed "$1 could not be deleted, and stays"
  return 1
}; }
core_store_delete() { core_store_do 120 deletefile "$(core_store_path "$1")" || {
  core_store_failed "$1 could not be deleted, and stays"
  return 1
}; }
