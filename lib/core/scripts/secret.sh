# shellcheck shell=bash
# Whether the kubelet has brought another Secret since it was last read. It writes a folder first, and then swaps the
# link `..data` to lead there: so the folder that was read is held open, and compared with where the link leads. Times
# would not tell: a folder is older than its swap, and what was read in between is not of it. For engine.sh.

core_secret_fd= # a descriptor of that folder; empty if the Secret is not mounted

# core_hold_secret: what is read from here on is compared with what the kubelet has brought since.
# Globals: core_secret_fd (set).
core_hold_secret() {
  if [[ -n $core_secret_fd ]]; then exec {core_secret_fd}<&-; fi
  core_secret_fd=
  if [[ -d $credentials/..data ]]; then exec {core_secret_fd}<"$credentials/..data"; fi
}
# core_take_new_secret CHECK...: whether another has come that CHECK accepts. One that it refuses is skipped until the
# next, and CHECK says so once.
# Globals: core_secret_fd (read and set).
core_take_new_secret() { core_secret_has_changed && core_hold_secret && ("$@"); }
# Globals: core_secret_fd (read).
core_secret_has_changed() { [[ -n $core_secret_fd && ! $credentials/..data -ef /dev/fd/$core_secret_fd ]]; }
