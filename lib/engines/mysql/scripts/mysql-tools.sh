# shellcheck shell=bash
# The functions of tools.sh for an image that has neither flock nor perl.
#
# A lock is a folder of named pipes, which have numbers. Anyone who takes the lock makes a pipe with the next number and
# keeps it open, as does all that it starts; so the kernel knows whether one of them still lives: a pipe that no one
# holds open for writing is at its end. The lowest number that lives has the lock. Like flock's, it is seen by every
# process on the same node, whichever pod it is of.

# Globals: lock_folder (read and set); lock_number, lock_descriptor (set).
try_lock() {
  local pipe number
  lock_folder=$1
  mkdir -p "$lock_folder" || die "$lock_folder cannot be made"
  pipe=$lock_folder/new-$BASHPID-$SRANDOM
  mkfifo "$pipe" || die "$pipe cannot be made"
  # shellcheck disable=SC2034 # it stays open
  exec {lock_descriptor}<>"$pipe"
  while :; do
    number=$(($(highest_in "$lock_folder") + 1))
    # A link is made once only: two never have the same number. One that is not the highest was counted from a list that
    # is out of date: anyone who has the lock has one above it.
    if ln "$pipe" "$lock_folder/$number" 2>/dev/null; then
      (($(highest_in "$lock_folder") > number)) || break
      rm "$lock_folder/$number"
    elif [[ ! -e $lock_folder/$number ]]; then
      die "$lock_folder/$number cannot be made"
    fi
  done
  rm "$pipe"
  lock_number=$number
  is_first
}
wait_lock() { until is_first; do pause 0.1; done; }
await_unlocked() {
  local pipe
  for pipe in "$1"/[0-9]*; do
    while is_held "$pipe"; do pause 0.1; done
  done
}

highest_in() {
  local pipe highest=0
  for pipe in "$1"/[0-9]*; do
    if core_is_number "${pipe##*/}" && ((${pipe##*/} > highest)); then highest=${pipe##*/}; fi
  done # where there is none it is the pattern itself
  echo "$highest"
}
# is_first: whether all that came before have ended, which is for ever; their pipes are then removed.
is_first() {
  local pipe former=()
  for pipe in "$lock_folder"/[0-9]*; do
    if core_is_number "${pipe##*/}" && ((${pipe##*/} < lock_number)); then
      if is_held "$pipe"; then return 1; fi
      former+=("$pipe")
    fi
  done
  rm -f "${former[@]}"
}
# is_held PIPE: whether a process keeps it open. It is opened to read once it is open anyway, as that would wait for a
# writer.
is_held() {
  local writer_fd reader_fd status=0
  [[ -p $1 ]] || return 1
  exec {writer_fd}<>"$1"
  # Where it has been removed meanwhile, no one had it (is_first).
  if ! { exec {reader_fd}<"$1"; } 2>/dev/null; then reader_fd=; fi
  exec {writer_fd}>&-
  [[ -n $reader_fd ]] || return 1
  read -rt 0.01 -u "$reader_fd" _ || status=$?
  exec {reader_fd}<&-
  ((status > 128)) # there was nothing to read in time; at the end of a pipe there would be at once
}

serve_status() { exec gawk -v port="$port" -v line="$1" -f "$scripts/serve-status.awk"; }
