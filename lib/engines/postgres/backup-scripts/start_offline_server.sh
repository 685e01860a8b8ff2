# shellcheck shell=bash
# Instead of the function of that name in engine.sh, in a set that has a store.

# start_offline_server DIRECTORY OPTIONS: what is written meanwhile is marked for the archive, and sent later: the file
# that says where a new timeline begins is among it.
start_offline_server() {
  local options=$2
  if [[ -n ${backup_remote:-} ]]; then options+=' -c archive_mode=on -c archive_command='; fi
  base_start_offline_server "$1" "$options"
}
