# shellcheck shell=bash
# Whether the kubelet has brought another Secret since it was last read. It writes a folder first, and then swaps the link `..data` to lead there: so
# the folder that was read is held open, and compared with where the link leads. Times would not tell: a folder is older than its swap, and what
# was read in between is not of it. For engine.sh; needs `credentials`.

secret_held= # a descriptor of that folder; empty where the Secret is not mounted

# hold_secret: what is read from here on is compared with what the kubelet has brought since.
# Globals: credentials (read); secret_held (set).
hold_secret() {
  if [[ -n $secret_held ]]; then exec {secret_held}<&-; fi
  secret_held=
  if [[ -d $credentials/..data ]]; then exec {secret_held}<"$credentials/..data"; fi
}
# new_secret CHECK...: whether another has come that CHECK takes. One that it does not take is passed over until the next, and CHECK says so once.
# Globals: credentials (read); secret_held (read and set).
new_secret() { secret_has_changed && hold_secret && ("$@"); }
# Globals: credentials, secret_held (read).
secret_has_changed() { [[ -n $secret_held && ! $credentials/..data -ef /dev/fd/$secret_held ]]; }
