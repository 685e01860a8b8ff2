# shellcheck shell=bash
# Restoring the database of engine.sh.
engine_restore() { cat >"$1/rows" && echo restored >"$1/identity"; }
engine_combine() {
  local directory=$1 folder
  mkdir -p "$directory"
  for folder in "${@:2}"; do cat "$folder/rows" >>"$directory/rows" || return 1; done
  [[ ! -e $STUB/full ]] || return 1
  echo restored >"$directory/identity"
}
engine_replay() {
  note "replay $2 until $3"
  echo "restored $4" >"$1/origin"
}
engine_prove() { note "prove $(cat "$1/rows")"; }
