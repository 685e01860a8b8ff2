# shellcheck shell=bash
# When the transactions of MariaDB's log were committed: the log itself says that of each statement's begin, in whole
# seconds. So the server is asked twenty times a second how far its log is, by one statement that never ends, and says
# so when that has changed, and once a second: `TIME POSITION`, the time read after the position. What was committed up
# to T is what its last line before T names.
#
#   log/20261130/20261130T030405.123456Z.times.zst   lines, by the time of the first
#
# For ship-log.sh, and for restore-log.sh, which finds a time by them.

times=$stage/times # a file of lines for each reader, until the store has them
times_name='^[0-9]{8}T[0-9]{6}[.][0-9]{6}Z[.]times$'
time_line='^[0-9]{10}[.][0-9]{6} [0-9]{1,10}-[0-9]{1,10}-[0-9]{1,18}$'
time_reader= # the process that the server answers
time_file=

time_sql="SET GLOBAL max_binlog_total_size = %s//
BEGIN NOT ATOMIC
  DECLARE known TEXT DEFAULT ''; DECLARE now_at, said_at DECIMAL(20, 6) DEFAULT 0;
  LOOP
    SET @position = @@gtid_binlog_pos, now_at = UNIX_TIMESTAMP(SYSDATE(6));
    IF @position <> known OR now_at >= said_at + 1 THEN
      SELECT now_at, @position;
      SET known = @position, said_at = now_at;
    END IF;
    DO SLEEP(0.05);
  END LOOP;
END//"

# log_bound: bytes that the server keeps of its log. As long as ship.sh is here it may be as many as may wait for the
# store, and what is above goes when the store has it.
log_bound() {
  local value
  value=$(sed -nE 's/^(max_binlog_total_size|binlog_space_limit) = "?([0-9]+)([kKmMgG]?)"?$/\2 \3/p' \
    "$config/mariadb.cnf" | tail -n 1)
  case ${value#* } in
    [kK]) echo $((${value% *} << 10)) ;;
    [mM]) echo $((${value% *} << 20)) ;;
    [gG]) echo $((${value% *} << 30)) ;;
    *) echo "${value% *}" ;;
  esac
}

# engine_watch: for ship.sh, and for before_sending.
# Globals: time_reader, time_file (read and set).
engine_watch() {
  if [[ -n $time_reader ]] && kill -0 "$time_reader" 2>/dev/null; then return 0; fi
  [[ -S $socket && -z ${core_leaving:-} ]] || return 0
  start_reader
}
start_reader() {
  local sql bound
  mkdir -p "$times" || return 1
  bound=$(log_bound)
  if ((max_unshipped == 0 || max_unshipped > bound)); then bound=$max_unshipped; fi # 0 is no bound for the server too
  # shellcheck disable=SC2059 # it is the format
  printf -v sql "$time_sql" "$bound"
  time_file=$times/$(date -u +%Y%m%dT%H%M%S.%6NZ)
  "${local_client[@]}" -N -B --quick --unbuffered --local-infile=0 --init-command="$session_settings" \
    -S "$socket" -u mysql --delimiter=// -e "$sql" >"$time_file" 2>/dev/null &
  time_reader=$!
}

# before_sending: another reader begins before the former one ends, so that no time is missed. What it wrote is sent
# with the log. Globals: time_reader, time_file (read and set).
before_sending() {
  local former=$time_reader i file first
  ((ordinal == 0)) || return 0 # what a replica sends was committed elsewhere
  time_reader=
  engine_watch
  if [[ -n $time_reader ]]; then
    for ((i = 0; i < 20; i++)); do
      if [[ -s $time_file ]]; then break; fi
      pause 0.1
    done
  fi
  [[ -z $former ]] || kill "$former" 2>/dev/null || true
  [[ -z $former ]] || wait "$former" 2>/dev/null || true
  for file in "$times"/*; do
    [[ -e $file && ($file != "$time_file" || -z $time_reader) ]] || continue
    first=$(lines_of "$file" | sed -n 1p) || true
    if [[ -z $first ]]; then
      rm -f "$file"
      continue
    fi
    first=$(date -u -d "@${first%% *}" +%Y%m%dT%H%M%S.%6NZ) &&
      mkdir -p "$stage/log/${first:0:8}" &&
      lines_of "$file" | engine_compress >"$stage/log/${first:0:8}/$first.times.zst" || return 1
    [[ $file == "$times/$first" ]] || mv "$file" "$times/$first" || return 1
  done
}
lines_of() { tr '\t' ' ' <"$1" | grep -E "$time_line"; }
# after_sending NAME...: what the store has now. And what is above the bound goes from this volume.
after_sending() {
  local name size kept=0 i oldest='' files=()
  ((ordinal == 0)) || return 0
  for name in "$@"; do
    name=${name##*/}
    if [[ ${name%.zst} =~ $times_name ]]; then rm -f "$times/${name%.times.zst}"; fi
  done
  mapfile -t files < <(ask_server "SHOW BINARY LOGS")
  for ((i = ${#files[@]} - 1; i >= 0; i--)); do
    read -r name size _ <<<"${files[i]}"
    core_is_number "$size" && [[ $name =~ ^binlog\.[0-9]+$ ]] || return 1
    kept=$((kept + size))
    if [[ -z $oldest || -z ${sent[$name]:-} ]] || ((kept <= $(log_bound))); then oldest=$name; fi
  done
  if [[ -z $oldest || ${files[0]} == "$oldest"$'\t'* ]]; then return 0; fi
  ask_server "PURGE BINARY LOGS TO '$oldest'" >/dev/null
}

# list_times PATH: sets `known_times`, sorted.
# Globals: known_times (set).
known_times=()
list_times() {
  local names name
  names=$(core_store_list "$1/log" -R --files-only --include '*.times.zst') || {
    core_store_failed "it does not say which log it has"
    return 1
  }
  mapfile -t known_times < <(while IFS= read -r name; do
    name=${name##*/} name=${name%.zst}
    if [[ $name =~ $times_name ]]; then echo "${name%.times}"; fi
  done <<<"$names" | LC_ALL=C sort)
}
# old_times PATH BACKUP: paths of what ended before that backup was begun.
old_times() {
  local i before=${2%Z}.000000Z
  list_times "$1" || return 1
  for ((i = 0; i + 2 < ${#known_times[@]}; i++)); do
    # Two may be of the same time, as one begins before the other ends.
    if [[ ${known_times[i + 2]} < $before ]]; then echo "${known_times[i]:0:8}/${known_times[i]}.times.zst"; fi
  done
}

# time_limit PATH INSTANT: see restore-log.sh.
# Globals, of engine_replay: start (read); last, up_to (set).
time_limit() {
  local name lines until before after reached reach count stamp from to
  until=$(microseconds_of "$2")
  list_times "$1" || return 1
  stamp=$(date -u -d "@$((until / 1000000))" +%Y%m%dT%H%M%S.)$(printf %06d "$((until % 1000000))")Z
  local i chosen=()
  for i in "${!known_times[@]}"; do
    if [[ ${known_times[i]} > $stamp ]]; then
      # Those that were begun later say that there was nothing in between.
      chosen+=("${known_times[@]:i:2}")
      break
    fi
    chosen+=("${known_times[i]}")
    if ((${#chosen[@]} > 3)); then chosen=("${chosen[@]:1}"); fi
  done
  # shellcheck disable=SC2154 # restore-log.sh has it
  : >"$replayed/times"
  for name in "${chosen[@]}"; do
    core_store_get "$1/log/${name:0:8}/$name.times.zst" "$replayed/times.zst" || {
      core_store_failed "it does not give the times of the log"
      return 1
    }
    engine_decompress <"$replayed/times.zst" >"$replayed/times.lines" || {
      log "DAMAGED: $1/log/${name:0:8}/$name.times.zst in the store is not what was written"
      return 1
    }
    grep -E "$time_line" "$replayed/times.lines" >>"$replayed/times" || true
  done
  name=$(newest_part '') reach=0
  [[ -z $name ]] || reach=$(end_of "$name")
  lines=$(sort -n "$replayed/times" | awk -v until="$until" -v reach="$reach" '{
      time = $1
      sub(/[.]/, "", time)
      split($2, position, "-")
      if (time + 0 <= until + 0) before = $0
      else if (after == "") after = $0
      if (position[3] + 0 <= reach + 0) reached = $0
    }
    END { print before "\n" after "\n" reached }')
  { IFS= read -r before && IFS= read -r after && IFS= read -r reached; } <<<"$lines" || true
  if [[ -z $before && -n $after ]]; then
    # Before anything was said of times: the copy is what there was then, if nothing was committed since it was made.
    if (($(sequence "${after#* }") <= start)); then return 0; fi
    to=$(instant_of "$(time_of "$after")")
    log "CANNOT REACH $2: when what was committed before $to was, is not known. Give 'restoreFrom' that time, or the name of the backup"
    return 1
  fi
  # What is said last of the log that the store has is a time that can be reached.
  if [[ -z $before ]] ||
    (($(sequence "${before#* }") > $(sequence "${reached#* }"))) ||
    { [[ -z $after ]] && (($(time_of "$before") != until)); }; then
    tell_end "$2" "${reached:+$(time_of "$reached")}"
    return 1
  fi
  if [[ -n $after && ${before#* } != "${after#* }" ]] &&
    (($(time_of "$before") < until && $(time_of "$after") - $(time_of "$before") > 2000000)); then
    from=$(instant_of "$(time_of "$before")") to=$(instant_of "$(time_of "$after")")
    log "CANNOT REACH $2: when what was committed from $from to $to was, is not known, as the container 'ship' was away." \
      "Give 'restoreFrom' one of these times"
    return 1
  fi
  # shellcheck disable=SC2034 # for restore-log.sh
  up_to=${before#* } count=$(sequence "${before#* }")
  copy_is_before "$2" "$count" || return 1
  if ((count == start)); then return 0; fi
  for name in "${parts[@]}"; do
    if ((10#${name:0:20} < count && 10#${name:21:20} >= count)) &&
      [[ -z $last || ${name:42:16} > ${last:42:16} ]] &&
      [[ ! ${name:42:16} > ${stamp%%.*}Z ]]; then
      last=$name
    fi
  done
  [[ -n $last ]] || {
    tell_gap_from "$1" "$2" "$count" || tell_end "$2" ''
    return 1
  }
}
time_of() { # LINE
  local time=${1%% *}
  echo "$((10#${time/./}))"
}
