# shellcheck shell=sh disable=SC3043
# Ordinal 0 looks at its files: what is their manifest now?

# scan: the manifest of `files` in $work/scan. Only what has changed since $work/own is read. $data/scanned is when the scan began that $work/own is from.
# Fails where it cannot be told: then nothing may be published.
scan() {
  local list
  began=$(date -u +%FT%T)
  for list in missed kept; do whole "$work/$list" 2>/dev/null || no_entries "$work/$list" || {
    say_no_room
    return 1
  }; done
  list_files "$files" >"$work/list" || return 1
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
  { all_of "$work/missed" "$work/kept" >"$work/missed-before" &&
    on_manifests linger.awk -v missed="$work/missed" "$work/own" "$work/missed-before" "$work/scan" >"$work/lingering" && mv -T "$work/lingering" "$work/scan" &&
    keep_what_is_there && note_unreadable; } || {
    say_no_room
    return 1
  }
}
with_checksums() { # LIST: of those that have none
  on_manifests checksums.awk -v sums="$work/sums" -v unknown="$work/$1" -v scanned="$(cat "$data/scanned" 2>/dev/null)" \
    "$work/own" "$work/sums" "$work/list" >"$work/scan"
}
# note_scan: what was scanned is $work/own now.
note_scan() { printf '%s\n' "$began" >"$data/scanned"; }
say_no_room() { log_change "NOT PUBLISHED: what the files are cannot be told, and replicas keep what they have: no room for lists or on the volume?"; }

# keep_what_is_there: replicas remove what is missed. So each is looked for by its name before it is: a list may end early, and of what a disk does not give
# there is no checksum. What the application keeps from us is missed all the same.
keep_what_is_there() {
  on_manifests missed.awk -v hidden="$work/explained" "$work/own" "$work/scan" "$work/hidden" >"$work/missing" && look_for "$work/missing" "$work/verdicts" &&
    on_manifests keep.awk -v kept="$work/there" "$work/own" "$work/scan" "$work/explained" "$work/verdicts" >"$work/complete" &&
    whole "$work/there" && mv -T "$work/complete" "$work/scan" &&
    # What was kept the last time too has not just come again: somebody must hear of it.
    on_manifests again.awk "$work/kept" "$work/there" >"$work/not-given" && mv -T "$work/there" "$work/kept"
}
# note_unreadable: in $work/unreadable, what is not replicated: what is hidden from us, and what a disk does not give.
note_unreadable() {
  look_for "$work/unknown" "$work/verdicts" && sed -n 's/^+ //p' "$work/verdicts" | ended >"$work/there" &&
    all_of "$work/hidden" "$work/not-given" "$work/there" >"$work/unreadable"
}

# tell_unreadable: says what is not replicated, and who must do something.
tell_unreadable() {
  if ! is_empty "$work/unreadable"; then
    log_change "NOT REPLICATED: $(count_of "$work/unreadable") files or folders that cannot be read, '$(head -n 1 "$work/unreadable")' for one: give the group" \
      "leave to read them (umask 0027), and it happens by itself"
  elif [ -n "$core_logged" ]; then
    log_change "all files can be read"
  fi
}
