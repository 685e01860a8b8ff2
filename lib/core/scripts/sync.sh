#!/usr/bin/env bash
# shellcheck shell=sh
# Sidecar. Once a second: what does the server report, what does this ordinal demand, mend the difference; say whether the pod is
# ready; and when the pod is told to stop, keep the order (leave.sh).
#
# Ready is the file $state/ready; the readiness probe makes $state/probed, in one process and only if it is there, and the server's startup
# probe has made $state/serving. So `probed` says that Kubernetes knows that all containers of the pod are ready; only then the pod
# shows itself ready to the ordinal above, which waits for it before its own first time.
part=sync
. "${STATEFUL_SCRIPTS:-/opt/stateful}/common.sh"
session_pid= # of the client that an engine keeps connected to its server, if it does (session.sh)
. "$scripts/engine-sync.sh"
. "$scripts/leave.sh"
. "$scripts/former.sh"

leaving=
trap 'leaving=yes; wake' TERM INT

role='' synced='' lag='' copy_anew='' copy_from=''
synced_at= # when this replica last had all that the primary had
lagged=yes # whether it is too far behind: from max_lag on, until it is less than half of that
shown=     # `by` and the session by which the peers see us ready
asked_at=  # when a new copy was last asked for

rm -f "$state/ready" "$state/probed" "$state/leaving" "$state/go"
engine_prepare

# is_ready: sets `why` if not. Ordinal 0 is never judged by lag.
is_ready() {
  why=
  if [ "$ordinal" -eq 0 ]; then
    [ "$role" = primary ] || why="not the primary yet"
  elif [ "$role" != replica ]; then
    why="NOT A REPLICA: ordinal $ordinal accepts writes; its data was not made by this set"
  else
    if [ "$synced" = yes ]; then synced_at=$((now - lag)); fi
    if [ -z "$synced_at" ] || [ $((now - synced_at)) -ge "$max_lag" ]; then
      lagged=yes
    elif [ $(((now - synced_at) * 2)) -le "$max_lag" ]; then
      lagged=
    fi
    if [ -n "$lagged" ]; then
      why=$synced
      [ "$synced" != yes ] || why="$max_lag s or more behind $set_name-0; ready again below half of that"
    fi
  fi
  [ -z "$why" ] || return 1
  [ -e "$state/serving" ] || { why="the server's startup probe has not seen it yet"; return 1; }
  if [ -z "$started" ] && [ "$ordinal" -gt 0 ] && ! engine_peer_is_ready $((ordinal - 1)); then
    why="waiting for $set_name-$((ordinal - 1)) to be ready"
    return 1
  fi
}

tick() {
  started=
  if [ -e "$state/started" ]; then started=yes; fi
  look_for_successors
  if is_former; then return 0; fi
  if ! engine_observe; then
    not_ready "the server does not answer"
    return 0
  fi
  clock
  copy_anew='' copy_from=''
  engine_mend
  if [ -n "$copy_anew" ]; then
    # run.sh copies when the server's container starts again. Where it could not, it is asked again, but not all the time.
    if [ -z "$asked_at" ] || [ $((now - asked_at)) -gt 30 ]; then
      asked_at=$now
      echo "$copy_from" >"$state/copy-anew"
      not_ready "copying anew: $copy_anew"
      engine_stop
      return 0
    fi
    synced=$copy_anew
  elif [ -e "$state/copy-anew" ]; then
    rm -f "$state/copy-anew" # the server went on after all, and follows: its next start must not copy
  fi
  if is_ready; then
    [ -e "$state/ready" ] || { say "ready, as $role"; : >"$state/ready"; }
    if [ "$shown" != "by $session_pid" ] && [ -e "$state/probed" ] && engine_show_ready; then
      shown="by $session_pid"
      : >"$state/started"
    fi
  else
    not_ready "$why"
  fi
}
# is_former: whether this pod was replaced, and goes on: then its server must not. Should DNS lead here again, it starts again.
is_former() {
  if [ -z "$replaced_by" ]; then
    rm -f "$state/replaced"
    return 1
  fi
  not_ready "this pod was replaced: $set_name-$ordinal is at $replaced_by now. Stopping this server, so that nobody writes here"
  if [ ! -e "$state/replaced" ] || engine_observe; then
    printf '%s\n' "$replaced_by" >"$state/replaced"
    engine_stop
  fi
}
not_ready() {
  rm -f "$state/ready" "$state/probed"
  say "not ready: $1"
  if [ -n "$shown" ]; then
    shown=
    engine_hide_ready || true
  fi
}

clock
begin=$now
while [ -z "$leaving" ]; do
  tick
  clock
  # Quick while the pod starts, the more so while others wait for it; a second apart later, as this is what an idle pod costs.
  if [ -n "$started" ] || [ $((now - begin)) -gt 60 ]; then pause 1; elif [ -e "$state/ready" ]; then pause 0.05; else pause 0.25; fi
done
leave
