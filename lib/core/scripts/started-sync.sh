#!/usr/bin/env bash
# shellcheck shell=sh
# startupProbe of the sidecar, and so of the pod's being ready for the first time: answers as soon as sync.sh says
# ready. The readiness probe follows at once.
state=${STATEFUL_STATE:-/run/stateful}
# shellcheck source=pause.sh
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pause.sh"
until [ -e "$state/ready" ]; do pause 0.1; done
