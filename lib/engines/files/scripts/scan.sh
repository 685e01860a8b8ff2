# shellcheck shell=sh disable=SC3043
# Ordinal 0 looks at its files: what is their manifest now?

# scan [recent]: what of $work/own has changed, as $work/part, what was there, $work/scan, what is there instead of it,
# and $work/delta, the difference; and $work/rest, which is as it was. That is all of it, or with `recent` what has
# changed since the last scan: every change sets the time of change of something that is still there. Only files that
# have changed are read. It began at `began` (tell_time); $data/scanned is when the scan began that $work/own is from.
# Fails where it cannot be told: then nothing may be published.
scan() {
  local list
  for list in missed kept unreadable; do whole "$work/$list" 2>/dev/null || no_entries "$work/$list" || {
    say_no_room
    return 1
  }; done
  if [ $# -gt 0 ]; then
    list_changed || return 1
  else
    { tell_time && list_files >"$work/list"; } || return 1
    { cp "$work/own" "$work/part" && no_entries "$work/rest" "$work/still"; } || {
      say_no_room
      return 1
    }
  fi
  { no_entries "$work/sums" "$work/unknown" && with_checksums to-read && whole "$work/to-read"; } || {
    say_no_room
    return 1
  }
  if ! is_empty "$work/to-read"; then
    # It may take a while, and a signal must not wait for it.
    { core_run_interruptible sum_files "$files" "$work/to-read" "$work/sums" && with_checksums unknown; } || {
      say_no_room
      return 1
    }
  fi
  { keep_what_is_there && note_unreadable && on_manifests delta.awk "$work/part" "$work/scan" >"$work/delta"; } || {
    say_no_room
    return 1
  }
}
# tell_time: sets `began`, in seconds by the clock of the volume, which may be another one than this node's.
tell_time() { touch_now && began=$(date -u -r "$data/now" +%FT%T); }
# touch_now: not by `:`, of which a shell ends that cannot write.
touch_now() { { printf '' >"$data/now"; } 2>/dev/null || {
  say_no_room
  return 1
}; }
# list_recent SINCE: what has changed since that second, of the last minute, in $work/recent.
list_recent() {
  list_files "$work/root" '-cmin -1' "$1" >"$work/recent" && cp "$work/hidden" "$work/hidden-recent"
}
# list_changed: that, with what is in folders that are new; and which part of $work/own it stands for. list_recent was
# called before.
list_changed() {
  { entries "$work/own" | grep '^d ' | ended >"$work/folders" &&
    on_manifests recent.awk -v deep="$work/deep" "$work/folders" "$work/missed" "$work/kept" "$work/recent" >"$work/shallow" && whole "$work/deep"; } || {
    say_no_room
    return 1
  }
  { no_entries "$work/below" "$work/hidden" && { is_empty "$work/deep" || list_files "$work/deep" >"$work/below"; }; } || return 1
  # shellcheck disable=SC2016 # it is for the shell that xargs starts
  { paths "$work/shallow" | (cd "$files" && odd="$odd" xargs -0 -r sh -c 'find "$@" -mindepth 1 -maxdepth 1 ! -name "$odd" 2>/dev/null' -) | ended >"$work/names" &&
    on_manifests each-path.awk "$work/below" "$work/recent" >"$work/list" && all_of "$work/hidden-recent" "$work/hidden" >"$work/hidden-here" &&
    mv -T "$work/hidden-here" "$work/hidden" && on_manifests region.awk -v rest="$work/rest" -v still="$work/still" "$work/deep" "$work/shallow" "$work/names" \
    "$work/list" "$work/hidden" "$work/unreadable" "$work/own" >"$work/part" && whole "$work/rest" "$work/still"; } || {
    say_no_room
    return 1
  }
}
with_checksums() { # LIST: of those that have none
  on_manifests checksums.awk -v sums="$work/sums" -v unknown="$work/$1" -v scanned="$(cat "$data/scanned" 2>/dev/null)" \
    "$work/part" "$work/sums" "$work/list" >"$work/scan"
}
# note_scan: what was scanned is $work/own now.
note_scan() { printf '%s\n' "$began" >"$data/scanned"; }
say_no_room() { log_change "NOT PUBLISHED: what the files are cannot be told, and replicas keep what they have: no room for lists or on the volume?"; }

# keep_what_is_there: replicas remove what is missed. So each is looked for by its name before it is, or the folder that
# it was in: a list may end early, and of what a disk does not give there is no checksum. What the application keeps
# from us is missed all the same. What was kept the last time too has not just come again: somebody must hear of it
# (`not-given`).
keep_what_is_there() {
  all_of "$work/missed" "$work/kept" >"$work/gone" &&
    on_manifests missing.awk -v missed="$work/missed" -v explained="$work/explained" -v below="$work/in-missing" "$work/part" "$work/scan" "$work/gone" "$work/hidden" \
      >"$work/missing" && look_for "$work/missing" "$work/verdicts" || return 1
  if grep -q '^+ ' "$work/verdicts"; then
    all_of "$work/missing" "$work/in-missing" >"$work/all-missing" && look_for "$work/all-missing" "$work/verdicts" || return 1
  fi
  on_manifests keep.awk -v kept="$work/there" -v not_given="$work/not-given" "$work/part" "$work/scan" "$work/missed" "$work/explained" "$work/verdicts" "$work/kept" \
    >"$work/complete" && whole "$work/there" "$work/not-given" && mv -T "$work/complete" "$work/scan" && mv -T "$work/there" "$work/kept"
}
# note_unreadable: in $work/unreadable, what is not replicated: what is hidden from us, and what a disk does not give.
note_unreadable() {
  look_for "$work/unknown" "$work/verdicts" && sed -n 's/^+ //p' "$work/verdicts" | ended >"$work/there" &&
    all_of "$work/still" "$work/hidden" "$work/not-given" "$work/there" >"$work/now-unreadable" && mv -T "$work/now-unreadable" "$work/unreadable"
}

# tell_unreadable: says what is not replicated, and who must do something.
tell_unreadable() {
  if ! is_empty "$work/unreadable"; then
    log_change "NOT REPLICATED: $(count_of "$work/unreadable") files or folders that cannot be read, '$(head -n 1 "$work/unreadable")' for one: give the group" \
      "leave to read them (umask 0027), and it happens by itself"
  else
    case $core_logged in
      '' | 'all files can be read' | 'the files are published again') ;;
      'NOT REPLICATED'*) log_change "all files can be read" ;;
      *) log_change "the files are published again" ;;
    esac
  fi
}
