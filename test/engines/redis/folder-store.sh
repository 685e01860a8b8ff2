# shellcheck shell=bash
# Instead of store.sh's functions: a store that is the folder $store. Fails in all while the file $store.away is there.
core_store_failed() { log "store: $1"; }
core_note_gap() { if [[ -e $store.away ]]; then return 1; else log "GAP $1 $2"; fi; }
core_store_path() { printf '%s/%s' "$store" "$1"; }
core_store_folder() { core_store_path "$1/"; }
core_store_list() {
  [[ ! -e $store.away ]] || return 1
  [[ -d $store/$1 ]] || return 0
  case $* in
    *--dirs-only*) (cd "$store/$1" && find . -mindepth 1 -maxdepth 1 -type d -printf '%P/\n') ;;
    *-R*) (cd "$store/$1" && find . -type f -printf '%P\n') ;;
    *) (cd "$store/$1" && find . -maxdepth 1 -type f -printf '%P\n') ;;
  esac
}
core_store_get() {
  [[ ! -e $store.away ]] || return 1
  [[ -f $store/$1 ]] || return 4
  cp "$store/$1" "$2"
}
core_store_read() { cat "$store/$1"; }
core_store_send() {
  local path
  [[ ! -e $store.away ]] || return 1
  while IFS= read -r path; do
    mkdir -p "$(dirname "$store/$2/$path")"
    [[ -e $store/$2/$path ]] || cp "$1/$path" "$store/$2/$path"
    if cmp -s "$1/$path" "$store/$2/$path"; then printf '%s\n' "$path"; else log "STORE DIFFERS: $2/$path"; fi
  done < <(cd "$1" && find . -type f -printf '%P\n')
}
# Of rclone only what copies and deletes the files of a list.
core_store_do() {
  local path
  [[ ! -e $store.away ]] || return 1
  case $2 in
    copy) while IFS= read -r path; do [[ ! -f ${*: -2:1}/$path ]] || cp "${*: -2:1}/$path" "${*: -1}/"; done <"$4" ;;
    delete) while IFS= read -r path; do rm -f "${*: -1}/$path"; done <"$4" ;;
  esac
}
