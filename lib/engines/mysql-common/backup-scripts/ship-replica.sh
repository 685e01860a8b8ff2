# shellcheck shell=bash
# What a replica sends: after ordinal 0 was recovered from a replica, what its predecessor had not sent yet is in the
# logs of replicas only. Needs ship-log.sh, and of the engine `servers_of_log`.

known_servers=   # those that wrote what is in this replica's log
look_until=-1000 # so long the store is asked whether it lacks something

# engine_ship_replica: where another server began to write, and the store's log has a gap that this one's can close, the
# files are sent. The new primary's part must be there for a gap to be seen: so it is looked for a while.
# Globals: known_servers, look_until (read and set); core_now (read); gaps (set).
engine_ship_replica() {
  local servers gap from to
  servers=$(servers_of_log) && [[ -n $servers ]] || return 1
  core_clock
  if [[ $servers != "$known_servers" ]]; then
    known_servers=$servers look_until=$((core_now + 600 + 2 * max_data_loss))
  fi
  ((core_now < look_until)) || return 0
  core_open_store backup && list_log || return 1
  gaps=()
  find_gaps "${parts[@]}"
  for gap in "${gaps[@]}"; do
    read -r from to _ <<<"$gap"
    close_gap "$from" "$to" || return 1
  done
}
# close_gap FROM TO: with what is here of it.
# Globals: sent (set).
close_gap() {
  local folder files=() file i needed=() head count end
  read_index && know_copied || return 1
  folder=$(log_folder "$core_current")
  for i in "${!files[@]}"; do
    file=${files[i]}
    head=$(head_of_file "$folder" "$file") || return 1
    read -r _ count _ <<<"$head"
    if ((count >= $2)); then break; fi
    if ((i + 1 == ${#files[@]})); then
      # It is sent the next time.
      ask_server "FLUSH LOCAL BINARY LOGS" >/dev/null || true
      return 1
    fi
    head=$(head_of_file "$folder" "${files[i + 1]}") || return 1
    read -r _ end _ <<<"$head"
    if ((end <= $1)); then continue; fi
    # A replica's first file may begin earlier than its copy ended: what is in between is in no log here.
    if [[ $(value_of transactions "$(read_log "$folder/$file" -v read=all)") != $((end - count)) ]]; then continue; fi
    needed+=("$file")
  done
  if ((${#needed[@]} == 0)); then return 0; fi
  log "the log in the store lacks what the former $set_name-0 had not sent: sending it from here (${needed[*]})"
  while ((${#needed[@]} > 0)); do
    sent=()
    send_files "$folder" "${needed[@]}" || return 1
    while [[ -n ${needed[0]:-} && -n ${sent[${needed[0]}]:-} ]]; do needed=("${needed[@]:1}"); done
  done
}
