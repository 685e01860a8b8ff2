#!/usr/bin/env bash
# startupProbe of the sidecar, and so of the pod's being ready for the first time: answers as soon as sync.sh says ready. The readiness
# probe follows at once.
state=${STATEFUL_STATE:-/run/stateful}
exec {bed}<> <(:)
until [[ -e $state/ready ]]; do read -rt 0.1 -u "$bed" _ || true; done
