#!/usr/bin/env bash
# preStop hook of the server's container: returns, and so has the server told to stop, when leave.sh says that it is this
# ordinal's turn. It leaves no process behind: that would become a child of the server.
set -euo pipefail
state=${STATEFUL_STATE:-/run/stateful}
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# shellcheck source=pause.sh
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pause.sh"

# Only the server's container is restarted (by its liveness probe): then nobody is leaving. sync.sh hears of the signal when it has
# ended what it is at, which may take the five seconds that it gives an answer.
for ((i = 0; i < 60; i++)); do
  [[ ! -e $state/leaving ]] || break
  pause 0.1
done
[[ -e $state/leaving ]] || exit 0
until [[ -e $state/go ]] || ((SECONDS > leave_timeout + 5)); do pause 0.1; done
