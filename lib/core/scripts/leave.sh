# shellcheck shell=sh disable=SC3043
# The pod is told to stop. Pods that stop together go from the highest ordinal to 0: `kubectl delete -f` and a scale to
# 0 tell them all at once, and Kubernetes keeps no order. Each leaving pod announces itself at the primary, by a session
# that ends with the pod, and waits until no higher ordinal is leaving. The names of the set's Services may be gone by
# now: the primary's address was kept (engine_reconcile).

# Pods that stop together are told so up to two seconds after each other, by a busy controller or kubelet later, and a
# sidecar first finishes what it is doing: higher ordinals get five to announce themselves. The server goes on serving
# meanwhile. A pod with none above it waits for nothing.
core_simultaneous_stop_cs=500 # hundredths of a second

# Globals: core_now, core_now_cs (set, by core_clock); higher_leaving, higher_connected, staying are its own, for those
# that it calls.
core_leave() {
  local begin since higher_leaving higher_connected seen_leaving=' ' staying
  core_clock
  begin=$core_now since=$core_now_cs
  : >"$state/leaving"
  log "told to stop"
  if [ -e "$state/replaced" ]; then
    log "this pod was replaced: stopping without waiting for other pods"
  elif engine_announce_leaving; then
    # To ask takes seconds if a higher ordinal has just gone: the answer is of the time when it began.
    while core_clock && engine_list_higher_ordinals; do # sets higher_leaving, higher_connected
      core_find_staying
      if [ -n "$higher_leaving" ]; then
        log_change "waiting for ordinal $higher_leaving to stop first"
      elif [ -z "$staying" ] || [ $((core_now_cs - since)) -gt "$core_simultaneous_stop_cs" ]; then
        break
      fi
      if [ $((core_now - begin)) -gt "$leave_timeout" ]; then
        log "no longer waiting for ordinal ${higher_leaving:-$staying}"
        break
      fi
      pause 0.1
    done
  else
    log "the primary does not answer: stopping without waiting for other pods"
  fi
  log "stopping"
  if command -v engine_pre_stop >/dev/null; then engine_pre_stop || true; fi
  : >"$state/stop-allowed"        # lets pre-stop.sh return, so that the server is told to stop
  await_unlocked "$state/running" # until the server's last process has ended
  log "stopped"
}

# core_find_staying: which higher ordinals are connected and were not seen leaving. One that was, and is no more, has
# left, though the primary may take a while to notice that its connection is gone.
# Globals, of core_leave: higher_leaving, higher_connected (read); seen_leaving (read and set); staying (set).
core_find_staying() {
  local other
  for other in $higher_leaving; do
    case $seen_leaving in *" $other "*) ;; *) seen_leaving="$seen_leaving$other " ;; esac
  done
  staying=
  for other in $higher_connected; do
    case $seen_leaving in *" $other "*) ;; *) staying="${staying:+$staying }$other" ;; esac
  done
}
