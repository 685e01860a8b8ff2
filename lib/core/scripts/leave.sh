# shellcheck shell=sh disable=SC3043
# The pod is told to stop. Ordinals that leave together go from the last to 0: `kubectl delete -f` and a scale to 0 tell them all at
# once and Kubernetes keeps no order. Each leaving pod shows itself at the primary, by a session that ends with the pod, and stays
# until nobody above it is leaving. The names of the set's Services may be gone by now: the primary's address was kept
# (engine_mend).

# Pods that leave together hear of it up to two seconds after each other, from a busy controller or kubelet later, and a sidecar first
# ends what it is at: those above get five to show themselves. The server goes on serving meanwhile. A pod with nobody above it waits
# for nothing.
together=500 # hundredths of a second

leave() {
  local begin since leaving_above connected_above seen_leaving=' ' staying
  clock
  begin=$now since=$hundredths
  : >"$state/leaving"
  log "told to stop"
  if [ -e "$state/replaced" ]; then
    log "this pod was replaced: stopping without order"
  elif engine_show_leaving; then
    # A look lasts seconds where one above has just gone: it tells of the time when it began.
    while clock && engine_look_above; do # sets leaving_above, connected_above: ordinals
      who_stays
      if [ -n "$leaving_above" ]; then
        say "waiting for ordinal $leaving_above to stop first"
      elif [ -z "$staying" ] || [ $((hundredths - since)) -gt "$together" ]; then
        break
      fi
      if [ $((now - begin)) -gt "$leave_timeout" ]; then
        log "stopping without waiting longer for ordinal ${leaving_above:-$staying}"
        break
      fi
      pause 0.1
    done
  else
    log "the primary does not answer: stopping without order"
  fi
  log "stopping"
  if command -v engine_before_stop >/dev/null; then engine_before_stop || true; fi
  : >"$state/go" # lets pre-stop.sh return, so that the server is told to stop
  await_unlocked "$state/running" # until the server's last process has ended
  log "stopped"
}

# who_stays: sets `staying`: those above that are connected and were not seen leaving. Who was, and is no more, has left, though the
# primary may take a while to notice that its connection is gone.
who_stays() {
  local other
  for other in $leaving_above; do
    case $seen_leaving in *" $other "*) ;; *) seen_leaving="$seen_leaving$other " ;; esac
  done
  staying=
  for other in $connected_above; do
    case $seen_leaving in *" $other "*) ;; *) staying="${staying:+$staying }$other" ;; esac
  done
}
