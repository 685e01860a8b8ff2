# shellcheck shell=bash
# May this replica, which does not follow, follow ordinal 0? Or does it need a new copy, and from whom? Or must it stop, until somebody decides?
# One decision for every database. For engine-sync.sh, which calls follow_primary; test/core/scripts/follow.test.ts has the same table.
#
#   ordinal 0 ...                                             | this replica ...
#   ----------------------------------------------------------|-----------------------------------------------------------------
#   its name still leads to a former pod (leads_to_former)    | waits
#   does not answer, or refuses the password                  | waits, and says which
#   gives an answer that makes no sense (position_pattern)    | waits
#   holds another database (the identity differs)             | stays: NOT FOLLOWING, receives from nobody, is not ready
#   lacks what this replica has (this position is no ancestor)| stays: NOT FOLLOWING, receives from nobody, is not ready
#   still feeds another pod of this ordinal                   | waits
#   no longer has the log from here on, and n-1 gives copies  | copies from n-1
#   ... and n-1 cannot give one, for less than a minute       | waits, and says for whom
#   ... for longer                                            | copies from ordinal 0
#   has the log                                               | follows
#
# Wherever one of the two does not say what is asked, the replica waits: nothing is concluded from silence. It "waits" with the reason in `synced`.
#
# An engine sets `position_pattern`, what a position of ordinal 0 must look like (`IDENTITY POSITION...`, one line, as engine_settled_position prints it),
# `refusal_pattern`, by which its client says that a password is refused (in the file `complaint`), and `receives_from` as it observes its server:
# from whom it receives or is told to, empty for nobody. It answers:
#
#   engine_own_position      sets `replica_position`, of this pod's server: IDENTITY and what follows
#   engine_ask_primary       sets `primary_position`, as ordinal 0 tells it; 1 where that does not answer, 2 where it answers and must be waited
#                            for (sets `synced`)
#   engine_primary_has       whether ordinal 0 has all that led to `replica_position`: 0 if so, 1 if not, 2 if that cannot be said. By the same
#                            ancestry as engine_has_all_of. May set `difference`: what ordinal 0 lacks, in words
#   engine_primary_has_log   whether ordinal 0 has the log from here on: 0, 1, 2 likewise. Sets `log_needed_from`; with 2 it may set `synced`
#   engine_can_give_copy N   whether ordinal N could give the copy now: has the same database, and gets what ordinal 0 has
#   engine_follow            has this pod's server follow ordinal 0
#   engine_detach            has it receive from nobody
#   engine_begin_copy N WHY  where the server itself copies while it runs. Without this function run.sh copies, after a restart

primary_host=$(host_of 0)
# shellcheck disable=SC2034 # for engine_show_leaving
primary_address= # where the primary was last reached: on `kubectl delete -f` its name goes before it does, and another pod may get it (former.sh)
receives_from=
replica_position=
primary_position=
difference=
log_needed_from=
no_source_since=   # since when ordinal n-1 cannot give the copy that this replica needs
source_patience=60 # seconds until that is taken from ordinal 0

# follow_primary: decide, and do it. Fails unless this replica follows from now on.
# Globals: those of may_follow_primary; former_primary (read, by leads_to_former).
follow_primary() {
  if leads_to_former; then return 1; fi
  may_follow_primary && engine_follow
}

# may_follow_primary: the table: 0 if this replica may follow, 1 if it must stay or copy, 2 if it waits for an answer.
# Globals: set_name, ordinal, complaint, position_pattern, refusal_pattern (read); replica_position, primary_position, difference, log_needed_from,
# no_source_since, receives_from, synced, synced_at, copy_anew, copy_from (set).
may_follow_primary() {
  local knows_itself=yes status=0 since=$no_source_since
  primary_position='' difference='' no_source_since=''
  [[ -z ${complaint:-} ]] || : >"$complaint"
  engine_own_position || knows_itself= # before the other: what is here must be there by the time that it is asked
  engine_ask_primary || status=$?
  case $status in
    0) ;;
    1) no_answer "$refusal_pattern"; return 2 ;;
    *) return 2 ;;
  esac
  if ! is_identity "${primary_position%% *}" || [[ ! $primary_position =~ $position_pattern ]]; then
    synced="$set_name-0 gives an answer that makes no sense"
    return 2
  fi
  [[ -n $knows_itself ]] || return 2
  if [[ ${primary_position%% *} != "${replica_position%% *}" ]]; then
    another_database "${primary_position%% *}" "${replica_position%% *}"
    receive_from_nobody
    return 1
  fi
  engine_primary_has || status=$?
  if ((status == 1)); then
    more_than_the_primary "${difference:-${replica_position#* } here, ${primary_position#* } there}"
    receive_from_nobody
  fi
  ((status == 0)) || return "$status"
  engine_primary_has_log || status=$?
  if ((status == 1)); then find_copy "$set_name-0 no longer has the log from $log_needed_from on" "$since"; fi
  return "$status"
}

# find_copy WHY SINCE: of whom, as the log is gone. Nobody is restarted for a copy that nobody can give. SINCE is when that was first seen.
# Globals: ordinal, set_name, source_patience (read); no_source_since, synced (set); those of begin_copy.
find_copy() {
  local below=$((ordinal - 1))
  clock
  if ((below == 0)) || engine_can_give_copy "$below"; then
    begin_copy "$below" "$1"
    return 0
  fi
  no_source_since=${2:-$now}
  if ((now - no_source_since < source_patience)); then
    synced="$1: waiting for $set_name-$below, to copy from it"
  else
    begin_copy 0 "$1, and $set_name-$below cannot give a copy"
  fi
}
# begin_copy ORDINAL WHY
# Globals: copy_anew, copy_from (set), which sync.sh tells run.sh.
begin_copy() {
  if command -v engine_begin_copy >/dev/null; then
    engine_begin_copy "$@"
  else
    # shellcheck disable=SC2034 # for sync.sh
    copy_from=$1 copy_anew=$2
  fi
}

# receive_from_nobody: what comes from a primary that may not be followed.
# Globals: receives_from (read and set).
receive_from_nobody() {
  [[ -n $receives_from ]] || return 0
  receives_from=
  engine_detach || true
}

# keep_primary_address: of the primary that this replica is connected to.
# Globals: primary_host (read); primary_address (set).
keep_primary_address() {
  # shellcheck disable=SC2034 # for engine_show_leaving
  primary_address=$(getent ahosts "$primary_host" | { read -r address _ && echo "$address"; }) || primary_address=
}

# The reasons, as the README of the repository explains them.

# no_answer REFUSAL: the primary gives none, or refuses the password: then REFUSAL, a pattern, is in what the client said.
# Globals: complaint (read); synced (set).
no_answer() {
  synced="$set_name-0 does not answer"
  if [[ -n ${complaint:-} ]] && grep -qsE "$1" "$complaint"; then
    synced="$set_name-0 refuses the replication password: give this pod's Secret the passwords that the database has, and change them afterwards"
  fi
}
# Who reads from a replica that is one of these reads another history: it is not ready at once, however little it was behind (`synced_at`, of sync.sh).
# Globals: synced_at, synced (set).
another_database() { # THEIRS OURS
  synced_at=
  synced="NOT FOLLOWING: $set_name-0 holds another database ($1; here is $2). Nothing is overwritten. Compare both databases first; then delete pod and claim of the one that nobody needs"
}
more_than_the_primary() { # WHAT
  # shellcheck disable=SC2034 # for sync.sh
  synced_at=
  synced="NOT FOLLOWING: this replica has what $set_name-0 has not ($1). Nothing is overwritten. Was an old volume put under $set_name-0, or a replica promoted by hand?"
  synced="$synced Only this replica may have those changes: save them before you delete anything. To drop them, delete pod and claim of $pod; to go back to them, those of $set_name-0"
}
