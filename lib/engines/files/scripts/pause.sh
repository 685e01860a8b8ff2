# shellcheck shell=sh
# pause SECONDS: a signal ends it early, as `wait` returns for it; so there is nothing for `wake` to do.
pause() {
  sleep "$1" &
  wait $! || true
}
wake() { :; }
