# shellcheck shell=bash
# pause SECONDS: sleep without starting a process; in the server's container one that is left behind would become a
# child of the server. `wake` ends the pause early, from a trap.
# Globals: core_pause_fd (read).
exec {core_pause_fd}<> <(:) # a pipe that nothing writes to, but wake
wait $! 2>/dev/null || true # the process that opened it; it may be reaped already, which bash would complain of
pause() { read -rt "$1" -u "$core_pause_fd" _ || true; }
# shellcheck disable=SC2317 # not every script uses it
wake() { echo >&"$core_pause_fd"; }
