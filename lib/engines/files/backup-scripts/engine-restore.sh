# shellcheck shell=bash
# How plain files are restored: the contents of a backup, and of the log after it, become the files of the list that was
# the last at the wanted time. Needs engine.sh, engine-backup.sh, restore.sh.

# shellcheck source=log-fetch.sh
. "$scripts/log-fetch.sh"

# engine_restore DIRECTORY: contents, and the list of the backup, from stdin.
engine_restore() { mkdir -p "$1/contents" && tar -x -i --no-same-owner --no-same-permissions -C "$1/contents" -f -; }

# engine_replay DIRECTORY PATH UNTIL ORIGIN: ends with the files of a primary at rest, of an identity of their own.
engine_replay() {
  use_data "$1"
  contents=$1/contents
  read_backup || return 1
  if [[ $3 == latest || $3 == *-* ]]; then
    choose_list "$2" "$3" && fetch_contents "$2" || return 1
  else
    cp "$work/base" "$work/target" && wanted_here || return 1
    is_empty "$work/wanted" || {
      log "DAMAGED: the backup has not what is in '$(first_wanted)', nor in $(others_of "$work/wanted") other files"
      return 1
    }
  fi
  place_contents && settle_restored "$4" || return 1
  rm -rf "$contents"
  log "restored $(count_of "$work/target") files, folders and links of list" \
    "$restored_mark${restored_time:+, published at $(instant_of "$restored_time")}, each file compared by its checksum"
}
# read_backup: the list of the backup, in $work/base, and its large contents, put together. What is there is matched
# first, as it comes from the store.
# Globals: base_mark, base_run, restored_mark, restored_time (set).
read_backup() {
  local sum attempt count number name odd position
  odd=$(cd "$contents" && find . -mindepth 1 ! \( -type f -regextype posix-extended \
    -regex '\./([0-9a-f]{32}(\.[0-9]{2}\.[0-9]{6})?|list|pieces)' \) -print -quit) || return 1
  if [[ -n $odd ]] || ! unpack "$contents/list" >"$work/base" || ! is_sound "$work/base" "the backup"; then
    log "DAMAGED: the backup has no list of files, or something else than contents: ${odd//[![:print:]]/?}"
    return 1
  fi
  position=$(position_of_manifest "$contents/list")
  is_position "$position" || return 1
  base_mark=$(mark_of "$position") base_run=${position##* } restored_mark=$base_mark restored_time=
  while read -r sum attempt count; do
    [[ $sum =~ ^[0-9a-f]{32}$ && $attempt =~ ^[0-9]{2}$ && $count =~ ^[1-9][0-9]{0,5}$ ]] || return 1
    for ((number = 0; number < count; number++)); do
      printf -v name '%s.%s.%06d' "$sum" "$attempt" "$number"
      cat "$contents/$name" >>"$contents/$sum" && rm -f "$contents/$name" || return 1
    done
  done <"$contents/pieces"
  find "$contents" -name '*.*' -delete
}
# wanted_here: contents of $work/target that are not here, in $work/wanted.
wanted_here() {
  (cd "$contents" && find . -type f -printf '%P\n') | ended >"$work/had" &&
    on_manifests wanted.awk "$work/had" "$work/target" >"$work/wanted"
}
first_wanted() { head -n 1 "$work/wanted" | cut -d ' ' -f 3-; }
others_of() { echo $(($(count_of "$1") - 1)); } # LIST

# place_contents: what is in $work/target comes to be in `files`, as on a replica: each file by a rename, when it was
# compared.
place_contents() {
  no_entries "$work/own" && plan "$work/own" "$work/target" && no_entries "$steps/not-linked" || return 1
  log "placing $(count_of "$steps/copies") files"
  on_manifests files-of.awk "$work/target" >"$work/to-place" &&
    entries "$work/to-place" | perl "$scripts/place-contents.pl" "$contents" "$staging" || return 1
  check_staged && whole "$steps/not-copied" || return 1
  is_empty "$steps/not-copied" || {
    log "DAMAGED: what is restored of '$(head -n 1 "$steps/not-copied")' has not the checksum that its list says, nor" \
      "have $(others_of "$steps/not-copied") other files"
    return 1
  }
  sync -f "$staging" && make_folders && place && is_empty "$steps/not-placed" || return 1
  if ! is_empty "$steps/links"; then make_links || return 1; fi
  if ! is_empty "$steps/modes"; then set_modes || return 1; fi
  sync -f "$files"
}
# settle_restored ORIGIN: their list in this volume's words, so that they need not be read once more when the primary
# starts; and a run of its own, as replicas may take copies before the primary has published anything.
# Globals: identity, mark, run (set).
settle_restored() {
  identity=$(</proc/sys/kernel/random/uuid) mark=0 run=$(</proc/sys/kernel/random/uuid)
  open_to_application && list_files >"$work/list" &&
    on_manifests own-words.awk "$work/target" "$work/list" >"$work/scan" || return 1
  [[ $(count_of "$work/scan") == "$(count_of "$work/target")" ]] || {
    log "what was restored is not all there: $(count_of "$work/scan") of $(count_of "$work/target") files, folders" \
      "and links"
    return 1
  }
  rm -rf "$staging" "$data/pending"
  put_manifest "$work/scan" && printf '%s\n' "$identity $mark $run" "$run $mark" | put position &&
    tell_time && note_scan &&
    echo "restored $1" >"$data/origin" && sync "$data/origin" "$data/scanned" "$data"
}

# engine_prove DIRECTORY: of restored files: that they are those of their list, each read once more.
engine_prove() {
  local wrong
  use_data "$1"
  unpack "$published/manifest" >"$work/own" && list_files >"$work/list" &&
    on_manifests files-of.awk "$work/list" >"$work/of-files" &&
    entries "$work/of-files" | cut -d ' ' -f 2- | ended >"$work/paths" &&
    sum_files "$files" "$work/paths" "$work/sums" || return 1
  wrong=$(on_manifests same-tree.awk "$work/sums" "$work/list" "$work/own") || {
    log "DAMAGED: what is at '${wrong//[![:print:]]/?}' is not what the list says"
    return 1
  }
  log "all $(count_of "$work/own") files, folders and links are as their list says, by their checksums"
}
