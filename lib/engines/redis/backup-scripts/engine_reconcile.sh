# shellcheck shell=bash
# Instead of the function of that name in engine-sync.sh, in a set that has a store.

log_released=     # the last increment that the container `ship` named: what is before was deleted
hold_began=       # by clock, since when that container may be expected to be at work
hold_patience=120 # a hold that was not renewed for so long is over

# engine_reconcile: on the primary, the log has times; and the server keeps what it has no more use for, as long as the
# container `ship` is at work and says that there is room; always, where log may never be dropped. What that has sent
# goes.
# Globals: role, core_now, actual_settings (read); required_settings, guarded, log_released, hold_began (set).
engine_reconcile() {
  local renewed='' first='' keep=no kept
  local release=$'CONFIG SET aof-disable-auto-gc no\nCONFIG SET aof-disable-auto-gc yes'
  if ((ordinal == 0)) && [[ -n ${backup_remote:-} ]]; then
    if [[ -z $hold_began ]]; then
      core_clock
      hold_began=$core_now log_released=$(cat "$state/log-shipped" 2>/dev/null) || log_released=
      required_settings["aof-timestamp-enabled"]=yes
      guarded+=("aof-timestamp-enabled" "aof-disable-auto-gc")
    fi
    if [[ $role == primary ]]; then
      [[ ! -e $state/log-held ]] || renewed=$(<"$state/log-held")
      if [[ $renewed != let-go ]]; then
        core_is_number "$renewed" || renewed=$hold_began
        if ((max_unshipped == 0 || core_now - renewed < hold_patience)); then keep=yes; fi
      fi
      kept=${actual_settings["aof-disable-auto-gc"]:-$keep}
      if [[ $kept != "$keep" ]]; then
        core_session_ask "CONFIG SET aof-disable-auto-gc $keep" || true
      fi
      [[ ! -e $state/log-shipped ]] || first=$(<"$state/log-shipped")
      if [[ $first != "$log_released" && $keep == yes ]] && core_session_ask "$release"; then log_released=$first; fi
    fi
  fi
  base_engine_reconcile
}
