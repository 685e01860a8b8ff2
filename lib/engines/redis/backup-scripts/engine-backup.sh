# shellcheck shell=bash
# What Redis and Valkey supply to ship.sh and backup.sh. Restoring is in engine-restore.sh. Needs engine.sh, store.sh.
#
# Their log is the primary's append-only file: a base, which is all data as it was at one moment, and increments, which
# are the commands since, with the second in which they were run (`aof-timestamp-enabled`). Whenever the server writes
# the file again, it first begins another increment, and what the increments before had made is then the new base.
# So a base with the increments after it is all that a restore takes, and what a backup is: the server is asked to
# write the file again, and the backup names the base of that.
#
#   log/BRANCH/incr/SEQ/OFFSET-LENGTH-SHA256.gz   a part of an increment: whole commands and whole transactions
#                       end-SIZE                  that increment was complete with so many bytes
#              base/SEQ-SECOND/OFFSET-LENGTH-SHA256   a part of the base that comes before the increment SEQ, and was
#                              complete-SIZE          begun in that second; the last to be sent
#
# A BRANCH is what one volume has written, and goes on for as long as the volume has all that the store has. Where it
# has something else (an older state of it was brought back, or a crash took bytes that were sent), another branch
# begins, with a base. Nothing is ever overwritten. The names have the sums of what is in them, before it was packed. A
# base is not: the server has done that.
#
# What the server has no more use for it deletes, sent or not. So it is told to keep it (aof-disable-auto-gc), for as
# long as this container works, up to `max_unshipped`, and while the volume has room (engine_reconcile.sh).

part_size=$((16 << 20)) # of an increment; ends with the command that passes it
base_part_size=$((32 << 20))
batch=4                        # parts that are sent at once
least_free=10                  # a tenth of the volume: with less nothing is kept for the store
log_held=$state/log-held       # by clock, when this container last wanted the server to keep all of it; or `let-go`
log_shipped=$state/log-shipped # the first increment that is still needed: the server may delete what is before

branch_pattern='^[0-9]{6}-[0-9a-f]{32}$'
part_pattern='^[0-9]{13}-[1-9][0-9]{0,12}-[0-9a-f]{64}(\.gz)?$'
sequence_pattern='^[0-9]{9}$'
base_pattern='^[0-9]{9}-[1-9][0-9]{9,10}$'

branch=                   # where in the log this volume's is sent
sent_through=0            # the last increment of which the store has all, or never will have
increments=()             # on the volume, in their order
open_from=                # the first of those that the base does not have
base_file=                # the newest base
held=                     # whether the server was asked to keep what it has no more use for
declare -A shipped=()     # of an increment: so many bytes are in the store
declare -A parts_of=()    # the names of the parts that were seen there
declare -A end_of=()      # whether it is complete there
declare -A waits_since=() # by clock, since when something waits to be sent
declare -A based=()       # of a base: whether it is complete there
base_path=                # the base that is being sent,
base_name=                # as what,
base_at=0                 # and how far
base_looked_at=           # the last that was looked at, and is in the store

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

# engine_ship: sends what waits: of an increment that is complete at once, of the last one by size and by time; and of
# the newest base a few parts each time, so that no increment waits for it.
# Globals: branch (read and set).
engine_ship() {
  local log_id
  [[ -s $core_current/log-id ]] && log_id=$(<"$core_current/log-id") && [[ $log_id =~ ^[0-9a-f]{32}$ ]] || return 0
  read_manifest || return 0
  hold_log
  if [[ $branch != *-"$log_id" ]]; then find_branch "$log_id" || return 1; fi
  ship_increments && ship_base || return 1
  release_log
}

# read_manifest: what the append-only file consists of now.
# Globals: increments, open_from, base_file (set).
read_manifest() {
  local row manifest=$core_current/appendonlydir/appendonly.aof.manifest
  local pattern='^file appendonly\.aof\.([1-9][0-9]{0,8})\.(base\.rdb|incr\.aof) seq ([0-9]+) type ([bhi])( .*)?$'
  increments=() open_from='' base_file=
  [[ -s $manifest ]] || return 1
  while IFS= read -r row; do
    [[ $row =~ $pattern && ${BASH_REMATCH[1]} == "${BASH_REMATCH[3]}" ]] || {
      log_change "the append-only file's manifest has a line that is not known: ${row//[^ -~]/?}"
      return 1
    }
    if [[ ${BASH_REMATCH[4]} == b ]]; then base_file=appendonly.aof.${BASH_REMATCH[1]}.base.rdb; fi
    [[ ${BASH_REMATCH[2]} == incr.aof ]] || continue
    increments+=("${BASH_REMATCH[1]}")
    if [[ ${BASH_REMATCH[4]} == i && (-z $open_from || ${BASH_REMATCH[1]} -lt $open_from) ]]; then
      open_from=${BASH_REMATCH[1]}
    fi
  done <"$manifest"
  [[ -n $open_from ]] || return 1
  if ((${#increments[@]} > 1)); then mapfile -t increments < <(printf '%s\n' "${increments[@]}" | sort -n); fi
}
increment_file() { printf '%s' "$core_current/appendonlydir/appendonly.aof.$1.incr.aof"; }
base_file_of() { printf '%s' "$core_current/appendonlydir/$1"; }

# hold_log: tells engine_reconcile.sh, as long as this process lives, also while it waits for the store. Where more
# waits than may, once the store was asked whether it has it already, or the volume has little room, the server's need
# of it comes first; not with `StoreOutage.KEEP_LOG`, where `max_unshipped` is 0.
# Globals: held (read and set).
hold_log() {
  [[ -z $held ]] || return 0
  held=yes
  while kill -0 $$ 2>/dev/null; do
    hold_once || true
    sleep 5
  done </dev/null >/dev/null &
}
hold_once() {
  local free all n wish bytes=0
  read_manifest && read -r free all < <(stat -f -c '%a %b' "$core_current") || return 1
  for n in "${increments[@]}"; do
    if ((n < open_from)); then bytes=$((bytes + $(stat -c %s "$(increment_file "$n")" 2>/dev/null || echo 0))); fi
  done
  core_clock
  wish=$core_now
  if ((max_unshipped > 0)) && { ((free * least_free < all)) || [[ -e $state/ship-looked && $bytes -gt $max_unshipped ]]; }; then
    wish=let-go
    [[ $bytes == 0 || $(cat "$log_held" 2>/dev/null) == "$wish" ]] ||
      log "$((bytes >> 20)) MiB of the append-only file, which the server has no more use for, are let go: as much waits" \
        "for the store as may, or the volume is nearly full"
  fi
  echo "$wish" >"$log_held.new" && mv "$log_held.new" "$log_held"
}
# release_log: all that the server has no more use for is in the store, and so it may go.
# Globals: increments, open_from, sent_through, base_path (read).
release_log() {
  ((increments[0] < open_from && open_from <= sent_through + 1)) || return 0
  [[ -z $base_path || $base_path == "$(base_file_of "$base_file")" ]] || return 0
  echo "$open_from" >"$log_shipped.new" && mv "$log_shipped.new" "$log_shipped"
}

# find_branch LOG-ID: the store's newest, where that is this volume's; else a new one.
# Globals: branch, sent_through, shipped, parts_of, end_of, based, waits_since, base_path (set).
find_branch() {
  local names name newest='' status=0
  names=$(core_store_list "$core_set_path/log" --dirs-only) || {
    core_store_failed "it does not say what it has"
    return 1
  }
  while IFS= read -r name; do
    name=${name%/}
    if [[ $name =~ $branch_pattern && ! $name < $newest ]]; then newest=$name; fi
  done <<<"$names"
  base_path='' base_looked_at='' waits_since=()
  if [[ $newest == *-"$1" ]]; then
    list_branch "$newest" || {
      core_store_failed "it does not say what it has"
      return 1
    }
    goes_on "$newest" || status=$?
    if ((status > 1)); then
      core_store_failed "it does not give what was sent last"
      return 1
    fi
    if ((status == 0)); then
      branch=$newest
      log "going on with the log in the store, branch $branch"
      return 0
    fi
    log "the append-only file is not what the store's log goes on from, after a crash or because an older volume was" \
      "brought back: beginning another branch, with a base"
  fi
  name=$(printf '%06d-%s' $((10#0${newest:0:6} + 1)) "$1")
  # What followed on the former branch, and is not in the store, is lost with its volume, or was never acknowledged.
  if [[ -n $newest ]]; then core_note_gap "${newest:0:6}" "${name:0:6}" || return 1; fi
  shipped=() parts_of=() end_of=() based=() sent_through=$((open_from - 1)) branch=$name
  log "beginning branch $branch of the log"
}
# note_gap FROM TO: of the increments from FROM on, up to TO, the end is not in the store, and never will be.
note_gap() { core_note_gap "${branch:0:6}-$(printf %09d "$1")" "${branch:0:6}-$(printf %09d "$2")"; }
# list_branch BRANCH: what the store has of it. An increment is sent when the one before is complete, or lost. Where the
# store has none, the branch goes on with that which its first base comes before.
# Globals: shipped, parts_of, end_of, based, sent_through (set).
list_branch() {
  local names path folder name sequence first=0 newest=0
  names=$(core_store_list "$core_set_path/log/$1" -R --files-only) || return 1
  shipped=() parts_of=() end_of=() based=()
  while IFS= read -r path; do
    name=${path##*/} folder=${path%/*}
    if [[ $folder == base/* && ${folder#base/} =~ $base_pattern ]]; then
      if ((first == 0)); then first=$((10#${folder:5:9})); fi
      if [[ $name =~ ^complete-[1-9][0-9]*$ ]]; then based[${folder#base/}]=yes; fi
    fi
    [[ $folder == incr/* && ${folder#incr/} =~ $sequence_pattern ]] || continue
    sequence=$((10#${folder#incr/}))
    ((sequence <= newest)) || newest=$sequence
    if [[ $name =~ ^end-([0-9]{1,13})$ ]]; then
      end_of[$sequence]=${BASH_REMATCH[1]}
    elif [[ $name =~ $part_pattern ]] && ((10#${name:0:13} == ${shipped[$sequence]:-0})); then
      shipped[$sequence]=$((${shipped[$sequence]:-0} + $(length_of "$name")))
      parts_of[$sequence]+="$name "
    fi
  done < <(LC_ALL=C sort <<<"$names")
  sent_through=$((newest > 0 ? newest - 1 : first - 1))
  if [[ -n ${end_of[$newest]:-} ]]; then sent_through=$newest; fi
}
length_of() {
  local rest=${1#*-}
  printf '%s' "${rest%%-*}"
}
sum_of() {
  local rest=${1##*-}
  printf '%s' "${rest%.gz}"
}
# goes_on BRANCH: whether the volume has all that the store has. And what was sent last is read back, as this container
# may have ended before that was compared. 2: the store does not say.
goes_on() {
  local n name parts last=${increments[-1]} newest=0
  for n in "${!shipped[@]}" "${!end_of[@]}"; do
    ((n <= last)) || return 1
    ((n <= newest)) || newest=$n
  done
  for n in "${increments[@]}"; do
    for name in ${parts_of[$n]:-}; do has_part "$n" "$name" || return 1; done
    [[ -z ${end_of[$n]:-} || ${end_of[$n]} == "$(stat -c %s "$(increment_file "$n")")" ]] || return 1
  done
  read -ra parts <<<"${parts_of[$newest]:-}"
  ((${#parts[@]} <= batch)) || parts=("${parts[@]: -batch}")
  for name in "${parts[@]}"; do
    core_store_get "$core_set_path/log/$1/incr/$(printf %09d "$newest")/$name" "$stage/part" || return 2
    [[ $(engine_decompress <"$stage/part" | sha256sum) == "$(sum_of "$name")"* ]] || return 1
  done
}
# has_part SEQUENCE PART: whether the volume has it.
has_part() {
  [[ $(range "$(increment_file "$1")" $((10#${2:0:13})) "$(length_of "$2")" | sha256sum) == "$(sum_of "$2")"* ]]
}
range() { tail -c +$(($2 + 1)) "$1" 2>/dev/null | head -c "$3"; }

# engine_unshipped: bytes of the log that wait for the store.
engine_unshipped() {
  local n size bytes=0
  read_manifest || return 1
  for n in "${increments[@]}"; do
    size=$(stat -c %s "$(increment_file "$n")" 2>/dev/null) || continue
    if ((n > sent_through)); then bytes=$((bytes + size - ${shipped[$n]:-0})); fi
  done
  echo "$bytes"
}
# ship_increments: one after the other. What lacks between them the server has deleted: more waited than may, the volume
# was nearly full, or this container did not run.
# Globals: increments, end_of (read); sent_through (read and set).
ship_increments() {
  local n
  for n in "${increments[@]}"; do
    ((n > sent_through)) || continue
    if ((n > sent_through + 1)); then
      note_gap $((sent_through + 1)) "$n" || return 1
      sent_through=$((n - 1))
    fi
    ship_increment "$n" || return 1
    [[ -z ${end_of[$n]:-} ]] || sent_through=$n
  done
}
# ship_increment SEQUENCE
# Globals: increments, core_now, max_data_loss (read); shipped, parts_of, end_of, waits_since (read and set); branch
# (set).
ship_increment() {
  local n=$1 file size at end='' why='' last_part complete='' count
  file=$(increment_file "$n")
  if [[ $n != "${increments[-1]}" ]]; then complete=yes; fi
  size=$(stat -c %s "$file" 2>/dev/null) || {
    note_gap "$n" $((n + 1)) || return 1 # deleted just now
    end_of[$n]=lost
    return 0
  }
  at=${shipped[$n]:-0}
  core_clock
  : "${waits_since[$n]:=$core_now}"
  if ((size > at)) && [[ -z $complete && -z ${core_leaving:-} ]] &&
    ((size - at < part_size && core_now - waits_since[$n] < max_data_loss - 5)); then return 0; fi
  if ((size != at)); then
    read -ra last_part <<<"${parts_of[$n]:-}"
    if ((size < at)) || { ((${#last_part[@]} > 0)) && ! has_part "$n" "${last_part[-1]}"; }; then
      log "increment $n of the append-only file has changed where it was sent already"
      branch=
      return 1
    fi
    sync "$file" || {
      log "what was written last to $file could not be flushed: it is not sent"
      return 1
    }
    while ((at < size)) && [[ $why != open && $why != damaged ]]; do
      rm -rf "$stage/log"
      count=0
      while ((at < size && count < batch)); do
        read -r end why _ < <(perl "$scripts/log-scan.pl" "$file" "$at" "$size" "$part_size" 0) || return 1
        core_is_number "$end" || return 1
        ((end > at)) || break
        stage_part "$file" "$at" $((end - at)) "incr/$(printf %09d "$n")" || return 1
        at=$end count=$((count + 1))
      done
      ((count > 0)) || break
      send_staged "$count" || return 1
      shipped[$n]=$at
    done
    [[ $why != damaged ]] || log_change "DAMAGED: increment $n of the append-only file has no command at byte $at:" \
      "nothing after that is sent. Is the server's data sound?"
  fi
  if ((at == size)); then
    unset "waits_since[$n]"
  else
    waits_since[$n]=$core_now
  fi
  [[ -n $complete ]] || return 0
  if ((at < size)); then
    log "increment $n of the append-only file ends at byte $at of $size in the middle of a command"
    note_gap "$n" $((n + 1)) || return 1
    end_of[$n]=lost
    return 0
  fi
  rm -rf "$stage/log"
  stage_mark "incr/$(printf %09d "$n")/end-$size" && send_staged 1 && end_of[$n]=$size
}

# ship_base: some parts of the newest base; or of one that was begun, as long as it is there.
# Globals: base_file, open_from, based (read); base_path, base_name, base_at (read and set).
ship_base() {
  local size count=0 length second
  if [[ -z $base_path || ! -e $base_path ]]; then
    base_path=
    [[ -n $base_file && $base_file != "$base_looked_at" ]] || return 0
    if ! second=$(perl "$scripts/rdb-time.pl" "$(base_file_of "$base_file")" 2>"$last_error_file") || ! core_is_number "$second"; then
      [[ -e $(base_file_of "$base_file") ]] || return 0 # there is a newer one
      log_change "the base $base_file does not say when it was begun, and is not sent: $(<"$last_error_file")"
      return 1
    fi
    base_name=$(printf '%09d-%s' "$open_from" "$second")
    base_looked_at=$base_file
    [[ $base_name =~ $base_pattern && -z ${based[$base_name]:-} ]] || return 0
    base_path=$(base_file_of "$base_file") base_at=0
    log "sending the base before increment $open_from, $(stat -c %s "$base_path") bytes"
  fi
  size=$(stat -c %s "$base_path" 2>/dev/null) || return 0
  rm -rf "$stage/log"
  while ((base_at < size && count < batch)); do
    length=$((size - base_at < base_part_size ? size - base_at : base_part_size))
    stage_part "$base_path" "$base_at" "$length" "base/$base_name" || return 1
    base_at=$((base_at + length)) count=$((count + 1))
  done
  if ((count > 0)); then send_staged "$count" || {
    base_path='' base_looked_at=
    return 1
  }; fi
  ((base_at == size)) || return 0
  rm -rf "$stage/log"
  if ! stage_mark "base/$base_name/complete-$size" || ! send_staged 1; then
    base_path='' base_looked_at=
    return 1
  fi
  based[$base_name]=yes base_path=
  log "the store has the base before increment $((10#${base_name%-*}))"
}

# stage_part FILE FROM LENGTH FOLDER: to be sent, under the name of what it is.
stage_part() {
  local folder=$stage/log/$4 sum name # as it is, or packed
  mkdir -p "$folder" || return 1
  range "$1" "$2" "$3" >"$folder/part" && [[ $(stat -c %s "$folder/part") == "$3" ]] || return 1
  sum=$(sha256sum <"$folder/part") || return 1
  printf -v name '%013d-%s-%s' "$2" "$3" "${sum%% *}"
  if [[ $4 == base/* ]]; then
    mv "$folder/part" "$folder/$name"
  else
    engine_compress <"$folder/part" >"$folder/$name.gz" && rm "$folder/part"
  fi
}
stage_mark() { mkdir -p "$stage/log/${1%/*}" && echo "${1##*/}" >"$stage/log/$1"; }
# send_staged COUNT: fails unless the store has all of them.
# Globals: parts_of (set).
send_staged() {
  local path sequence count=0
  while IFS= read -r path; do
    count=$((count + 1))
    [[ $path == incr/*.gz ]] || continue
    sequence=${path#incr/}
    sequence=$((10#${sequence%%/*}))
    parts_of[$sequence]=${path##*/} # the last one is all that is asked for
  done < <(core_store_send "$stage/log" "$core_set_path/log/$branch" | LC_ALL=C sort)
  rm -rf "$stage/log"
  ((count == $1))
}

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
    if [[ $path =~ ^complete-([1-9][0-9]{0,12})$ ]]; then printf 'base %s\nsize %s\n' "${name/\// }" "${BASH_REMATCH[1]}" >"$facts"; fi
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
  core_store_do 3600 delete --files-from "$stage/old-log" "$(core_store_path "$1/log")" || {
    core_store_failed "old log could not be deleted, and stays"
    return 1
  }
  log "removed $(wc -l <"$stage/old-log") parts of the log from before the backup $2"
}
