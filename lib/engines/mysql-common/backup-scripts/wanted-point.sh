# shellcheck shell=bash
# Where in the store's log of MySQL and MariaDB the wanted point is: the seal of a backup, or a time; and what is said
# where the log does not lead there. For restore-log.sh, which has fetch_parts.

# find_seal: where a backup ends: sets `last` and `up_to`.
# Globals, of engine_replay: start (read); last, up_to (set).
find_seal() {
  local count name
  count=$(sed -nE 's/^sealed ([0-9]{1,18}) [0-9a-f:,-]*$/\1/p' "$stage/index")
  up_to=$(sed -nE 's/^sealed [0-9]{1,18} ([0-9a-f:,-]*)$/\1/p' "$stage/index")
  [[ -n $count ]] || {
    log "DAMAGED: the index of the backup does not say where it is sealed"
    return 1
  }
  if ((count <= start)); then return 0; fi
  for name in "${parts[@]}"; do
    if ((10#${name:0:20} < count && 10#${name:21:20} >= count)) &&
      [[ -z $last || ${name:42:16} > ${last:42:16} ]]; then
      last=$name
    fi
  done
  [[ -n $last ]] || {
    log "DAMAGED: the store does not have the log up to the end of this backup any more"
    return 1
  }
}

# find_time PATH INSTANT: the part in which that is: sets `last`, and `until` or `up_to`.
# Globals, of engine_replay: last, until, up_to (set).
find_time() {
  local stamp lines next before closed name
  if declare -F time_limit >/dev/null; then
    time_limit "$1" "$2"
    return
  fi
  stamp=${2%%.*} stamp=${stamp%Z} stamp=${stamp//[-:]/}Z until=$(microseconds_of "$2")
  next=$(newest_part "$stamp")
  # Of its beginning only the second is known: the part before it may have what was committed later than INSTANT.
  while [[ -n $next && ${next:42:16} == "$stamp" ]]; do
    before=${part_ending[${next:59:16}]:-}
    if [[ -z $before ]] || ((10#${before:21:20} <= start)); then break; fi
    next=$before
  done
  if [[ -z $next ]]; then
    # All that there is was begun later: nothing was committed between the copy and then, if it goes on from the copy.
    for name in "${parts[@]}"; do
      if ((10#${name:0:20} <= start && 10#${name:21:20} > start)); then return 0; fi
    done
    if tell_gap_from "$1" "$2" "$start"; then return 1; fi
    log "CANNOT REACH $2: the store has no log after the backup. Give 'restoreFrom' the name of the backup, or RestorePoint.latest"
    return 1
  fi
  while [[ -n $next ]]; do
    last=$next
    fetch_parts "$1" "$last" &&
      lines=$(read_log "$replayed/$last" -v read=all -v copied="${copied_of[$last]}" -v until="$until") || return 1
    if [[ $(value_of cut "$lines") == yes ]]; then
      copy_is_before "$2" "$(value_of count "$lines")"
      return
    fi
    closed=$(value_of closed "$lines")
    if [[ -n $closed ]]; then closed=$((closed * 1000000)); else closed=$(value_of last "$lines"); fi
    if [[ -n $closed ]] && ((closed >= until)); then return 0; fi
    next=$(part_after "$last")
  done
  tell_gap_from "$1" "$2" $((10#${last:21:20})) || tell_end "$2" "$closed"
  return 1
}
# copy_is_before INSTANT COUNT: whether the copy has no more than the COUNT transactions that there were then; else says
# so. The end of a backup is noted by the clock of its job's node, and a commit by the primary's.
# Globals, of engine_replay: start (read).
copy_is_before() {
  (($2 < start)) || return 0
  log "CANNOT REACH $1: the copy of this backup has what was committed later. Do the clocks of the nodes differ?" \
    "Give 'restoreFrom' the name of an older backup, or a later time"
  return 1
}
microseconds_of() {
  local fraction=${1#*.}
  [[ $1 == *.* ]] && fraction=${fraction%Z} || fraction=
  fraction=${fraction}000000
  echo "$(($(date -u -d "${1%%[.Z]*}Z" +%s) * 1000000 + 10#${fraction:0:6}))"
}
instant_of() { # MICROSECONDS
  local fraction
  printf -v fraction %06d "$(($1 % 1000000))"
  date -u -d "@$(($1 / 1000000))" "+%FT%T.${fraction}Z"
}
tell_end() { # INSTANT MICROSECONDS
  log "CANNOT REACH $1: the store's log ends before${2:+, at $(instant_of "$2")}. Give 'restoreFrom' ${2:+that time, or }RestorePoint.latest"
}
# part_after PART: that begins as this one ends; else one that was begun before and leads further: a replica's, which
# has what a lost primary had not sent. Nothing where there is none.
part_after() {
  local name after='' end=$((10#${1:21:20}))
  for name in "${parts[@]}"; do
    if [[ ${name:59:16} == "${1:76:16}" ]] && [[ -z $after || ${name:42:16} > ${after:42:16} ]]; then after=$name; fi
  done
  if [[ -z $after ]]; then
    for name in "${parts[@]}"; do
      if ((10#${name:0:20} >= end || 10#${name:21:20} <= end)) ||
        [[ ${name:42:16} > ${1:42:16} ]]; then
        continue
      fi
      if [[ -z $after || ${name:42:16} > ${after:42:16} ]]; then after=$name; fi
    done
  fi
  echo "$after"
}
# tell_gap_from PATH UNTIL COUNT: where the store has log again from later on; fails where it has none.
# Globals: parts (read); chain_gap (set).
tell_gap_from() {
  local name first=
  for name in "${parts[@]}"; do
    if ((10#${name:0:20} >= $3)) && [[ -z $first || $name < $first ]]; then first=$name; fi
  done
  [[ -n $first ]] || return 1
  chain_gap=$first
  tell_gap "$1" "$2"
}
# Globals, of engine_replay: start (read); chain_gap (read).
tell_gap() { # PATH UNTIL
  local gap name before lines closed=''
  while :; do
    gap=$chain_gap before=''
    for name in "${parts[@]}"; do
      ((10#${name:21:20} <= 10#${gap:0:20} && 10#${name:21:20} > start)) || continue
      if [[ -z $before || ${name:42:16} > ${before:42:16} ]]; then before=$name; fi
    done
    # There may be another one before.
    if [[ -z $before ]] || find_chain "$start" "$before"; then break; fi
  done
  if [[ -n $before ]] &&
    fetch_parts "$1" "$before" &&
    lines=$(read_log "$replayed/$before" -v read=all); then
    closed=$(value_of closed "$lines")
  fi
  log "CANNOT REACH $2: the store's log has a gap before ${gap:42:16}: some of it never came there." \
    "${closed:+The last time before that can be reached is $(date -u -d "@$closed" +%FT%TZ). }Give 'restoreFrom' that time, or the name of a backup"
}
