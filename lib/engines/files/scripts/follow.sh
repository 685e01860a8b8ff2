# shellcheck shell=bash
# Every ordinal above 0: makes its files what the primary publishes.

by_changes= # whether the changes that come tell all that is not here
begin_following() {
  read_position "$published/position" ||
    die "the position of this volume cannot be read: delete the pod and PVC of $pod, and it copies again"
  tell_what_is_here ||
    log "this volume takes no manifest: no one can copy from here before this pod has followed $set_name-0"
  log "serving, as replica, from $mark on"
}

# tell_what_is_here: where a crash has left something else than the manifest says, or one of another mark than the
# position. The primary may have been lost in the same crash, and this be all there is: it must be possible to copy it.
tell_what_is_here() {
  local paths
  own_manifest || return 1
  if paths=$(entries "$data/pending" 2>/dev/null | grep -cvxF .); then
    log "a change was interrupted here, of $paths paths: all is compared with $set_name-0 again"
  fi
  if ! is_all_here || [[ $(position_of_manifest "$published/manifest") != "$identity $mark $run" ]]; then
    put_manifest "$work/own" && renew_lists
  fi
}

# own_manifest: what is there, in the primary's words as far as they are known: by the manifest, but for what a crash
# may have left otherwise (known.awk). That is pending then, as the manifest to be written will not tell it any more.
# Fails where the volume does not take it.
own_manifest() {
  local all=''
  { unpack "$published/manifest" >"$work/former" && read_pending; } ||
    { all=yes && no_entries "$work/former" "$work/pending"; }
  # shellcheck disable=SC2015 # each of them must succeed
  list_files >"$work/list" &&
    on_manifests known.awk -v pending="$work/pending" -v manifest="$work/former" \
      -v unsure="$work/unsure" -v all="$all" \
      "$work/pending" "$work/former" "$work/list" >"$work/own" &&
    whole "$work/unsure" && read_doubtful ||
    die "what is here cannot be told: no room for lists?"
  is_empty "$work/unsure" || put_unsure
}
# read_doubtful: of files that may not be what the primary has, the manifest says what they are, so that others can copy
# them, and a primary can be recovered from here. What a disk does not give is not taken for gone: of that there is no
# copy, and who tries hears why.
read_doubtful() {
  on_manifests doubtful.awk "$work/own" >"$work/doubtful" || return 1
  ! is_empty "$work/doubtful" || return 0
  core_run_interruptible sum_files "$files" "$work/doubtful" "$work/sums" &&
    look_for "$work/doubtful" "$work/verdicts" || return 1
  on_manifests resummed.awk -v sums="$work/sums" -v verdicts="$work/verdicts" \
    "$work/sums" "$work/verdicts" "$work/own" >"$work/own.new" &&
    mv -T "$work/own.new" "$work/own"
}
put_unsure() {
  if [[ ! -e $data/pending ]] || whole "$data/pending" 2>/dev/null; then
    add_pending "$work/unsure"
  else
    put_pending "$work/unsure"
  fi
}
# is_all_here: whether all is known to be what it was at the position.
is_all_here() { { [[ ! -e $data/pending ]] || is_empty "$data/pending"; } && is_empty "$work/unsure"; }

# follow: comes to where the primary is, and stays there as long as the primary publishes one change after the other.
# Says in $state/observed how it stands. All of it is of one address: the name may lead to another pod in between.
follow() {
  local address theirs their="$work/their-position"
  if must_leave; then
    leave_primary "left the former $set_name-0: waiting for the new one"
    return 0
  fi
  address=$(primary_at)
  if ! read_their_position "$address" "$their"; then
    case $(probe_peer "$address") in
      "connected recovering $set_name" | "connected empty $set_name")
        note_former "$address"
        leave_primary "$set_name-0 has no files: waiting until it has recovered them"
        ;;
      *)
        if is_stranger; then
          observe "$set_name-0 has another replication password, or is none of this set: give all pods the same, they take it within a minute"
        else
          observe "$set_name-0 does not answer"
        fi
        ;;
    esac
    pause 0.3
    return 0
  fi
  rm -f "$state/signs/detached"
  printf '%s\n' "$address" >"$state/signs/takes-from"
  theirs=$(head -n 1 "$their")
  if [[ ${theirs%% *} != "$identity" ]]; then
    observe "NOT FOLLOWING: $set_name-0 holds other files (${theirs%% *}; here is $identity). Nothing is overwritten." \
      "Compare both first; then delete the pod and PVC of the one that no one needs"
    pause 1
  elif ! in_the_past_of "$their"; then
    observe "NOT FOLLOWING: this replica has diverged: it holds writes that $set_name-0 does not ($mark of $run here). Nothing is overwritten. Was an old volume put under" \
      "$set_name-0? Only this replica may have those changes: save them before you delete anything. To drop them, delete the pod and PVC of $pod; to go back to them," \
      "those of $set_name-0"
    pause 1
  elif note_what_is_here && come_by_changes "$address" "$their"; then
    observe yes
  elif has_missed_too_much "$address" "$their" && copy_from_below; then
    : # and now it is a moment behind
  elif come_to "$address" "$their"; then
    observe yes
    while ! must_leave && wait_for_change "$address"; do observe yes; done
  else
    pause 0.3
  fi
}

# primary_at: its address; or its name, where DNS does not say.
primary_at() {
  local address
  address=$(address_of 0)
  echo "${address:-$(core_host_of 0)}"
}
# must_leave: the sidecar says so (engine_detach), or the name leads to the primary that was left, whose pod may go on
# for long.
must_leave() {
  [[ -e $state/detached ]] ||
    { [[ -e $state/former-primary ]] && [[ $(primary_at) == "$(<"$state/former-primary")" ]]; }
}
# note_former ADDRESS: this is taken from no more, if it was another that files were taken from: DNS may yet lead back
# to that.
note_former() {
  local former
  former=$(cat "$state/signs/takes-from" 2>/dev/null) || return 0
  [[ $former == "$1" ]] || printf '%s\n' "$former" >"$state/former-primary"
}
# leave_primary WORDS: shows that this replica takes from no one, by a sign that says whether all is here that it has
# published. Nothing is being changed when this is called.
leave_primary() {
  local as=whole
  is_all_here || as=doubtful
  rm -f "$state/signs/takes-from"
  [[ $(cat "$state/signs/detached" 2>/dev/null) == "$as" ]] || { echo "$as" >"$state/signs/detached" && renew_lists; }
  observe "$1"
  pause 0.3
}

# has_missed_too_much HOST POSITION-FILE: whether the primary, still in the same run, no longer keeps the changes that
# came after what is here.
has_missed_too_much() {
  local their_mark their_run status=0
  read -r _ their_mark their_run <"$2"
  [[ $their_run == "$run" ]] && ((their_mark > mark)) || return 1
  read_from "$1" "published/$((mark + 1))/changes" >/dev/null || status=$?
  is_absent "$status" # who does not answer may have it
}
# copy_from_below: from the ordinal below, if that is well: it has come out of what is here, and the primary out of it.
# What is here stays; only what differs is copied.
copy_from_below() {
  local below
  ((ordinal > 1)) || return 1
  below=$(core_host_of $((ordinal - 1)))
  read_their_position "$below" "$work/below" || return 1
  in_the_past_of "$work/below" && ! is_here "$work/below" &&
    (read_position "$work/below" && in_the_past_of "$work/their-position") || return 1
  observe "copying again: $set_name-0 no longer has the changes from $mark on"
  log "copying again from $set_name-$((ordinal - 1)): $set_name-0 no longer has the changes from $mark on"
  by_changes=''
  name_copy
  if take_from "$below"; then
    read_position "$published/position"
    no_entries "$work/unsure"
    renew_lists
    return
  fi
  own_manifest && put_manifest "$work/own" && renew_lists
  return 1
}
is_here() { [[ $(head -n 1 "$1") == "$identity $mark $run" ]]; }

# come_to HOST POSITION-FILE: by the whole manifest, unless this is where it is.
come_to() {
  if is_here "$2" && is_all_here; then
    if cmp -s "$2" "$published/position"; then return; fi
    put position <"$2" && renew_lists
    return
  fi
  observe "catching up with $set_name-0"
  read_manifest "$1" "$2" look || return 1
  plan "$work/own" "$work/target" && change_to "$work/target" "$1" "$2"
}

# wait_for_change HOST: one process of rclone asks again and again for the change that comes next, on one connection.
# Fails where it has not come in time, the connection is lost, or the primary is of another run; and where it took so
# long that others have come, which are better taken all at once. Each attempt at an address that is gone takes seconds:
# so all of them together have a bound.
wait_for_change() {
  local next=$((mark + 1)) core_now core_now_cs begun within="timeout $((attempts * 3 / 10 + 4))"
  rm -rf "$work/next"
  attend_call follow --retries "$attempts" --retries-sleep 300ms \
    copy "$(peer "$1" "published/$next")" "$work/next/$next" || return 1
  within=''
  core_clock
  begun=$core_now
  take_changes "$1" || return 1
  core_clock
  ((core_now - begun < 2))
}
# come_by_changes HOST POSITION-FILE: by those that came since the mark, where the primary, still in the same run, keeps
# them, and what is here is what was at that mark but for what these change: what could not be copied is among them.
come_by_changes() {
  local last their_run next="$mark"
  read -r _ last their_run <"$2"
  [[ -n $by_changes && $their_run == "$run" ]] && ((last > mark && last <= mark + 60)) || return 1
  observe "catching up with $set_name-0"
  while ((next < last)); do
    next=$((next + 1))
    printf '%s\n' "$next/changes" "$next/files.tar"
  done >"$work/to-get"
  rm -rf "$work/next"
  attend_call follow --retries 1 \
    copy --files-from-raw "$work/to-get" --no-traverse "$(peer "$1" published)" "$work/next" &&
    take_changes "$1"
}
# note_what_is_here: sets `by_changes`. A crash, a person or a copy may have left anything here.
note_what_is_here() {
  if is_all_here || { [[ -n $by_changes ]] && is_empty "$work/unsure"; }; then
    by_changes=yes
  else
    by_changes=''
  fi
}
# take_changes HOST: those that come next, as far as they are in $work/next.
take_changes() {
  local next="$mark" status=0 changes deltas=()
  archives=()
  while
    changes=$work/next/$((next + 1))
    [[ -e $changes/changes ]]
  do
    next=$((next + 1))
    unpack "$changes/changes" >"$changes/delta" &&
      [[ $(head -n 1 "$changes/changes") == "$identity $next $run $(count_of "$changes/delta")" ]] || return 1
    [[ ! -e $changes/files.tar ]] || archives+=("$changes/files.tar")
    deltas+=("$changes/delta")
  done
  ((${#deltas[@]} > 0)) || return 1
  {
    printf '%s\n' "$identity $next $run"
    tail -n +2 "$published/position"
  } >"$work/next-position"
  {
    on_manifests compose.awk "${deltas[@]}" >"$work/delta" && plan_change "$work/delta" &&
      change_to "$work/target" "$1" "$work/next-position"
  } || status=$?
  archives=()
  return "$status"
}

# change_to TARGET HOST POSITION-FILE: as planned. What is pending stays noted until both manifest and position tell
# what came of it.
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
  if ((status == 0)); then
    if put position <"$3"; then
      rm -f "$data/pending" && no_entries "$work/unsure"
    else
      status=1 # it is put again by come_to
    fi
  elif ((status == 1)) && whole "$steps/missing" 2>/dev/null; then
    put_pending "$steps/missing" || true # then more than that stays noted
  fi
  renew_lists
  return "$status"
}

# observe WORDS: `yes`, or why not: for the sidecar, with the time.
observe() {
  local core_now core_now_cs
  core_clock
  printf '%s %s %s\n' replica "$core_now" "$*" >"$state/observed.new"
  mv -T "$state/observed.new" "$state/observed"
}
