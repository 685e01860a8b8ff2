# shellcheck shell=bash
# Ordinal 0: looks at its files twice a second, or less often where they are many (`rest`), and publishes what has
# changed.

# At most so many changes are kept, for replicas that are a moment behind, and no more bytes than the manifest has. Who
# is further behind takes that.
most_changes=60
most_bundled=67108864 # so many bytes of files are kept with their changes, of the last ones
rests_until=0         # in hundredths of a second
is_settled=           # whether all is told of what $work/found has, which was seen last

# begin_publishing: fails where a person or room on a disk is needed, or the server has ended.
# Globals: mark (read); oldest (set).
begin_publishing() {
  begin_run "$(cat /proc/sys/kernel/random/uuid)" ||
    die "the position of this volume cannot be read, and nothing is published." \
      "Restore the volume; or delete the pod and PVC of $set_name-0: then its files come from another pod, and what no replica has is lost"
  if ! unpack "$published/manifest" >"$work/own"; then
    log "the manifest of this volume is not whole: all files are read again"
    no_entries "$work/own" || return 1
  fi
  oldest=$((mark + 1))
  scan && publish || return 1
  note_scan
  forget_former_changes
  log "serving, as primary, from $mark on"
}

# forget_former_changes: of the runs before. Only now, as a replica could still read the last position of those: it
# would miss the changes after its own.
forget_former_changes() {
  local folder
  for folder in "$published"/[0-9]*; do
    [[ ${folder##*/} == "$mark" ]] || rm -rf "$folder"
  done
}

# publish_changes: what has changed since the last look. Fails where it cannot be told, and has said why.
# Globals: core_now_cs, rests_until (read); is_settled (read and set).
publish_changes() {
  local core_now core_now_cs
  core_clock
  if ((core_now_cs < rests_until)) || is_as_it_was; then return 0; fi
  is_settled=
  scan || return 1
  is_empty "$work/delta" || publish || return 1
  note_scan
  tell_unreadable
  if is_empty "$work/missed" && is_empty "$work/kept" && is_empty "$work/unknown" && is_empty "$work/late"; then
    is_settled=yes
  fi
}
# is_as_it_was: whether the files are those of the last look, of which all was told then, or is told when its second is
# over.
# Globals: is_settled, began (read).
is_as_it_was() {
  { [[ -n $is_settled ]] || { is_empty "$work/missed" && [[ $(date +%s) == "$began" ]]; }; } &&
    find_files now && cmp -s "$work/now" "$work/found" && rest
}

# publish: $work/scan, where it is another than $work/own, with the next mark; durably, as no one may have seen a mark
# that a crash can take back.
# Globals: mark (read and set).
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
  rm -rf "$published/new" "${published:?}/$mark"
  # Who waits for it sees it whole and at once, or takes the manifest.
  {
    mkdir "$published/new" && pack "$identity $mark $run" "$work/delta" >"$published/new/changes" &&
      is_packed "$published/new/changes" && bundle "$published/new/files.tar"
  } || rm -rf "$published/new"
  put_manifest "$work/scan" && put_position || return 1
  mv -T "$published/new" "$published/$mark" 2>/dev/null || true
}

# bundle FILE: small files go with the change, as it costs a replica less to take one archive than each file by itself.
# Where one is another one meanwhile, or missing, replicas see it by its checksum, and copy it. Nothing waits long for a
# pipe that came instead of a file. Of the last changes only.
bundle() {
  on_manifests small.awk "$work/own" "$work/delta" >"$work/small" && trim_bundles || return 1
  is_empty "$work/small" || core_run_interruptible pack_files "$1" || rm -f "$1"
}
# pack_files ARCHIVE: without what has gone, or is changed meanwhile, of which tar complains.
pack_files() {
  paths "$work/small" |
    (cd "$files" && { timeout 10 tar -c --no-recursion --null -T - -f "$1" 2>/dev/null || [[ $? -le 2 ]]; })
}
# trim_bundles: a replica that is a while behind takes the changes of that while at once, and each file by itself where
# no archive has it.
trim_bundles() {
  local at size total=0
  for ((at = mark; at >= oldest; at--)); do
    size=$(stat -c %s "$published/$at/files.tar" 2>/dev/null) || continue
    total=$((total + size))
    ((total <= most_bundled)) || rm -f "$published/$at/files.tar"
  done
}

# rest: until the next look. Each costs this pod, and each change every pod, and anyone who copies from one, by the
# number of entries: so a second for 20,000 of them. No more than a quarter of maxLag, as replicas do not know how old
# it is what they wait for.
# Globals: rests_until (set).
rest() {
  local core_now core_now_cs length
  length=$(($(count_of "$work/own") / 200))
  ((length <= max_lag * 25)) || length=$((max_lag * 25))
  core_clock
  rests_until=$((core_now_cs + length))
}

# Globals: mark (read); oldest (read and set).
trim_changes() {
  local bytes
  bytes=$(wc -c <"$published/manifest")
  ((bytes > 65536)) || bytes=65536
  while ((oldest < mark)); do
    if ((mark - oldest < most_changes)) && [[ $(cat "$published"/[0-9]*/changes | wc -c) -le $bytes ]]; then break; fi
    rm -rf "${published:?}/$oldest"
    oldest=$((oldest + 1))
  done
}
