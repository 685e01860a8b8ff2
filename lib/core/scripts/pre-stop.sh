#!/usr/bin/env bash
# shellcheck shell=sh
# preStop hook of the server's container: returns, and so has the server told to stop, when leave.sh says that it is this
# ordinal's turn. It leaves no process behind: that would become a child of the server.
set -eu
state=${STATEFUL_STATE:-/run/stateful}
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# shellcheck source=clock.sh
. "${STATEFUL_SCRIPTS:-/opt/stateful}/clock.sh"
# shellcheck source=pause.sh
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pause.sh"

clock
begin=$now
# Only the server's container is restarted (by its liveness probe): then nobody is leaving. sync.sh hears of the signal when it has
# ended what it is at, which may take the five seconds that it gives an answer.
i=0
until [ -e "$state/leaving" ]; do
  [ "$i" -lt 60 ] || exit 0
  pause 0.1
  i=$((i + 1))
done
until [ -e "$state/go" ] || [ $((now - begin)) -gt $((leave_timeout + 5)) ]; do
  pause 0.1
  clock
done
