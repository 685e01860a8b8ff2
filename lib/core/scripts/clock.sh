# shellcheck shell=sh disable=SC3043
# clock: sets `now`, in whole seconds since this node was started, and `hundredths`, the same in hundredths. Starts no process.
clock() {
  local fraction
  read -r now _ </proc/uptime
  fraction=${now#*.} now=${now%.*}
  # shellcheck disable=SC2034 # not every script uses it
  hundredths=$((now * 100 + 1$fraction - 100)) # 08 alone would be octal
}
