# shellcheck shell=sh disable=SC3043
# Ordinal 0: looks at its files twice a second, or less often where they are many (`rest`), and publishes what has changed.

# At most so many changes are kept, for replicas that are a moment behind, and no more bytes than the manifest has. Who is further behind takes that.
most_changes=60
rests_until=0 # in hundredths of a second

begin_publishing() {
  begin_run "$(cat /proc/sys/kernel/random/uuid)"
  tail -n +2 "$published/manifest" >"$work/own"
  scanned='' oldest=$((mark + 1))
  publish
  note_scan
  forget_former_changes
  log "serving, as primary, from $mark on"
}

# forget_former_changes: of the runs before. Only now, as a replica could still read the last position of those: it would miss the changes after its own.
forget_former_changes() {
  local folder
  for folder in "$published"/[0-9]*; do
    [ "${folder##*/}" = "$mark" ] || rm -rf "$folder"
  done
}

# publish_changes: a change of anything makes its time of change less than a minute old; so only then all is looked at closely.
publish_changes() {
  local now hundredths
  clock
  [ "$hundredths" -ge "$rests_until" ] || return 0
  if [ -n "$scanned" ] && [ $((now - scanned)) -lt 60 ] && [ -z "$(find "$files" -cmin -1 -print -quit 2>/dev/null)" ]; then return 0; fi
  scan
  scanned=$now
  tell_unreadable
  if ! cmp -s "$work/scan" "$work/own"; then publish; fi
  note_scan
}

# publish: $work/scan, where it is another than $work/own, with the next mark; durably, as nobody may have seen a mark that a crash can take back.
publish() {
  [ -e "$work/scan" ] || scan
  on_manifests delta.awk "$work/own" "$work/scan" >"$work/delta"
  mark=$((mark + 1))
  put_manifest "$work/scan"
  put_position
  rm -rf "$published/new"
  mkdir "$published/new"
  { printf '%s\n' "$identity $mark $run"; cat "$work/delta"; } >"$published/new/changes"
  mv -T "$published/new" "$published/$mark" # who waits for it sees it whole
  trim_changes
  renew_lists
  mv -T "$work/scan" "$work/own"
  rest
}

# rest: until the next change is published. Each costs every pod, and whoever copies from one, by the number of entries: so a second for 20,000 of
# them. No more than a quarter of maxLag, as replicas do not know how old it is what they wait for.
rest() {
  local now hundredths length
  length=$(($(wc -l <"$work/own") / 200))
  [ "$length" -le $((max_lag * 25)) ] || length=$((max_lag * 25))
  clock
  rests_until=$((hundredths + length))
}

trim_changes() {
  local bytes
  bytes=$(wc -c <"$published/manifest")
  [ "$bytes" -gt 65536 ] || bytes=65536
  while [ "$oldest" -lt "$mark" ]; do
    if [ $((mark - oldest)) -lt "$most_changes" ] && [ "$(cat "$published"/[0-9]*/changes | wc -c)" -le "$bytes" ]; then break; fi
    rm -rf "${published:?}/$oldest"
    oldest=$((oldest + 1))
  done
}
