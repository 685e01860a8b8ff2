# shellcheck shell=bash
# Ordinal 0 looks at its files: what is their manifest now?

# scan: of $work/own, what is there now, as $work/scan, and $work/delta, the difference. Only files that have changed
# are read. It began at `began` (tell_time); $data/scanned is when the scan began that $work/own is from. Fails where it
# cannot be told: then nothing may be published.
# Globals: began (set).
scan() {
  local list
  for list in missed kept unreadable; do whole "$work/$list" 2>/dev/null || no_entries "$work/$list" || {
    say_no_room
    return 1
  }; done
  tell_time && list_files >"$work/list" || return 1
  { no_entries "$work/sums" && with_checksums to-read && read_changed && keep_what_is_there && note_unreadable &&
    on_manifests delta.awk "$work/own" "$work/scan" >"$work/delta"; } || {
    say_no_room
    return 1
  }
}
# read_changed: it may take a while, and a signal must not wait for it.
read_changed() {
  no_entries "$work/unknown" || return 1
  is_empty "$work/to-read" ||
    { core_run_interruptible sum_files "$files" "$work/to-read" "$work/sums" && with_checksums unknown; }
}
# tell_time: sets `began`, in seconds by the clock of the volume, which may be another one than this node's.
# Globals: began (set).
tell_time() {
  { printf '' >"$data/now" && began=$(date -r "$data/now" +%s); } 2>/dev/null || {
    say_no_room
    return 1
  }
}
with_checksums() { # LIST: of those that have none
  on_manifests checksums.awk -v sums="$work/sums" -v unknown="$work/$1" -v late="$work/late" \
    -v scanned="$(cat "$data/scanned" 2>/dev/null)" -v began="$began" \
    "$work/own" "$work/sums" "$work/list" >"$work/scan"
}
# note_scan: what was scanned is $work/own now.
# Globals: began (read).
note_scan() { printf '%s\n' "$began" >"$data/scanned"; }
say_no_room() {
  log_change "NOT PUBLISHED: what the files are cannot be told, and replicas keep what they have: no room for lists or on the volume?"
}

# keep_what_is_there: replicas remove what is missed. So each is looked for by its name before it is: a list may end
# early, and of what a disk does not give there is no checksum. What the application keeps from us is missed all the
# same. What was kept the last time too has not just come again: somebody must hear of it (`not-given`).
keep_what_is_there() {
  all_of "$work/missed" "$work/kept" >"$work/gone" &&
    on_manifests missing.awk -v missed="$work/missed" -v explained="$work/explained" \
      "$work/own" "$work/scan" "$work/gone" "$work/hidden" >"$work/missing" &&
    look_for "$work/missing" "$work/verdicts" &&
    on_manifests keep.awk -v kept="$work/there" -v not_given="$work/not-given" \
      "$work/own" "$work/scan" "$work/missed" "$work/explained" "$work/verdicts" "$work/kept" >"$work/complete" &&
    whole "$work/there" "$work/not-given" &&
    mv -T "$work/complete" "$work/scan" && mv -T "$work/there" "$work/kept"
}
# note_unreadable: in $work/unreadable, what is not replicated: what is hidden from us, and what a disk does not give.
note_unreadable() {
  look_for "$work/unknown" "$work/verdicts" && sed -n 's/^+ //p' "$work/verdicts" | ended >"$work/there" &&
    all_of "$work/hidden" "$work/not-given" "$work/there" >"$work/unreadable"
}

# tell_unreadable: says what is not replicated, and who must do something.
# Globals: core_logged (read).
tell_unreadable() {
  if ! is_empty "$work/unreadable"; then
    log_change "NOT REPLICATED: $(count_of "$work/unreadable") files or folders that cannot be read," \
      "'$(head -n 1 "$work/unreadable")' for one: give the group" \
      "leave to read them (umask 0027), and it happens by itself"
  else
    case $core_logged in
      '' | 'all files can be read' | 'the files are published again') ;;
      'NOT REPLICATED'*) log_change "all files can be read" ;;
      *) log_change "the files are published again" ;;
    esac
  fi
}
