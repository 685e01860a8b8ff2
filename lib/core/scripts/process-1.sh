# shellcheck shell=bash
# What process 1 of a container does where that is bash: it starts its script once more, waits for it, and passes on
# what it is told as SIGTERM. bash loses about one SIGINT in fifty that comes while it waits for a program or for
# `$(...)`, though it is trapped; and SIGINT is the stop signal of PostgreSQL's image. The builtin `wait` loses none. A
# sidecar that did not hear of its end would keep the pod until it is killed. For pod.sh.
export STATEFUL_PROCESS_1=no
core_script_pid=
trap 'core_told_to_stop=yes; if [ -n "$core_script_pid" ]; then kill -TERM "$core_script_pid" 2>/dev/null || true; fi' TERM INT
core_told_to_stop=
bash "$0" "$@" &
core_script_pid=$!
if [ -n "$core_told_to_stop" ]; then kill -TERM "$core_script_pid" 2>/dev/null || true; fi
core_status=0
wait "$core_script_pid" || core_status=$?
while kill -0 "$core_script_pid" 2>/dev/null; do # a signal ended the wait, and not the script
  core_status=0
  wait "$core_script_pid" || core_status=$?
done
exit "$core_status"
