# shellcheck shell=bash
# How Redis and Valkey are restored: a base of the log, and the increments after it up to the wanted second, loaded by a
# server that no one reaches. Needs engine.sh, engine-backup.sh, restore.sh.

fetched_at_once=64 # parts of an increment
fetch_tries=10     # until what the store has and does not give is given up
longest_fork=300   # seconds that may pass between what a base has and the second in its name
offline_socket=$state/offline.sock
offline_pid=
declare -A stored_parts=() # by BRANCH/incr/SEQ or BRANCH/base/NAME: names
declare -A stored_ends=()  # of those that are complete: how many bytes
stored_bases=()            # BRANCH/BASE, in their order

# engine_restore DIRECTORY: what the backup names, from stdin. It is fetched by engine_replay, which may know a newer
# base.
engine_restore() { mkdir -p "$1" && head -c 67108864 >"$1/backup"; }

# engine_replay DIRECTORY PATH UNTIL ORIGIN: ends with a primary at rest, of an identity of its own. Its log has whole
# seconds: until a time means all that was run before that second began, and nothing of it.
engine_replay() {
  local until=0 base backup_base last='' aof=$1/appendonlydir
  case $3 in
    latest) ;;
    *-*)
      [[ $3 =~ ^[0-9T:-]{19}(\.0+)?Z$ ]] || {
        log "CANNOT REACH $3: the log of $program has whole seconds. Give 'restoreFrom' a time without parts of a" \
          "second: all that was run before it is then there"
        return 1
      }
      until=$(date -u -d "$3" +%s) || return 1
      ;;
    *) until=named ;;
  esac
  backup_base=$(base_of_backup "$1/backup") || {
    log "DAMAGED: the backup names no base of the log"
    return 1
  }
  list_settled_log "$2" "$backup_base" "$until" || return 1
  base=$(choose_log_base "$until" "$backup_base")
  rm -rf "$aof" && mkdir -p "$aof" || return 1
  fetch_log_base "$2" "$base" "$aof/appendonly.aof.1.base.rdb" && : >"$aof/appendonly.aof.1.incr.aof" || return 1
  if [[ $until != named ]]; then
    last=$(fetch_increments "$2" "$base" "$until" "$aof/appendonly.aof.1.incr.aof") || return 1
    core_is_number "$last" || return 1
  fi
  printf 'file appendonly.aof.1.%s seq 1 type %s\n' base.rdb b incr.aof i >"$aof/appendonly.aof.manifest" || return 1
  check_log "$aof" || return 1
  settle_restored "$1" "$4" || return 1
  log "loaded the base ${base#*/}${last:+, and the log after it, which ends in the second $(instant_of "$last")}"
}
# list_settled_log PATH BASE UNTIL: what the store has. Parts are sent side by side: a later one may be there a moment
# before, and then is looked again.
list_settled_log() {
  local tries newest later
  for ((tries = 1; ; tries++)); do
    list_log "$1" "$2" || return 1
    newest=$(choose_log_base 0 "$2")
    [[ $(choose_log_base "$3" "$2") == "$newest" ]] || return 0
    later=$(later_than "$(whole_from "$newest")" | wc -l)
    if ((later == 0 || later >= batch || tries > 5)); then return 0; fi
    core_back_off "$tries"
  done
}
# check_log FOLDER: by the image's checkers, each file by itself: Valkey 9.1's for the append-only file does not know a
# base of its own.
check_log() {
  "$program-check-rdb" "$1/appendonly.aof.1.base.rdb" >"$state/check" 2>&1 || {
    log "DAMAGED: $program-check-rdb says of the base: $(tail -n 3 "$state/check" | tr '\n' ' ')"
    return 1
  }
  [[ ! -s $1/appendonly.aof.1.incr.aof ]] || "$program-check-aof" "$1/appendonly.aof.1.incr.aof" >"$state/check" 2>&1 ||
    {
      log "DAMAGED: $program-check-aof says of the log: $(tail -n 3 "$state/check" | tr '\n' ' ')"
      return 1
    }
}
instant_of() { if (($1 > 0)); then date -u -d "@$1" +%FT%TZ; else echo "of the base"; fi; }

# base_of_backup FILE: BRANCH/BASE. The parts that it names must all be there: list_log says so.
base_of_backup() {
  local first word branch_name base_name rest
  { read -r first && read -r word branch_name base_name rest; } <"$1" || return 1
  [[ $first == "append-only file 1" && $word == base && -z $rest ]] || return 1
  [[ $branch_name =~ $branch_pattern && $base_name =~ $base_pattern ]] && echo "$branch_name/$base_name"
}

# list_log PATH BASE: what the store has, from the branch of BASE on.
# Globals: stored_parts, stored_ends, stored_bases (set).
list_log() {
  local names path folder name folder_pattern='^[0-9]{6}-[0-9a-f]{32}/(incr/[0-9]{9}|base/[0-9]{9}-[1-9][0-9]{9,10})$'
  names=$(core_store_list "$1/log" -R --files-only) || {
    core_store_failed "it does not say which log it has"
    return 1
  }
  stored_parts=() stored_ends=() stored_bases=()
  while IFS= read -r path; do
    folder=${path%/*} name=${path##*/}
    [[ $folder =~ $folder_pattern && ! ${folder%%/*} < ${2%%/*} ]] || continue
    if [[ $name =~ $part_pattern ]]; then
      stored_parts[$folder]+="$name "
    elif [[ $name =~ ^(end|complete)-([0-9]{1,13})$ ]]; then
      stored_ends[$folder]=${BASH_REMATCH[2]}
      if [[ $folder == */base/* ]]; then stored_bases+=("${folder/\/base/}"); fi
    fi
  done < <(LC_ALL=C sort <<<"$names")
  [[ -n ${stored_ends[${2/\//\/base\/}]:-} ]] || {
    log "DAMAGED: the store has no base ${2#*/} of branch ${2%%/*} any more, which the backup is"
    return 1
  }
}

# choose_log_base UNTIL BACKUP: the newest that has nothing which was run later; 0 is all, and a backup that was named
# is its own.
# Globals: stored_bases (read).
choose_log_base() {
  local base chosen=$2
  if [[ $1 == named ]]; then
    echo "$2"
    return 0
  fi
  for base in "${stored_bases[@]}"; do
    [[ ! $base < $2 ]] || continue
    if (($1 == 0 || ${base##*-} < $1)); then chosen=$base; fi
  done
  echo "$chosen"
}

# whole_from BASE: how far the log that the store has is without a hole, from that base on: `BRANCH SEQUENCE BYTES`.
# Globals: stored_parts, stored_ends (read).
whole_from() {
  local branch_name=${1%%/*} n=${1#*/} folder name at
  n=$((10#${n%%-*}))
  while :; do
    folder=$branch_name/incr/$(printf %09d "$n") at=0
    for name in ${stored_parts[$folder]:-}; do
      ((10#${name:0:13} <= at)) || break
      ((10#${name:0:13} + $(length_of "$name") <= at)) || at=$((10#${name:0:13} + $(length_of "$name")))
    done
    [[ -n ${stored_ends[$folder]:-} && ${stored_ends[$folder]} == "$at" ]] || break
    n=$((n + 1))
  done
  echo "$branch_name $n $at"
}
# later_than PLACE: what else the store has of the log after that, a line each: of a later increment, or behind a hole of
# that one; and all of a newer branch, of which no base is complete, or that would be where one begins.
# Globals: stored_parts, stored_ends (read).
later_than() {
  local branch_name n at folder name sequence
  read -r branch_name n at <<<"$1"
  for folder in "${!stored_parts[@]}" "${!stored_ends[@]}"; do
    if [[ $folder == "$branch_name"/incr/* ]]; then
      sequence=$((10#${folder##*/}))
      ((sequence >= n)) || continue
      for name in ${stored_parts[$folder]:-}; do
        if ((sequence > n || 10#${name:0:13} > at)); then echo "$folder/$name"; fi
      done
      if ((sequence > n)) || [[ -n ${stored_ends[$folder]:-} && ${stored_ends[$folder]} -gt $at ]]; then echo "$folder"; fi
    elif [[ ${folder%%/*} > $branch_name ]]; then
      echo "$folder"
    fi
  done | LC_ALL=C sort -u
}

# fetch_log_base PATH BASE FILE
fetch_log_base() {
  local folder=${2/\//\/base\/} name at=0 size sum announced=0
  size=${stored_ends[$folder]}
  log "fetching the base ${2#*/}, $size bytes"
  : >"$3" || return 1
  for name in ${stored_parts[$folder]}; do
    ((10#${name:0:13} == at)) || continue
    core_fetch_chunk "$1/log/$folder/$name" || return 1
    sum=$(sha256sum <"$stage/chunk")
    [[ ${sum%% *} == "$(sum_of "$name")" ]] || {
      log "DAMAGED: $1/log/$folder/$name in the store is not what was written (sha256 ${sum%% *})"
      return 1
    }
    cat "$stage/chunk" >>"$3" && rm -f "$stage/chunk" || return 1
    at=$((at + $(length_of "$name")))
    if ((at * 10 / size > announced)); then
      announced=$((at * 10 / size))
      log "fetched $((announced * 10)) % of the base"
    fi
  done
  ((at == size)) || {
    log "DAMAGED: the store has $at bytes in a row of the base $folder, of $size"
    return 1
  }
}

# fetch_increments PATH BASE UNTIL FILE: what was run after BASE, up to the second UNTIL, that not included; 0 is all.
# Prints the last second of which there is something.
fetch_increments() {
  local branch_name=${2%%/*} n=${2#*/} folder last=0 end=0 at why='' size left name later
  n=$((10#${n%%-*}))
  while :; do
    folder=$branch_name/incr/$(printf %09d "$n") at=0
    mapfile -t left < <(tr ' ' '\n' <<<"${stored_parts[$folder]:-}" | grep .)
    while ((${#left[@]} > 0)); do
      fetch_parts "$1" "$folder" "${left[@]:0:fetched_at_once}" || return 1
      for name in "${left[@]:0:fetched_at_once}"; do
        at=$(append_part "$1" "$folder" "$name" "$at" "$4") || return 1
      done
      left=("${left[@]:fetched_at_once}")
      size=$(stat -c %s "$4")
      scan_fetched "$4" "$size" "$3" || return 1
      if [[ $why == until ]]; then
        truncate -s "$end" "$4" && echo "$last"
        return
      fi
    done
    [[ -n ${stored_ends[$folder]:-} && ${stored_ends[$folder]} == "$at" ]] || break
    n=$((n + 1))
  done
  # Nothing follows that is known to follow.
  if ((end < $(stat -c %s "$4"))); then
    log "the log ends in the middle of a command or a transaction, which is left out"
    truncate -s "$end" "$4" || return 1
  fi
  if (($3 > 0)); then
    if nothing_ran_before "$branch_name" "$n" "$3" "$at"; then
      echo "$last"
      return 0
    fi
    log "CANNOT REACH $(instant_of "$3"): the store's log ends before, or has a hole there. What is known to be whole" \
      "ends in the second $(instant_of "$last"). Give 'restoreFrom' that time$(next_base_after "$3"), or" \
      "RestorePoint.latest"
    return 1
  fi
  later=$(later_than "$branch_name $n $at" | head -n 1)
  if [[ -z $later ]]; then
    echo "$last"
    return 0
  fi
  log "CANNOT REACH latest: the log in the store has a gap after the second $(instant_of "$last"), and goes on behind it" \
    "with $later, of which no base is complete. Give 'restoreFrom' that time, or the name of a backup, or wait for" \
    "the next backup if the set runs"
  return 1
}
# Globals: end, last, why (set).
scan_fetched() { # FILE SIZE UNTIL
  local ended noted
  read -r ended why noted < <(perl "$scripts/log-scan.pl" "$1" "$end" "$2" 0 "$3") || return 1
  core_is_number "$ended" && core_is_number "$noted" || return 1
  [[ $why != damaged ]] || {
    log "DAMAGED: the log in the store has no command at byte $ended of what follows the base"
    return 1
  }
  end=$ended
  ((noted == 0)) || last=$noted
}
# nothing_ran_before BRANCH SEQUENCE UNTIL BYTES: where the log is whole up to an increment of which the store has
# nothing yet, and the base before that was begun well after UNTIL, nothing is missing.
nothing_ran_before() {
  local base
  (($4 == 0)) || return 1
  for base in "${stored_bases[@]}"; do
    if [[ $base == "$1/$(printf %09d "$2")"-* ]] && ((${base##*-} >= $3 + longest_fork)); then return 0; fi
  done
  return 1
}
# next_base_after SECOND: in words.
next_base_after() {
  local base
  for base in "${stored_bases[@]}"; do
    if ((${base##*-} >= $1)); then
      printf ', or one after %s' "$(instant_of $((${base##*-} + 1)))"
      return 0
    fi
  done
}
# fetch_parts PATH FOLDER NAME...: into `stage`. What takes hours to restore is not begun again for a moment's silence.
fetch_parts() {
  local tries name missing
  rm -rf "$stage/parts" && mkdir -p "$stage/parts" && printf '%s\n' "${@:3}" >"$stage/wanted" || return 1
  for ((tries = 1; tries <= fetch_tries; tries++)); do
    if core_store_do 3600 copy --files-from "$stage/wanted" --no-traverse --transfers 4 \
      "$(core_store_path "$1/log/$2")" "$stage/parts"; then
      missing=
      for name in "${@:3}"; do [[ -f $stage/parts/$name ]] || missing=$name; done
      [[ -n $missing ]] || return 0
      # It had it when it was asked what it has.
      log "DAMAGED: the store has $1/log/$2/$missing no more"
      return 1
    fi
    core_store_failed "it does not give the log in $2; trying again"
    core_back_off "$tries"
  done
  return 1
}
# append_part PATH FOLDER NAME AT FILE: of two that overlap, as two containers may have sent them, what is new. Prints
# how far that is.
append_part() {
  local first=$((10#${3:0:13})) length sum
  length=$(length_of "$3")
  if ((first > $4 || first + length <= $4)); then
    echo "$4"
    return 0
  fi
  if ! engine_decompress <"$stage/parts/$3" >"$stage/part" || ! sum=$(sha256sum <"$stage/part"); then
    log "DAMAGED: $1/log/$2/$3 in the store cannot be unpacked"
    return 1
  fi
  [[ ${sum%% *} == "$(sum_of "$3")" ]] || {
    log "DAMAGED: $1/log/$2/$3 in the store is not what was written (sha256 ${sum%% *})"
    return 1
  }
  tail -c +$(($4 - first + 1)) "$stage/part" >>"$5" && rm -f "$stage/parts/$3" "$stage/part" && echo $((first + length))
}

# settle_restored DIRECTORY ORIGIN: a snapshot is made of it, without what says whose data it was, and it gets an
# identity: as a copy of another server's data has it.
settle_restored() {
  local identity name
  start_offline_server "$1" || return 1
  for name in stateful stateful_past; do
    ask_offline_server FUNCTION DELETE "$name" >/dev/null 2>&1 || true
  done
  if ask_offline_server FUNCTION LIST | grep -qE 'stateful_(position|history)'; then
    log "the data still says whose it was: it has functions of that name in another library"
    stop_offline_server || true
    return 1
  fi
  write_snapshot || return 1
  "$program-check-rdb" "$1/dump.rdb" >"$state/check" || {
    log "DAMAGED: $program-check-rdb says: $(tail -n 3 "$state/check" | tr '\n' ' ')"
    return 1
  }
  rm -rf "$1/appendonlydir" "$1/backup" && mkdir "$1/appendonlydir" || return 1
  ln "$1/dump.rdb" "$1/appendonlydir/appendonly.aof.1.base.rdb" || return 1
  echo 'file appendonly.aof.1.base.rdb seq 1 type b' >"$1/appendonlydir/appendonly.aof.manifest" || return 1
  identity=$(</proc/sys/kernel/random/uuid)
  echo "${identity//-/}" >"$1/identity" && echo "restored $2" >"$1/origin" || return 1
  sync "$1/dump.rdb" "$1/appendonlydir/appendonly.aof.manifest" "$1/appendonlydir" "$1/identity" "$1/origin"
}

# start_offline_server DIRECTORY [LINE]...: with the set's configuration, and modules, but reached by its socket alone;
# the default user may everything, as the server runs its log as that (engine.sh). Nothing is evicted.
start_offline_server() {
  (
    umask 077
    printf '%s\n' "include $config/$program.conf" "dir $1" "port 0" "unixsocket $offline_socket" "unixsocketperm 700" \
      "appendonly yes" "appendfsync no" "aof-load-truncated no" "auto-aof-rewrite-percentage 0" "maxmemory 0" \
      "maxmemory-policy noeviction" "timeout 0" "loglevel notice" "${@:2}" >"$state/offline.conf"
  )
  rm -f "$offline_socket"
  docker-entrypoint.sh "$program-server" "$state/offline.conf" >"$stage/server.log" 2>&1 &
  offline_pid=$!
  until [[ $(ask_offline_server PING 2>/dev/null) == PONG ]]; do
    if ! kill -0 "$offline_pid" 2>/dev/null; then
      log "the server does not load the restored data: $(tail -n 3 "$stage/server.log")"
      return 1
    fi
    pause 0.5
  done
  if grep -q '== CRITICAL ==' "$stage/server.log"; then
    log "the server left out commands of the log: $(grep -m 3 '== CRITICAL ==' "$stage/server.log")"
    stop_offline_server || true
    return 1
  fi
}
ask_offline_server() { "$program-cli" -e -s "$offline_socket" "$@"; }
stop_offline_server() {
  ask_offline_server SHUTDOWN NOSAVE >/dev/null 2>&1 || true
  wait "$offline_pid"
}
# write_snapshot: of all that the server has, and ends it.
write_snapshot() {
  local status=0
  [[ $(ask_offline_server SAVE) == OK ]] || status=1
  stop_offline_server || status=1
  ((status == 0)) || log "the server does not write the restored data: $(tail -n 3 "$stage/server.log")"
  return "$status"
}

# engine_prove DIRECTORY: of restored data: the checker reads the snapshot, a server loads it with each value checked in
# full, and writes all of it out again. Keys whose time comes meanwhile go.
engine_prove() {
  local keys loaded again
  if ! "$program-check-rdb" "$1/dump.rdb" >"$state/check" || ! keys=$(keys_checked); then
    log "DAMAGED: $program-check-rdb says: $(tail -n 3 "$state/check" | tr '\n' ' ')"
    return 1
  fi
  start_offline_server "$1" "sanitize-dump-payload yes" "dbfilename proof.rdb" || {
    log "DAMAGED: see above"
    return 1
  }
  loaded=$(sed -nE 's/.*Done loading RDB, keys loaded: ([0-9]+),.*/\1/p' "$stage/server.log" | tail -n 1)
  write_snapshot || return 1
  if ! "$program-check-rdb" "$1/proof.rdb" >"$state/check" || ! again=$(keys_checked); then
    log "DAMAGED: $program-check-rdb says of what the server wrote: $(tail -n 3 "$state/check" | tr '\n' ' ')"
    return 1
  fi
  rm -f "$1/proof.rdb"
  if [[ $loaded != "$keys" ]] || ((again > keys)); then
    log "DAMAGED: the snapshot has $keys keys, the server loaded ${loaded:-none}, and writes $again"
    return 1
  fi
  log "the server read all $keys keys, and wrote $again of them again; others expired meanwhile"
}
keys_checked() {
  local count
  count=$(sed -nE 's/^\[info\] ([0-9]+) keys read$/\1/p' "$state/check") && core_is_number "$count" && echo "$count"
}
