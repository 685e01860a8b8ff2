#!/usr/bin/env bash
# startupProbe of the server's container: answers as soon as the port is open, in place of asking once a second, and leaves the sign
# that Kubernetes knows. An open port is all that is asked for: a server that recovers listens.
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# shellcheck source=pause.sh
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pause.sh"
until : <>"/dev/tcp/127.0.0.1/$port"; do pause 0.1; done 2>/dev/null
: >"${STATEFUL_STATE:-/run/stateful}/serving"
