# shellcheck shell=bash
# What process 1 of a container does where that is bash: it starts its script once more, and waits for it. Told to stop,
# it leaves a mark for a script that asks for one (`core_hears_marks`, set before pod.sh), as that goes on for a while;
# to any other it passes on SIGTERM, once a second until the script has ended. For pod.sh.
#
# A script that goes on must have no trap. Where one runs after the left side of a pipeline was started, bash (5.2)
# never starts the right side: what the left one writes is lost without an error, or it waits for ever if a pipe does
# not hold that. bash also loses about one SIGINT in fifty that comes while it waits for a program or for `$(...)`,
# though it is trapped, and SIGINT is the stop signal of PostgreSQL's image; and now and then it leaves a trap half-way
# that came while it read a `$(...)`. The builtin `wait` loses none, and there is no pipeline here. A container that did
# not hear of its end would keep the pod until it is killed.
export STATEFUL_PROCESS_1=no
core_script_pid=
core_told_to_stop=
core_told_pids= # of what goes on meanwhile
if [ -n "${core_hears_marks:-}" ]; then
  export STATEFUL_TOLD_MARK="${STATEFUL_STATE:-/run/stateful}/$container-told"
  rm -f "$STATEFUL_TOLD_MARK"
  exec {core_wake_fd}<> <(:) # for pause.sh
  export STATEFUL_WAKE_FD=$core_wake_fd
fi

# core_pass_on: to the script, and again as long as it is there. A script that hears marks may have a function
# `core_when_told`, which is run next to it.
# Globals: core_script_pid, core_hears_marks (read); core_told_to_stop, core_told_pids (set).
core_pass_on() {
  core_told_to_stop=yes
  [ -n "$core_script_pid" ] || return 0
  trap '' TERM INT
  if [ -z "${core_hears_marks:-}" ]; then
    while kill -TERM "$core_script_pid" 2>/dev/null; do sleep 1; done >/dev/null 2>&1 &
    return 0
  fi
  : >"$STATEFUL_TOLD_MARK"
  while echo >&"$core_wake_fd"; do sleep 1; done &
  core_told_pids=$!
  disown # that it is killed in the end is not worth a line
  if command -v core_when_told >/dev/null; then
    core_when_told &
    core_told_pids="$core_told_pids $!"
    disown
  fi
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
for core_pid in $core_told_pids; do kill -KILL "$core_pid" 2>/dev/null || true; done
exit "$core_status"
