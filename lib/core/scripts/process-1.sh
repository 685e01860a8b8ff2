# shellcheck shell=bash
# What process 1 of a container does where that is bash: it starts its script once more, waits for it, and passes on what it is told as SIGTERM. bash
# loses about one SIGINT in fifty that comes while it waits for a program or for `$(...)`, though it is trapped; and SIGINT is the stop signal of
# PostgreSQL's image. The builtin `wait` loses none. A sidecar that did not hear of its end would keep the pod until it is killed. For pod.sh.
export STATEFUL_PROCESS_1=no
child=
trap 'told=yes; if [[ -n $child ]]; then kill -TERM "$child" 2>/dev/null || true; fi' TERM INT
told=
bash "$0" "$@" &
child=$!
if [[ -n $told ]]; then kill -TERM "$child" 2>/dev/null || true; fi
status=0
wait "$child" || status=$?
while kill -0 "$child" 2>/dev/null; do # a signal ended the wait, and not the script
  status=0
  wait "$child" || status=$?
done
exit "$status"
