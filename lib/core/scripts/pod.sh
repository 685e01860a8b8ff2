# shellcheck shell=sh disable=SC3043
# Who this pod is, who its peers are, how it logs and how it waits. Sourced by every script of the pod.
#
# The scripts that all engines share keep to what bash, dash and busybox' ash have in common: POSIX, and `local`. What
# takes more is in tools.sh and pause.sh, and an engine can bring its own instead.
#
# Which names are core's, and which an engine may use or set: lib/core/private/script-names.ts.
set -eu

scripts=${STATEFUL_SCRIPTS:-/opt/stateful} # this folder
# As process 1, a script that never becomes another program leaves signals to this; and one that hears of its end by a
# mark always does.
if [ "${STATEFUL_PROCESS_1:-$$}" = 1 ] || [ "${STATEFUL_PROCESS_1:-}${core_hears_marks:-}" = yes ]; then
  if [ "${container:-run}" != run ]; then . "$scripts/process-1.sh"; fi
fi
config=${STATEFUL_CONFIG:-/etc/stateful} # settings.sh, replicas, and the engine's own files
# shellcheck disable=SC2034 # not every script uses it
state=${STATEFUL_STATE:-/run/stateful} # shared by the containers of this pod, gone with the pod
core_hosts=${STATEFUL_HOSTS:-/etc/hosts}

# shellcheck source=settings.example.sh
. "$config/settings.sh"

# shellcheck disable=SC3028 # every container has it in its environment
pod=$HOSTNAME
set_name=${pod%-*}
container=${container:-pod} # whose log this is

# core_host_of ORDINAL: the peer's name. The dot at the end saves the resolver its walk through the search list.
core_host_of() { printf '%s-%s.%s.' "$set_name" "$1" "$domain"; }

log() { printf '%s %s: %s\n' "$(date -u +%FT%TZ)" "$container" "$*" >&2; }
die() {
  log "$@"
  exit 1
}
# log_change WORDS: log, but only what was not logged last; so one line for each change, however often the state is
# looked at.
# Globals: core_logged (read and set).
log_change() { if [ "$*" != "$core_logged" ]; then
  core_logged=$*
  log "$@"
fi; }
core_logged=

# What other pods, servers and files say is matched against one of these before it meets arithmetic, SQL or a path: none
# of them is code.
# core_is_number TEXT: what fits a shell's number, without a sign.
core_is_number() { case $1 in '' | *[!0-9]* | ???????????????????*) return 1 ;; esac }
# core_is_identity TEXT: of a database, as engine_identity prints it.
core_is_identity() { [ "${#1}" -le 64 ] && case $1 in '' | *[!0-9A-Za-z-]*) return 1 ;; esac }

# The role follows from the ordinal, so it is never guessed. The label `apps.kubernetes.io/pod-index` is there from
# Kubernetes 1.28 on; it is missing if somebody or something removed it, and in a copy of the pod (`kubectl debug
# --copy-to`).
ordinal=${POD_INDEX:-}
if ! core_is_number "$ordinal" || [ "$ordinal" != "${pod##*-}" ]; then
  die "the label apps.kubernetes.io/pod-index of this pod says '$ordinal', its name $pod: not starting, as the" \
    "ordinal decides who is the primary." \
    "Is Kubernetes older than 1.28, or was the label removed? Delete the pod: the StatefulSet creates it again"
fi

# core_check_passwords KEY...: an empty one would let everybody in, or no one at all.
core_check_passwords() {
  local key
  for key in "$@"; do
    [ -n "$(cat "$credentials/$key")" ] || die "the Secret has no $key, or an empty one: give it a value"
  done
}

. "$scripts/clock.sh"
# shellcheck source=pause.sh
. "$scripts/pause.sh"
# core_hear: whether this container was told to stop (process-1.sh): then `core_leaving` is `yes`.
# Globals: core_leaving (set).
# shellcheck disable=SC2034 # for those that go on
core_hear() { if [ -n "${STATEFUL_TOLD_MARK:-}" ] && [ -e "$STATEFUL_TOLD_MARK" ]; then core_leaving=yes; fi; }

# core_find_domain: this pod's addresses, and what follows its own name in its full name, which the kubelet writes into
# /etc/hosts: so a set that kustomize renamed still finds its peers. The kubelet empties and writes the file again as it
# starts each container of the pod: it may be read half written, and is looked at until our line is complete.
# Globals: domain, core_own_addresses (set).
domain=
# shellcheck disable=SC2034 # for former.sh
core_own_addresses=
core_find_domain() {
  local address full alias i=0
  while [ "$i" -lt 200 ]; do
    core_own_addresses=
    while read -r address full alias _; do
      if [ "$alias" = "$pod" ] && [ "${full#*.}" != "$full" ]; then
        domain=${full#*.} core_own_addresses="$core_own_addresses $address"
      fi
    done <"$core_hosts"
    [ -z "$domain" ] || return 0
    pause 0.05
    i=$((i + 1))
  done
  die "$core_hosts does not have this pod's full name: does it run on the host's network, or without the set's" \
    "headless Service?"
}
core_find_domain

# core_resolves HOST: whether the cluster's DNS knows the name.
core_resolves() { getent hosts "$1" >/dev/null 2>&1; }
# core_addresses_of HOST: a line each; none if DNS does not answer soon.
core_addresses_of() {
  local address
  timeout 2 getent hosts "$1" 2>/dev/null | while read -r address _; do printf '%s\n' "$address"; done
}

# core_back_off FAILURES: the pause after so many failures in a row. What fails again and again is tried less often, in
# the end twice a minute: a copy costs those who give it.
core_back_off() {
  local seconds=1 i=2
  if [ "$1" -le 1 ]; then
    pause 0.5
    return 0
  fi
  while [ "$i" -lt "$1" ] && [ "$seconds" -lt 30 ]; do seconds=$((seconds * 2)) i=$((i + 1)); done
  if [ "$seconds" -gt 30 ]; then seconds=30; fi
  if [ "$1" -gt 3 ]; then log "failed $1 times in a row: retrying in $seconds s"; fi
  pause "$seconds"
}

# core_end_on_signal: what a script that waits needs, or a deleted pod would sit out its whole grace period: as process
# 1 it has no default handlers. The image's stop signal may be INT (postgres). The signal is heard until the last: where
# bash leaves the trap half-way, it comes again (process-1.sh).
core_end_on_signal() { trap 'log "told to stop"; trap "" TERM INT; kill 0 2>/dev/null; exit 143' TERM INT; }
# core_run_interruptible COMMAND...: run it so that a signal is handled at once, and not only when it has ended.
core_run_interruptible() {
  local status=0
  "$@" &
  wait $! || status=$?
  return "$status"
}

# shellcheck source=tools.sh
. "$scripts/tools.sh"
# shellcheck source=engine.sh
. "$scripts/engine.sh"
