# shellcheck shell=bash
# Positions in MariaDB's log: DOMAIN-SERVER-SEQUENCE. There is one domain, and the server is the primary that wrote:
# another one after each recovery (its era is in the upper bits), so that what a lost primary wrote last is not taken
# for what its successor wrote under the same number. A history is the last position of each server that ever wrote, by
# commas: what MariaDB calls gtid_binlog_state.
#
# They come from other pods: anyone who uses one asks first whether it is one.
is_position() { [[ $1 =~ ^[0-9]{1,10}-[0-9]{1,10}-[0-9]{1,18}$ ]]; }
is_history() { [[ $1, =~ ^([0-9]{1,10}-[0-9]{1,10}-[0-9]{1,18},)+$ ]]; }

sequence() { if is_position "$1"; then echo "$((10#${1##*-}))"; else echo 0; fi; }
era() { # POSITION
  local server=${1#*-}
  echo $((10#${server%-*} >> 20))
}

# contains HISTORY OTHER: whether all of the other history is in this one. One server alone writes at a time, and
# counts: who has its last transaction has those before.
contains() {
  local position entry found
  is_history "$1" && is_history "$2" || return 1
  for position in ${2//,/ }; do
    found=
    for entry in ${1//,/ }; do
      if [[ ${entry%-*} == "${position%-*}" ]] && ((10#${entry##*-} >= 10#${position##*-})); then found=yes; fi
    done
    [[ -n $found ]] || return 1
  done
}
