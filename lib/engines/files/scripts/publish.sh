# shellcheck shell=sh disable=SC3043
# Ordinal 0: looks at its files twice a second, or less often where they are many (`rest`), and publishes what has
# changed.

# At most so many changes are kept, for replicas that are a moment behind, and no more bytes than the manifest has. Who
# is further behind takes that.
most_changes=60
most_bundled=67108864 # so many bytes of files are kept with their changes, of the last ones
rests_until=0         # in hundredths of a second
scanned=              # when the last look began, in seconds; empty where no one knows what has changed since
scanned_all=          # when the last one at everything began
touched=0             # when the time of $data/now was last set: it is less than a minute old by the clock of the volume

# begin_publishing: fails where a person or room on a disk is needed, or the server has ended.
begin_publishing() {
  local core_now core_now_cs
  begin_run "$(cat /proc/sys/kernel/random/uuid)" || die "the position of this volume cannot be read, and nothing is published." \
    "Restore the volume; or delete the pod and PVC of $set_name-0: then its files come from another pod, and what no replica has is lost"
  if ! unpack "$published/manifest" >"$work/own"; then
    log "the manifest of this volume is not whole: all files are read again"
    no_entries "$work/own" || return 1
  fi
  oldest=$((mark + 1))
  core_clock
  scanned=$core_now scanned_all=$core_now
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
    [ "${folder##*/}" = "$mark" ] || rm -rf "$folder"
  done
}

# publish_changes: what has changed since the last look. All is looked at where that was long ago or no one can tell,
# and now and then.
publish_changes() {
  local core_now core_now_cs which=recent since
  core_clock
  [ "$core_now_cs" -ge "$rests_until" ] || return 0
  if [ $((core_now - touched)) -ge 20 ]; then
    touch_now || return 1
    touched=$core_now
  fi
  if [ -z "$scanned" ] || [ $((core_now - scanned)) -ge 50 ] || [ $((core_now - scanned_all)) -ge 600 ]; then which=''; fi
  case ${which:+$(look_lately)} in
    "$data/now") if nothing_is_missed; then
      scanned=$core_now
      return 0
    fi ;;
    "$data/now"*) ;;
    *) which='' ;; # a find that does not know -cmin, or a clock of the volume that is another one
  esac
  scanned='' since=$began # from here on only what succeeds counts
  tell_time || return 1
  # Somebody may have set the clock back.
  if [ -n "$which" ] && printf '%s\n' "$since" "$began" | sort -c 2>/dev/null; then
    list_recent "$since" || return 1
    if is_empty "$work/recent" && is_empty "$work/top" && nothing_is_missed; then
      scanned=$core_now
      return 0
    fi
  else
    which=''
  fi
  scan ${which:+recent} || return 1
  if ! is_empty "$work/delta"; then publish || return 1; fi
  scanned=$core_now
  [ -n "$which" ] || scanned_all=$core_now
  note_scan
  tell_unreadable
}
# look_lately: prints $data/now, and whether anything in the tree is so new; or what find complains of, but for folders
# that the application keeps from us.
look_lately() { find "$data/now" "$files" -cmin -1 -print ! -path "$data/now" -quit 2>&1 | grep -v '^find: .*Permission denied$'; }
nothing_is_missed() { is_empty "$work/missed" && is_empty "$work/kept"; }

# publish: $work/scan, where it is another than $work/own, with the next mark; durably, as no one may have seen a mark
# that a crash can take back.
publish() {
  mark=$((mark + 1))
  if ! publish_scan; then
    mark=$((mark - 1))
    say_no_room
    return 1
  fi
  trim_changes
  renew_lists
  mv -T "$work/all" "$work/own"
  rest
}
publish_scan() {
  { entries "$work/rest" && entries "$work/scan"; } | ended >"$work/all"
  [ "$(count_of "$work/all")" = $(($(count_of "$work/rest") + $(count_of "$work/scan"))) ] || return 1
  rm -rf "$published/new" "${published:?}/$mark"
  # Who waits for it sees it whole and at once, or takes the manifest.
  { mkdir "$published/new" && pack "$identity $mark $run" "$work/delta" >"$published/new/changes" && is_packed "$published/new/changes" &&
    bundle "$published/new/files.cpio"; } || rm -rf "$published/new"
  put_manifest "$work/all" && put_position || return 1
  mv -T "$published/new" "$published/$mark" 2>/dev/null || true
}

# bundle FILE: small files go with the change, as it costs a replica less to take one archive than each file by itself.
# Where one is another one meanwhile, or missing, replicas see it by its checksum, and copy it. Nothing waits long for a
# pipe that came instead of a file. Of the last changes only.
bundle() {
  on_manifests small.awk "$work/part" "$work/delta" >"$work/small" && trim_bundles || return 1
  is_empty "$work/small" && return
  { entries "$work/small" >"$work/to-bundle" && core_run_interruptible pack_files "$1"; } || rm -f "$1"
}

# trim_bundles: a replica that is a while behind takes the changes of that while at once, and each file by itself where no
# archive has it.
trim_bundles() {
  local at
  stat -c '%s %n' "$published"/[0-9]*/files.cpio 2>/dev/null | sed 's|^\([0-9]*\) .*/\([0-9]*\)/files.cpio$|\2 \1|' | sort -rn |
    awk -v most="$most_bundled" '{ size += $2 } size > most { print $1 }' |
    while read -r at; do rm -f "$published/$at/files.cpio"; done
}

# pack_files ARCHIVE: ends early, with what was packed until then, at a file that is gone.
pack_files() { (cd "$files" && timeout 10 cpio -o -H newc <"$work/to-bundle" >"$1" 2>/dev/null) || [ $? -eq 1 ]; }

# rest: until the next change is published. Each costs every pod, and anyone who copies from one, by the number of entries:
# so a second for 20,000 of them. No more than a quarter of maxLag, as replicas do not know how old it is what they wait
# for.
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
