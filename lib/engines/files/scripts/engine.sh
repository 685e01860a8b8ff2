# shellcheck shell=bash
# Plain files, as the shared scripts need to know them. The server is rclone, which gives the files to the other pods;
# next to it runs what publishes changes (ordinal 0) or follows them. The application is in a container of its own.
#
# That server is a script, and stays one: where it is process 1, it leaves signals to this.
if [[ $container == run && ${STATEFUL_PROCESS_1:-$$} == 1 ]]; then . "$scripts/process-1.sh"; fi
export PATH="$PATH:/opt/rclone" LC_ALL=C
. "$scripts/keys.sh"
. "$scripts/peers.sh"
. "$scripts/data.sh"
. "$scripts/lists.sh"
. "$scripts/manifest.sh"
. "$scripts/scan.sh"
. "$scripts/apply.sh"

# engine_prepare: the kubelet makes the application's folder where it is missing, as root's, as soon as `prepare` has
# ended. An empty one at ordinal 0 would be published, and every replica emptied. A replica gets its files back.
engine_prepare() {
  if [[ ! -d $volume/current || -d $volume/current/files ]]; then return 0; fi
  if ((ordinal > 0)); then
    mkdir "$volume/current/files"
    return
  fi
  die "LOST: the folder current/files of this volume is gone. Nothing is published. Restore the volume, or delete the pod and PVC of $set_name-0: then its" \
    "files come from another pod"
}

engine_identity() {
  local position
  position=$(read_from "$1" published/position) && is_position "${position%%"$newline"*}" && echo "${position%% *}"
}
engine_identity_of_files() { head -n 1 "$1/published/position" | cut -d ' ' -f 1; }

# engine_size HOST: fails where the manifest has not come whole.
engine_size() {
  read_from "$1" published/manifest look | awk '
    NR == 1 { count = $4; next }
    $1 == "f" && split($3, version, ":") > 1 { size += version[2] }
    END { if (count !~ /^[0-9]+$/ || count + 0 != NR - 1) exit 1; printf "%.0f\n", size }'
}

# engine_replayed_position HOST: `IDENTITY MARK RUN whole`, or `doubtful` instead of that where its files may be others
# than it has published: a crash has left a change undone, or somebody has changed them by hand. Only of a replica that
# shows that it takes from no one (follow.sh): it does that for as long as the primary has not said that it has files.
engine_replayed_position() {
  local line as from
  if ! as=$(read_from "$1" signs/detached); then
    from=$(read_from "$1" signs/takes-from) && [[ $from =~ ^[0-9a-zA-Z:.-]+$ ]] || from="a $set_name-0"
    echo "still receives from $from"
    return 1
  fi
  line=$(read_from "$1" published/position) && line=${line%%"$newline"*} && is_settled_position "$line $as" &&
    echo "$line $as"
}
# engine_has_all_of HOST POSITION OTHER: by the history of the runs that HOST comes from. Of the same mark one that is
# whole has more than one that is not.
engine_has_all_of() {
  local identity mark run as their="$state/their-history"
  is_settled_position "$2" && is_settled_position "$3" && read_their_position "$1" "$their" || return 2
  [[ $(head -n 1 "$their") == "${2% *}" ]] || return 2
  read -r identity mark run as <<<"$3"
  [[ $identity == "${2%% *}" ]] && in_the_past_of "$their" || return 1
  [[ ${2% *} != "${3% *}" || $2 == "$3" || $as == doubtful ]]
}
is_settled_position() { [[ $1 =~ \ (whole|doubtful)$ ]] && is_position "${1% *}"; }

engine_reserve_log() { :; } # a primary keeps no log: who is behind compares manifests

engine_initialise() {
  use_data "$1"
  identity=$(cat /proc/sys/kernel/random/uuid) mark=0 run=none
  no_entries "$work/own" && put_manifest "$work/own" &&
    printf '%s\n' "$identity $mark $run" | put position &&
    open_to_application
}

# engine_copy SOURCE DIR: what the source has come to. It goes on changing meanwhile: so it is looked at again until all
# that it says it has is here.
engine_copy() {
  local pass=0 teller status=1
  use_data "$2"
  no_entries "$work/own" || return 1
  name_copy
  tell_progress &
  teller=$!
  while ((status != 0 && pass < 10)); do
    pass=$((pass + 1))
    status=0
    take_from "$1" || status=$?
    if ((status == 2)); then break; fi # no one knows what is here now
    ((status == 0)) || pause 0.2
  done
  kill "$teller"
  wait "$teller" 2>/dev/null || true
  return "$status"
}
# tell_progress: of a copy that takes a while, every quarter of a minute.
tell_progress() {
  local seconds=0
  while pause 1; do
    seconds=$((seconds + 1))
    if ((seconds % 15 == 0)) && [[ -s $work/call-log ]]; then
      log "copied so far: $(sed -n 's/^.* NOTICE: *//p' "$work/call-log" | tail -n 1)"
    fi
  done
}
# name_copy: each copy has a name of its own, by which the source's log tells it.
name_copy() {
  local core_now core_now_cs
  core_clock
  copy="copy-$core_now_cs"
}
# take_from SOURCE: what it has. A replica's own position, which it follows by, stays what it was until all of that is
# here. As the source may have come out of a crash, and not be what it says it has come to, all is pending still.
take_from() {
  local identity mark run
  read_their_position "$1" "$work/their-position" "$copy" || return 1
  read_manifest "$1" "$work/their-position" "$copy" || return 1
  plan "$work/own" "$work/target" || return 1
  carry_out "$work/target" "$1" "$copy" || return
  read_position "$work/their-position"
  printf '.\n/1\n' >"$work/all"
  put_manifest "$work/own" && put position <"$work/their-position" && put_pending "$work/all"
}

# engine_recover SOURCE DIR: all that has been copied and compared need not be read once more when the primary starts:
# its manifest is in its own words.
engine_recover() {
  engine_copy "$1" "$2" && rm -f "$data/pending" && open_to_application && list_files >"$work/list" || return 1
  unpack "$published/manifest" >"$work/own" || return 1
  on_manifests own-words.awk "$work/own" "$work/list" >"$work/scan" || return 1
  publish_recovered "$work/scan" && tell_time && note_scan
}
# publish_recovered MANIFEST: with it another run begins, before any replica can see it.
publish_recovered() {
  begin_run "$(cat /proc/sys/kernel/random/uuid)"
  put_manifest "$1" && put_position
}

# open_to_application: its user is another than ours, of the same group.
open_to_application() {
  (cd "$files" && find . -type d -exec chmod g+ws {} + && find . -type f -exec chmod g+w {} +)
}

engine_run() {
  engine_prepare # once more, as this container alone may have been restarted
  use_data "$1"
  # It was the former pod's (stop_server), and is this one's again.
  [[ $(stat -c %a "$files") != 2700 ]] || chmod 2775 "$files"
  . "$scripts/server.sh"
  run_server
}

meet_peers # every script of a pod talks to others
