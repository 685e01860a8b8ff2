# shellcheck shell=bash
# How the pods of Redis and Valkey see each other: by names of clients, which any client may give itself. So a name
# counts only with one of the set's own users: `stateful` is known in one pod only, and comes by its socket; the
# replication user is the pods'.

# Ready is what others can see: as long as this process and the server live.
engine_announce_ready() { core_session_ask "CLIENT SETNAME stateful-ready"; }
engine_withdraw_ready() { core_session_ask "CLIENT SETNAME stateful"; }
# engine_peer_is_ready ORDINAL: not by a pipe into grep, which has enough with one line, and then the client fails: of a
# server with hundreds of clients the list is longer than a pipe holds.
engine_peer_is_ready() {
  local clients
  clients=$(query "$(core_host_of "$1")" CLIENT LIST TYPE normal) &&
    grep -qE ' name=stateful-ready ([^ ]+ )*user=stateful( |$)' <<<"$clients"
}

# engine_announce_leaving: be seen at the primary as leaving, until this process ends; and as ready no more, as a higher
# ordinal that starts must wait for the next pod.
engine_announce_leaving() {
  local tries
  if ((ordinal == 0)); then
    [[ -n $session_pid ]] || open_local || return 1
  elif [[ -z $primary_address ]]; then
    return 1
  fi
  # An application may have used up all connections; the primary's sidecar frees some within a second or two (guard.sh).
  for ((tries = 0; tries < 10; tries++)); do
    ((ordinal == 0)) ||
      connect "$(<"$credentials/replication-password")" -h "$primary_address" -p "$port" --user "$replication_user"
    core_session_ask $'CLIENT NO-EVICT ON\n'"CLIENT SETNAME leaving-$ordinal" &&
      [[ ${core_answer[*]} == "OK OK" ]] && return 0
    [[ ${core_answer[*]} == *"max number of clients"* ]] || return 1
    pause 0.3
  done
  return 1
}
# A leaving pod looks ten times a second. A sign that was silent for ten seconds is of a pod that is gone with its
# network: the connection would stay until TCP gives it up. The same of one that follows, and says each second how far
# it is.
silence_limit=10
# Globals: higher_leaving, higher_connected (read and set).
# shellcheck disable=SC2034 # for leave.sh
engine_list_higher_ordinals() {
  local row number_above='(0|[1-9][0-9]{0,2})' other
  higher_leaving='' higher_connected=''
  core_session_ask $'CLIENT LIST TYPE normal\nINFO replication' || return 1
  for row in "${core_answer[@]}"; do
    row=${row%$'\r'}
    if [[ $row =~ \ name=leaving-$number_above\  ]]; then
      other=${BASH_REMATCH[1]}
      if ((other > ordinal)) && is_ours "$row" && is_alive "${row##* idle=}"; then
        higher_leaving+=${higher_leaving:+ }$other
      fi
    elif [[ $row =~ ^slave[0-9]+:ip=$set_name-$number_above\. ]]; then
      other=${BASH_REMATCH[1]}
      if ((other > ordinal)) && is_alive "${row##*,lag=}"; then higher_connected+=${higher_connected:+ }$other; fi
    fi
  done
}
is_ours() { [[ "$1 " =~ \ user=(stateful|"$replication_user")\  ]]; }
is_alive() { [[ $1 =~ ^$number([^0-9].*)?$ ]] && ((BASH_REMATCH[1] <= silence_limit)); }
