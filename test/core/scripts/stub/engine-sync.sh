# shellcheck shell=sh disable=SC3043
# shellcheck disable=SC2034,SC2154 # for sync.sh and leave.sh, and from them
# What the stub of a database (engine.sh) says to sync.sh and leave.sh. This pod's server is the file $STUB/server,
# which sets `role`, `synced`, `lag`, `copying`: why a new copy is needed, `from`: of whom, `session`: another number
# for each life, or `none` as an engine that keeps no client connected, and `time`: what the clock shall show. Without
# it the server does not answer. Those above are the folder $STUB/above, with `leaving` and `connected`; without it the
# primary does not answer.
engine_observe() {
  local session=1
  echo look >>"$STUB/looks" # so that a test can wait for the next one
  copying='' from='' synced=yes lag=0
  [ -e "$STUB/server" ] || return 1
  # shellcheck disable=SC1091
  . "$STUB/server"
  [ "$session" = none ] || session_pid=$session
}
engine_reconcile() { recopy_reason=$copying recopy_source=$from; }
engine_detach() { note detach; }
engine_stop() { note stop; }
engine_announce_ready() { note "show ready"; }
engine_withdraw_ready() { note "hide ready"; }
engine_peer_is_ready() { peer "orders-$1" ready >/dev/null; }
engine_announce_leaving() {
  note "show leaving"
  [ -d "$STUB/above" ]
}
engine_list_higher_ordinals() {
  higher_leaving=$(cat "$STUB/above/leaving" 2>/dev/null) || higher_leaving=
  higher_connected=$(cat "$STUB/above/connected" 2>/dev/null) || higher_connected=
  [ -d "$STUB/above" ]
}

time=0
core_clock() { core_now=$time core_now_cs=$((time * 100)); }
