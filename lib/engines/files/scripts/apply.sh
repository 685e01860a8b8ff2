# shellcheck shell=sh disable=SC3043
# Makes `files` what a manifest says, with what another pod gives. What it needs to know of the tree is the manifest that it has come to, in
# $work/own, and that is right afterwards, also where not all succeeded.

# plan OWN TARGET [POSITION-FILE]: how the one becomes the other, in $steps, a folder of lists that changes.awk describes. Both are manifests, or those
# parts of them that differ (apply-delta.awk). TARGET is of that position; of this run without it. With it, as $planned, copies are compared. Fails
# where one of the lists was cut short; afterwards they are as they were then.
plan() {
  local other_volume=''
  if [ -n "${3:-}" ] && was_recovered_since "$3"; then other_volume=yes; fi
  steps=$work/steps planned=$2
  rm -rf "$steps" "$staging" && mkdir -p "$steps" "$staging" || return 1
  # The mark, as parts of manifests do not tell which names are taken.
  {
    on_manifests changes.awk -v out="$steps" -v aside=".aside-${mark:-0}" -v other_volume="$other_volume" "$1" "$2" >/dev/null &&
      whole "$steps/steps" "$steps/moves" "$steps/copies" "$steps/links" "$steps/modes" "$steps/files" "$steps/folders"
  } || {
    log_change "what is to be changed cannot be listed, and nothing is: no room for lists?"
    return 1
  }
}
# plan_change DELTA: how what is here becomes $work/target, which is what DELTA makes of it.
plan_change() {
  local status=0
  mkdir -p "$work/parts" || return 1
  on_manifests apply-delta.awk -v parts="$work/parts" "$1" "$work/own" >"$work/target" || status=$?
  [ "$status" -ne 4 ] || say_unsound "$set_name-0" "$(tail -n 1 "$work/target")"
  [ "$status" -eq 0 ] && plan "$work/parts/own" "$work/parts/target"
}

# carry_out TARGET HOST WHAT-FOR: what was planned; then all is as TARGET says. Fails where not all of it could be had; with status 2 where $work/own is not right
# any more. Each step only if the one before has succeeded: in a function that is tested `set -e` does not count, and half a list must not be carried out.
carry_out() {
  if ! is_done; then
    note_steps || {
      log_change "the volume takes no list of what is to be changed; nothing was"
      return 1
    }
    { change_files "$2" "$3" && all_of "$steps/not-renamed" "$steps/not-copied" "$steps/not-placed" >"$steps/missing"; } ||
      {
        log_change "the files could not all be changed (see the error above)"
        return 2
      }
    if ! is_empty "$steps/missing"; then
      note_missing "$1"
      return
    fi
  fi
  cp "$1" "$work/own" || return 2
}
is_done() {
  local list
  for list in "$steps"/*; do is_empty "$list" || return 1; done
}
# note_missing TARGET: what is here is TARGET but for what could not be had. Fails with status 1, as that is still to come.
note_missing() {
  on_manifests reached.awk -v own="$work/own" -v missing="$steps/missing" "$steps/missing" "$work/own" "$1" >"$work/own.new" || return 2
  mv -T "$work/own.new" "$work/own" && read_doubtful || return 2
  return 1
}
change_files() { # HOST WHAT-FOR
  no_entries "$steps/not-renamed" "$steps/not-copied" "$steps/not-placed" || return 1
  if ! is_empty "$steps/steps"; then make_folders || return 1; fi
  if ! is_empty "$steps/moves"; then rename_files || return 1; fi
  if ! is_empty "$steps/copies"; then recopy_source "$@" || return 1; fi
  if ! is_empty "$steps/links"; then make_links || return 1; fi
  if ! is_empty "$steps/modes"; then set_modes || return 1; fi
  remove_files || return 1
  remove_folders
  sync -f "$files" # the whole volume: a manifest must never say that there is what a crash can still take
}

# read_doubtful: of files that may not be what the primary has, the manifest says what they are, so that others can copy them, and a primary can be
# recovered from here. What a disk does not give is not taken for gone: of that there is no copy, and who tries hears why.
read_doubtful() {
  on_manifests doubtful.awk "$work/own" >"$work/doubtful" || return 1
  ! is_empty "$work/doubtful" || return 0
  core_run_interruptible sum_files "$files" "$work/doubtful" "$work/sums" && look_for "$work/doubtful" "$work/verdicts" || return 1
  on_manifests resummed.awk -v sums="$work/sums" -v verdicts="$work/verdicts" "$work/sums" "$work/verdicts" "$work/own" >"$work/own.new" && mv -T "$work/own.new" "$work/own"
}

# note_steps: all that is about to be changed.
note_steps() {
  on_manifests to-change.awk "$steps/steps" "$steps/moves" "$steps/copies" "$steps/links" "$steps/modes" "$steps/files" "$steps/folders" \
    >"$work/to-change" && add_pending "$work/to-change"
}

remove_files() {
  paths "$steps/files" | (cd "$files" && xargs -0 -r rm -f --)
}
remove_folders() {
  # What is in a folder stands after it: so the last go first. One that is not empty has something that came meanwhile.
  entries "$steps/folders" | LC_ALL=C sort -r | tr '\n' '\0' | (cd "$files" && xargs -0 -r rmdir -- 2>/dev/null) || true
}

# make_folders: makes and renames them, and removes what is in the way, in their order.
make_folders() {
  local step
  if ! entries "$steps/steps" | grep -qv '^mkdir '; then # the many of a first copy at once
    entries "$steps/steps" | sed 's/^mkdir //' | tr '\n' '\0' | (cd "$files" && xargs -0 -r mkdir -p --)
    return
  fi
  while IFS= read -r step; do
    case $step in
      'mkdir '*) mkdir -p -- "$files/${step#mkdir }" || return 1 ;;
      'rm '*) rm -rf -- "${files:?}/${step#rm }" || return 1 ;;
      'mv '*)
        step=${step#mv }
        mv -T -- "$files/${step%%"$tab"*}" "$files/${step#*"$tab"}" || return 1
        ;;
    esac
  done <"$steps/steps"
}

# rename_files: what is then not there is copied the next time.
rename_files() {
  entries "$steps/moves" | tr '\n\t' '\0\0' | (cd "$files" && xargs -0 -n 2 -P 2 mv -T --) || true
  entries "$steps/moves" | cut -f 2 | ended >"$work/renamed"
  look_for "$work/renamed" "$work/verdicts" && sed -n 's/^- //p' "$work/verdicts" | ended >"$steps/not-renamed" && whole "$steps/not-renamed"
}

# recopy_source HOST WHAT-FOR: what could not be copied, or is not what was planned, is missing, and is copied the next time: mostly it has been
# changed meanwhile, and the next change tells.
recopy_source() {
  local status=0 connections
  # Each costs both sides a tenth of a second, and only many files are the quicker for it.
  connections=$(($(count_of "$steps/copies") / 250 + 1))
  [ "$connections" -le 8 ] || connections=8
  rm -f "$work/copy-log"
  entries "$steps/copies" >"$work/to-copy"
  # A large file takes a while, and a pod that is told to stop must not wait for it.
  attend_call "$2" copy --files-from-raw "$work/to-copy" --no-traverse --no-update-dir-modtime --ignore-checksum --inplace --transfers "$connections" --checkers "$connections" \
    --retries 2 --retries-sleep 200ms --stats 10s --stats-one-line --stats-log-level NOTICE --log-file "$work/copy-log" \
    "$(peer "$1" files)" "$staging" || status=$?
  list_staged >"$work/staged"
  core_run_interruptible sum_files "$staging" "$work/staged" "$work/sums" || return 1
  on_manifests verify.awk -v sums="$work/sums" -v copies="$steps/copies" "$work/sums" "$steps/copies" "$planned" >"$steps/not-copied" && whole "$steps/not-copied" || return 1
  if ! is_empty "$steps/not-copied"; then
    paths "$steps/not-copied" | (cd "$staging" && xargs -0 -r rm -f --) || return 1
    log_change "$(count_of "$steps/not-copied") of $(count_of "$steps/copies") files could not be copied from ${1%%.*}, '$(head -n 1 "$steps/not-copied")' for one:" \
      "$([ "$status" -ne 0 ] && grep -v ' NOTICE: ' "$work/copy-log" | tail -n 1 || echo 'it was changed meanwhile')"
  fi
  place
}

# place: what is staged becomes visible, a file at a time, and never one whose content a crash can still take. busybox' mv follows a link that is in the
# way, and fails at one that leads to itself: that is removed before.
place() {
  sync -f "$staging" || return 1
  place_staged
  list_staged >"$work/left"
  if ! is_empty "$work/left"; then
    paths "$work/left" | (cd "$files" && xargs -0 -r rm -f --)
    place_staged
    list_staged >"$steps/not-placed"
  fi
  whole "$work/left" "$steps/not-placed"
}
list_staged() { (cd "$staging" && find . -type f | sed 's|^\./||') | ended; }
place_staged() {
  local folder
  (cd "$staging" && find . -type d) | while IFS= read -r folder; do
    # shellcheck disable=SC2016 # it is for the shell that find starts
    to=$files/$folder find "$staging/$folder" -maxdepth 1 -type f -exec sh -c 'exec mv -f -- "$@" "$to"' - {} + || true # a folder may be named {}
  done
}

make_links() {
  local link
  while IFS= read -r link; do
    [ "$link" != "${link#* }" ] || continue # the list's end
    rm -f "$staging/link"
    ln -s -- "$(printf '%s' "${link%% *}" | sed "s/%20/ /g; s/%09/$tab/g; s/%25/%/g")" "$staging/link"
    # As in `place`.
    mv -T -- "$staging/link" "$files/${link#* }" 2>/dev/null || { rm -f -- "$files/${link#* }" && mv -T -- "$staging/link" "$files/${link#* }"; } || return 1
  done <"$steps/links"
}

# set_modes: who may read and run is as on the primary; who may write is the copier alone, so the kernel lets no application write on a replica.
set_modes() {
  local mode
  entries "$steps/modes" | cut -d ' ' -f 1 | sort -u | while read -r mode; do
    # What could not be copied is not there, and its mode waits with it.
    sed -n "s/^$mode //p" "$steps/modes" | tr '\n' '\0' | (cd "$files" && xargs -0 chmod "$(mode_here "$mode")" -- 2>/dev/null) || true
  done
}
# mode_here MODE: u+rwX,go-w.
mode_here() {
  local user=6 others="${1#?}"
  case $1 in *[1357]*) user=7 ;; esac
  printf '%s%s%s' "$user" "$((${others%?} & 5))" "$((${others#?} & 5))"
}
