# shellcheck shell=bash
# The log of plain files from the store: which list of it, and the contents that the backup has not. For
# engine-restore.sh.

fetched_at_once=8 # contents, of up to some 32 MiB each
chosen_parts=()   # that continue the backup, in their order

# choose_list PATH UNTIL: the list that was the last at that time, in $work/target, and which of its contents are not
# here, in $work/wanted.
# Globals: restored_mark, restored_time (set).
choose_list() {
  local branch first until=0 limit=0 how next missing
  [[ $2 == latest ]] || until=$(date -u -d "$2" +%s%6N) || return 1
  read -r _ branch first < <(grep -xE "sealed $branch_pattern [0-9]{9}" "$stage/index") || {
    log "DAMAGED: the index of the backup does not say which part of the log continues it"
    return 1
  }
  log_path=$1/log/$branch
  fetch_parts "$log_path" "$first" && begin_of_next_branch "$1" "$branch" || return 1
  on_manifests replay-lists.awk -v until="$until" -v limit="$limit" -v mark="$base_mark" -v run="$base_run" \
    -v chosen="$work/chosen" "$work/base" "${chosen_parts[@]}" >"$work/target" || {
    log "DAMAGED: the lists in $log_path are not whole, or do not follow each other"
    return 1
  }
  read -r how restored_mark restored_time next missing <"$work/chosen" || return 1
  is_sound "$work/target" "the log in the store" &&
    reaches "$how" "$2" "$restored_time" "$next" "$missing" || return 1
  [[ $restored_time != 0 ]] || restored_time=
  wanted_here
}
# reaches HOW UNTIL TIME NEXT MISSING: says why not, by what replay-lists.awk says.
reaches() {
  local reached="the time of the backup" after=''
  (($3 == 0)) || reached=$(instant_of "$3")
  case $1 in
    reached) return 0 ;;
    missing)
      log "CANNOT REACH $2: $5 lists that were published between $reached and $(instant_of "$4") are not in the store," \
        "as files changed before they could be read. Give 'restoreFrom' one of these two times"
      return 1
      ;;
  esac
  if [[ $2 == latest ]]; then
    if [[ -z $later_part && -z $next_branch ]]; then return 0; fi
    log "CANNOT REACH latest: the log in the store has a gap after $reached, and goes on behind it with" \
      "${later_part:-branch $next_branch}, before which there is no complete backup. Give 'restoreFrom' that time, or" \
      "the name of a backup, or wait for the next backup if the set runs"
    return 1
  fi
  if [[ -n $next_branch ]]; then after=", or one after the backup that follows $(instant_of "$limit")"; fi
  log "CANNOT REACH $2: the store's log ends before, or has a gap there. The last list before it is of $reached. Give" \
    "'restoreFrom' that time$after, or RestorePoint.latest"
  return 1
}
instant_of() { date -u -d "@${1:0:-6}.${1: -6}" +%FT%T.%6NZ; } # MICROSECONDS

# fetch_parts PATH FIRST: those from FIRST on, without a hole, in $work/parts; and the first behind a hole, if any.
# Globals: chosen_parts, later_part (set).
fetch_parts() {
  local names name at=$((10#$2)) folder=$work/parts sum
  names=$(core_store_list "$1/lists" --files-only) || {
    core_store_failed "it does not say which log it has"
    return 1
  }
  chosen_parts=() later_part=''
  rm -rf "$stage/lists" "$folder" && mkdir -p "$stage/lists" "$folder" && : >"$stage/wanted" || return 1
  while IFS= read -r name; do
    if [[ ! $name =~ $part_pattern ]] || ((10#${BASH_REMATCH[1]} < 10#$2)); then continue; fi
    if ((10#${BASH_REMATCH[1]} != at)); then
      later_part=${later_part:-$name}
      break
    fi
    printf '%s\n' "$name" >>"$stage/wanted"
    at=$((at + 1))
  done < <(LC_ALL=C sort <<<"$names")
  [[ -s $stage/wanted ]] || {
    log "DAMAGED: the store has no part $2 of $1, which continues the backup"
    return 1
  }
  fetch_objects "$1/lists" "$stage/lists" || return 1
  while IFS= read -r name; do
    [[ $name =~ $part_pattern ]] && sum=${BASH_REMATCH[5]} || return 1
    is_as_written "$stage/lists/$name" "$sum" "$1/lists/$name" &&
      engine_decompress <"$stage/lists/$name" >"$folder/${name:0:9}" &&
      is_part "$folder/${name:0:9}" "${name:0:9}" && rm -f "$stage/lists/$name" || return 1
    chosen_parts+=("$folder/${name:0:9}")
  done <"$stage/wanted"
}
is_part() { # FILE PART
  if whole "$1" && [[ $(head -n 1 "$1") == "log 1 $((10#$2))" ]]; then return 0; fi
  log "DAMAGED: part $2 of the log is none that is known"
  return 1
}
is_as_written() { # FILE SHA256 NAME
  local sum
  sum=$(sha256sum <"$1") || return 1
  if [[ ${sum%% *} == "$2" ]]; then return 0; fi
  log "DAMAGED: $3 in the store is not what was written (sha256 ${sum%% *})"
  return 1
}
# fetch_objects PATH FOLDER: those that $stage/wanted names. What takes hours to restore is not begun again for a
# moment's silence.
fetch_objects() {
  local tries name missing
  for ((tries = 1; tries <= 10; tries++)); do
    if core_store_do 3600 copy --files-from "$stage/wanted" --no-traverse --transfers 4 \
      "$(core_store_folder "$1")" "$2"; then
      missing=
      while IFS= read -r name; do [[ -f $2/$name ]] || missing=$name; done <"$stage/wanted"
      [[ -n $missing ]] || return 0
      log "DAMAGED: the store has not $1/$missing"
      return 1
    fi
    core_store_failed "it does not give what is in $1; trying again"
    core_back_off "$tries"
  done
  return 1
}
# begin_of_next_branch PATH BRANCH: what is in a branch that follows was published later, and is the end of this one,
# also where a former primary has gone on with it for a while.
# Globals: limit, next_branch (set).
begin_of_next_branch() {
  local names name sum folder=$work/next-branch
  next_branch='' limit=0
  names=$(core_store_list "$1/log" --dirs-only) || {
    core_store_failed "it does not say which log it has"
    return 1
  }
  while IFS= read -r name; do
    name=${name%/}
    if [[ -z $next_branch && $name =~ ^$branch_pattern$ && $name > $2 ]]; then next_branch=$name; fi
  done < <(LC_ALL=C sort <<<"$names")
  [[ -n $next_branch ]] || return 0
  names=$(core_store_list "$1/log/$next_branch/lists" --files-only) || return 1
  name=$(LC_ALL=C sort <<<"$names" | sed -n 1p)
  [[ $name =~ $part_pattern ]] || return 0
  sum=${BASH_REMATCH[5]}
  rm -rf "$folder" && mkdir -p "$folder" && printf '%s\n' "$name" >"$stage/wanted" &&
    fetch_objects "$1/log/$next_branch/lists" "$folder" &&
    is_as_written "$folder/$name" "$sum" "$1/log/$next_branch/lists/$name" &&
    engine_decompress <"$folder/$name" >"$folder/part" || return 1
  limit=$(sed -nE 's/^list [0-9]{1,15} [0-9A-Za-z-]{1,64} ([0-9]{16}) full [0-9]{1,15}$/\1/p' "$folder/part" |
    sed -n 1p)
  [[ -n $limit ]] || {
    log "DAMAGED: branch $next_branch of the log does not begin with a list"
    return 1
  }
}

# fetch_contents PATH: those of $work/wanted that the log has.
fetch_contents() {
  local total fetched=0 tenths=0 names=() name
  if is_empty "$work/wanted"; then return 0; fi
  { on_manifests contents-of.awk -v lacking="$work/lacking" "$work/wanted" "${chosen_parts[@]}" >"$work/places" &&
    whole "$work/lacking"; } || {
    log "DAMAGED: the log does not say where its contents are"
    return 1
  }
  is_empty "$work/lacking" || {
    log "CANNOT REACH this list: the store has not what is in '$(head -n 1 "$work/lacking")', nor in" \
      "$(others_of "$work/lacking") other files. Give 'restoreFrom' another time"
    return 1
  }
  entries "$work/places" | LC_ALL=C sort >"$work/sorted-places"
  cut -d ' ' -f 1 "$work/sorted-places" | uniq >"$work/contents"
  total=$(wc -l <"$work/contents")
  while mapfile -t -u 8 -n "$fetched_at_once" names && ((${#names[@]} > 0)); do
    printf '%s\n' "${names[@]}" >"$stage/wanted"
    rm -rf "$stage/contents" && mkdir -p "$stage/contents" &&
      fetch_objects "$log_path/contents" "$stage/contents" || return 1
    for name in "${names[@]}"; do unpack_contents "$name" || return 1; done
    fetched=$((fetched + ${#names[@]}))
    if ((fetched * 10 / total > tenths)); then
      tenths=$((fetched * 10 / total))
      log "fetched $((tenths * 10)) % of the contents from the log"
    fi
  done 8<"$work/contents"
  join_pieces && wanted_here || return 1
  is_empty "$work/wanted" || {
    log "DAMAGED: the contents in the log have not what is in '$(first_wanted)'"
    return 1
  }
}
unpack_contents() { # NAME
  local file=$stage/contents/$1
  is_as_written "$file" "${1#*-}" "$log_path/contents/$1" || return 1
  grep "^$1 archive " "$work/sorted-places" | cut -d ' ' -f 3 >"$work/members" || true
  if [[ -s $work/members ]]; then
    engine_decompress <"$file" |
      tar -x --no-same-owner --no-same-permissions -C "$contents" -T "$work/members" -f - || {
      log "DAMAGED: $log_path/contents/$1 has not all contents that the log says"
      return 1
    }
  else
    engine_decompress <"$file" >"$contents/$1.piece" || return 1
  fi
  rm -f "$file"
}
# join_pieces: of a large content, in their order.
join_pieces() {
  local sum name
  grep ' pieces ' "$work/sorted-places" | LC_ALL=C sort -k 3,4 >"$work/pieces" || true
  while read -r name _ sum _; do
    cat "$contents/$name.piece" >>"$contents/$sum" && rm -f "$contents/$name.piece" || return 1
  done <"$work/pieces"
}
