# shellcheck shell=sh disable=SC3043
# Who this pod is, who its peers are, how it logs and how it waits. Sourced by every script of the pod.
#
# The scripts that all engines share keep to what bash, dash and busybox' ash have in common: POSIX, and `local`. What takes more is
# in tools.sh and pause.sh, in place of which an engine can bring its own.
set -eu

scripts=${STATEFUL_SCRIPTS:-/opt/stateful} # this folder
# As process 1, a script that never becomes another program leaves signals to this.
if [ "${STATEFUL_PROCESS_1:-$$}" = 1 ] && [ "${part:-run}" != run ] && [ -n "${BASH:-}" ]; then . "$scripts/process-1.sh"; fi
config=${STATEFUL_CONFIG:-/etc/stateful}   # settings.sh, replicas, and the engine's own files
# shellcheck disable=SC2034 # not every script uses it
state=${STATEFUL_STATE:-/run/stateful}     # shared by the containers of this pod, gone with the pod
hosts=${STATEFUL_HOSTS:-/etc/hosts}

# shellcheck source=settings.example.sh
. "$config/settings.sh"

# shellcheck disable=SC3028 # every container has it in its environment
pod=$HOSTNAME
set_name=${pod%-*}
part=${part:-pod}

# host_of ORDINAL: the peer's name. The dot at the end saves the resolver its walk through the search list.
host_of() { printf '%s-%s.%s.' "$set_name" "$1" "$domain"; }

log() { printf '%s %s: %s\n' "$(date -u +%FT%TZ)" "$part" "$*" >&2; }
die() { log "$@"; exit 1; }

# What other pods, servers and files say is matched against one of these before it meets arithmetic, SQL or a path: none of them is code.
# is_number TEXT: what fits a shell's number, without a sign.
is_number() { case $1 in '' | *[!0-9]* | ???????????????????*) return 1 ;; esac; }
# is_identity TEXT: of a database, as engine_identity prints it.
is_identity() { [ "${#1}" -le 64 ] && case $1 in '' | *[!0-9A-Za-z-]*) return 1 ;; esac; }

# The role follows from the ordinal, so it is never guessed. The label `apps.kubernetes.io/pod-index` is there from Kubernetes 1.28 on; it is missing
# where somebody or something removed it, and in a copy of the pod (`kubectl debug --copy-to`).
ordinal=${POD_INDEX:-}
if ! is_number "$ordinal" || [ "$ordinal" != "${pod##*-}" ]; then
  die "the label apps.kubernetes.io/pod-index of this pod says '$ordinal', its name $pod: not starting, as the ordinal decides who is the primary." \
    "Is Kubernetes older than 1.28, or was the label removed? Delete the pod: the StatefulSet makes it again"
fi

# check_passwords KEY...: an empty one would let everybody in, or nobody.
check_passwords() {
  local key
  for key in "$@"; do [ -n "$(cat "$credentials/$key")" ] || die "the Secret has no $key, or an empty one: give it a value"; done
}
# say WORDS: log, but only what was not said last; so one line a change of state, however often the state is looked at.
said=
say() { if [ "$*" != "$said" ]; then said=$*; log "$@"; fi; }

. "$scripts/clock.sh"
# shellcheck source=pause.sh
. "$scripts/pause.sh"

# find_domain: sets `own_addresses`, and what follows the pod's own name in its full name, which the kubelet writes into /etc/hosts: so a set that kustomize
# renamed still finds its peers. The kubelet empties and writes the file anew as it starts each container of the pod: it may be met
# half written, and is looked at until our line is complete.
domain=
# shellcheck disable=SC2034 # for former.sh
own_addresses=
find_domain() {
  local address full alias i=0
  while [ "$i" -lt 200 ]; do
    own_addresses=
    while read -r address full alias _; do
      if [ "$alias" = "$pod" ] && [ "${full#*.}" != "$full" ]; then domain=${full#*.} own_addresses="$own_addresses $address"; fi
    done <"$hosts"
    [ -z "$domain" ] || return 0
    pause 0.05
    i=$((i + 1))
  done
  die "$hosts does not have this pod's full name: does it run on the host's network, or without the set's headless Service?"
}
find_domain

# resolves HOST: whether the cluster's DNS knows the name.
resolves() { getent hosts "$1" >/dev/null 2>&1; }
# addresses_of HOST: a line each; none where DNS does not answer soon.
addresses_of() { timeout 2 getent hosts "$1" 2>/dev/null | while read -r address _; do printf '%s\n' "$address"; done; }

# back_off FAILURES: the pause after so many failures in a row. What fails again and again is tried less often, in the end twice a minute: a
# copy costs those who give it.
back_off() {
  local seconds=1 i=2
  if [ "$1" -le 1 ]; then pause 0.5; return 0; fi
  while [ "$i" -lt "$1" ] && [ "$seconds" -lt 30 ]; do seconds=$((seconds * 2)) i=$((i + 1)); done
  if [ "$seconds" -gt 30 ]; then seconds=30; fi
  if [ "$1" -gt 3 ]; then log "failed $1 times in a row: trying again in $seconds s"; fi
  pause "$seconds"
}

# end_on_signal: what a script that waits needs, or a deleted pod would sit out its whole grace period: as process 1
# it has no default handlers. The image's stop signal may be INT (postgres).
end_on_signal() { trap 'trap "" TERM INT; log "told to stop"; kill 0 2>/dev/null; exit 143' TERM INT; }
# attend COMMAND...: run it so that a signal is taken at once, and not only when it has ended.
attend() {
  local status=0
  "$@" &
  wait $! || status=$?
  return "$status"
}

# shellcheck source=tools.sh
. "$scripts/tools.sh"
# shellcheck source=engine.sh
. "$scripts/engine.sh"
