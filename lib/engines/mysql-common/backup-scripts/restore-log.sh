# shellcheck shell=bash
# How MySQL and MariaDB are restored: a copy, and the binary log from the store up to the wanted point, replayed by a
# server that no one reaches. What is left of the last file is cut off before the server sees it: so nothing later than
# that can be in the data. Needs log-parts.sh, and of the engine:
#
#   time_limit PATH INSTANT   sets `up_to` to the transactions up to then, where the log itself does not say when they
#                             were committed
#   replay_files DIR FILE...  replays what the data in DIR has not yet, and removes the files
#   finish DIR SET ORIGIN     checks that the data has these transactions and no others; gives it an identity of its own

# shellcheck source=wanted-point.sh
. "$scripts/wanted-point.sh"

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
