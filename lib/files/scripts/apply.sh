# shellcheck shell=sh disable=SC3043
# Makes `files` what a manifest says, with what another pod gives. What it needs to know of the tree is the manifest that it has come to, in
# $work/own, and that is right afterwards, also where not all succeeded.

# plan OWN TARGET [POSITION-FILE]: how the one becomes the other, in $steps, a folder of lists that changes.awk describes. Both are manifests, or those
# parts of them that differ (apply-delta.awk). TARGET is of that position; of this run without it. With it, as $planned, copies are compared.
plan() {
  local other_volume=''
  if [ -n "${3:-}" ] && was_recovered_since "$3"; then other_volume=yes; fi
  steps=$work/steps planned=$2
  rm -rf "$steps" "$staging" && mkdir -p "$steps" "$staging" || return 1
  # The mark, as parts of manifests do not tell which names are taken.
  on_manifests changes.awk -v out="$steps" -v aside=".aside-${mark:-0}" -v other_volume="$other_volume" "$1" "$2"
}
# plan_change DELTA: how what is here becomes $work/target, which is what DELTA makes of it.
plan_change() {
  mkdir -p "$work/parts" && on_manifests apply-delta.awk -v parts="$work/parts" "$1" "$work/own" >"$work/target" &&
    plan "$work/parts/own" "$work/parts/target"
}

# carry_out TARGET HOST WHAT-FOR: what was planned; then all is as TARGET says. Fails where not all of it could be had; with status 2 where $work/own is not right
# any more. Each step only if the one before has succeeded: in a function that is tested `set -e` does not count, and half a list must not be carried out.
carry_out() {
  if [ -n "$(ls "$steps")" ]; then
    note_steps || { say "the volume takes no list of what is to be changed; nothing was"; return 1; }
    change_files "$2" "$3" || { say "the files could not all be changed; the reason stands above"; return 2; }
    if [ -s "$steps/missing" ]; then note_missing "$1"; return; fi
  fi
  cp "$1" "$work/own" || return 2
}
# note_missing TARGET: what is here is TARGET but for what could not be had. Fails with status 1, as that is still to come.
note_missing() {
  on_manifests reached.awk -v own="$work/own" -v missing="$steps/missing" "$steps/missing" "$work/own" "$1" >"$work/own.new" || return 2
  mv -T "$work/own.new" "$work/own" && read_doubtful || return 2
  return 1
}
change_files() { # HOST WHAT-FOR
  if [ -s "$steps/steps" ]; then make_folders || return 1; fi
  if [ -s "$steps/moves" ]; then rename_files || return 1; fi
  if [ -s "$steps/copies" ]; then copy_from "$@" || return 1; fi
  if [ -s "$steps/links" ]; then make_links || return 1; fi
  if [ -s "$steps/modes" ]; then set_modes || return 1; fi
  remove_files || return 1
  remove_folders
  sync -f "$files" # the whole volume: a manifest must never say that there is what a crash can still take
}

# read_doubtful: of files that may not be what the primary has, the manifest says what they are, so that others can copy them, and a primary can be
# recovered from here. What a disk does not give is not taken for gone: of that there is no copy, and who tries hears why.
read_doubtful() {
  on_manifests doubtful.awk "$work/own" >"$work/doubtful" || return 1
  [ -s "$work/doubtful" ] || return 0
  attend sum_files "$files" "$work/doubtful" "$work/sums"
  paths_that_are_there <"$work/doubtful" >"$work/there" || return 1
  on_manifests resummed.awk -v sums="$work/sums" -v there="$work/there" "$work/sums" "$work/there" "$work/own" >"$work/own.new" && mv -T "$work/own.new" "$work/own"
}

# note_steps: all that is about to be changed.
note_steps() {
  local list
  : >"$steps/missing"
  {
    for list in copies files folders; do if [ -e "$steps/$list" ]; then cat "$steps/$list" || return 1; fi; done
    for list in links modes; do if [ -e "$steps/$list" ]; then sed 's/^[^ ]* //' "$steps/$list" || return 1; fi; done
    if [ -e "$steps/steps" ]; then sed 's/^[^ ]* //' "$steps/steps" | tr '\t' '\n' || return 1; fi
    if [ -e "$steps/moves" ]; then tr '\t' '\n' <"$steps/moves" || return 1; fi
  } >"$work/to-change" && add_pending "$work/to-change"
}

remove_files() {
  if [ -s "$steps/files" ]; then tr '\n' '\0' <"$steps/files" | (cd "$files" && xargs -0 rm -f --); fi
}
remove_folders() {
  # What is in a folder stands after it: so the last go first. One that is not empty has something that came meanwhile.
  if [ -s "$steps/folders" ]; then
    LC_ALL=C sort -r "$steps/folders" | tr '\n' '\0' | (cd "$files" && xargs -0 rmdir -- 2>/dev/null) || true
  fi
}

# make_folders: makes and renames them, and removes what is in the way, in their order.
make_folders() {
  local step
  if ! grep -qv '^mkdir ' "$steps/steps"; then # the many of a first copy at once
    sed 's/^mkdir //' "$steps/steps" | tr '\n' '\0' | (cd "$files" && xargs -0 mkdir -p --)
    return
  fi
  while IFS= read -r step; do
    case $step in
      'mkdir '*) mkdir -p -- "$files/${step#mkdir }" || return 1 ;;
      'rm '*) rm -rf -- "${files:?}/${step#rm }" || return 1 ;;
      *)
        step=${step#mv }
        mv -T -- "$files/${step%%"$tab"*}" "$files/${step#*"$tab"}" || return 1
        ;;
    esac
  done <"$steps/steps"
}

# rename_files: what is then not there is copied the next time.
rename_files() {
  tr '\n\t' '\0\0' <"$steps/moves" | (cd "$files" && xargs -0 -n 2 -P 2 mv -T --) || true
  # shellcheck disable=SC2016 # it is for the shell that xargs starts
  cut -f 2 "$steps/moves" | tr '\n' '\0' |
    (cd "$files" && xargs -0 sh -c 'for path; do [ -e "$path" ] || printf "%s\n" "$path"; done' -) >>"$steps/missing"
}

# copy_from HOST WHAT-FOR: what could not be copied, or is not what was planned, is missing, and is copied the next time: mostly it has been
# changed meanwhile, and the next change tells.
copy_from() {
  local status=0 connections
  # Each costs both sides a tenth of a second, and only many files are the quicker for it.
  connections=$(($(wc -l <"$steps/copies") / 250 + 1))
  [ "$connections" -le 8 ] || connections=8
  rm -f "$work/copy-log"
  # A large file takes a while, and a pod that is told to stop must not wait for it.
  attend call "$2" copy --files-from-raw "$steps/copies" --no-traverse --no-update-dir-modtime --ignore-checksum --inplace --transfers "$connections" --checkers "$connections" \
    --retries 2 --retries-sleep 200ms --stats 10s --stats-one-line --stats-log-level NOTICE --log-file "$work/copy-log" \
    "$(peer "$1" files)" "$staging" || status=$?
  (cd "$staging" && find . -type f | sed 's|^\./||') >"$work/staged" || return 1
  attend sum_files "$staging" "$work/staged" "$work/sums"
  on_manifests verify.awk -v sums="$work/sums" -v copies="$steps/copies" "$work/sums" "$steps/copies" "$planned" >>"$steps/missing" || return 1
  if [ -s "$steps/missing" ]; then
    tr '\n' '\0' <"$steps/missing" | (cd "$staging" && xargs -0 rm -f --) || return 1
    say "$(wc -l <"$steps/missing") of $(wc -l <"$steps/copies") files could not be copied from ${1%%.*}, '$(head -n 1 "$steps/missing")' for one:" \
      "$([ "$status" -ne 0 ] && grep -v ' NOTICE: ' "$work/copy-log" | tail -n 1 || echo 'it was changed meanwhile')"
  fi
  place
}

# place: what is staged becomes visible, a file at a time, and never one whose content a crash can still take. busybox' mv follows a link that is in the
# way, and fails at one that leads to itself: that is removed before.
place() {
  sync -f "$staging" || return 1
  place_staged
  (cd "$staging" && find . -type f | sed 's|^\./||') >"$work/left"
  if [ -s "$work/left" ]; then
    tr '\n' '\0' <"$work/left" | (cd "$files" && xargs -0 rm -f --)
    place_staged
    (cd "$staging" && find . -type f | sed 's|^\./||') >>"$steps/missing"
  fi
}
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
    rm -f "$staging/link"
    ln -s -- "$(printf '%s' "${link%% *}" | sed 's/%20/ /g; s/%25/%/g')" "$staging/link"
    # As in `place`.
    mv -T -- "$staging/link" "$files/${link#* }" 2>/dev/null || { rm -f -- "$files/${link#* }" && mv -T -- "$staging/link" "$files/${link#* }"; } || return 1
  done <"$steps/links"
}

# set_modes: who may read and run is as on the primary; who may write is the copier alone, so the kernel lets no application write on a replica.
set_modes() {
  local mode
  cut -d ' ' -f 1 "$steps/modes" | sort -u | while read -r mode; do
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
