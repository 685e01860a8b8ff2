# shellcheck shell=bash
# Instead of pod.sh, in a pod of a job: that is none of the set's, and works for one. `job` says what it does.

state=${STATEFUL_STATE:-/run/stateful} scripts=${STATEFUL_SCRIPTS:-/opt/stateful}
export job core_job_pod=${core_job_pod:-$HOSTNAME} # process 1 starts this script once more, and a server its programs
core_search=$(sed -n 's/^search \([^ ]*\).*/\1/p' "${STATEFUL_RESOLV:-/etc/resolv.conf}" | tail -n 1)
# What pod.sh asks of a pod of the set: which of its names is right is asked of DNS below.
printf '127.0.0.1 set-0.set.%s set-0\n' "$core_search" >"$state/hosts"
STATEFUL_HOSTS=$state/hosts HOSTNAME=set-0 POD_INDEX=0
. "$scripts/pod.sh"
HOSTNAME=$core_job_pod pod=$core_job_pod ordinal=-1

# core_find_set: sets `set_name` and `domain`. A set that kustomize renamed has the name that the job's pod has before
# `-backup-`.
# Globals: set_name, domain (set).
core_find_set() {
  for set_name in "$declared_name" "${pod%-"$job"-*}"; do
    domain=$set_name.$core_search
    if core_resolves "$(core_host_of 0)"; then return 0; fi
  done
  die "no pod $declared_name-0 in namespace ${core_search%%.*}: does the set run? One that was renamed is found by the" \
    "name of its jobs: 'kubectl create job --from=cronjob/NAME NAME-by-hand'"
}
core_find_set
