# shellcheck shell=sh disable=SC3043
# Makes `files` what a manifest says, with what another pod gives. What it needs to know of the tree is the manifest that it has come to, in
# $work/own, and that is right afterwards, also where not all succeeded.

# apply TARGET HOST WHAT-FOR: TARGET is a manifest. Fails where not all of it could be had; with status 2 where $work/own is not right any more.
apply() {
  local target="$1"
  steps=$work/steps # a folder of lists, which changes.awk describes
  rm -rf "$steps" "$staging" "$aside"
  mkdir -p "$steps" "$staging" "$aside"
  awk -v out="$steps" -f "$scripts/changes.awk" "$work/own" "$target"
  if [ -z "$(ls "$steps")" ]; then cp "$target" "$work/own"; return 0; fi
  note_pending
  if [ -s "$steps/steps" ] && ! make_folders; then
    say "a folder could not be made or renamed; the reason stands above"
    return 2
  fi
  if [ -s "$steps/moves" ]; then rename_files; fi
  if [ -s "$steps/copies" ]; then copy_from "$2" "$3" "$target"; fi
  if [ -s "$steps/links" ]; then make_links; fi
  if [ -s "$steps/modes" ]; then set_modes; fi
  remove files -f
  remove_folders
  sync -f "$files" # the whole volume: a manifest must never say that there is what a crash can still take
  awk -v own="$work/own" -v missing="$steps/missing" '
    FILENAME == missing { lost[$0]; next }
    { path = substr($0, length($1 $2 $3 $4) + 5) }
    FILENAME == own { if (path in lost) old[path] = $1 " " $2 " ? ? " path; next }
    !(path in lost) { print; next }
    path in old { print old[path] }' "$steps/missing" "$work/own" "$target" >"$work/own.new"
  mv -T "$work/own.new" "$work/own"
  [ ! -s "$steps/missing" ]
}

note_pending() {
  (
    cd "$steps"
    cat /dev/null copies files folders 2>/dev/null
    if [ -e links ]; then sed 's/^[^ ]* //' links; fi
    if [ -e steps ]; then sed 's/^[^ ]* //' steps | tr '\t' '\n'; fi
    if [ -e moves ]; then tr '\t' '\n' <moves; fi
  ) >"$data/pending" || true
  : >"$steps/missing"
  sync "$data/pending" "$data"
}

# remove LIST OPTION
remove() {
  if [ -s "$steps/$1" ]; then tr '\n' '\0' <"$steps/$1" | (cd "$files" && xargs -0 rm "$2" --); fi
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
    return 0
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

# copy_from HOST WHAT-FOR TARGET: what could not be copied, or is not what TARGET says, is missing, and is copied the next time: mostly it has been
# changed meanwhile, and the next change tells.
copy_from() {
  local status=0
  rm -f "$work/copy-errors"
  # A large file takes a while, and a pod that is told to stop must not wait for it.
  attend call "$2" copy --files-from-raw "$steps/copies" --no-traverse --no-update-dir-modtime --ignore-checksum --inplace --transfers 16 --checkers 16 \
    --retries 2 --retries-sleep 200ms --log-file "$work/copy-errors" "$(peer "$1" files)" "$staging" || status=$?
  (cd "$staging" && find . -type f -exec md5sum -- {} + | sed 's|  \./|  |') >"$work/sums"
  awk -v sums="$work/sums" -v copies="$steps/copies" -f "$scripts/verify.awk" "$work/sums" "$steps/copies" "$3" >>"$steps/missing"
  if [ -s "$steps/missing" ]; then
    tr '\n' '\0' <"$steps/missing" | (cd "$staging" && xargs -0 rm -f --)
    say "$(wc -l <"$steps/missing") of $(wc -l <"$steps/copies") files could not be copied from ${1%%.*}, '$(head -n 1 "$steps/missing")' for one:" \
      "$([ "$status" -ne 0 ] && tail -n 1 "$work/copy-errors" || echo 'it was changed meanwhile')"
  fi
  place
}

# place: what is staged becomes visible, a file at a time. busybox' mv follows a link that is in the way, and fails at one that leads to itself: that is
# removed before.
place() {
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
    mv -T -- "$staging/link" "$files/${link#* }" 2>/dev/null || { rm -f -- "$files/${link#* }" && mv -T -- "$staging/link" "$files/${link#* }"; }
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
