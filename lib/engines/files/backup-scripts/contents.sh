# shellcheck shell=bash
# Contents of files on their way to the store. They are known by their MD5, as in the lists, and nothing is given away
# under one that it has not. For engine-backup.sh and log-look.sh, which take them.
#
# What is wanted is a list, `MD5 SIZE PATH` a line: of each content one of the files that have it. Small ones are staged
# as files that are named by their MD5; larger ones come in pieces, as no disk but the volume may have room for them.
piece_size=$((32 << 20)) # and what is larger comes in pieces
most_staged=2000         # files at once
not_had=0                # of what was wanted last: so many were not, or were something else than the list says
first_not_had=

# collect SOURCE WANTED FOLDER TAKER: SOURCE is a pod's host, an archive's path, or nothing for this volume. Small ones
# come into FOLDER, and after each handful TAKER_takes_small FOLDER is called. TAKER_takes_piece FILE MD5 NUMBER is
# called for each piece of a large one, and TAKER_takes_large MD5 COUNT when all of them were what the list says. Fails
# where TAKER does, or has no room.
# Globals: not_had, first_not_had (set).
collect() {
  local line sum size path total=0 batch=() large=()
  not_had=0 first_not_had=
  whole "$2" || return 1
  while IFS= read -r -u 9 line; do
    sum=${line%% *} path=${line#* }
    size=${path%% *} path=${path#* }
    if [[ ! $size =~ ^[0-9]{1,15}$ ]] || ((size > piece_size)); then
      large+=("$sum $path")
      continue
    fi
    if ((${#batch[@]} == most_staged || (${#batch[@]} > 0 && total + size > piece_size))); then
      collect_small "$1" "$3" && "$4_takes_small" "$3" || return 1
      batch=() total=0
    fi
    batch+=("$line") total=$((total + size))
  done 9< <(entries "$2")
  if ((${#batch[@]} > 0)); then collect_small "$1" "$3" && "$4_takes_small" "$3" || return 1; fi
  for line in "${large[@]}"; do collect_large "$1" "${line%% *}" "${line#* }" "$4" || return 1; done
}

# collect_small SOURCE FOLDER: those of $batch.
# Globals: batch (read); not_had, first_not_had (set).
collect_small() {
  local in=$stage/in-${work##*/}
  rm -rf "$in" && mkdir -p "$in" "$2" && printf '%s\n' "${batch[@]}" | ended >"$work/batch" &&
    entries "$work/batch" | cut -d ' ' -f 3- | ended >"$work/batch-paths" && whole "$work/batch-paths" || return 1
  # What does not come, or not as it was, is not had.
  case $1 in
    '') copy_from_here "$in" ;;
    /*) tar -x --no-same-owner --no-same-permissions -C "$in" -f "$1" ;;
    *) copy_from_pod "$1" "$in" ;;
  esac 2>"$work/complaint" || true
  find "$in" ! -type d ! -type f -exec rm -f -- {} + || return 1
  (cd "$in" && find . -type f -printf '%P\n') | ended >"$work/came" &&
    sum_files "$in" "$work/came" "$work/came-sums" &&
    on_manifests matched.awk -v missing="$work/missing" "$work/came-sums" "$work/batch" >"$work/matched" &&
    whole "$work/missing" && entries "$work/matched" | perl "$scripts/keep-contents.pl" "$in" "$2" &&
    rm -rf "$in" || return 1
  if ! is_empty "$work/missing"; then
    first_not_had=${first_not_had:-$(head -n 1 "$work/missing")}
    not_had=$((not_had + $(count_of "$work/missing")))
  fi
}
# copy_from_here FOLDER: nothing waits for a pipe that came instead of a file.
copy_from_here() {
  entries "$work/batch-paths" | sed 's|^|./|' | tr '\n' '\0' |
    (cd "$files" && timeout 120 tar -c --no-recursion --mode=u+rwX --null -T - -f -) |
    tar -x --no-same-owner -C "$1" -f -
}
copy_from_pod() { # HOST FOLDER
  local connections=$((${#batch[@]} / 250 + 1))
  entries "$work/batch-paths" >"$work/to-copy"
  call backup copy --files-from-raw "$work/to-copy" --no-traverse --no-update-dir-modtime --ignore-checksum --inplace \
    --transfers "$connections" --checkers "$connections" --retries 2 --retries-sleep 200ms "$(peer "$1" files)" "$2"
}

# collect_large SOURCE MD5 PATH TAKER
# Globals: not_had, first_not_had (set).
collect_large() {
  local piece=$stage/piece-${work##*/} nth=0 size=$piece_size taken=yes summer pipe
  rm -f "$work/pipe" && mkfifo "$work/pipe" || return 1
  md5sum <"$work/pipe" >"$work/pipe-sum" &
  summer=$!
  exec {pipe}>"$work/pipe"
  while ((size == piece_size)); do
    read_piece "$1" "$3" $((nth * piece_size)) >"$piece" 2>"$work/complaint" || true # by the checksum it is seen
    { size=$(stat -c %s "$piece") && cat "$piece" >&"$pipe" && "$4_takes_piece" "$piece" "$2" "$nth"; } || {
      taken=
      break
    }
    nth=$((nth + 1))
  done
  exec {pipe}>&-
  wait "$summer" || taken=
  rm -f "$piece"
  [[ -n $taken ]] || return 1
  if [[ $(<"$work/pipe-sum") == "$2 "* ]]; then
    "$4_takes_large" "$2" "$nth"
  else
    first_not_had=${first_not_had:-$3} not_had=$((not_had + 1))
  fi
}
read_piece() { # SOURCE PATH FROM
  if [[ -n $1 ]]; then
    call backup cat --offset "$3" --count "$piece_size" "$(peer "$1" "files/$2")"
  else
    dd if="$files/$2" iflag=skip_bytes,count_bytes,fullblock,nofollow,nonblock bs=1M skip="$3" count="$piece_size" \
      status=none
  fi
}
