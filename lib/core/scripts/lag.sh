# shellcheck shell=bash
# How far a replica is behind ordinal 0, in what is the same for every database. For engine-sync.sh, which may go without.

mark=      # where the primary's log ended at marked_at; reached_at is when it ended where this replica is now, at least
marked_at= # empty where this replica is not connected
reached_at=

# measure_lag REACHED END: sets `synced`, and `lag`, of a replica that is connected, and has heard that the primary's log ends at END. REACHED
# is `yes` if it has applied all up to the mark. The lag is how long ago the log ended where this replica now is: by no clock but
# ours, and right also while one long transaction is applied.
# Globals: mark, marked_at, reached_at (read and set); now (set, by clock); synced, lag (set).
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
# Globals: reached_at (read); now (set, by clock); synced, lag (set).
tell_lag() {
  clock
  if [[ -z $reached_at ]]; then
    synced="catching up with $set_name-0"
  else
    # shellcheck disable=SC2034 # for sync.sh
    synced=yes lag=$((now - reached_at))
  fi
}
