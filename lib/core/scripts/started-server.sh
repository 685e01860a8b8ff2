#!/usr/bin/env bash
# shellcheck shell=sh
# startupProbe of the server's container: answers as soon as the port is open, instead of asking once a second, and
# leaves the sign that Kubernetes knows. An open port is all that is asked for: a server that recovers listens.
scripts=${STATEFUL_SCRIPTS:-/opt/stateful}
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# shellcheck source=pause.sh
. "$scripts/pause.sh"
# shellcheck source=tools.sh
. "$scripts/tools.sh"
await_port
: >"${STATEFUL_STATE:-/run/stateful}/port-open"
