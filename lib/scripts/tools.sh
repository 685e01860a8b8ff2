# shellcheck shell=bash
# What needs a program that not every image has: locks (flock), and a port that answers (perl). An engine whose image is without them
# defines the functions of its own under these names, in engine.sh, which comes after this.

# A lock is held until the process that took it, and everything that inherited it, has ended, however it ended.
# try_lock PATH: take it, or fail where another process has it; wait_lock then waits for it.
try_lock() {
  exec {lock_descriptor}>"$1"
  flock -n "$lock_descriptor"
}
wait_lock() { attend flock "$lock_descriptor"; }
# await_unlocked PATH: wait until nobody has it.
await_unlocked() { flock "$1" true; }

# answer LINE: become a process that tells LINE to everyone who connects to the database's port.
answer() { exec perl "$scripts/answer.pl" "$port" "$1"; }
