# shellcheck shell=bash
# How Redis and Valkey are restored: a base of the log, and the increments after it up to the wanted second, loaded by a
# server that no one reaches. Needs engine.sh, engine-backup.sh, restore.sh.

# shellcheck source=log-fetch.sh
. "$scripts/log-fetch.sh"
# shellcheck source=offline-server.sh
. "$scripts/offline-server.sh"

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

# base_of_backup FILE: BRANCH/BASE. The parts that it names must all be there: list_log says so.
base_of_backup() {
  local first word branch_name base_name rest
  { read -r first && read -r word branch_name base_name rest; } <"$1" || return 1
  [[ $first == "append-only file 1" && $word == base && -z $rest ]] || return 1
  [[ $branch_name =~ $branch_pattern && $base_name =~ $base_pattern ]] && echo "$branch_name/$base_name"
}

# settle_restored DIRECTORY ORIGIN: a snapshot is made of it, without what says whose data it was, and it gets an
# identity: as a copy of another server's data has it.
settle_restored() {
  local identity name functions
  start_offline_server "$1" || return 1
  for name in stateful stateful_past; do
    ask_offline_server FUNCTION DELETE "$name" >/dev/null 2>&1 || true
  done
  functions=$(ask_offline_server FUNCTION LIST) || return 1
  if grep -qE 'stateful_(position|history)' <<<"$functions"; then
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
