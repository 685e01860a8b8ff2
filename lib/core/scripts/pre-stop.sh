#!/usr/bin/env bash
# shellcheck shell=sh
# preStop hook of the server's container: returns, and so has the server told to stop, when leave.sh says that it is
# this ordinal's turn. It leaves no process behind: that would become a child of the server.
set -eu
state=${STATEFUL_STATE:-/run/stateful}
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# shellcheck source=clock.sh
. "${STATEFUL_SCRIPTS:-/opt/stateful}/clock.sh"
# shellcheck source=pause.sh
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pause.sh"

core_clock
core_began_at=$core_now
# Only the server's container is restarted (by its liveness probe): then the pod is not leaving. sync.sh handles the
# signal when it has finished what it is doing, which may take the five seconds that it gives an answer.
core_waited=0
until [ -e "$state/leaving" ]; do
  [ "$core_waited" -lt 60 ] || exit 0
  pause 0.1
  core_waited=$((core_waited + 1))
done
until [ -e "$state/stop-allowed" ] || [ $((core_now - core_began_at)) -gt $((leave_timeout + 5)) ]; do
  pause 0.1
  core_clock
done
