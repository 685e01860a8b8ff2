# shellcheck shell=sh disable=SC3043
# Every ordinal above 0: makes its files what the primary publishes.

begin_following() {
  read_position "$published/position"
  tell_what_is_here || log "this volume takes no manifest: nobody can copy from here before this pod has followed $set_name-0"
  log "serving, as replica, from $mark on"
}

# tell_what_is_here: where a crash has left something else than the manifest says, or one of another mark than the position. The primary may have been
# lost in the same crash, and this be all there is: it must be possible to copy it.
tell_what_is_here() {
  local paths
  own_manifest || return 1
  if paths=$(grep -cvx '[.]' "$data/pending"); then log "a change was interrupted here, of $paths paths: all is compared with $set_name-0 again"; fi
  if ! is_all_here || [ "$(sed -n '1s/ [^ ]*$//p' "$published/manifest")" != "$identity $mark $run" ]; then
    put_manifest "$work/own" && renew_lists
  fi
}

# own_manifest: what is there, in the primary's words as far as they are known: by the manifest, but for what a crash may have left otherwise (known.awk). That
# is pending then, as the manifest to be written will not tell it any more. Fails where the volume does not take it.
own_manifest() {
  touch "$data/pending"
  : >"$work/unsure"
  list_files "$files" >"$work/list" || die "what is here cannot be told: no room for lists?"
  on_manifests known.awk -v pending="$data/pending" -v manifest="$published/manifest" -v unsure="$work/unsure" \
    "$data/pending" "$published/manifest" "$work/list" >"$work/own" || die "what is here cannot be told: no room for lists?"
  read_doubtful || die "what is here cannot be told: no room for lists?"
  if [ -s "$work/unsure" ]; then add_pending "$work/unsure" || return 1; fi
}
# is_all_here: whether all is known to be what it was at the position.
is_all_here() { [ ! -s "$data/pending" ] && [ ! -s "$work/unsure" ]; }

# follow: comes to where the primary is, and stays there as long as the primary publishes one change after the other. Says in $state/observed how
# it stands.
follow() {
  local primary their
  primary=$(host_of 0)
  their=$work/their-position
  if ! read_from "$primary" published/position >"$their" || [ ! -s "$their" ]; then
    observe "$set_name-0 does not answer"
    pause 0.3
  elif [ "$(cut -d ' ' -f 1 "$their" | head -n 1)" != "$identity" ]; then
    observe "NOT FOLLOWING: $set_name-0 holds other files ($(head -n 1 "$their" | cut -d ' ' -f 1); here is $identity). Nothing is overwritten." \
      "Keep those that are right: delete pod and claim of the other"
    pause 1
  elif ! in_the_past_of "$their"; then
    observe "NOT FOLLOWING: this replica has what $set_name-0 has not ($mark of $run here). Nothing is overwritten. Was an old volume restored?" \
      "Keep the one that is right: delete pod and claim of the other"
    pause 1
  elif has_missed_too_much "$their" && copy_from_below; then
    : # and now it is a moment behind
  elif come_to "$primary" "$their"; then
    observe yes
    while wait_for_change "$primary"; do observe yes; done
  else
    pause 0.3
  fi
}

# has_missed_too_much POSITION-FILE: whether the primary, still in the same run, no longer keeps the changes that came after what is here.
has_missed_too_much() {
  local their_mark their_run status=0
  read -r _ their_mark their_run <"$1"
  [ "$their_run" = "$run" ] && [ "$their_mark" -gt "$mark" ] || return 1
  read_from "$(host_of 0)" "published/$((mark + 1))/changes" >/dev/null || status=$?
  is_absent "$status" # who does not answer may have it
}
# copy_from_below: from the ordinal below, if that is well: it has come out of what is here, and the primary out of it. What is here stays; only what
# differs is copied.
copy_from_below() {
  local below
  [ "$ordinal" -gt 1 ] || return 1
  below=$(host_of $((ordinal - 1)))
  read_from "$below" published/position >"$work/below" || return 1
  in_the_past_of "$work/below" && ! is_here "$work/below" && (read_position "$work/below" && in_the_past_of "$work/their-position") || return 1
  observe "copying anew: $set_name-0 no longer has the changes from $mark on"
  log "copying anew from $set_name-$((ordinal - 1)): $set_name-0 no longer has the changes from $mark on"
  name_copy
  if take_from "$below"; then
    read_position "$published/position"
    : >"$work/unsure"
    renew_lists
    return
  fi
  own_manifest && put_manifest "$work/own" && renew_lists
  return 1
}
is_here() { [ "$(head -n 1 "$1")" = "$identity $mark $run" ]; }

# come_to HOST POSITION-FILE: by the whole manifest, unless this is where it is.
come_to() {
  if is_here "$2" && is_all_here; then
    if cmp -s "$2" "$published/position"; then return; fi
    put position <"$2" && renew_lists
    return
  fi
  observe "catching up with $set_name-0"
  read_manifest "$1" "$2" look || return 1
  plan "$work/own" "$work/target" "$2" && change_to "$work/target" "$1" "$2"
}

# wait_for_change HOST: one process of rclone asks again and again for the change that comes next, on one connection. Fails where it has not
# come in time, the connection is lost, or the primary is of another run; and where it took so long that others have come, which are better
# taken all at once.
wait_for_change() {
  local next=$((mark + 1)) now hundredths begun
  rm -rf "$work/next"
  attend call follow --log-file /dev/null --retries "$attempts" --retries-sleep 300ms copy "$(peer "$1" "published/$next")" "$work/next" || return 1
  [ "$(head -n 1 "$work/next/changes")" = "$identity $next $run" ] || return 1
  tail -n +2 "$work/next/changes" >"$work/delta"
  plan_change "$work/delta" || return 1
  { printf '%s\n' "$identity $next $run"; tail -n +2 "$published/position"; } >"$work/next-position"
  clock
  begun=$now
  change_to "$work/target" "$1" "$work/next-position" || return 1
  clock
  [ $((now - begun)) -lt 2 ]
}

# change_to TARGET HOST POSITION-FILE: as planned. What is pending stays noted until both manifest and position tell what came of it.
change_to() {
  local status=0
  carry_out "$1" "$2" follow || status=$?
  case $status in
    0) read_position "$3" ;;
    2) own_manifest || return 1 ;;
  esac
  if ! put_manifest "$work/own"; then
    read_position "$published/position" # so that come_to writes the manifest too, and not the position alone
    return 1
  fi
  if [ "$status" -eq 0 ]; then
    if put position <"$3"; then rm -f "$data/pending" && : >"$work/unsure"; else status=1; fi # it is put again by come_to
  elif [ "$status" -eq 1 ] && [ -s "$steps/missing" ]; then
    put_pending "$steps/missing" || true # then more than that stays noted
  fi
  renew_lists
  return "$status"
}

# observe WORDS: `yes`, or why not: for the sidecar, with the time.
observe() {
  local now hundredths
  clock
  printf '%s %s %s\n' replica "$now" "$*" >"$state/observed.new"
  mv -T "$state/observed.new" "$state/observed"
}
