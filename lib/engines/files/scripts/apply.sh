# shellcheck shell=bash
# Makes `files` what a manifest says, with what another pod gives. What it needs to know of the tree is the manifest
# that it has come to, in $work/own, and that is right afterwards, also where not all succeeded.

archives=()    # that came with a change: small files
still_missing= # of what could not be copied the last time, the first; `/0` where there was nothing
# plan OWN TARGET: how the one manifest becomes the other, in $steps, a folder of lists that differ.awk describes. By
# TARGET, as $planned, copies are compared. Fails where one of the lists was cut short; afterwards they are as they were
# then.
plan() {
  steps=$work/steps planned=$2
  rm -rf "$steps" "$staging" && mkdir -p "$steps" "$staging" || return 1
  {
    on_manifests differ.awk -v out="$steps" "$1" "$2" >/dev/null &&
      whole "$steps"/{moves,copies,obstacles,new,links,modes,files,folders}
  } || {
    log_change "what is to be changed cannot be listed, and nothing is: no room for lists?"
    return 1
  }
}
# plan_change DELTA: how what is here becomes $work/target, which is what DELTA makes of it.
plan_change() {
  on_manifests apply-delta.awk "$1" "$work/own" >"$work/target" && is_sound "$work/target" "$set_name-0" &&
    plan "$work/own" "$work/target"
}

# carry_out TARGET HOST WHAT-FOR: what was planned; then all is as TARGET says. Fails where not all of it could be had;
# with status 2 where $work/own is not right any more. Each step only if the one before has succeeded: in a function
# that is tested `set -e` does not count, and half a list must not be carried out.
carry_out() {
  if ! is_done; then
    note_steps || {
      log_change "the volume takes no list of what is to be changed; nothing was"
      return 1
    }
    {
      change_files "$2" "$3" &&
        all_of "$steps/not-copied" "$steps/not-linked" "$steps/not-placed" >"$steps/missing"
    } || {
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
# note_missing TARGET: what is here is TARGET but for what could not be had. Fails with status 1, as that is still to
# come.
note_missing() {
  on_manifests reached.awk -v own="$work/own" -v missing="$steps/missing" \
    "$steps/missing" "$work/own" "$1" >"$work/own.new" || return 2
  mv -T "$work/own.new" "$work/own" || return 2
  return 1
}
change_files() { # HOST WHAT-FOR
  no_entries "$steps/not-copied" "$steps/not-linked" "$steps/not-placed" || return 1
  if ! is_empty "$steps/copies" || ! is_empty "$steps/moves"; then
    { stage "$@" && sync -f "$staging"; } || return 1 # what is visible a crash must not take
  fi
  remove obstacles rm -rf && make_folders && place || return 1
  if ! is_empty "$steps/links"; then make_links || return 1; fi
  if ! is_empty "$steps/modes"; then set_modes || return 1; fi
  remove files rm -f || return 1
  remove_folders
  sync -f "$files" # the whole volume: a manifest must never say that there is what a crash can still take
}

# note_steps: all that is about to be changed.
note_steps() {
  on_manifests to-change.awk "$steps"/* \
    >"$work/to-change" && add_pending "$work/to-change"
}

remove() { # LIST COMMAND...
  local list="$steps/$1"
  shift
  is_empty "$list" || paths "$list" | (cd "$files" && xargs -0 -r "$@" --)
}
remove_folders() {
  # What is in a folder stands after it: so the last go first. One that is not empty has something that came meanwhile.
  is_empty "$steps/folders" ||
    entries "$steps/folders" | LC_ALL=C sort -r | tr '\n' '\0' |
    (cd "$files" && xargs -0 -r rmdir -- 2>/dev/null) || true
}
make_folders() { is_empty "$steps/new" || paths "$steps/new" | (cd "$files" && xargs -0 -r mkdir -p --); }

# stage HOST WHAT-FOR: what comes, in $staging: from what came with the change, else copied; then what is here under
# another name. What could not be had, or is not what was planned, is missing, and is copied the next time: mostly it
# has been changed meanwhile, and the next change tells.
stage() {
  local status=0 connections archive missing
  if ! is_empty "$steps/copies"; then
    # What did not come whole is seen next. What came as a link must be gone before the next archive leads through it.
    for archive in "${archives[@]}"; do
      core_run_interruptible tar -x --no-same-owner --no-same-permissions \
        -C "$staging" -f "$archive" 2>/dev/null || true
      find "$staging" ! -type d ! -type f -exec rm -f -- {} + || return 1
    done
    check_staged || return 1
  fi
  if ! is_empty "$steps/not-copied"; then
    # Each costs both sides a tenth of a second, and only many files are the quicker for it.
    connections=$(($(count_of "$steps/not-copied") / 250 + 1))
    ((connections <= 8)) || connections=8
    entries "$steps/not-copied" >"$work/to-copy"
    # A large file takes a while, and a pod that is told to stop must not wait for it.
    attend_call "$2" copy --files-from-raw "$work/to-copy" --no-traverse --no-update-dir-modtime --ignore-checksum \
      --inplace --transfers "$connections" --checkers "$connections" \
      --retries 2 --retries-sleep 200ms --stats 10s --stats-one-line --stats-log-level NOTICE \
      "$(peer "$1" files)" "$staging" || status=$?
    check_staged || return 1
  fi
  missing=$(head -n 1 "$steps/not-copied")
  # A file that was changed while it was copied is worth a line only where it never rests.
  if [[ $missing != /0 ]] && { ((status != 0)) || [[ $missing == "$still_missing" ]]; }; then
    log_change "$(count_of "$steps/not-copied") of $(count_of "$steps/copies")" \
      "files could not be copied from $(pod_of "$1")," \
      "'$missing' for one:" \
      "$( ((status != 0)) && grep -v ' NOTICE: ' "$work/call-log" | tail -n 1 || echo 'it was changed meanwhile')"
  fi
  still_missing=$missing
  is_empty "$steps/moves" || link_moved
}
# check_staged: removes what is not what was planned, and notes in `not-copied` what is missing.
check_staged() {
  list_staged >"$work/staged"
  core_run_interruptible sum_files "$staging" "$work/staged" "$work/sums" &&
    on_manifests verify.awk -v staged="$work/staged" -v sums="$work/sums" \
      -v copies="$steps/copies" -v wrong="$work/wrong" \
      "$work/staged" "$work/sums" "$steps/copies" "$planned" >"$steps/not-copied" && whole "$work/wrong" || return 1
  is_empty "$work/wrong" || paths "$work/wrong" | (cd "$staging" && xargs -0 -r rm -f --)
}
# link_moved: those of one folder at once, where they keep their names.
link_moved() {
  local old new way='' before='' to='' together=()
  entries "$steps/moves" >"$work/moves" || return 1
  while IFS=$tab read -r old new; do
    old=./$old new=./$new
    way="${old%/*}$tab${new%/*}"
    if [[ $way != "$before" || ${old##*/} != "${new##*/}" ]] || ((${#together[@]} >= 500)); then
      link_to "$to" "${together[@]}"
      together=()
    fi
    before=$way to=${new%/*}/
    [[ ${old##*/} == "${new##*/}" ]] || before='' to=$new
    together+=("$files/$old")
  done <"$work/moves"
  link_to "$to" "${together[@]}"
  cut -f 2 "$work/moves" | ended >"$work/moved" && whole "$work/moved" && list_staged >"$work/staged" &&
    on_manifests without.awk "$work/staged" "$work/moved" >"$steps/not-linked"
}
link_to() { # FOLDER/ or FILE, OLD...
  local to="$staging/$1"
  (($# == 1)) || { mkdir -p -- "${to%/*}" && ln -f -- "${@:2}" "$to" 2>/dev/null; } || true # what is not here is missed
}

# place: what is staged becomes visible, a file at a time.
place() {
  local folder
  (cd "$staging" && find . -type d) | while IFS= read -r folder; do
    # A folder may be named {}, so it comes as a variable.
    # shellcheck disable=SC2016 # it is for the shell that find starts
    to=$files/$folder find "$staging/$folder" -maxdepth 1 -type f \
      -exec sh -c 'exec mv -f -t "$to" -- "$@"' - {} + || true
  done
  list_staged >"$steps/not-placed"
  whole "$steps/not-placed"
}
list_staged() { (cd "$staging" && find . -type f -printf '%P\n') | ended; }

make_links() {
  local link to
  entries "$steps/links" >"$work/to-link" || return 1
  while IFS= read -r link; do
    to=${link%% *}
    to=${to//%20/ } to=${to//%09/"$tab"}
    ln -sfT -- "${to//%25/%}" "$data/link" && mv -T -- "$data/link" "$files/${link#* }" || return 1
  done <"$work/to-link"
}

# set_modes: who may read and run is as on the primary; who may write is the copier alone, so the kernel lets no
# application write on a replica.
set_modes() {
  local mode
  entries "$steps/modes" | cut -d ' ' -f 1 | sort -u | while read -r mode; do
    # What could not be copied is not there, and its mode waits with it.
    sed -n "s/^$mode //p" "$steps/modes" | tr '\n' '\0' |
      (cd "$files" && xargs -0 chmod "$(mode_here "$mode")" -- 2>/dev/null) || true
  done
}
# mode_here MODE: u+rwX,go-w, of three digits.
mode_here() {
  local user=6
  [[ $1 != *[1357]* ]] || user=7
  echo "$user$((${1:1:1} & 5))$((${1:2:1} & 5))"
}
