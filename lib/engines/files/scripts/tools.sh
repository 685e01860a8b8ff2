# shellcheck shell=sh disable=SC3043
# The functions of tools.sh for rclone's image, which has busybox instead of bash and perl: what goes over the network,
# rclone does.
: "${lock_descriptor:=5}"

# try_lock PATH, wait_lock, await_unlocked PATH: a lock is held until the process that took it, and everything that
# inherited it, has ended.
try_lock() {
  lock_descriptor=$((lock_descriptor + 1))
  eval "exec $lock_descriptor>\"\$1\""
  flock -n "$lock_descriptor"
}
wait_lock() { core_run_interruptible flock "$lock_descriptor"; }
await_unlocked() { flock "$1" true; }

# serve_status LINE: become a process that tells LINE to every pod that asks.
serve_status() {
  # shellcheck disable=SC2154 # of pod.sh, which started-server.sh does without, and calls await_port alone
  mkdir -p "$state/answer"
  printf '%s\n' "$1" >"$state/answer/line"
  serve "$state/answer" 2>/dev/null
}

# probe_peer HOST: `connected` and the line that its `serve_status` tells, or nothing more where a server took the call; fails where
# no one does.
probe_peer() {
  local line status=0
  line=$(read_from "$1" line) || status=$?
  if is_absent "$status"; then line=; elif [ "$status" -ne 0 ]; then return 1; fi
  printf 'connected %s\n' "$line"
}

# await_port: until the server serves, which it says in a file: a port cannot be tried without rclone.
await_port() { until [ -e "${STATEFUL_STATE:-/run/stateful}/observed" ]; do pause 0.1; done; }
