# shellcheck shell=bash
# What needs bash, or a program that not every image has: locks (flock), and a port that answers (perl). An engine whose
# image is without these programs defines functions of its own under these names, in engine.sh, which comes after this.
# One whose image is without bash brings a tools.sh and a pause.sh of its own, which are then used instead.
set -E -o pipefail # what other shells do not have

# A lock is held until the process that took it, and everything that inherited it, has ended, however it ended.
# try_lock PATH: take it, or fail if another process has it; wait_lock then waits for it.
# Globals: core_lock_fd (set).
try_lock() {
  exec {core_lock_fd}>"$1"
  flock -n "$core_lock_fd"
}
# Globals: core_lock_fd (read).
wait_lock() { core_run_interruptible flock "$core_lock_fd"; }
# await_unlocked PATH: wait until no process has it.
await_unlocked() { flock "$1" true; }

# serve_status LINE: become a process that tells LINE to everyone who connects to the database's port.
serve_status() { exec perl "$scripts/serve-status.pl" "$port" "$1"; }

# probe_peer HOST: call the database's port there; print `connected LINE`, where LINE is what the other side says within
# a second, if anything. Fails if the call is refused, not answered, or ended without a word.
probe_peer() {
  # The inner shell is there for the time limit: a dead node's address does not even refuse.
  # shellcheck disable=SC2016
  timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 7
    read -rt 1 line <&3 || (($? > 128)) || [[ -n $line ]] || exit 7
    echo "connected ${line:-}"' - "$1" "$port" 2>/dev/null
}

# await_port: wait until this pod's server listens on its port.
await_port() { until : <>"/dev/tcp/127.0.0.1/$port"; do pause 0.1; done 2>/dev/null; }
