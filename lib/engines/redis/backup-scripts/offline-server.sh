# shellcheck shell=bash
# A server of Redis or Valkey that no one reaches, on data that was restored. For engine-restore.sh.

offline_socket=$state/offline.sock
offline_pid=

# start_offline_server DIRECTORY [LINE]...: with the set's configuration, and modules, but reached by its socket alone;
# the default user may everything, as the server runs its log as that (engine.sh). Nothing is evicted.
start_offline_server() {
  (
    umask 077
    printf '%s\n' "include $config/$program.conf" "dir $1" "port 0" "unixsocket $offline_socket" "unixsocketperm 700" \
      "appendonly yes" "appendfsync no" "aof-load-truncated no" "auto-aof-rewrite-percentage 0" "maxmemory 0" \
      "maxmemory-policy noeviction" "timeout 0" "loglevel notice" "${@:2}" >"$state/offline.conf"
  )
  rm -f "$offline_socket"
  docker-entrypoint.sh "$program-server" "$state/offline.conf" >"$stage/server.log" 2>&1 &
  offline_pid=$!
  until [[ $(ask_offline_server PING 2>/dev/null) == PONG ]]; do
    if ! kill -0 "$offline_pid" 2>/dev/null; then
      log "the server does not load the restored data: $(tail -n 3 "$stage/server.log")"
      return 1
    fi
    pause 0.5
  done
  if grep -q '== CRITICAL ==' "$stage/server.log"; then
    log "the server left out commands of the log: $(grep -m 3 '== CRITICAL ==' "$stage/server.log")"
    stop_offline_server || true
    return 1
  fi
}
ask_offline_server() { "$program-cli" -e -s "$offline_socket" "$@"; }
stop_offline_server() {
  ask_offline_server SHUTDOWN NOSAVE >/dev/null 2>&1 || true
  wait "$offline_pid"
}
# write_snapshot: of all that the server has, and ends it.
write_snapshot() {
  local status=0
  [[ $(ask_offline_server SAVE) == OK ]] || status=1
  stop_offline_server || status=1
  ((status == 0)) || log "the server does not write the restored data: $(tail -n 3 "$stage/server.log")"
  return "$status"
}
