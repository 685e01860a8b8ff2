#!/usr/bin/env bash
# shellcheck shell=sh
# Sidecar. Once a second: what does the server report, what does this ordinal demand, reconcile the two; say whether the
# pod is ready; and when the pod is told to stop, keep the order (leave.sh).
#
# Ready is the file $state/ready; the readiness probe makes $state/seen-ready, in one process and only if `ready` is
# there, and the server's startup probe has made $state/port-open. So `seen-ready` says that Kubernetes knows that all
# containers of the pod are ready; only then the pod announces itself as ready to the ordinal above, which waits for it
# before its own first time.
container=sync core_hears_marks=yes
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pod.sh"
session_pid= # of the client that an engine keeps connected to its server, if it does (session.sh)
. "$scripts/engine-sync.sh"
. "$scripts/leave.sh"
. "$scripts/former.sh"

core_leaving= # whether this pod was told to stop: core_hear

role='' synced='' lag='' recopy_reason='' recopy_source=''
synced_at=            # when this replica last had all that the primary had
core_lagged=yes       # whether it is too far behind: from max_lag on, until it is less than half of that
core_announced=       # `by` and the session by which the peers see this pod as ready
core_recopy_asked_at= # when a new copy was last asked for
core_not_ready_reason=

rm -f "$state/ready" "$state/seen-ready" "$state/leaving" "$state/stop-allowed"
engine_prepare

# core_is_ready: ordinal 0 is never judged by lag.
# Globals: role, synced, lag, core_now, core_was_ready (read); synced_at, core_lagged (read and set);
# core_not_ready_reason (set).
core_is_ready() {
  core_not_ready_reason=
  if [ "$ordinal" -eq 0 ]; then
    [ "$role" = primary ] || core_not_ready_reason="not the primary yet"
  elif [ "$role" != replica ]; then
    core_not_ready_reason="NOT A REPLICA: ordinal $ordinal accepts writes; its data was not made by this set"
  else
    if [ "$synced" = yes ]; then synced_at=$((core_now - lag)); fi
    if [ -z "$synced_at" ] || [ $((core_now - synced_at)) -ge "$max_lag" ]; then
      core_lagged=yes
    elif [ $(((core_now - synced_at) * 2)) -le "$max_lag" ]; then
      core_lagged=
    fi
    if [ -n "$core_lagged" ]; then
      core_not_ready_reason=$synced
      [ "$synced" != yes ] ||
        core_not_ready_reason="$max_lag s or more behind $set_name-0; ready again below half of that"
    fi
  fi
  [ -z "$core_not_ready_reason" ] || return 1
  if [ ! -e "$state/port-open" ]; then
    core_not_ready_reason="waiting for the server's startup probe to pass"
    return 1
  fi
  if [ -z "$core_was_ready" ] && [ "$ordinal" -gt 0 ] && ! engine_peer_is_ready $((ordinal - 1)); then
    core_not_ready_reason="waiting for $set_name-$((ordinal - 1)) to be ready"
    return 1
  fi
}

# core_tick: one look at the server, and what follows from it.
# Globals: core_now, session_pid (read); core_recopy_asked_at, core_announced (read and set); core_was_ready,
# recopy_reason, recopy_source, synced (set).
core_tick() {
  core_was_ready=
  if [ -e "$state/was-ready" ]; then core_was_ready=yes; fi
  core_check_replaced
  if core_stop_if_replaced; then return 0; fi
  if ! engine_observe; then
    core_not_ready "the server does not answer"
    return 0
  fi
  core_clock
  recopy_reason='' recopy_source=''
  engine_reconcile
  if [ -n "$recopy_reason" ]; then
    # run.sh copies when the server's container starts again. If it could not, it is asked again, but not all the time.
    if [ -z "$core_recopy_asked_at" ] || [ $((core_now - core_recopy_asked_at)) -gt 30 ]; then
      core_recopy_asked_at=$core_now
      echo "$recopy_source" >"$state/recopy"
      core_not_ready "copying again: $recopy_reason"
      engine_stop
      return 0
    fi
    synced=$recopy_reason
  elif [ -e "$state/recopy" ]; then
    rm -f "$state/recopy" # the server went on after all, and follows: its next start must not copy
  fi
  if core_is_ready; then
    [ -e "$state/ready" ] || {
      log_change "ready, as $role"
      : >"$state/ready"
    }
    if [ "$core_announced" != "by $session_pid" ] && [ -e "$state/seen-ready" ] && engine_announce_ready; then
      core_announced="by $session_pid"
      : >"$state/was-ready"
    fi
  else
    core_not_ready "$core_not_ready_reason"
  fi
}
# core_stop_if_replaced: whether this pod was replaced, and still runs: then its server must not. If DNS leads here
# again, it starts again.
# Globals: core_replaced_by (read).
core_stop_if_replaced() {
  if [ -z "$core_replaced_by" ]; then
    rm -f "$state/replaced"
    return 1
  fi
  core_not_ready "this pod was replaced: $set_name-$ordinal is at $core_replaced_by now. Stopping this server, so that" \
    "nothing is written here"
  if [ ! -e "$state/replaced" ] || engine_observe; then
    printf '%s\n' "$core_replaced_by" >"$state/replaced"
    engine_stop
  fi
}
# core_not_ready REASON...
# Globals: core_announced (read and set).
core_not_ready() {
  rm -f "$state/ready" "$state/seen-ready"
  log_change "not ready: $*"
  if [ -n "$core_announced" ]; then
    core_announced=
    engine_withdraw_ready || true
  fi
}

core_clock
core_began_at=$core_now
while core_hear && [ -z "$core_leaving" ]; do
  core_tick
  core_clock
  # Quick while the pod starts, the more so while others wait for it; a second apart later, as this is what an idle pod
  # costs.
  if [ -n "$core_was_ready" ] || [ $((core_now - core_began_at)) -gt 60 ]; then
    pause 1
  elif [ -e "$state/ready" ]; then
    pause 0.05
  else
    pause 0.25
  fi
done
core_leave
