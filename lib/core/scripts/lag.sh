# shellcheck shell=bash
# How far a replica is behind ordinal 0, in what is the same for every database. For engine-sync.sh, which may go
# without.

lag_probe=      # where the primary's log ended at lag_probe_at
lag_probe_at=   # empty while this replica is not connected
lag_reached_at= # when the primary's log ended where this replica is now, at least

# core_measure_lag REACHED END: of a replica that is connected, and was told that the primary's log ends at END. REACHED
# is `yes` if it has applied all up to the probe. The lag is how long ago the log ended where this replica now is: by no
# clock but ours, and right also while one long transaction is applied.
# Globals: lag_probe, lag_probe_at, lag_reached_at (read and set); core_now (set, by core_clock); synced, lag (set).
core_measure_lag() {
  core_clock
  if [[ -z $lag_probe_at ]]; then # just connected: END may still be what an earlier connection was told
    lag_probe=$2 lag_probe_at=$core_now
    synced="just connected to $set_name-0"
    return 0
  fi
  if [[ $1 == yes ]]; then lag_reached_at=$lag_probe_at lag_probe=$2 lag_probe_at=$core_now; fi
  core_update_lag
}

# core_update_lag: all these times are of core_clock, which nothing sets: not of bash's SECONDS.
# Globals: lag_reached_at (read); core_now (set, by core_clock); synced, lag (set).
core_update_lag() {
  core_clock
  if [[ -z $lag_reached_at ]]; then
    synced="catching up with $set_name-0"
  else
    # shellcheck disable=SC2034 # for sync.sh
    synced=yes lag=$((core_now - lag_reached_at))
  fi
}
