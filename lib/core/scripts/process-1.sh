# shellcheck shell=bash
# What process 1 of a container does where that is bash: it starts its script once more, waits for it, and passes on
# what it is told as SIGTERM, once a second until the script has ended. bash loses about one SIGINT in fifty that comes
# while it waits for a program or for `$(...)`, though it is trapped, and SIGINT is the stop signal of PostgreSQL's
# image; and now and then it leaves a trap half-way, of whatever signal, that came while it read a `$(...)`. The builtin
# `wait` loses none. A container that did not hear of its end would keep the pod until it is killed. For pod.sh.
export STATEFUL_PROCESS_1=no
core_script_pid=
core_told_to_stop=
# core_pass_on: to the script, and again as long as it is there.
# Globals: core_script_pid (read); core_told_to_stop (set).
core_pass_on() {
  core_told_to_stop=yes
  [ -n "$core_script_pid" ] || return 0
  trap '' TERM INT
  while kill -TERM "$core_script_pid" 2>/dev/null; do sleep 1; done >/dev/null 2>&1 &
}
trap core_pass_on TERM INT
bash "$0" "$@" &
core_script_pid=$!
if [ -n "$core_told_to_stop" ]; then core_pass_on; fi
core_status=0
wait "$core_script_pid" || core_status=$?
while kill -0 "$core_script_pid" 2>/dev/null; do # a signal ended the wait, and not the script
  core_status=0
  wait "$core_script_pid" || core_status=$?
done
exit "$core_status"
