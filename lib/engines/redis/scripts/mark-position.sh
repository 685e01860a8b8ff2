# shellcheck shell=bash
# The primary's sidecar says in the data itself where it stands (position.sh). For engine-sync.sh.

position=()        # identity, era, mark, branch, run
changes=           # what INFO counted when that was last marked
history_length=200 # eras

# read_position: sets `local_position`, to nothing where the data has no position yet. Fails where the server says
# anything else.
# Globals: local_position (read and set).
read_position() {
  core_session_ask "FCALL_RO stateful_position 0" || return 1
  local_position=${core_answer[0]:-}
  if [[ $local_position == *"Function not found"* ]]; then
    local_position=
  else
    [[ $local_position =~ $position_pattern ]]
  fi
}
# read_history: sets `local_history`.
# Globals: local_history (read and set).
read_history() {
  core_session_ask "FCALL_RO stateful_history 0" || return 1
  local_history=${core_answer[0]:-}
  if [[ $local_history == *"Function not found"* ]]; then
    local_history=
  else
    [[ $local_history =~ $history_pattern ]]
  fi
}

# mark_position: once for each start of the server, and once a second while its data changes.
# Globals: info (read); position, changes (read and set).
mark_position() {
  local changes_now=${info[rdb_changes_since_last_save]}
  if ((${#position[@]} == 0)); then
    begin_era || {
      position=()
      return 0
    }
  elif [[ $changes_now == "$changes" ]]; then
    return 0
  fi
  position[2]=$((position[2] + 1))
  load_function stateful stateful_position "${position[*]}" || {
    position=()
    return 0
  }
  changes=$((changes_now + 1)) # this one; those of others meanwhile are seen next time
}

# begin_era: where the data comes from another run of the server, that one is the last of the former eras. They are
# written first: a crash between the two writes is then no more than another start.
# Globals: run (read); position (set).
begin_era() {
  local local_position local_history former identity era mark branch last_run
  if ! read_position; then
    remove_foreign_functions
    return 1
  fi
  read -r identity era mark branch last_run _ <<<"$local_position"
  if [[ $identity != "$(<"$state/identity")" ]]; then # there is none yet: the data is new
    position=("$(<"$state/identity")" 1 0 0 "$run")
  elif [[ $last_run == "$run" ]]; then
    position=("$identity" "$era" "$mark" "$branch" "$run")
  else
    read_history || return 1
    read -ra former <<<"$last_run $mark $local_history"
    load_function stateful_past stateful_history "${former[*]:0:history_length*2}" || return 1
    position=("$identity" $((era + 1)) "$mark" "$mark" "$run")
  fi
}

# load_function LIBRARY FUNCTION TEXT
load_function() {
  local load="FUNCTION LOAD REPLACE \"#!lua name=$1\\nredis.register_function{function_name='$2', \
callback=function() return '$3' end, flags={'no-writes', 'allow-stale'}}\""
  load_although_full "$load" || return 1
  if [[ ${core_answer[*]} == *"already exists"* ]]; then
    remove_foreign_functions
    load_although_full "$load" || return 1
  fi
  [[ " ${core_answer[*]} " != *" $1 "* ]] || return 0
  log_change "could not record the position: ${core_answer[*]}"
  return 1
}
# Also where the memory is full, or no replica could follow a primary that was full when it started.
load_although_full() {
  local limit
  core_session_ask "$1" || return 1
  [[ ${core_answer[0]:-} == OOM* ]] || return 0
  core_session_ask "CONFIG GET maxmemory" || return 1
  limit=${core_answer[1]:-}
  [[ $limit =~ ^$number$ ]] || return 1
  core_session_ask "CONFIG SET maxmemory 0"$'\n'"$1"$'\n'"CONFIG SET maxmemory $limit"
}

# remove_foreign_functions: a library of the application's may have functions of our names, from a time when the
# application could load some: then ours cannot be loaded. What a library says of itself may be any words; as JSON they
# are in quotes that they cannot leave.
remove_foreign_functions() {
  local libraries entry library
  libraries=$(
    REDISCLI_AUTH=$(<"$token") timeout 5 \
      "$program-cli" -s "$socket" --user stateful --json FUNCTION LIST 2>/dev/null
  ) || return 0
  while [[ $libraries == *'"library_name":"'* ]]; do
    libraries=${libraries#*'"library_name":"'}
    entry=${libraries%%'"library_name":"'*}
    library=${entry%%'"'*}
    if [[ $library =~ ^[0-9A-Za-z_]+$ && $library != stateful && $library != stateful_past &&
      $entry =~ \"name\":\"stateful_(position|history)\" ]]; then
      log "removing the library of functions '$library', which has a function of the set's own"
      core_session_ask "FUNCTION DELETE $library" || return 0
    fi
  done
}
