# shellcheck shell=sh
# The functions of lib/scripts/pause.sh for a shell that is not bash: a signal ends the `wait`, and so the pause, which needs no waking.
pause() {
  sleep "$1" &
  wait $! || { kill $! 2>/dev/null || true; }
}
wake() { :; }
