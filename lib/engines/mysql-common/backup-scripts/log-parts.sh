# shellcheck shell=bash
# The binary log of MySQL and MariaDB in the store: a file of it is a part, named so that parts can be put in order, and
# checked to be without a gap, by their names alone: by no clock, and by no name of a file, as both begin again after a
# recovery.
#
#   log/20261130/START.END.STAMP.BEGINNING.ENDING.zst
#
#   START, END          how many transactions had been committed before the part, and at its end (20 digits)
#   STAMP               when the server began the file
#   BEGINNING, ENDING   hashes of which transactions these are: the part that follows begins as this one ends
#
# A file without transactions is none. After a recovery from a replica that had not received all, parts of the lost
# primary lead further than where its successor begins: the set's history branches there, and parts of the successor
# follow in the middle of one.
#
# What is in an object is the file, then a set of transactions, and then how long that set is, in 12 digits: MySQL's log
# says nothing of the transactions that came with the copy that its server was made of, so these are added to what it
# says. MariaDB's log says all, and there it is none.
#
# For engine-backup.sh of both, which has: log_folder, where the files are.

part_name='^[0-9]{20}[.][0-9]{20}[.][0-9]{8}T[0-9]{6}Z[.][0-9a-f]{16}[.][0-9a-f]{16}$'
# What a set of transactions looks like: see read-log.awk. Nothing else from a store goes into SQL.
transactions_pattern='^[0-9a-f:,-]*$'

# What a part's name says. Where there may be thousands, it is taken from the name itself: each of these is a process.
# STAMP is ${name:42:16}, ENDING ${name:76:16}.
start_of() { echo $((10#${1:0:20})); }
end_of() { echo $((10#${1:21:20})); }
beginning_of() { echo "${1:59:16}"; }
# path_of PART: in the store, below `log`.
path_of() { echo "${1:42:8}/$1.zst"; }

hash_of() {
  local sum
  sum=$(printf '%s' "$1" | sha256sum) && echo "${sum:0:16}"
}

# read_log FILE OPTION...: by read-log.awk, which often has enough with the file's beginning.
read_log() {
  { od -An -v -tu1 -w4096 "$1" 2>/dev/null || true; } | LC_ALL=C awk "${@:2}" -f "$scripts/read-log.awk"
}
# value_of WORD LINES: of what read_log prints with `read=all`.
value_of() { sed -n "s/^$1 //p" <<<"$2"; }

# plain FILE: as the server leaves it when it ends it: as long as it is written to, one bit says so, which no checksum
# counts.
plain() { head -c 21 "$1" && printf '\0' && tail -c +23 "$1"; }
# sealed_part FILE SET: what an object has of it.
sealed_part() { plain "$1" && printf '%s%012d' "$2" "${#2}"; }
# unseal_part FILE: makes it the server's file again, and prints the set. Fails where it has none.
unseal_part() {
  local size length set
  size=$(stat -c %s "$1") &&
    length=$(tail -c 12 "$1") &&
    [[ $length =~ ^[0-9]{12}$ ]] &&
    length=$((10#$length)) || return 1
  ((size > length + 12)) &&
    set=$(tail -c $((length + 12)) "$1") &&
    set=${set:0:length} &&
    [[ $set =~ $transactions_pattern ]] || return 1
  truncate -s $((size - length - 12)) "$1" && echo "$set"
}
# is_ended FILE: whether that bit is off.
is_ended() { [[ $(od -An -j21 -N1 -tu1 "$1") -eq 0 ]]; }

# Parts in the store, by what they end at: `HASH` to the name; and all of them.
declare -A part_ending=()
parts=()

# list_parts PATH: of one set's data.
# Globals: parts, part_ending (set).
list_parts() {
  local names name
  names=$(core_store_list "$1/log" -R --files-only) || {
    core_store_failed "it does not say which log it has"
    return 1
  }
  parts=() part_ending=()
  while IFS= read -r name; do
    name=${name##*/} name=${name%.zst}
    [[ $name =~ $part_name ]] || continue
    parts+=("$name")
    part_ending[${name:76:16}]=$name
  done <<<"$names"
}

# find_chain COUNT PART: the parts that lead from a copy with COUNT transactions to the end of PART, the oldest first.
# `chain_until` has, of a part in the middle of which the next one begins, the next one's name.
# Globals: parts, part_ending (read); chain, chain_until, chain_gap (set). Fails where one is missing: before
# `chain_gap`.
chain=()
chain_gap=
declare -A chain_until=()
# shellcheck disable=SC2034 # for restore-log.sh
find_chain() {
  local current=$2 start name before
  chain=("$current") chain_until=() chain_gap=
  while start=$((10#${current:0:20})) && ((start > $1)); do
    before=${part_ending[${current:59:16}]:-}
    if [[ -z $before || $((10#${before:21:20})) -ne start ]]; then
      before=
      for name in "${parts[@]}"; do
        if ((10#${name:0:20} >= start || 10#${name:21:20} <= start)) ||
          [[ ${name:42:16} > ${current:42:16} ]]; then
          continue
        fi
        if [[ -z $before || ${name:42:16} > ${before:42:16} ]]; then before=$name; fi
      done
      if [[ -z $before ]]; then
        chain_gap=$current
        return 1
      fi
      chain_until[$before]=$current
    fi
    chain=("$before" "${chain[@]}")
    current=$before
  done
}

# newest_part STAMP: that was begun last, not after STAMP; of all where that is empty.
newest_part() {
  local name newest=
  for name in "${parts[@]}"; do
    if [[ -n $1 && ${name:42:16} > $1 ]]; then continue; fi
    if [[ -z $newest || "${name:42:16}${name:0:41}" > "${newest:42:16}${newest:0:41}" ]]; then newest=$name; fi
  done
  echo "$newest"
}
