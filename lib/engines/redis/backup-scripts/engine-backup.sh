# shellcheck shell=bash
# What Redis and Valkey supply to ship.sh and backup.sh. Restoring is in engine-restore.sh. Needs engine.sh, store.sh.

# shellcheck source=log-parts.sh
. "$scripts/log-parts.sh"
# shellcheck source=log-ship.sh
. "$scripts/log-ship.sh"

# engine_data_identity DIRECTORY
engine_data_identity() { engine_identity_of_files "$1"; }
# engine_data_origin DIRECTORY: `new`, or what it was restored from.
engine_data_origin() {
  local origin=
  [[ ! -s $1/origin ]] || origin=$(<"$1/origin")
  echo "${origin:-new}"
}
engine_compress() { gzip -1 -n -c; }
engine_decompress() { gzip -d -c; }

# engine_backup HOST: has the primary write its append-only file again, and waits until the store has the base of that.
# Writes to stdout which one it is, and its parts.
engine_backup() {
  local began answer name='' seen='' listed='' now_seen path waited_since
  began=$(idle_second "$1") || return 1
  pause 1.1 # what is noted to have begun in a later second began after this
  core_clock
  waited_since=$core_now
  until answer=$(as_superuser "$1" BGREWRITEAOF) && [[ $answer == *started* || $answer == *scheduled* ]]; do
    core_clock
    if ((core_now - waited_since > 3600)); then
      log "the primary does not write its append-only file again: ${answer:0:300} $(<"$last_error_file")"
      return 1
    fi
    pause 2
  done
  log "$set_name-0 writes its append-only file again; waiting for the store to have the base of that"
  core_clock
  waited_since=$core_now
  until [[ -n $name ]]; do
    pause 2
    now_seen=$(base_begun_since "$began") || now_seen=
    core_clock
    if [[ $now_seen != "$seen" ]]; then seen=$now_seen waited_since=$core_now; fi
    if [[ $seen == *$'\n'complete-* ]]; then name=${seen%%$'\n'*}; fi
    if [[ -z $name && $(rewriting "$1") == failed ]]; then
      log "$set_name-0 could not write its append-only file again: see its server's log. Is the volume full?"
      return 1
    fi
    if ((core_now - waited_since > 900 + 2 * max_data_loss)); then
      log "no base came to the store: see the container 'ship' of $set_name-0, and the server's log"
      return 1
    fi
  done
  for path in ${seen#*$'\n'}; do
    if [[ $path =~ $part_pattern ]]; then listed+="part $path"$'\n'; fi
    if [[ $path =~ ^complete-([1-9][0-9]{0,12})$ ]]; then
      printf 'base %s\nsize %s\n' "${name/\// }" "${BASH_REMATCH[1]}" >"$facts"
    fi
  done
  printf 'append-only file 1\nbase %s\n%s' "${name/\// }" "$listed"
}
# idle_second HOST: a second of the primary's clock in which it writes no append-only file. So what is noted to begin in
# a later one, as a base is, has all that was acknowledged until now: a process that was begun before may note its time
# late, and has ended.
idle_second() {
  local status second waited_since
  core_clock
  waited_since=$core_now
  until status=$(rewriting "$1") && [[ $status != yes ]]; do
    core_clock
    if ((core_now - waited_since > 3600)); then
      log "the primary does not say that it has written its append-only file: $(<"$last_error_file")"
      return 1
    fi
    pause 0.5
  done
  second=$(as_superuser "$1" TIME) || second=
  second=${second%%$'\n'*}
  core_is_number "$second" || {
    log "the primary does not say what time it is: $(<"$last_error_file")"
    return 1
  }
  echo "$second"
}
# rewriting HOST: whether the primary writes its append-only file again, or will: `yes`, `no`, or that it `failed`.
rewriting() {
  local said
  said=$(as_superuser "$1" INFO persistence | tr -d '\r') || return 1
  said=$'\n'$said$'\n'
  if [[ $said == *$'\n'aof_rewrite_@(in_progress|scheduled):1$'\n'* ]]; then
    echo yes
  elif [[ $said == *$'\n'aof_last_bgrewrite_status:err$'\n'* ]]; then
    echo failed
  elif [[ $said == *$'\n'aof_rewrite_in_progress:0$'\n'* && $said == *$'\n'aof_last_bgrewrite_status:ok$'\n'* ]]; then
    echo no
  else
    return 1
  fi
}
# base_begun_since SECOND: of the newest branch, the first that was begun later and is complete; else any that is being
# sent. `BRANCH/BASE`, and a line for each object.
base_begun_since() {
  local names name newest='' objects any=
  names=$(core_store_list "$core_set_path/log" --dirs-only) || return 1
  while IFS= read -r name; do
    name=${name%/}
    if [[ $name =~ $branch_pattern && ! $name < $newest ]]; then newest=$name; fi
  done <<<"$names"
  [[ -n $newest ]] && names=$(core_store_list "$core_set_path/log/$newest/base" --dirs-only) || return 1
  while IFS= read -r name; do
    name=${name%/}
    if [[ ! $name =~ $base_pattern ]] || ((${name#*-} <= $1)); then continue; fi
    objects=$(core_store_list "$core_set_path/log/$newest/base/$name" --files-only) || return 1
    any=$newest/$name$'\n'$(LC_ALL=C sort <<<"$objects")
    if [[ $any == *$'\n'complete-* ]]; then break; fi
  done < <(LC_ALL=C sort <<<"$names")
  printf '%s\n' "$any"
}
as_superuser() { # HOST COMMAND...
  REDISCLI_AUTH=$(<"$credentials/superuser-password") timeout -k 1 10 \
    "$program-cli" -e -t 5 -h "$1" -p "$port" --user superuser "${@:2}" 2>"$last_error_file"
}
engine_backup_facts() {
  grep -qE '^base [0-9]{6}-[0-9a-f]{32} [0-9]{9}-[0-9]+$' "$facts" && grep -qE '^size [1-9][0-9]*$' "$facts"
}
engine_backup_identity() { engine_identity "$1"; }
# engine_in_step HOST: only the primary has the log.
engine_in_step() {
  local -A info=()
  [[ $1 == "$(core_host_of 0)" ]] && info_of "$1" replication && [[ ${info[role]} == master ]]
}
# engine_seal: a backup is its base: it has all that was acknowledged before it was asked for, and needs nothing of the
# log. That the store has all of it, by what the database wrote behind it, `complete` says.
engine_seal() { sed -nE 's/^base /sealed /p' "$facts"; }

# engine_prune_log PATH BACKUP: what is before the base of that backup.
engine_prune_log() {
  local first_branch first_base names path rest pattern='^base [0-9]{6}-[0-9a-f]{32} [0-9]{9}-[0-9]+$'
  read -r _ first_branch first_base < <(core_store_read "$1/base/$2/index" | grep -E "$pattern") || return 1
  names=$(core_store_list "$1/log" -R --files-only) || {
    core_store_failed "it does not say which log it has: nothing of it was deleted"
    return 1
  }
  while IFS= read -r path; do
    [[ ${path%%/*} =~ $branch_pattern ]] || continue
    rest=${path#*/*/}
    if [[ ${path%%/*} < $first_branch || (${path%%/*} == "$first_branch" && ${rest:0:9} < ${first_base:0:9}) ]]; then
      printf '%s\n' "$path"
    fi
  done <<<"$names" >"$stage/old-log"
  [[ -s $stage/old-log ]] || return 0
  core_store_do 3600 delete --files-from "$stage/old-log" "$(core_store_folder "$1/log")" || {
    core_store_failed "old log could not be deleted, and stays"
    return 1
  }
  log "removed $(wc -l <"$stage/old-log") parts of the log from before the backup $2"
}
