#!/usr/bin/env bash
# startupProbe of the server's container: answers as soon as the port is open, in place of asking once a second, and leaves the sign
# that Kubernetes knows. An open port is all that is asked for: a server that recovers listens. No process is left behind: an orphan
# would become a child of the server.
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
exec {bed}<> <(:)
wait $! || true
until : <>"/dev/tcp/127.0.0.1/$port"; do read -rt 0.1 -u "$bed" _ || true; done 2>/dev/null
: >"${STATEFUL_STATE:-/run/stateful}/serving"
