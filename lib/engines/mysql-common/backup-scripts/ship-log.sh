# shellcheck shell=bash
# How the binary log comes to the store, in the container `ship` of ordinal 0: files that the server has ended, the
# oldest first, and the one that it writes to is ended by us when there is something in it that is older than
# max_data_loss. Needs log-parts.sh, store.sh, volume.sh; client.sh, for the server's socket. What a replica sends is in
# ship-replica.sh.

batch=8               # parts that are sent at once
batch_bytes=268435456 # and at most, where they are large
listed=               # whether the store was asked
declare -A sent=()    # files that need not be sent any more
declare -A file_of=() # of the parts that were sent from here, their files
open_file=            # that the server writes to
looked_at=            # when it was last looked whether there is something in it
oldest_unsent=        # file that the store has not, as it was last told
anchor=               # how many transactions the newest backup has
gaps=()               # `FROM TO SINCE PART`: what is missing before a part, in numbers of transactions
gap_patience=180      # seconds that a replica has to send what a lost primary had not
gaps_at=-1000         # when they were last looked at
copied=unknown        # transactions that came with the copy that this server was made of, and are in none of its files
unsent_mark=$state/log-unsent

# engine_ship: what was ended and is not in the store yet; and have the server end what has waited long enough.
# Globals: listed, sent (read and set); core_leaving (read).
engine_ship() {
  local folder files=() file pending open
  read_index || return 0
  folder=$(log_folder "$core_current")
  open=${files[-1]}
  if [[ -z $listed ]]; then
    list_log || return 1
    listed=yes
    find_gaps "${parts[@]}"
  fi
  while :; do
    pending=()
    for file in "${files[@]}"; do
      [[ -z ${sent[$file]:-} ]] || continue
      # The one that is written to the server has ended only if it has ended itself.
      if [[ $file != "$open" ]] || { [[ -n ${core_leaving:-} ]] && is_ended "$folder/$file"; }; then
        pending+=("$file")
      fi
    done
    tell_unsent "${pending[0]:-$open}" || return 1
    if ((${#pending[@]} == 0)); then break; fi
    send_files "$folder" "${pending[@]}" || return 1
  done
  tell_gaps || return 1
  [[ -n ${core_leaving:-} ]] || end_file_in_time "$folder/$open"
}
# read_index: sets `files`, of the caller: the log on the volume, the oldest first. Fails where there is none.
# Globals: files (set).
read_index() {
  local folder i
  folder=$(log_folder "$core_current")
  [[ -s $folder/binlog.index ]] || return 1
  mapfile -t files <"$folder/binlog.index"
  for i in "${!files[@]}"; do
    files[i]=${files[i]##*/}
    [[ ${files[i]} =~ ^binlog\.[0-9]+$ ]] || return 1
  done
}
# tell_unsent FILE: the oldest that the store has not; MySQL's `sync` keeps it and what follows.
# Globals: oldest_unsent (read and set).
tell_unsent() {
  if [[ $1 == "$oldest_unsent" ]]; then return 0; fi
  printf '%s\n' "$1" >"$unsent_mark.new" && mv "$unsent_mark.new" "$unsent_mark" && oldest_unsent=$1
}
# engine_unshipped: bytes of the log that wait for the store.
engine_unshipped() {
  local folder files=() file bytes=0 size
  read_index || return 1
  folder=$(log_folder "$core_current")
  for file in "${files[@]}"; do
    [[ -z ${sent[$file]:-} ]] || continue
    size=$(stat -c %s "$folder/$file" 2>/dev/null) || size=0 # it may just have gone
    bytes=$((bytes + size))
  done
  echo "$bytes"
}

# send_files FOLDER FILE...: the first of them; fails unless the store has them then.
# Globals: parts, part_ending, sent, file_of (read and set).
send_files() {
  local folder=$1 file name bytes=0 names=() files=()
  shift
  know_copied || return 1
  rm -rf "$stage/log"
  for file in "$@"; do
    name=$(part_of "$folder" "$file") || return 1
    if [[ -z $name || ${part_ending[${name:76:16}]:-} == "$name" ]]; then
      sent[$file]=yes
      continue
    fi
    mkdir -p "$stage/log/${name:42:8}"
    sealed_part "$folder/$file" "$copied" | engine_compress >"$stage/log/$(path_of "$name")" || {
      log_change "$file of the log could not be packed into $stage: is there room?"
      return 1
    }
    names+=("$name") files+=("$file")
    bytes=$((bytes + $(stat -c %s "$folder/$file")))
    if ((${#names[@]} == batch || bytes > batch_bytes)); then break; fi
  done
  if ((${#names[@]} == 0)); then return 0; fi
  before_sending || return 1
  local count=0 stored=()
  mapfile -t stored < <(core_store_send "$stage/log" "$core_set_path/log")
  for name in "${stored[@]}"; do
    name=${name##*/} name=${name%.zst}
    [[ $name =~ $part_name ]] || continue
    parts+=("$name")
    part_ending[${name:76:16}]=$name
    count=$((count + 1))
  done
  rm -rf "$stage/log"
  ((count == ${#names[@]})) || return 1
  local i
  for i in "${!files[@]}"; do sent[${files[i]}]=yes file_of[${names[i]}]=${files[i]}; done
  find_gaps "${names[@]}"
  after_sending "${stored[@]}" || true
}

# list_log: of this set's data, the parts, and how many transactions the newest backup has with the log up to its end:
# the parts before may have gone with older backups.
# Globals: anchor (set).
list_log() {
  local names newest
  list_parts "$core_set_path" || return 1
  names=$(core_store_list "$core_set_path/base" -R --files-only --include index) || {
    core_store_failed "it does not say which backups it has"
    return 1
  }
  newest=$(LC_ALL=C sort <<<"$names" | tail -n 1) anchor=
  [[ $newest =~ ^[0-9]{8}T[0-9]{6}Z/index$ ]] || return 0
  anchor=$(core_store_read "$core_set_path/base/$newest" | sed -nE 's/^sealed ([0-9]{1,18}) .*/\1/p') || {
    core_store_failed "it does not give the index of its newest backup"
    return 1
  }
}
# find_gaps PART...: of these, those before which something is missing in the store. What is before the oldest part went
# with its backup, but for what came after that.
# Globals: parts, part_ending, anchor, core_now (read); gaps (set, more).
find_gaps() {
  local name other start before spanned
  for name in "$@"; do
    start=$((10#${name:0:20})) before='' spanned=
    if [[ -n ${part_ending[${name:59:16}]:-} ]]; then continue; fi
    for other in "${parts[@]}"; do
      if ((10#${other:0:20} >= start)); then continue; fi
      # A recovered primary began in the middle of this one.
      if ((10#${other:21:20} > start)); then spanned=yes; fi
      if [[ -z $before ]] || ((10#${other:21:20} > before)); then before=$((10#${other:21:20})); fi
    done
    if [[ -z $before && -n $anchor ]] && ((anchor < start)); then before=$anchor; fi
    if [[ -n $before && -z $spanned ]]; then
      core_clock
      gaps+=("$before $start $core_now $name")
    fi
  done
}
# tell_gaps: says in the store what is missing there: at once where it went from this volume before it was sent; where
# ordinal 0 was recovered, a replica may still have it (ship-replica.sh), and so long it is waited for.
# Globals: gaps (read and set); gaps_at (read and set).
tell_gaps() {
  local all=("${gaps[@]}") gap from to since name known
  ((${#all[@]} > 0)) || return 0
  core_clock
  ((core_now - gaps_at >= 10)) || return 0
  gaps_at=$core_now
  known=$(core_store_list "$core_set_path/gaps" --files-only) || {
    core_store_failed "it does not say which gaps its log has"
    return 1
  }
  list_log || return 1
  gaps=()
  for gap in "${all[@]}"; do
    read -r from to since name <<<"$gap"
    if [[ $'\n'$known$'\n' == *"Z.$from.$to"$'\n'* ]]; then continue; fi
    find_gaps "$name"
    if ((${#gaps[@]} == 0)) || [[ ${gaps[-1]} != *" $name" ]]; then continue; fi # it came
    gaps[-1]="$from $to $since $name"
    if ((core_now - since >= gap_patience)) || [[ -n ${file_of[$name]:-} && ${file_of[$name]} != binlog.000001 ]]; then
      core_note_gap "$from" "$to" || return 1
      unset 'gaps[-1]'
    fi
  done
}

# know_copied: it is asked again for each batch, as a dump with GTID_PURGED adds some; a server that has ended adds
# none. Globals: copied (read and set).
know_copied() {
  local now status=0
  now=$(copied_set) || status=$?
  if ((status == 0)) && [[ $now =~ $transactions_pattern ]]; then
    copied=$now
  elif ((status == 2)); then
    log_change "the oldest file of the log is not sent: $(tail -n 1 "$state/log-complaint")"
    return 1
  elif [[ $copied == unknown ]]; then
    log_change "the server does not say which transactions it has from a copy: is it up? The log is sent when it does"
    return 1
  fi
}

# What an engine does in addition: MySQL says what of its data its log does not know, MariaDB sends what it knows of
# times, and bounds its log.
copied_set() { :; }
before_sending() { :; }
after_sending() { :; }

# part_of FOLDER FILE: its name in the store; nothing where there is no transaction in it.
part_of() {
  local head next begun count set end_count end_set lines
  head=$(head_of_file "$1" "$2") || return 1
  read -r begun count set <<<"$head"
  next=$(file_after "$1" "$2")
  if [[ -n $next ]]; then
    head=$(head_of_file "$1" "$next") || return 1
    read -r _ end_count end_set <<<"$head"
  else
    lines=$(read_log "$1/$2" -v read=all -v copied="$copied") || {
      log_change "$2 of the log cannot be read"
      return 1
    }
    end_count=$(value_of count "$lines") end_set=$(value_of set "$lines")
  fi
  if [[ $set == "$end_set" ]]; then return 0; fi
  printf '%020d.%020d.%s.%s.%s\n' "$count" "$end_count" "$(date -u -d "@$begun" +%Y%m%dT%H%M%SZ)" \
    "$(hash_of "$set")" "$(hash_of "$end_set")"
}
file_after() {
  local line found=
  while IFS= read -r line; do
    line=${line##*/}
    if [[ -n $found ]]; then
      echo "$line"
      return 0
    fi
    if [[ $line == "$2" ]]; then found=yes; fi
  done <"$1/binlog.index"
}
head_of_file() {
  local head
  if ! head=$(read_log "$1/$2" -v read=head -v copied="$copied" 2>"$state/log-complaint") ||
    [[ ! $head =~ ^[0-9]+\ [0-9]+\ [0-9a-f:,-]*$ ]]; then
    log_change "$2 of the log is not sent: $(tail -n 1 "$state/log-complaint")"
    return 1
  fi
  echo "$head"
}

# end_file_in_time FILE: what is in it was written after it was last looked at.
# Globals: open_file, looked_at (read and set); core_now (set, by core_clock).
end_file_in_time() {
  core_clock
  if [[ $1 != "$open_file" ]]; then open_file=$1 looked_at=$core_now; fi
  # shellcheck disable=SC2154 # a setting
  if ((core_now - looked_at < max_data_loss)); then return 0; fi
  if [[ $(read_log "$1" -v read=any 2>/dev/null) == yes ]]; then
    ask_server "FLUSH LOCAL BINARY LOGS" >/dev/null || {
      log_change "the server does not end the file of its log that has waited for $max_data_loss s: is it up?"
      return 0
    }
  fi
  looked_at=$core_now
}
# ask_server SQL: this pod's, by its socket.
ask_server() {
  timeout 10 "${local_client[@]}" -N -B --init-command="$session_settings" -S "$socket" -u mysql -e "$1" 2>/dev/null
}
