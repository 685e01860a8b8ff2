# shellcheck shell=sh disable=SC3043
# Ordinal 0: looks at its files twice a second, or less often where they are many (`rest`), and publishes what has changed.

# At most so many changes are kept, for replicas that are a moment behind, and no more bytes than the manifest has. Who is further behind takes that.
most_changes=60
rests_until=0 # in hundredths of a second

# begin_publishing: fails where a person or room on a disk is needed, or the server has ended.
begin_publishing() {
  begin_run "$(cat /proc/sys/kernel/random/uuid)" || die "the position of this volume cannot be read, and nothing is published." \
    "Restore the volume; or delete the pod and PVC of $set_name-0: then its files come from another pod, and what no replica has is lost"
  if ! unpack "$published/manifest" >"$work/own"; then
    log "the manifest of this volume is not whole: all files are read again"
    no_entries "$work/own" || return 1
  fi
  scanned='' oldest=$((mark + 1))
  scan && publish || return 1
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
  local core_now core_now_cs
  core_clock
  [ "$core_now_cs" -ge "$rests_until" ] || return 0
  if [ -n "$scanned" ] && [ $((core_now - scanned)) -lt 60 ] && ! has_recent_changes; then return 0; fi
  scan || return 1
  if ! cmp -s "$work/scan" "$work/own"; then publish || return 1; fi
  scanned=$core_now
  note_scan
  tell_unreadable
}
# has_recent_changes: or no one knows, as where find complains of anything but a folder that the application keeps from us.
has_recent_changes() { [ -n "$(find "$files" -cmin -1 -print -quit 2>&1 | grep -v '^find: .*Permission denied$' | head -n 1)" ]; }

# publish: $work/scan, where it is another than $work/own, with the next mark; durably, as no one may have seen a mark that a crash can take back.
publish() {
  mark=$((mark + 1))
  if ! publish_scan; then
    mark=$((mark - 1))
    say_no_room
    return 1
  fi
  trim_changes
  renew_lists
  mv -T "$work/scan" "$work/own"
  rest
}
publish_scan() {
  on_manifests delta.awk "$work/own" "$work/scan" >"$work/delta" && put_manifest "$work/scan" && put_position || return 1
  rm -rf "$published/new" "${published:?}/$mark"
  # Who waits for it sees it whole, or takes the manifest.
  { mkdir "$published/new" && pack "$identity $mark $run" "$work/delta" >"$published/new/changes" && is_packed "$published/new/changes" &&
    mv -T "$published/new" "$published/$mark"; } || rm -rf "$published/new"
}

# rest: until the next change is published. Each costs every pod, and anyone who copies from one, by the number of entries: so a second for 20,000 of
# them. No more than a quarter of maxLag, as replicas do not know how old it is what they wait for.
rest() {
  local core_now core_now_cs length
  length=$(($(wc -l <"$work/own") / 200))
  [ "$length" -le $((max_lag * 25)) ] || length=$((max_lag * 25))
  core_clock
  rests_until=$((core_now_cs + length))
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
