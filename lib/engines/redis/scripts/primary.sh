# shellcheck shell=bash
# What Redis and Valkey answer to follow.sh, of a replica that follows no primary, and how it follows. Whatever is
# decided, it copies and follows by the same command to its server. For engine-sync.sh.

# shellcheck disable=SC2034 # for follow.sh
refusal_pattern='^(AUTH failed: WRONGPASS|NOAUTH) '
primary_history=     # the former eras of the primary, as it said when it was asked
primary_has_our_log= # whether it could go on then from where this replica is

# Globals: replica_position (set).
engine_replica_position() {
  local local_position
  read_position || return 1
  # shellcheck disable=SC2034 # for follow.sh
  replica_position="$(<"$state/identity") ${local_position#* }"
}
# Globals: primary_position (read and set); synced, primary_history, primary_has_our_log (set).
engine_primary_position() {
  local replication_id=${info[master_replid]} offset=${info[slave_repl_offset]} status=0
  primary_position=$(query "$core_primary_host" FCALL_RO stateful_position 0) || status=$?
  if ((status != 0)); then
    ((status != 124)) && [[ $(probe_peer "$core_primary_host") == "connected recovering $set_name" ]] || return 1
    synced="$set_name-0 has lost its data, and looks for the most complete copy"
    engine_detach
    return 2
  fi
  [[ $primary_position =~ $position_pattern ]] || return 0 # follow.sh says so
  local -A info=()
  primary_history=$(history_of "$core_primary_host") && info_of "$core_primary_host" server replication &&
    has_info run_id && [[ ${info[role]} == master ]] || return 1
  # Until its sidecar has marked the start, the data speaks for a former run: of an old volume that may be one that this
  # replica followed.
  if [[ $(words 5 "$primary_position") != "${info[run_id]}" ]]; then
    synced="$set_name-0 has not reported its position yet"
    return 2
  fi
  primary_has_our_log=
  if has_log_from "$replication_id" "$offset"; then primary_has_our_log=yes; fi
}
engine_is_ancestor() { is_ancestor_of "$replica_position" "$primary_position" "$primary_history"; }
# Globals: info, replica_position, primary_has_our_log (read); log_needed_from (set).
engine_primary_has_log() {
  log_needed_from=${info[slave_repl_offset]}
  [[ $replica_position != *" strayed" && -n $primary_has_our_log ]]
}
engine_can_give_copy() { follows "$(core_host_of "$1")" "$core_primary_host"; }
# Globals: saved, saving (set).
engine_begin_copy() {
  saved=0 saving='' # the snapshot is as old as the beginning of the copy
  follow "$(core_host_of "$1") $port" "copying again from $set_name-$1: $2"
}
# Globals: info (read); saved (set).
engine_follow() {
  local offset=${info[slave_repl_offset]}
  if [[ ${info[aof_enabled]} == 0 ]]; then saved=$offset; fi # it has just started, from the snapshot
  follow "$core_primary_host $port" "following $set_name-0 from $offset on"
}
