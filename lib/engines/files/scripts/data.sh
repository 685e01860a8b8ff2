# shellcheck shell=bash
# The data's folders, and what is said of it:
#
#   files       what the application sees
#   staging     files on their way there: one becomes visible by a rename, and so whole or not at all
#   link        a link on its way there
#   pending     a list of paths, of a replica: what is being changed, or is not what it was at the published position. A
#               crash leaves it. Until there is none all is compared with the primary's. `.` is that of a copy, whose
#               source may have been such a replica
#   scanned     when the primary last began to look at them, in seconds (scan.sh)
#   published/position   `IDENTITY MARK RUN`, and then a line for each run of the primary: `RUN MARK`, where MARK is
#                        what it began at
#   published/manifest   `IDENTITY MARK RUN LINES`, and the manifest of what is in `files`, in the primary's words,
#                        which has so many lines
#
# RUN is a UUID. IDENTITY tells this data from any other. Each change of the primary's files has the next MARK. A
# primary that starts is another RUN, so that of two marks it is known whether one came out of the other
# (`in_the_past_of`).
use_data() { # FOLDER
  data=$1
  files=$data/files
  staging=$data/staging
  published=$data/published
  work=${lists:-$state}/work-$container # lists that are of no use to a later run
  rm -rf "$work"
  mkdir -p "$files" "$published" "$work" "$state/signs"
}

# put NAME: what is read becomes that file of `published`, at once and for good.
put() {
  cat >"$published/$1.new" && { [[ $1 != manifest ]] || is_packed "$published/$1.new"; } && sync "$published/$1.new" &&
    mv -T "$published/$1.new" "$published/$1" && sync "$published"
}

# put_pending LIST: as what is pending.
put_pending() {
  cp "$1" "$data/pending.new" && whole "$data/pending.new" && sync "$data/pending.new" &&
    mv -T "$data/pending.new" "$data/pending" && sync "$data"
}
# read_pending: in $work/pending. Fails where no one can tell: it is of an earlier version, or of a disk that has
# failed.
read_pending() {
  no_entries "$work/pending" || return 1
  [[ ! -e $data/pending ]] || { whole "$data/pending" && cp "$data/pending" "$work/pending"; }
}
# add_pending LIST: to what is pending since an attempt that has failed.
add_pending() { read_pending && all_of "$work/pending" "$1" >"$work/more-pending" && put_pending "$work/more-pending"; }

# begin_run NAME: it comes out of all that is published. `put_position` then says where that has come to.
begin_run() {
  read_position "$published/position" || return 1
  run=$1
  history=$(tail -n +2 "$published/position" | tail -n 999)
  history+=${history:+$newline}"$run $mark"
}
put_position() { printf '%s\n' "$identity $mark $run" "$history" | put position; }

# put_manifest FILE: as that of $mark.
put_manifest() { pack "$identity $mark $run" "$1" | put manifest; }
# read_manifest HOST POSITION-FILE WHAT-FOR: what that pod has at that position, in $work/target; or at a later one of
# the same run, which is in POSITION-FILE then. Fails where lines are missing, and where it is no manifest of a tree:
# what another pod says must not lead out of it.
read_manifest() {
  read_from "$1" published/manifest "$3" >"$work/their-manifest" &&
    unpack "$work/their-manifest" >"$work/target" &&
    is_sound "$work/target" "$(pod_of "$1")" || return 1
  [[ $(position_of_manifest "$work/their-manifest") == "$(head -n 1 "$2")" ]] || come_later "$@"
}
position_of_manifest() { sed -n '1s/ [^ ]*$//p' "$1"; }
# come_later: it has published more meanwhile. A manifest is there before its position is, and counts from then on only:
# a crash could take it back.
come_later() {
  local former at
  former=$(head -n 1 "$2") at=$(position_of_manifest "$work/their-manifest")
  is_position "$at" && read_their_position "$1" "$2" "$3" &&
    is_later "$former" "$at" && is_later "$at" "$(head -n 1 "$2")" || return 1
  {
    printf '%s\n' "$at"
    tail -n +2 "$2"
  } >"$work/at-manifest" && mv -T "$work/at-manifest" "$2"
}
# is_later POSITION OTHER: whether OTHER is the same, or came after it in the same run.
is_later() {
  local mark="${1#* }" other="${2#* }"
  [[ "${1%% *} ${1##* }" == "${2%% *} ${2##* }" ]] && ((${mark% *} <= ${other% *}))
}
# is_sound MANIFEST POD: says where it is not.
is_sound() {
  local reason status=0
  reason=$(on_manifests sound.awk "$1") || status=$?
  reason=${reason//[^[:print:]]/}
  ((status != 4)) ||
    log_change "NOT TAKEN: the list of $2 has an entry that is none of a tree of files: '${reason:0:200}'"
  return "$status"
}

# read_position FILE: sets identity, mark and run. Fails where it is none.
read_position() {
  local line
  line=$(head -n 1 "$1") || return 1
  is_position "$line" || return 1
  read -r identity mark run <"$1"
}
is_position() { [[ $1 =~ ^[0-9A-Za-z-]{1,64}\ (0|[1-9][0-9]{0,14})\ [0-9A-Za-z-]{1,64}$ ]]; }
# read_their_position HOST FILE [WHAT-FOR]: where another pod says it is, with the history of its runs, in FILE. Fails
# where that is no position.
read_their_position() {
  local wrong
  read_from "$1" published/position "${3:-}" >"$2" && is_position "$(head -n 1 "$2")" || return 1
  wrong=$(tail -n +2 "$2" | grep -cvxE '[0-9A-Za-z-]{1,64} [0-9]{1,15}') || true
  [[ $wrong == 0 ]]
}

# in_the_past_of POSITION-FILE: whether all that there was at $mark of $run is in what that file tells of: the run is
# one of its own, and the mark came before the next began.
in_the_past_of() {
  awk -v run="$run" -v mark="$mark" '
    NR == 1 { limit = $2 + 0; next }  # how far the last run has come
    found { limit = $2 + 0; exit }    # where the run after it began
    $1 == run { found = 1 }
    END { exit !(found && mark + 0 <= limit) }' "$1"
}
