# shellcheck shell=sh disable=SC3043
# An ordinal above 0 gets its data from another: the one below, unless the engine has found (`copy_from`) that it must be the primary. Needs
# common.sh, volume.sh.

# clone_from ORDINAL PATIENCE IDENTITY: wait for it, reserve the log position at the primary, copy, check. Repeats until
# it has succeeded. Where there is old data, it has an IDENTITY, which the primary must share, and after PATIENCE seconds without a
# fit source this returns 1; both are empty where there is none.
clone_from() {
  local from="$1" patience="$2" own="$3" source primary identity since failures=0
  source=$(host_of "$from")
  primary=$(host_of 0)
  clock
  since=$now
  while :; do
    clock
    if [ -n "$patience" ] && [ $((now - since)) -gt "$patience" ]; then return 1; fi
    if ! identity=$(engine_identity "$primary") || ! is_identity "$identity"; then
      say "waiting for $set_name-0 to accept connections: a copy needs its log position reserved there"
    elif [ -n "$own" ] && [ "$identity" != "$own" ]; then
      log "not replacing this volume's data: it belongs to $own, $set_name-0 is $identity"
      return 1
    elif [ "$(engine_identity "$source")" != "$identity" ]; then
      say "waiting for $set_name-$from to accept connections as a copy of $set_name-0"
    elif copy_once "$from"; then
      return 0
    else
      failures=$((failures + 1))
      back_off "$failures"
    fi
    pause 0.2
  done
}

# copy_while_answering LINE ORDINAL PATIENCE IDENTITY: meanwhile whoever connects hears LINE (blank.sh listens to it), and so the TCP probes are
# content, however long the copy takes.
copy_while_answering() {
  local answerer status=0
  answer "$1 $set_name" &
  answerer=$!
  clone_from "$2" "$3" "$4" || status=$?
  kill "$answerer"
  wait "$answerer" 2>/dev/null || true # some shells would say that it was terminated
  return "$status"
}

copy_once() { # ORDINAL
  local from="$1" source begin
  source=$(host_of "$from")
  clock
  begin=$now
  rm -rf "$incoming"
  attend engine_reserve "$(host_of 0)" "$source" || { say "could not reserve the log position on $set_name-0; trying again"; return 1; }
  said=
  log "copying from $set_name-$from"
  if ! attend engine_copy "$source" "$incoming"; then
    clock
    log "the copy failed after $((now - begin)) s; starting it again"
    return 1
  fi
  accept_incoming || die "the copy is complete, but could not be put in its place on the volume"
  clock
  log "copied from $set_name-$from and checked, $((now - begin)) s"
}
