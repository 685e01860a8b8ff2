# shellcheck shell=bash
# What Redis and Valkey supply to sync.sh and leave.sh: what the server reports, what must be mended, and how pods see one another.
# One client stays connected to this pod's server (session.sh); its name tells the other pods that this one is ready.

. "$scripts/session.sh"
# shellcheck disable=SC2034 # for session.sh
session_end_command='ECHO .' session_broken='@(Could not connect to|Error:) *'
. "$scripts/following.sh"
previous_host=
((ordinal == 0)) || previous_host=$(host_of $((ordinal - 1)))
passwords_set=$state/passwords-set # when the server last heard of a change
[[ -e $passwords_set ]] || : >"$passwords_set"
run=             # of the server: another one means that it was restarted
declare -A info=()
# A replica:
marked_at=0
counted_by=      # the replication id that offsets belong to
was_up=          # whether the connection to what it follows was there
asked_to=        # when it was last told whom to follow
alone_since=     # when it last followed nobody, without a break
waiting_since=   # since when it waits for the ordinal below to copy from it
saved=0          # the offset of the last snapshot, at least
saving=          # that of the one that is being taken
saved_at=0       # when it was last asked for
# The primary:
position=()      # identity, era, mark, branch, run: position.sh
changes=         # what INFO counted when that was last marked

open_local() {
  { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  connect "$(<"$token")" -s "$socket" --user stateful
  session_ask $'CLIENT SETNAME stateful\nINFO server' || return 1
  [[ ${answer[0]} == OK ]] || { session_close; return 1; }
  read_info "${answer[@]}"
  if [[ $run != "${info[run_id]}" ]]; then
    run=${info[run_id]} position=() was_up='' asked_to='' alone_since='' reached_at='' mark=''
  fi
}

# connect PASSWORD OPTION...: what it complains of comes among its answers.
connect() {
  export REDISCLI_AUTH=$1
  shift
  session_open bash -c 'exec "$@" 2>&1' - "$program-cli" -t 3 "$@"
}

# engine_observe: sets `role` (primary, replica), and for a replica `synced` (yes, or why not) with `lag`, from what the server itself
# reports.
engine_observe() {
  [[ -n $session_pid ]] || open_local || return 1
  session_ask $'CLIENT GETNAME\nINFO replication persistence' || return 1
  # A client whose connection broke makes another by itself, which has no name: others would not see us, and it may be another server.
  [[ ${answer[0]} == stateful* ]] || { session_close; return 1; }
  read_info "${answer[@]}"
  [[ ${info[loading]:-1} == 0 ]] || return 1
  if ((ordinal == 0)); then
    role=replica
    [[ ${info[role]} != master ]] || role=primary
    return 0
  fi
  # Above 0 a primary is one that gave its data to an ordinal 0 that had lost its own (engine_recover). It refuses writes.
  role=replica
  synced="following nobody yet"
  if [[ ${info[role]} == master ]]; then
    synced="gave its data to $set_name-0, or was promoted by hand: following again when $set_name-0 serves"
    return 0
  fi
  if [[ ${info[master_host]} != "$primary_host" || ${info[master_link_status]} != up ]]; then
    mark=
    return 0
  fi
  # Another run of the primary counts anew, and may have been connected to between two looks.
  if [[ ${info[master_replid]} != "$counted_by" ]]; then mark='' counted_by=${info[master_replid]}; fi
  if [[ -n $mark ]] && ((info[slave_repl_offset] >= mark)); then reached_at=$marked_at; fi
  # The primary is asked now and then only, as each time starts a client.
  clock
  if [[ -z $mark ]] || { ((info[slave_repl_offset] >= mark)) && ((now - marked_at >= max_lag / 10)); }; then
    marked_at=$now
    mark=$(offset_of_primary) || mark=
  fi
  tell_lag
}
offset_of_primary() {
  local -A info=()
  info_of "$primary_host" replication && echo "${info[master_repl_offset]}"
}

# engine_mend: make true what the ordinal demands. May set `synced` to a better reason. It never asks for a new copy by run.sh: the server
# takes one while it runs, and keeps its old data until that is complete.
engine_mend() {
  if [[ $credentials/..data -nt $passwords_set ]]; then change_passwords; fi # the kubelet has brought a changed Secret
  if ((ordinal == 0)); then
    if [[ $role == replica ]]; then
      log "ordinal 0 is the primary: promoting"
      session_ask "REPLICAOF NO ONE" || true
    else
      mark_position
    fi
  elif [[ ${info[role]} == master ]]; then
    if engine_identity "$primary_host" >/dev/null; then follow "$nowhere" "following again: $set_name-0 serves"; fi
  elif [[ ${info[master_link_status]} == up ]]; then
    connected
  else
    disconnected
  fi
}

change_passwords() {
  local password
  (check_passwords superuser-password replication-password password) || return 0
  password=$(<"$credentials/replication-password")
  password=${password//\\/\\\\}
  log "setting passwords to what the Secret says"
  engine_prepare
  session_ask "CONFIG SET masterauth \"${password//\"/\\\"}\"" && [[ ${answer[*]} == OK ]] || return 0
  session_ask "ACL LOAD" || return 0
  if [[ ${answer[*]} == OK ]]; then touch "$passwords_set"; else say "could not set the passwords: ${answer[*]}"; fi
}

# own_position: sets `own`, to nothing where the data has no position yet. Fails where the server says anything else.
own_position() {
  session_ask "FCALL_RO stateful_position 0" || return 1
  own=${answer[0]:-}
  if [[ $own == *"Function not found"* ]]; then own=; else [[ $own =~ ^[^\ ]+(\ [0-9]+){3}\ [^\ ]+$ ]]; fi
}

# mark_position: says in the data itself how far it is (position.sh): once for each start of the server, and once a second while it changes.
mark_position() {
  local now=${info[rdb_changes_since_last_save]} own identity era mark branch last_run
  if ((${#position[@]} == 0)); then
    own_position || return 0
    read -r identity era mark branch last_run <<<"$own"
    if [[ $identity != "$(<"$state/identity")" ]]; then era=0 mark=0 last_run=''; fi # there is none yet: the data is new
    if [[ $last_run != "$run" ]]; then era=$((era + 1)) branch=$mark; fi
    position=("$(<"$state/identity")" "$era" "$mark" "$branch" "$run")
  elif [[ $now == "$changes" ]]; then
    return 0
  fi
  position[2]=$((position[2] + 1))
  load_position || return 0
  [[ " ${answer[*]} " == *" stateful "* ]] || { position=(); say "could not mark the position: ${answer[*]}"; return 0; }
  changes=$((now + 1)) # this one; anybody's else meanwhile will be seen next time
}

# load_position: also where the memory is full, or no replica could follow a primary that was full when it started.
load_position() {
  local load="FUNCTION LOAD REPLACE \"#!lua name=stateful\\nredis.register_function{function_name='stateful_position', \
callback=function() return '${position[*]}' end, flags={'no-writes', 'allow-stale'}}\""
  session_ask "$load" || return 1
  [[ ${answer[0]:-} == OOM* ]] || return 0
  session_ask "CONFIG GET maxmemory" || return 1
  session_ask "CONFIG SET maxmemory 0"$'\n'"$load"$'\n'"CONFIG SET maxmemory ${answer[1]:-0}"
}

# follow HOST-AND-PORT REASON
follow() {
  log "$2"
  synced="waiting for the connection"
  asked_to=$SECONDS was_up='' alone_since='' waiting_since=''
  session_ask "REPLICAOF $1" || true
}

# connected: to the ordinal below, from which it has copied: then the position is the primary's too, and it goes on there. Or to the primary.
connected() {
  if [[ ${info[master_host]} == "$previous_host" && $previous_host != "$primary_host" ]]; then
    follow "$primary_host $port" "copied from $set_name-$((ordinal - 1)): following $set_name-0"
    return 0
  fi
  if [[ -z $was_up ]]; then
    was_up=yes
    keep_primary_address
  fi
  if [[ ${info[aof_enabled]} == 0 ]]; then
    log "going on from the last snapshot"
    session_ask "CONFIG SET appendonly yes" || true
  fi
  # So that after a crash the primary still has the log from the last snapshot on.
  if [[ -n $saving ]]; then
    if [[ ${info[rdb_bgsave_in_progress]} == 0 ]]; then
      [[ ${info[rdb_last_bgsave_status]} != ok ]] || saved=$saving
      saving=
    fi
  elif ((info[slave_repl_offset] - saved > info[repl_backlog_size] / 2 && SECONDS - saved_at > 60)); then
    saved_at=$SECONDS
    if session_ask BGSAVE && [[ ${answer[0]:-} == "Background saving started" ]]; then saving=${info[slave_repl_offset]}; fi
  fi
}

# disconnected: a replica that is left to itself would connect again, and take whatever is there. It follows nobody until we have looked.
disconnected() {
  if [[ "${info[master_host]} ${info[master_port]}" != "$nowhere" ]]; then
    if [[ ${info[master_sync_in_progress]} == 1 ]]; then
      synced="copying from ${info[master_host]%%.*}"
    elif [[ -z $was_up ]] && ((SECONDS - asked_to < 60)) && engine_identity "${info[master_host]}" >/dev/null; then
      synced="connecting to ${info[master_host]%%.*}"
    else
      follow "$nowhere" "no connection to ${info[master_host]%%.*}"
    fi
    return 0
  fi
  : "${alone_since:=$SECONDS}"
  choose_source
  if [[ ${info[aof_enabled]} == 0 ]] && ((SECONDS - ${alone_since:-$SECONDS} > 10)); then
    log "$set_name-0 is gone: starting again, with all that was received and not with the last snapshot"
    session_ask "SHUTDOWN NOSAVE" || true
  fi
}

# choose_source: whom may this replica follow? Everything is asked of the two servers.
choose_source() {
  local own theirs replication_id=${info[master_replid]} offset=${info[slave_repl_offset]} append_only=${info[aof_enabled]}
  local -A info=()
  if ! theirs=$(query "$primary_host" FCALL_RO stateful_position 0) || ! info_of "$primary_host" server replication || [[ ${info[role]} != master ]]; then
    no_answer '^(AUTH failed: WRONGPASS|NOAUTH) '
    waiting_since=
    return 0
  fi
  # Until its sidecar has marked the start, the data speaks for a former run: of an old volume that may be one that this replica followed.
  if [[ ${theirs##* } != "${info[run_id]}" ]]; then
    synced="$set_name-0 has not said yet where its data stands"
    return 0
  fi
  own_position || return 0
  if [[ ${theirs%% *} != "$(<"$state/identity")" ]]; then
    another_database "${theirs%% *}" "$(<"$state/identity")"
  elif ! in_the_past_of "$own" "$theirs"; then
    more_than_the_primary "$own here, $theirs there"
  elif has_log_from "$replication_id" "$offset"; then
    if [[ $append_only == 0 ]]; then saved=$offset; fi # it has just started, from the snapshot
    follow "$primary_host $port" "following $set_name-0 from $offset on"
  elif [[ $previous_host == "$primary_host" ]] || follows "$previous_host" "$primary_host"; then
    saved=0 saving='' # the snapshot is as old as the beginning of the copy
    follow "$previous_host $port" "copying anew from $set_name-$((ordinal - 1)): $set_name-0 has no log from $offset on"
  elif ((SECONDS - ${waiting_since:=$SECONDS} > 60)); then
    saved=0 saving=''
    follow "$primary_host $port" "copying anew from $set_name-0, as $set_name-$((ordinal - 1)) does not follow it"
  else
    synced="waiting for $set_name-$((ordinal - 1)) to follow $set_name-0, to copy from it"
  fi
}

# engine_stop: end the server from the outside.
engine_stop() { session_ask SHUTDOWN || true; }

# Ready is what others can see: as long as this process and the server live.
engine_show_ready() { session_ask "CLIENT SETNAME stateful-ready"; }
engine_hide_ready() { session_ask "CLIENT SETNAME stateful"; }
engine_peer_is_ready() { [[ $(query "$(host_of "$1")" CLIENT LIST TYPE normal) == *" name=stateful-ready "* ]]; }

# engine_show_leaving: be seen at the primary as leaving, until this process ends; and as ready no more, as whoever starts above must wait for the next pod.
engine_show_leaving() {
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
  else
    [[ -n $primary_address ]] || return 1
    connect "$(<"$credentials/replication-password")" -h "$primary_address" -p "$port" --user "$replication_user"
  fi
  session_ask "CLIENT SETNAME leaving-$ordinal" && [[ ${answer[0]} == OK ]]
}
# shellcheck disable=SC2034 # for leave.sh
engine_look_above() {
  local row
  leaving_above='' connected_above=''
  session_ask $'CLIENT LIST TYPE normal\nINFO replication' || return 1
  for row in "${answer[@]}"; do
    if [[ $row =~ \ name=leaving-([0-9]+)\  ]]; then
      ((BASH_REMATCH[1] <= ordinal)) || leaving_above+=${leaving_above:+ }${BASH_REMATCH[1]}
    elif [[ $row =~ ^slave[0-9]+:ip=$set_name-([0-9]+)\. ]]; then
      ((BASH_REMATCH[1] <= ordinal)) || connected_above+=${connected_above:+ }${BASH_REMATCH[1]}
    fi
  done
}
