# shellcheck shell=bash
# What the log of plain files is made of: the lists that ordinal 0 publishes, and what is in the files that came with
# each. The container `ship` looks at them once a second, also while the store does not answer. For engine-backup.sh.
#
# In the store:
#
#   log/BRANCH/contents/NUMBER-SHA256   an archive of small contents, named by their MD5, or a piece of a large one;
#                                      packed
#            /lists/PART-NUMBER-MARK-RUN-SHA256.gz   a part of the log, sent when the store has all contents that it
#                                      names: lists, one after the other. It ends with list MARK of RUN, and contents
#                                      before NUMBER are of no use to it, nor to later parts
#
# A part is a list too (lists.sh), of these lines:
#
#   log 1 PART                        first of all
#   archive MD5 CONTENTS              in which archive a content is
#   pieces MD5 CONTENTS...            of which pieces it is made
#   list MARK RUN TIME KIND COUNT     a list, and when it was published, in microseconds: so many lines follow, of a
#                                     whole manifest (`full`), or of all that has changed since the list before it
#                                     (`delta`)
#
# A BRANCH begins with a full list, of which it has no contents: those are in the backup that is taken then. Each list
# after it comes with the contents that the one before had not, also where the store does not get each: so a backup of
# any list of the branch, and the contents that follow it there, have all that a later list needs.
#
# A list is in the log when all of its contents were read as it says. If a file has changed before it was read, that
# list is left out, and the next one tells what has changed since the last that is there.
#
# On this volume, in `unsent`, for the next container: contents and parts that the store has not, and with which list
# the last of these ends:
#
#   state       `1 ID BRANCH PART NUMBER`, and the position of that list. BRANCH is `-` until the store has answered
#   list-PART   that list
branch_pattern='[0-9]{6}-[0-9a-f]{32}'
part_pattern='^([0-9]{9})-([0-9]{9})-([0-9]{1,15})-([0-9A-Za-z-]{1,64})-([0-9a-f]{64})\.gz$'
look_again=10 # seconds, when a content was not had and there is no newer list

# shellcheck source=log-parts.sh
. "$scripts/log-parts.sh"

unsent=
open=       # what waits to become a part; not on the volume
branch_id=  # of this volume's log; nothing before it begins
branch=     # its name in the store; nothing before that has answered
part=0      # the last that was made,
number=0    # and the last contents
seen=       # the position that was looked at last
seen_time=  # when that was published
since_full= # whether what came since the last list is not known change by change
looked_at=0 # by clock, when contents were looked for last

# engine_watch: looks. Fails where it could not, and has said why.
# Globals: unsent (read).
engine_watch() {
  [[ -s $core_current/published/position ]] || return 0
  [[ -n $unsent ]] || begin_looking || return 1
  local status=0
  look || status=$?
  make_part_if_due || status=$?
  drop_if_too_much
  return "$status"
}
# begin_looking: where the former container has ended.
# Globals: data, files, published, work, unsent, open, branch_id (set).
begin_looking() {
  data=$core_current files=$core_current/files published=$core_current/published
  work=${lists:-$state}/work-$container open=$stage/open
  rm -rf "$work" && mkdir -p "$work" && clear_open || return 1
  if ! read_state; then
    [[ ! -e $data/unsent/state ]] ||
      log "what waited here for the store is not of these files, or not whole: the log begins again"
    branch_id=''
  fi
  unsent=$data/unsent
}
clear_open() {
  rm -rf "$open" && mkdir -p "$open/next" "$open/small" && : >"$open/lists" && : >"$open/contents" &&
    : >"$open/next-contents" && no_entries "$work/since" "$work/wanted"
}
# read_state: fails where there is none that these files come after.
# Globals: branch_id, branch, part, number, seen, noted, since_full (set).
read_state() {
  local words position path name
  [[ -e $data/unsent/state ]] && { read -r words && read -r position; } <"$data/unsent/state" || return 1
  [[ $words =~ ^1\ ([0-9a-f]{32})\ (-|$branch_pattern)\ (0|[1-9][0-9]{0,8})\ (0|[1-9][0-9]{0,8})$ ]] || return 1
  branch_id=${BASH_REMATCH[1]} branch=${BASH_REMATCH[2]#-} part=${BASH_REMATCH[3]} number=${BASH_REMATCH[4]}
  is_position "$position" && [[ -e $data/unsent/list-$part ]] && whole "$data/unsent/list-$part" &&
    cp "$data/unsent/list-$part" "$work/have" && comes_from "$position" && ln -f "$work/have" "$work/noted" || return 1
  seen=$position noted=$position since_full=''
  # What the state does not tell of was not sent.
  for path in "$data/unsent/lists"/* "$data/unsent/contents"/* "$data/unsent"/new*; do
    name=${path##*/}
    case $path in
      *'*') ;;
      */new*) rm -rf "$path" ;;
      */lists/*) ((10#${name:0:9} <= part)) || rm -f "$path" ;;
      */contents/*) ((10#${name:0:9} <= number)) || rm -f "$path" ;;
    esac
  done
}
# comes_from POSITION: whether what is published here came after it.
comes_from() {
  local identity mark run
  read -r identity mark run <<<"$1"
  [[ $(head -n 1 "$published/position") == "$identity "* ]] && in_the_past_of "$published/position"
}

# look: at what was published since. Fails where it could not be told, or kept.
# Globals: seen (read); branch_id, looked_at (set).
look() {
  local line at core_now core_now_cs
  IFS= read -r line <"$published/position" && is_position "$line" || return 1
  [[ ${line##* } != none ]] || return 0
  if [[ -n $branch_id && $line != "$seen" ]] && ! comes_from "$seen"; then
    log "these files do not come after those of the log, $seen: was an older volume brought back? The log begins again"
    branch_id=''
  fi
  if [[ -z $branch_id ]]; then
    begin_branch
    return
  fi
  if [[ $line == "$seen" ]]; then
    [[ $seen != "$noted" ]] || return 0
    core_clock
    ((core_now - looked_at >= look_again)) || [[ -n ${core_leaving:-} ]] || return 0
    note_if_had
    return
  fi
  if [[ ${line##* } == "${seen##* }" ]]; then
    for ((at = $(mark_of "$seen") + 1; at <= $(mark_of "$line"); at++)); do
      { await_change "$at" "$(mark_of "$line")" && see_change "$at"; } || break
      note_if_had "$published/$at/files.tar" || return 1
    done
    if (($(mark_of "$seen") >= $(mark_of "$line"))); then return 0; fi
  fi
  # Of another run, or changes were missed.
  see_all && note_if_had
}
mark_of() {
  local words=${1#* }
  printf '%s' "${words%% *}"
}
# await_change MARK LAST: the last comes a moment after the position that tells of it.
await_change() {
  local tries
  for ((tries = 0; $1 == $2 && tries < 5; tries++)); do
    [[ ! -e $published/$1/changes ]] || break
    pause 0.2
  done
  [[ -e $published/$1/changes ]]
}
# see_change MARK: fails where it has gone, or is of another run.
# Globals: seen, seen_time (set).
see_change() {
  local identity=${seen%% *} run=${seen##* }
  cp -p "$published/$1/changes" "$work/changes" 2>/dev/null && unpack "$work/changes" >"$work/delta" || return 1
  [[ $(head -n 1 "$work/changes") == "$identity $1 $run $(count_of "$work/delta")" ]] || return 1
  on_manifests compose.awk "$work/since" "$work/delta" >"$work/since.new" &&
    see_delta '' "$work/changes" && mv -T "$work/since.new" "$work/since" || return 1
  seen="$identity $1 $run"
}
# see_all: what is published now, by its manifest.
# Globals: seen, since_full (set).
see_all() {
  { read_published && on_manifests delta.awk "$work/have" "$work/now" >"$work/delta" &&
    see_delta yes "$work/manifest"; } || {
    say_no_look
    return 1
  }
  since_full=yes seen=$(position_of_manifest "$work/manifest")
}
# see_delta MISSED TOLD-BY: what it makes of the list, and of what is wanted.
# Globals: seen_time (set).
see_delta() {
  local time
  on_manifests look.awk -v missed="$1" -v wanted="$work/wanted.new" \
    "$work/wanted" "$work/delta" "$work/have" >"$work/have.new" && whole "$work/wanted.new" &&
    time=$(time_of "$2") || return 1
  mv -T "$work/wanted.new" "$work/wanted" && mv -T "$work/have.new" "$work/have" || return 1
  seen_time=$time
}
# time_of FILE: in microseconds.
time_of() {
  local time
  time=$(stat -c %.6Y "$1") && time=${time/./} && [[ $time =~ ^[0-9]{16}$ ]] && echo "$time"
}
# read_published: the manifest that the position tells of, in $work/manifest, and as a list in $work/now.
read_published() {
  local tries line
  for ((tries = 0; tries < 5; tries++)); do
    IFS= read -r line <"$published/position" && is_position "$line" &&
      cp -p "$published/manifest" "$work/manifest" || return 1
    if [[ $(position_of_manifest "$work/manifest") == "$line" ]]; then
      unpack "$work/manifest" >"$work/now"
      return
    fi
    pause 0.2
  done
  return 1
}
say_no_look() {
  log_change "what was published cannot be looked at, and is not sent: is there room for lists, or does $set_name-0" \
    "begin just now?"
}
say_no_room_to_wait() {
  log_change "what is to be sent to the store cannot be written: is there room on the volume and the node's disk?"
}

# begin_branch: of a full list.
# Globals: branch_id, branch, branch_found, part, number, seen, seen_time, since_full, noted, noted_run (set).
begin_branch() {
  local id time
  id=$(</proc/sys/kernel/random/uuid)
  { rm -rf "$data/unsent" && mkdir -p "$data/unsent/lists" "$data/unsent/contents" && clear_open; } || {
    say_no_room_to_wait
    return 1
  }
  { read_published && time=$(time_of "$work/manifest") && mv -T "$work/now" "$work/have"; } || {
    say_no_look
    return 1
  }
  branch='' branch_found='' part=0 number=0 noted='' noted_run='' since_full=yes
  seen_time=$time seen=$(position_of_manifest "$work/manifest")
  branch_id=${id//-/}
  { note && make_part; } || {
    branch_id=''
    return 1
  }
}
