#!/usr/bin/env bash
# preStop hook of the server's container: returns, and so has the server told to stop, when leave.sh says that it is this
# ordinal's turn. It leaves no process behind: that would become a child of the server.
set -euo pipefail
state=${STATEFUL_STATE:-/run/stateful}
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
exec {bed}<> <(:)
wait $! || true
pause() { read -rt 0.1 -u "$bed" _ || true; }

# Only the server's container is restarted (by its liveness probe): then nobody is leaving.
for ((i = 0; i < 20; i++)); do
  [[ ! -e $state/leaving ]] || break
  pause
done
[[ -e $state/leaving ]] || exit 0
until [[ -e $state/go ]] || ((SECONDS > leave_timeout + 5)); do pause; done
