# shellcheck shell=bash
# How a replica follows ordinal 0, in what is the same for every database: how far behind it is, and the reasons for which it does not follow,
# as README explains them. For engine-sync.sh, which may go without.

primary_host=$(host_of 0)
# shellcheck disable=SC2034 # for engine_show_leaving
primary_address= # where the primary was last reached: on `kubectl delete -f` its name goes before it does, and another pod may get it (former.sh)
mark=            # where the primary's log ended at marked_at; reached_at is when it ended where we are now, at least
marked_at=       # empty where this replica is not connected
reached_at=

keep_primary_address() {
  # shellcheck disable=SC2034 # for engine_show_leaving
  primary_address=$(getent ahosts "$primary_host" | { read -r address _ && echo "$address"; }) || primary_address=
}

# measure_lag REACHED END: sets `synced`, and `lag`, of a replica that is connected, and has heard that the primary's log ends at END. REACHED
# is `yes` if it has applied all up to the mark. The lag is how long ago the log ended where this replica now is: by no clock but
# ours, and right also while one long transaction is applied.
measure_lag() {
  clock
  if [[ -z $marked_at ]]; then # just connected: END may still be what an earlier connection heard
    mark=$2 marked_at=$now
    synced="just connected to $set_name-0"
    return 0
  fi
  if [[ $1 == yes ]]; then reached_at=$marked_at mark=$2 marked_at=$now; fi
  tell_lag
}
# tell_lag: `now`, `marked_at` and `reached_at` are of the same clock, which nobody sets: not of bash's SECONDS.
tell_lag() {
  clock
  if [[ -z $reached_at ]]; then
    synced="catching up with $set_name-0"
  else
    # shellcheck disable=SC2034 # for sync.sh
    synced=yes lag=$((now - reached_at))
  fi
}

# no_answer REFUSAL: the primary gives none, or refuses the password: then REFUSAL, a pattern, is in what the client said.
no_answer() {
  synced="$set_name-0 does not answer"
  if grep -qsE "$1" "$complaint"; then
    synced="$set_name-0 refuses the replication password: give this pod's Secret the passwords that the database has, and change them afterwards"
  fi
}
# Who reads from a replica that is one of these reads another history: it is not ready at once, however little it was behind (`synced_at`, of sync.sh).
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
