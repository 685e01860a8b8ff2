# shellcheck shell=bash
# The backups of the database of engine.sh: its data is what $STUB/data says, its log the files of `current/log`, which
# are named by numbers.
engine_data_identity() { cat "$1/identity"; }
engine_data_origin() { cat "$1/origin" 2>/dev/null || echo new; }
engine_backup_identity() { peer "$1" identity; }
engine_in_step() { [ "$(peer "$1" rows)" = in-step ]; }
engine_backup() {
  local size=0
  note "backup ${1%%.*}"
  echo 'start 7' >"$facts"
  if [[ -z ${full_backup_every:-} ]]; then
    cat "$STUB/data"
    return
  fi
  [[ -z ${2:-} ]] || size=$(<"$2")
  [[ -z ${2:-} || ! -e $STUB/refuses-parent ]] || return 1
  wc -c <"$STUB/data" >"$stage/manifest"
  tail -c "+$((size + 1))" "$STUB/data"
}
# What changed is what was appended.
engine_builds_on() {
  [[ ! -e $STUB/forgot-${1%%.*} ]] || {
    log "${1%%.*} has forgotten"
    return 1
  }
}
engine_backup_facts() { grep -q '^start [0-9]*$' "$facts"; }
engine_seal() { echo 'sealed 9'; }
engine_compress() { cat; }
engine_decompress() { cat; }
engine_prune_log() { note "prune $2"; }
engine_unshipped() { echo 0; }
engine_ship() {
  local name
  rm -rf "$stage/log" && mkdir -p "$stage/log" && cp "$core_current"/log/* "$stage/log/" || return 1
  while IFS= read -r name; do note "sent $name"; done < <(core_store_send "$stage/log" "$core_set_path/log")
}
