# shellcheck shell=bash disable=SC2154 # what it reads is set by PostgreSQL's scripts, and settings.sh
# Once a second, on the primary: for whom commits wait. PostgreSQL's own function, whose place this one takes, has them
# wait for ever when no replica is there. Here they wait for `patience` seconds, and then for none until one is back. So
# a replica that restarts changes nothing.
alone_since= # since when no replica is there

reconcile_synchronous_replicas() {
  local there setting written=
  [[ -z $fenced ]] || return 0 # read-only: there are no commits
  # Sets `standby_names` to what the server starts with: commits wait for one of the declared replicas.
  find_standby_names
  # Of those, as the server sees them: a copy that is being made streams too, and is none of them yet.
  core_session_ask "SELECT count(*), current_setting('synchronous_standby_names') FROM pg_stat_replication
    WHERE state = 'streaming' AND strpos('${standby_names//\'/}', '\"' || application_name || '\"') > 0" || return 0
  [[ ${core_answer[*]} =~ ^[0-9]+\|[^|]*$ ]] || return 0
  IFS='|' read -r there setting <<<"${core_answer[0]}"
  core_clock
  if ((there > 0)); then
    alone_since=
  elif [[ -z $setting ]] || ((core_now - ${alone_since:=$core_now} >= patience)); then
    standby_names="synchronous_standby_names = ''"
  fi
  # Both must say so: the file is what the next reload brings.
  read -r written <"$role_conf" || true
  if [[ $written == "$standby_names" && $standby_names == *"'$setting'" ]]; then return 0; fi
  write_role "$standby_names"
  core_session_ask "SELECT pg_reload_conf()" || return 0
  if [[ $standby_names == *ANY* ]]; then
    log "from now on a commit is acknowledged when it is on a replica's volume too ($standby_names)"
  else
    log "ALONE: no replica is there. From now on a commit is acknowledged when it is on this volume. Find out why $set_name-1 does not follow"
  fi
}
