# shellcheck shell=bash
# pause SECONDS: sleep without starting a process; in the server's container one that is left behind would become a
# child of the server. Where the container is told to stop (process-1.sh), it ends early.
# Globals: core_pause_fd (read).
core_pause_fd=${STATEFUL_WAKE_FD:-}
if [[ -z $core_pause_fd ]]; then
  exec {core_pause_fd}<> <(:) # a pipe that nothing writes to
  wait $! 2>/dev/null || true # the process that opened it; it may be reaped already, which bash would complain of
fi
pause() { read -rt "$1" -u "$core_pause_fd" _ || true; }
