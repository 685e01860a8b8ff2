# shellcheck shell=sh disable=SC3043
# core_clock: the time since this node was started, which nothing sets back. Starts no process.
# Globals: core_now, in whole seconds; core_now_cs, in hundredths of a second (set).
core_clock() {
  local fraction
  read -r core_now _ </proc/uptime
  fraction=${core_now#*.} core_now=${core_now%.*}
  # shellcheck disable=SC2034 # not every script uses it
  core_now_cs=$((core_now * 100 + 1$fraction - 100)) # 08 alone would be octal
}
