# shellcheck shell=bash
# Where in the store's log this volume's goes on. For log-ship.sh.

# find_branch LOG-ID: the store's newest, where that is this volume's; else a new one.
# Globals: branch, sent_through, shipped, parts_of, end_of, based, waits_since, base_path (set).
find_branch() {
  local names name newest='' status=0
  names=$(core_store_list "$core_set_path/log" --dirs-only) || {
    core_store_failed "it does not say what it has"
    return 1
  }
  while IFS= read -r name; do
    name=${name%/}
    if [[ $name =~ $branch_pattern && ! $name < $newest ]]; then newest=$name; fi
  done <<<"$names"
  base_path='' base_looked_at='' waits_since=()
  if [[ $newest == *-"$1" ]]; then
    list_branch "$newest" || {
      core_store_failed "it does not say what it has"
      return 1
    }
    goes_on "$newest" || status=$?
    if ((status > 1)); then
      core_store_failed "it does not give what was sent last"
      return 1
    fi
    if ((status == 0)); then
      branch=$newest
      log "going on with the log in the store, branch $branch"
      return 0
    fi
    log "the append-only file is not what the store's log goes on from, after a crash or because an older volume was" \
      "brought back: beginning another branch, with a base"
  fi
  name=$(printf '%06d-%s' $((10#0${newest:0:6} + 1)) "$1")
  # What followed on the former branch, and is not in the store, is lost with its volume, or was never acknowledged.
  if [[ -n $newest ]]; then core_note_gap "${newest:0:6}" "${name:0:6}" || return 1; fi
  shipped=() parts_of=() end_of=() based=() sent_through=$((open_from - 1)) branch=$name
  log "beginning branch $branch of the log"
}
# note_gap FROM TO: of the increments from FROM on, up to TO, the end is not in the store, and never will be.
note_gap() { core_note_gap "${branch:0:6}-$(printf %09d "$1")" "${branch:0:6}-$(printf %09d "$2")"; }
# list_branch BRANCH: what the store has of it. An increment is sent when the one before is complete, or lost. Where the
# store has none, the branch goes on with that which its first base comes before.
# Globals: shipped, parts_of, end_of, based, sent_through (set).
# shellcheck disable=SC2004 # they are associative: log-ship.sh
list_branch() {
  local names path folder name sequence first=0 newest=0
  names=$(core_store_list "$core_set_path/log/$1" -R --files-only) || return 1
  shipped=() parts_of=() end_of=() based=()
  while IFS= read -r path; do
    name=${path##*/} folder=${path%/*}
    if [[ $folder == base/* && ${folder#base/} =~ $base_pattern ]]; then
      if ((first == 0)); then first=$((10#${folder:5:9})); fi
      if [[ $name =~ ^complete-[1-9][0-9]*$ ]]; then based[${folder#base/}]=yes; fi
    fi
    [[ $folder == incr/* && ${folder#incr/} =~ $sequence_pattern ]] || continue
    sequence=$((10#${folder#incr/}))
    ((sequence <= newest)) || newest=$sequence
    if [[ $name =~ ^end-([0-9]{1,13})$ ]]; then
      end_of[$sequence]=${BASH_REMATCH[1]}
    elif [[ $name =~ $part_pattern ]] && ((10#${name:0:13} == ${shipped[$sequence]:-0})); then
      shipped[$sequence]=$((${shipped[$sequence]:-0} + $(length_of "$name")))
      parts_of[$sequence]+="$name "
    fi
  done < <(LC_ALL=C sort <<<"$names")
  sent_through=$((newest > 0 ? newest - 1 : first - 1))
  if [[ -n ${end_of[$newest]:-} ]]; then sent_through=$newest; fi
}
# goes_on BRANCH: whether the volume has all that the store has. And what was sent last is read back, as this container
# may have ended before that was compared. 2: the store does not say.
goes_on() {
  local n name parts last=${increments[-1]} newest=0
  for n in "${!shipped[@]}" "${!end_of[@]}"; do
    ((n <= last)) || return 1
    ((n <= newest)) || newest=$n
  done
  for n in "${increments[@]}"; do
    for name in ${parts_of[$n]:-}; do has_part "$n" "$name" || return 1; done
    [[ -z ${end_of[$n]:-} || ${end_of[$n]} == "$(stat -c %s "$(increment_file "$n")")" ]] || return 1
  done
  read -ra parts <<<"${parts_of[$newest]:-}"
  ((${#parts[@]} <= batch)) || parts=("${parts[@]: -batch}")
  for name in "${parts[@]}"; do
    core_store_get "$core_set_path/log/$1/incr/$(printf %09d "$newest")/$name" "$stage/part" || return 2
    [[ $(engine_decompress <"$stage/part" | sha256sum) == "$(sum_of "$name")"* ]] || return 1
  done
}
# has_part SEQUENCE PART: whether the volume has it.
has_part() {
  [[ $(range "$(increment_file "$1")" $((10#${2:0:13})) "$(length_of "$2")" | sha256sum) == "$(sum_of "$2")"* ]]
}
