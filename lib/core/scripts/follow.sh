# shellcheck shell=bash
# May this replica, which does not follow, follow ordinal 0? Or does it need a new copy, and from which ordinal? Or must
# it stop, until a person decides? One decision for every database. For engine-sync.sh, which calls core_follow_primary;
# test/core/scripts/follow.test.ts has the same table.
#
#   ordinal 0 ...                                             | this replica ...
#   ----------------------------------------------------------|------------------------------------------------------
#   its name still leads to a former pod                      | waits
#   does not answer, or refuses the password                  | waits, and says which
#   gives an invalid answer (position_pattern)                | waits
#   holds another database (the identity differs)             | stays: NOT FOLLOWING, receives nothing, is not ready
#   lacks what this replica has (it is not an ancestor)       | stays: NOT FOLLOWING, receives nothing, is not ready
#   still feeds another pod of this ordinal                   | waits
#   no longer has the log from here on, and n-1 gives copies  | copies from n-1
#   ... and n-1 cannot give one, for less than a minute       | waits, and says for which pod
#   ... for longer                                            | copies from ordinal 0
#   has the log                                               | follows
#
# Whenever one of the two does not say what is asked, the replica waits: nothing is concluded from silence. It "waits"
# with the reason in `synced`.
#
# An engine sets `position_pattern`, what a position of ordinal 0 must look like (`IDENTITY POSITION...`, one line, as
# engine_replayed_position prints it), `refusal_pattern`, by which its client says that a password is refused (in the
# file `last_error_file`), and `receives_from` as it observes its server: where it receives from or is told to, empty
# for nowhere. It answers:
#
#   engine_replica_position  sets `replica_position`, of this pod's server: IDENTITY and what follows
#   engine_primary_position  sets `primary_position`, as ordinal 0 tells it; 1 if that does not answer, 2 if it
#                            answers and must be waited for (sets `synced`)
#   engine_is_ancestor       whether ordinal 0 has all that led to `replica_position`: 0 if so, 1 if not, 2 if that
#                            cannot be said. By the same ancestry as engine_has_all_of. May set `difference`: what
#                            ordinal 0 lacks, in words
#   engine_primary_has_log   whether ordinal 0 has the log from here on: 0, 1, 2 likewise. Sets `log_needed_from`; with
#                            2 it may set `synced`
#   engine_can_give_copy N   whether ordinal N could give the copy now: has the same database, and gets what ordinal 0
#                            has
#   engine_follow            has this pod's server follow ordinal 0
#   engine_detach            has it receive from no primary
#   engine_begin_copy N WHY  if the server itself copies while it runs. Without this function run.sh copies, after a
#                            restart

core_primary_host=$(core_host_of 0)
# Where the primary was last reached: on `kubectl delete -f` its name goes before it does, and another pod may get it
# (former.sh).
# shellcheck disable=SC2034 # for engine_announce_leaving
primary_address=
receives_from=
replica_position=
primary_position=
difference=
log_needed_from=
core_no_source_since=   # since when ordinal n-1 cannot give the copy that this replica needs
core_source_patience=60 # seconds until that is taken from ordinal 0

# core_follow_primary: decide, and do it. Fails unless this replica follows from now on.
# Globals: those of core_may_follow_primary; former_primary (read, by core_leads_to_former_primary).
core_follow_primary() {
  if core_leads_to_former_primary; then return 1; fi
  core_may_follow_primary && engine_follow
}

# core_may_follow_primary: the table: 0 if this replica may follow, 1 if it must stay or copy, 2 if it waits for an
# answer.
# Globals: last_error_file, position_pattern, refusal_pattern (read); replica_position, primary_position, difference,
# log_needed_from, core_no_source_since, receives_from, synced, synced_at, recopy_reason, recopy_source (set).
core_may_follow_primary() {
  local knows_itself=yes status=0 since=$core_no_source_since
  primary_position='' difference='' core_no_source_since=''
  [[ -z ${last_error_file:-} ]] || : >"$last_error_file"
  # Before the primary is asked: what this replica has must be there by then.
  engine_replica_position || knows_itself=
  engine_primary_position || status=$?
  case $status in
    0) ;;
    1)
      core_report_no_answer "$refusal_pattern"
      return 2
      ;;
    *) return 2 ;;
  esac
  if ! core_is_identity "${primary_position%% *}" || [[ ! $primary_position =~ $position_pattern ]]; then
    synced="$set_name-0 gives an invalid answer"
    return 2
  fi
  [[ -n $knows_itself ]] || return 2
  if [[ ${primary_position%% *} != "${replica_position%% *}" ]]; then
    core_report_other_database "${primary_position%% *}" "${replica_position%% *}"
    core_stop_receiving
    return 1
  fi
  engine_is_ancestor || status=$?
  if ((status == 1)); then
    core_report_diverged "${difference:-${replica_position#* } here, ${primary_position#* } there}"
    core_stop_receiving
  fi
  ((status == 0)) || return "$status"
  engine_primary_has_log || status=$?
  if ((status == 1)); then
    core_find_copy_source "$set_name-0 no longer has the log from $log_needed_from on" "$since"
  fi
  return "$status"
}

# core_find_copy_source WHY SINCE: from which ordinal, as the log is gone. No server is restarted for a copy that no pod
# can give. SINCE is when that was first seen.
# Globals: core_source_patience (read); core_now (set, by core_clock); core_no_source_since, synced (set); those of
# core_begin_copy.
core_find_copy_source() {
  local below=$((ordinal - 1))
  core_clock
  if ((below == 0)) || engine_can_give_copy "$below"; then
    core_begin_copy "$below" "$1"
    return 0
  fi
  core_no_source_since=${2:-$core_now}
  if ((core_now - core_no_source_since < core_source_patience)); then
    synced="$1: waiting for $set_name-$below, to copy from it"
  else
    core_begin_copy 0 "$1, and $set_name-$below cannot give a copy"
  fi
}
# core_begin_copy ORDINAL WHY
# Globals: recopy_reason, recopy_source (set), which sync.sh tells run.sh.
core_begin_copy() {
  if command -v engine_begin_copy >/dev/null; then
    engine_begin_copy "$@"
  else
    # shellcheck disable=SC2034 # for sync.sh
    recopy_source=$1 recopy_reason=$2
  fi
}

# core_stop_receiving: from a primary that may not be followed.
# Globals: receives_from (read and set).
core_stop_receiving() {
  [[ -n $receives_from ]] || return 0
  receives_from=
  engine_detach || true
}

# core_keep_primary_address: of the primary that this replica is connected to.
# Globals: core_primary_host (read); primary_address (set).
core_keep_primary_address() {
  local address
  # shellcheck disable=SC2034 # for engine_announce_leaving
  primary_address=$(getent ahosts "$core_primary_host" | { read -r address _ && echo "$address"; }) || primary_address=
}

# The reasons, as docs/operations/runbook.md explains them.

# core_report_no_answer REFUSAL: the primary gives none, or refuses the password: then REFUSAL, a pattern, is in what
# the client said.
# Globals: last_error_file (read); synced (set).
core_report_no_answer() {
  synced="$set_name-0 does not answer"
  if [[ -n ${last_error_file:-} ]] && grep -qsE "$1" "$last_error_file"; then
    synced="$set_name-0 refuses the replication password: give this pod's Secret the passwords that the database has,"
    synced="$synced and change them afterwards"
  fi
}
# Anyone who reads from such a replica reads another history: it is not ready at once, however little it was behind
# (`synced_at`, of sync.sh).
# Globals: synced_at, synced (set).
core_report_other_database() { # PRIMARY-IDENTITY IDENTITY
  synced_at=
  synced="NOT FOLLOWING: $set_name-0 holds another database ($1; this one is $2). Nothing is overwritten."
  synced="$synced Compare both databases first, then delete the pod and PVC of the one that is not needed"
}
# Globals: synced_at, synced (set).
core_report_diverged() { # WHAT
  # shellcheck disable=SC2034 # for sync.sh
  synced_at=
  synced="NOT FOLLOWING: this replica has diverged: it holds writes that $set_name-0 does not ($1). Nothing is"
  synced="$synced overwritten. Was an old volume put under $set_name-0, or a replica promoted by hand? Only this replica"
  synced="$synced may have those changes: save them before you delete anything. To drop them, delete the pod and PVC of"
  synced="$synced $pod; to keep them, those of $set_name-0"
}
