# shellcheck shell=bash
# How the log of Redis and Valkey is sent: by the container `ship` of ordinal 0. For engine-backup.sh.
#
# What the server has no more use for it deletes, sent or not. So it is told to keep it (aof-disable-auto-gc), for as
# long as this container works, up to `max_unshipped`, and while the volume has room (engine_reconcile.sh).

part_size=$((16 << 20)) # of an increment; ends with the command that passes it
base_part_size=$((32 << 20))
least_free=10                  # a tenth of the volume: with less nothing is kept for the store
log_held=$state/log-held       # by clock, when this container last wanted the server to keep all of it; or `let-go`
log_shipped=$state/log-shipped # the first increment that is still needed: the server may delete what is before

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

# shellcheck source=log-branch.sh
. "$scripts/log-branch.sh"

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
  if ((max_unshipped > 0)) &&
    { ((free * least_free < all)) || [[ -e $state/ship-looked && $bytes -gt $max_unshipped ]]; }; then
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
# range FILE FROM LENGTH: not by a pipe into head, whose writer fails when head has enough.
range() { dd if="$1" iflag=skip_bytes,count_bytes bs=1M skip="$2" count="$3" status=none 2>/dev/null; }

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
        if ! read -r end why _ < <(
          perl "$scripts/log-scan.pl" "$file" "$at" "$size" "$part_size" 0 2>"$last_error_file"
        ) || ! core_is_number "$end"; then
          log_change "increment $n of the append-only file cannot be read, and is not sent: $(<"$last_error_file")"
          return 1
        fi
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
    if ! second=$(perl "$scripts/rdb-head.pl" "$(base_file_of "$base_file")" ctime 2>"$last_error_file") ||
      ! core_is_number "$second"; then
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
  if ! mkdir -p "$folder" || ! range "$1" "$2" "$3" >"$folder/part" || [[ $(stat -c %s "$folder/part") != "$3" ]]; then
    log_change "$3 bytes of ${1##*/} from byte $2 on could not be brought to $stage: is there room?"
    return 1
  fi
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
