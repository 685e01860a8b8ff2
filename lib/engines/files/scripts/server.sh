# shellcheck shell=bash
# The server's process: one loop, with rclone as its child.
. "$scripts/publish.sh"
. "$scripts/follow.sh"

run_server() {
  trap stop_server TERM INT
  rm -rf "$state/signs" "$state/observed" "$state/stop" "$state/detached"
  mkdir "$state/signs"
  cat /proc/sys/kernel/random/uuid >"$state/server"
  # A replica that hears nothing for a quarter of maxLag looks whether the primary is still there.
  attempts=$((max_lag * 5 / 6))
  attempts=$((attempts > 40 ? 40 : attempts < 2 ? 2 : attempts))
  # It serves what was published last while it looks what is there now: that may take longer than a start may.
  start_rclone
  if ((ordinal == 0)); then
    echo primary >"$state/observed"
    until begin_publishing || must_end; do pause 0.5; done
  else
    observe "looking what is here"
    begin_following
  fi
  while kill -0 "$rclone" 2>/dev/null; do
    if passwords_changed; then
      log "the replication password has changed: starting rclone again"
      kill "$rclone"
      wait "$rclone" || true
      meet_peers
      start_rclone
    fi
    if [[ -e $state/stop ]]; then stop_server; fi
    kill -0 "$watch" 2>/dev/null || start_watch
    if ((ordinal == 0)); then
      publish_changes || true # it has said why not
      if is_empty "$work/missed"; then pause 0.5; else pause 0.2; fi
    else
      follow
    fi
  done
  die "rclone has ended (see the error above)"
}

must_end() { [[ -e $state/stop ]] || ! kill -0 "$rclone" 2>/dev/null; }

start_rclone() {
  rm -f "$state/rclone-log"
  mkfifo "$state/rclone-log"
  tell_copies <"$state/rclone-log" &
  # Until rclone takes HUP for what it means here, HUP would end it: so that is ignored from its first moment on.
  trap '' HUP
  serve ":combine,upstreams=\"files=$files published=$published signs=$state/signs\":" >"$state/rclone-log" 2>&1 &
  rclone=$!
  trap - HUP
  start_watch
}
start_watch() {
  watch_signs &
  watch=$!
}

# renew_lists: has rclone forget what it has listed, as there is something new to see, and of changed files others hear
# only by what is published. Once for each change, when all of it is there: anyone who copies from a large folder pays
# for each time with a list of that.
renew_lists() { kill -HUP "$rclone" 2>/dev/null || true; }

# watch_signs: those are the sidecar's, which cannot tell rclone. Nor can it end what the server is at, where that takes
# from a primary that was replaced.
watch_signs() {
  local before='' there=''
  while pause 0.1 && kill -0 "$rclone" 2>/dev/null; do
    [[ ! -e $state/detached ]] || end_call
    set -- "$state"/signs/*
    there=$*
    [[ $there == "$before" ]] || renew_lists
    before=$there
  done
}

# tell_copies: of rclone's log what a person wants to know: who copies, and what is wrong.
tell_copies() {
  local line by told=''
  while IFS= read -r line; do
    case $line in
      *'SSH login from'*'SSH-2.0-copy-'*)
        by=${line##*SSH-2.0-copy-} # it has several connections
        if [[ $by != "$told" ]]; then
          told=$by
          log "giving a copy to ${by#*-by-}"
        fi
        ;;
      *'SSH login failed'*'unknown public key'*)
        log_change "a login was refused: a pod has another replication password"
        ;;
      # The kubelet's probe connects, and goes away.
      *'SSH login failed: EOF'* | *'SSH login failed'*'connection reset'*) ;;
      # The file was written over while it was read: it is copied again.
      *'ReadFileHandle.Read error'*'unexpected EOF'*) ;;
      *' ERROR '* | *' CRITICAL '*) log "rclone:${line#*:??:??}" ;;
    esac
  done
}

# stop_server: at a former ordinal 0 the application goes on in a container of its own. So that no one writes what is
# lost, its folder is closed to it. As a trap it may be left half-way, and is run again (process-1.sh): so the signal is
# ignored only for the last step.
# Globals: told (read and set).
told=
stop_server() {
  if [[ -z $told ]]; then log "told to stop"; fi
  told=yes
  if ((ordinal == 0)) && [[ -e $state/replaced ]]; then
    chmod 2700 "$files"
    log "this pod was replaced: its files are closed to the application"
  fi
  kill "$watch" 2>/dev/null || true
  end_call
  log "stopped"
  trap '' TERM INT
  kill 0 # rclone last of all: as long as it answers, the pod below does not stop
  wait
  exit 0
}
