# shellcheck shell=bash
# The log of Redis and Valkey from the store: which of it, and how it is put together. For engine-restore.sh.

fetched_at_once=64         # parts of an increment
fetch_tries=10             # until what the store has and does not give is given up
longest_fork=300           # seconds that may pass between what a base has and the second in its name
declare -A stored_parts=() # by BRANCH/incr/SEQ or BRANCH/base/NAME: names
declare -A stored_ends=()  # of those that are complete: how many bytes
stored_bases=()            # BRANCH/BASE, in their order

# list_settled_log PATH BASE UNTIL: what the store has. Parts are sent side by side: a later one may be there a moment
# before, and then is looked again; and what is listed page by page is not all of one moment.
list_settled_log() {
  local tries newest later
  for ((tries = 1; ; tries++)); do
    list_log "$1" "$2" || return 1
    newest=$(choose_log_base 0 "$2")
    [[ $(choose_log_base "$3" "$2") == "$newest" ]] || return 0
    later=$(later_than "$(whole_from "$newest")" | wc -l)
    if ((later == 0 || tries > (later < batch ? 5 : 2))); then return 0; fi
    core_back_off "$tries"
  done
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
# later_than PLACE: what else the store has of the log after that, a line each: of a later increment, or behind a hole
# of that one; and all of a newer branch, of which no base is complete, or that would be where one begins. Globals:
# stored_parts, stored_ends (read).
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
      if ((sequence > n)) || [[ -n ${stored_ends[$folder]:-} && ${stored_ends[$folder]} -gt $at ]]; then
        echo "$folder"
      fi
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
  later=$(later_than "$branch_name $n $at" | sed -n 1p) # and not head, with which a long list would fail
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
      "$(core_store_folder "$1/log/$2")" "$stage/parts"; then
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
instant_of() { if (($1 > 0)); then date -u -d "@$1" +%FT%TZ; else echo "of the base"; fi; }
