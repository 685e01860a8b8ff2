# shellcheck shell=bash
# How MySQL and MariaDB are restored: a copy, and the binary log from the store up to the wanted point, replayed by a
# server that no one reaches. What is left of the last file is cut off before the server sees it: so nothing later than
# that can be in the data. Needs log-parts.sh, and of the engine:
#
#   time_limit PATH INSTANT   sets `up_to` to the transactions up to then, where the log itself does not say when they
#                             were committed
#   replay_files DIR FILE...  replays what the data in DIR has not yet, and removes the files
#   finish DIR SET ORIGIN     checks that the data has these transactions and no others; gives it an identity of its own

replayed=$volume/temporary/restore # files of the log, until they are replayed
batch_bytes=1073741824             # of them that are there at once; and
batch_parts=256
declare -A copied_of=() # of each file: what its server had from a copy

# engine_replay DIRECTORY PATH UNTIL ORIGIN: ends with a primary at rest. Where the log does not lead to UNTIL, it
# fails, and says what the last time is that can be reached.
engine_replay() {
  local start position last='' until='' up_to='' wanted=$3 set reached=''
  start=$(sed -nE 's/^start ([0-9]{1,18})$/\1/p' "$stage/index")
  position=$(sed -nE 's/^position ([0-9a-f:,-]*)$/\1/p' "$stage/index")
  [[ -n $start ]] || {
    log "DAMAGED: the index of the backup does not say where in the log it begins"
    return 1
  }
  rm -rf "$replayed"
  mkdir -p "$replayed" && list_parts "$2" || return 1
  set=$position
  case $3 in
    latest) last=$(newest_part '') ;;
    *-*) find_time "$2" "$3" || return 1 ;;
    *) find_seal || return 1 ;;
  esac
  if [[ -n $last ]] && ((10#${last:21:20} > start)); then
    find_chain "$start" "$last" || {
      tell_gap "$2" "$3"
      return 1
    }
    replay_chain "$1" "$2" || return 1
  fi
  finish "$1" "$set" "$4" || return 1
  if [[ -n $reached ]]; then
    log "replayed the log: $((reached - start)) transactions after the $start of the copy"
  else
    log "the log has nothing that is not in the copy"
  fi
  rm -rf "$replayed"
}

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

# fetch_parts PATH PART...: into `replayed`, each as the server wrote it, and as its name says.
fetch_parts() {
  local path=$1 name tries=0 head copied
  shift
  mkdir -p "$stage" || return 1
  for name in "$@"; do
    if [[ ! -e $replayed/$name ]]; then path_of "$name"; fi
  done >"$stage/wanted"
  if [[ ! -s $stage/wanted ]]; then return 0; fi
  mkdir -p "$replayed/fetched"
  until core_store_do 3600 copy --ignore-times --transfers 4 --files-from "$stage/wanted" \
    "$(core_store_folder "$path/log")" "$replayed/fetched"; do
    tries=$((tries + 1))
    core_store_failed "it does not give the log"
    if ((tries == 10)); then return 1; fi
    core_back_off "$tries"
  done
  for name in "$@"; do
    [[ ! -e $replayed/$name ]] || continue
    [[ -f $replayed/fetched/$(path_of "$name") ]] || {
      log "the store does not have $path/log/$(path_of "$name") any more"
      return 1
    }
    if ! engine_decompress <"$replayed/fetched/$(path_of "$name")" >"$replayed/$name" ||
      ! copied=$(unseal_part "$replayed/$name") ||
      ! head=$(read_log "$replayed/$name" -v read=head -v copied="$copied") ||
      [[ $(hash_of "${head#* * }") != "${name:59:16}" ]]; then
      log "DAMAGED: $path/log/$(path_of "$name") in the store is not what was written"
      return 1
    fi
    copied_of[$name]=$copied
    rm -f "$replayed/fetched/$(path_of "$name")"
  done
}

# replay_chain DIRECTORY PATH
# Globals: chain, chain_until (read); of engine_replay: until, up_to (read); set, reached (set).
replay_chain() {
  local i name next lines files=() count=0 bytes=0 tenth=0 branch at_once=1
  for i in "${!chain[@]}"; do
    name=${chain[i]}
    fetch_parts "$2" "${chain[@]:i:at_once}" || return 1
    # Small ones are fetched many at a time.
    if (($(stat -c %s "$replayed/$name") < 16777216)); then at_once=32; else at_once=1; fi
    lines=
    if [[ -n ${chain_until[$name]:-} ]]; then
      # The next part begins in the middle of this one: what follows in it the set has lost.
      next=${chain_until[$name]}
      fetch_parts "$2" "$next" &&
        branch=$(read_log "$replayed/$next" -v read=head -v copied="${copied_of[$next]}") &&
        rm -f "$replayed/$next" &&
        lines=$(read_log "$replayed/$name" -v read=all -v copied="${copied_of[$name]}" -v limit="${branch#* * }") ||
        return 1
      [[ $(hash_of "$(value_of set "$lines")") == "$(beginning_of "$next")" ]] || {
        chain_gap=$next
        tell_gap "$2" "$wanted"
        return 1
      }
    elif [[ $name == "$last" ]]; then
      lines=$(read_log "$replayed/$name" -v read=all -v copied="${copied_of[$name]}" \
        -v until="$until" -v limit="$up_to") || return 1
      set=$(value_of set "$lines") reached=$(value_of count "$lines")
      if [[ -z $until$up_to && $(hash_of "$set") != "${last:76:16}" ]]; then
        log "DAMAGED: $2/log/$(path_of "$name") in the store does not lead as far as its name says"
        return 1
      fi
      if [[ -n $(value_of last "$lines") ]]; then
        log "the last transaction is of $(instant_of "$(value_of last "$lines")")"
      fi
    fi
    if [[ -n $lines ]]; then truncate -s "$(value_of end "$lines")" "$replayed/$name" || return 1; fi
    files+=("$replayed/$name") bytes=$((bytes + $(stat -c %s "$replayed/$name"))) count=$((count + 1))
    if ((count == batch_parts || bytes > batch_bytes)) || [[ $name == "${chain[-1]}" ]]; then
      replay_files "$1" "${files[@]}" || return 1
      files=() count=0 bytes=0
      if (((i + 1) * 10 / ${#chain[@]} > tenth)); then
        tenth=$(((i + 1) * 10 / ${#chain[@]}))
        log "replayed $((tenth * 10)) % of the log"
      fi
    fi
  done
}

# new_owner DIRECTORY IDENTITY ORIGIN: whose data this is from now on.
new_owner() { printf '%s\n' "$2" >"$1/identity" && printf 'restored %s\n' "$3" >"$1/origin"; }

# check_tables SQL-FUNCTION: has the server that runs check every table; says which are damaged. SQL-FUNCTION asks it.
check_tables() {
  local statements row said damaged=0 checked=0
  statements=$("$1" "SELECT CONCAT('CHECK TABLE \`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`',
      REPLACE(table_name, '\`', '\`\`'), '\`;')
    FROM information_schema.tables
    WHERE table_type = 'BASE TABLE'
      AND table_schema NOT IN ('performance_schema', 'information_schema', 'sys')") || return 1
  while IFS= read -r row; do
    [[ -n $row ]] || continue
    said=$("$1" "$row") || {
      log "DAMAGED: the server does not answer any more: $row"
      return 1
    }
    checked=$((checked + 1))
    if grep -qE $'\t(error|Error|warning)\t' <<<"$said" ||
      ! grep -qE $'\tstatus\t(OK|Table is already up to date)$|\tnote\tThe storage engine' <<<"$said"; then
      log "DAMAGED: ${row#CHECK TABLE }: ${said:0:500}"
      damaged=1
    fi
  done <<<"$statements"
  log "checked $checked tables"
  return "$damaged"
}
# holds_assertion SQL-FUNCTION: what the user asserts of the data: a file that ends with a row that is true.
holds_assertion() {
  local said
  [[ -s $config/assertion.sql ]] || return 0
  if ! said=$("$1" "USE \`$database\`; $(<"$config/assertion.sql")" 2>&1) || [[ ${said##*$'\n'} != 1 ]]; then
    log "the assertion does not hold: it must end with a row that is true, and says: ${said:0:500}"
    return 1
  fi
}
