# shellcheck shell=sh disable=SC3043
# A database for the tests of the scripts. Its data is a folder with the files `identity` and `rows`. Its network is the
# folder $STUB/peers, where each ordinal that accepts connections has a folder with `identity`, `rows`, `size` and
# `position`. What is called is noted in $STUB/calls. A test replaces single functions by text of its own, which comes
# after this.
note() { echo "$*" >>"$STUB/calls"; }

# peer HOST FILE: what the peer would say; fails where it says nothing.
peer() {
  local pod="${1%%.*}"
  cat "$STUB/peers/${pod##*-}/$2" 2>/dev/null
}
# next FILE: its first line, which is then gone, unless it is the last.
next() {
  local rest
  head -n 1 "$1"
  rest=$(tail -n +2 "$1")
  [ -z "$rest" ] || echo "$rest" >"$1"
}

engine_prepare() { note prepare; }
engine_identity() { peer "$1" identity; }
engine_identity_of_files() { cat "$1/identity"; }
engine_size() { peer "$1" size; }
engine_replayed_position() { peer "$1" position; }
# A position is `IDENTITY HISTORY NUMBER`, or without a history; those of two histories have nothing in common.
engine_has_all_of() { [ "${2% *}" = "${3% *}" ] && [ "${2##* }" -ge "${3##* }" ]; }
engine_reserve_log() { note "reserve at ${1%%.*} for a copy of ${2%%.*}"; }
engine_copy() {
  note "copy ${1%%.*}"
  mkdir "$2" && peer "$1" identity >"$2/identity" && peer "$1" rows >"$2/rows"
}
engine_initialise() {
  note initialise
  mkdir "$1" && echo new >"$1/identity" && echo none >"$1/rows"
}
engine_recover() {
  note "recover ${1%%.*}"
  mkdir "$2" && peer "$1" identity >"$2/identity" && peer "$1" rows >"$2/rows"
}
engine_run() {
  note "run on $(cat "$1/rows")"
  exit 0
}

# The waiting between two looks is none of what is tested. A signal still ends it.
pause() {
  sleep 0.01 &
  wait $! || true
}
