# shellcheck shell=bash
# What may be changed at the running server by hand, and is put back: what decides whether an acknowledged write
# survives, and who may write. For engine-sync.sh.

# By name, as it must be. Of each server:
declare -A required_settings=(
  [appendfsync]=$append_fsync
  ["no-appendfsync-on-rewrite"]=no
  ["min-replicas-max-lag"]=10
  ["repl-backlog-ttl"]=0
)
if ((ordinal == 0)); then
  required_settings[appendonly]=yes
else
  required_settings["min-replicas-to-write"]=$replicas_required
  required_settings["replica-read-only"]=yes
  required_settings["replica-serve-stale-data"]=yes
fi
guarded=("${!required_settings[@]}" maxmemory)
declare -A actual_settings=() # what the server says

# read_guarded ROW...: of CONFIG GET, a name and its value by turns, behind what else was answered.
# Globals: actual_settings (set).
read_guarded() {
  actual_settings=()
  while (($# > 1)); do
    if [[ " ${guarded[*]} " == *" ${1%$'\r'} "* && -n $1 ]]; then
      actual_settings[${1%$'\r'}]=${2%$'\r'}
      shift
    fi
    shift
  done
}

# guard_settings: fails where this look is over: the server is another than the one that was looked at.
guard_settings() {
  local name status=0
  if ((ordinal > 0)) && takes_writes; then
    status=1
    stray || return 1
  fi
  for name in "${!required_settings[@]}"; do
    if [[ -n ${actual_settings[$name]:-} && ${actual_settings[$name]} != "${required_settings[$name]}" ]]; then
      log "$name was set to ${actual_settings[$name]//[^ -~]/?} by hand: resetting it to ${required_settings[$name]}," \
        "as the props say"
      core_session_ask "CONFIG SET $name ${required_settings[$name]}" || return 1
    fi
  done
  # Without a limit the container would be killed when the data fills its memory.
  if [[ ${actual_settings[maxmemory]:-} == 0 ]]; then
    log "maxmemory was set to 0 (no limit) by hand: resetting it to $max_memory, as the props say"
    core_session_ask "CONFIG SET maxmemory $max_memory" || return 1
  fi
  return "$status"
}

# takes_writes: whether an application could write to this replica.
takes_writes() {
  if [[ ${info[role]} == slave ]]; then
    [[ ${actual_settings["replica-read-only"]:-} == no ]]
    return
  fi
  [[ ${actual_settings["min-replicas-to-write"]:-} =~ ^$number$ &&
    ${actual_settings["min-replicas-max-lag"]:-} =~ ^$number$ ]] || return 1
  ((${actual_settings["min-replicas-to-write"]} < replicas_required || ${actual_settings["min-replicas-max-lag"]} == 0))
}
# stray: it may have what the primary has not. That is written into the data, so that it is never taken for the set's,
# whatever happens until this replica has copied again. As a primary it has another history, and so no primary goes on
# with it.
# Globals: actual_settings (set).
stray() {
  local local_position
  read_position || return 1
  log "this replica accepted writes, as it was changed by hand: resetting it; those writes are discarded, and it" \
    "copies again"
  core_session_ask $'REPLICAOF NO ONE\nCONFIG SET min-replicas-to-write 0' || return 1
  actual_settings["min-replicas-to-write"]=0 # and so it is set again
  [[ -z $local_position || $local_position == *" strayed" ]] ||
    load_function stateful stateful_position "$local_position strayed" || true
}

# An application that uses up all connections would keep out replicas, copies, and the order in which pods start and
# stop. The server has no reserve, so this sidecar, which is connected already, keeps one: it closes the newest of those
# that are not the set's.
reserve=16
guard_connections() {
  local row id over ids=() kill=''
  has_info connected_clients connected_slaves maxclients || return 0
  # shellcheck disable=SC2154 # of info
  over=$((info[connected_clients] + info[connected_slaves] + reserve - info[maxclients]))
  ((over > 0)) || return 0
  core_session_ask "CLIENT LIST TYPE normal" || return 0
  for row in "${core_answer[@]}"; do
    if [[ $row =~ ^id=([0-9]{1,18})\  ]]; then
      id=${BASH_REMATCH[1]}
      [[ "$row " =~ \ user=(superuser|stateful|"$replication_user"|follower-[^ ]*)\  ]] || ids+=("$id")
    fi
  done
  ((${#ids[@]} > 0)) || return 0
  mapfile -t ids < <(printf '%s\n' "${ids[@]}" | sort -rn | head -n "$over")
  log_change "nearly all of ${info[maxclients]} connections are in use: closing the newest, as the set needs $reserve" \
    "itself"
  for id in "${ids[@]}"; do kill+="CLIENT KILL ID $id"$'\n'; done
  core_session_ask "${kill%$'\n'}" || return 0
}
