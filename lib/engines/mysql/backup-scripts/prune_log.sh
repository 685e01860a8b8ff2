# shellcheck shell=bash
# Instead of the function of that name in engine-sync.sh, in a set that has a store.

# prune_log: what the store has not yet is kept, up to max_unshipped, or without a bound where that is 0. As long as the
# container `ship` has not said what that is, it may be all. A replica keeps as much, as it may have to send it, but
# never without a bound.
# Globals: log_size (read, and another for the replaced function).
prune_log() {
  local unsent='' i name size waiting=0
  if [[ -n ${backup_remote:-} ]] && ((ordinal == 0 || max_unshipped > 0)); then
    core_session_ask "SHOW BINARY LOGS;" || return 0
    [[ ! -e $state/log-unsent ]] || unsent=$(<"$state/log-unsent")
    for ((i = ${#core_answer[@]} - 1; i >= 0; i--)); do
      read -r name size _ <<<"${core_answer[i]}"
      core_is_number "$size" || return 0
      waiting=$((waiting + size))
      if [[ $name == "$unsent" ]]; then break; fi
    done
    if ((max_unshipped > 0 && waiting > max_unshipped)); then waiting=$max_unshipped; fi
    local log_size=$((waiting > log_size ? waiting : log_size))
  fi
  base_prune_log
}
