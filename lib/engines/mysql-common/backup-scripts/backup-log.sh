# shellcheck shell=bash
# What a backup has to do with the binary log in the store, for the job that takes it. Needs log-parts.sh, and of the
# engine `primary_transactions`.

# count_of SET: how many transactions these are, as read-log.awk counts them.
count_of() {
  awk -v set="$1" 'BEGIN {
    CONVFMT = OFMT = "%.0f"
    servers = split(set, server, ",")
    for (i = 1; i <= servers; i++) {
      if (server[i] ~ /^[0-9]+-[0-9]+-[0-9]+$/) {
        split(server[i], part, "-")
        if (part[3] + 0 > most[part[1]] + 0) most[part[1]] = part[3] + 0
        continue
      }
      parts = split(server[i], part, ":")
      for (j = 2; j <= parts; j++) total += split(part[j], ends, "-") == 1 ? 1 : ends[2] - ends[1] + 1
    }
    for (domain in most) total += most[domain]
    printf "%.0f\n", total
  }'
}

# engine_backup_facts: what the index must say: where the copy stands.
# shellcheck disable=SC2154 # backup.sh has it
engine_backup_facts() { grep -qE '^start [0-9]+$' "$facts" && grep -qE '^position [0-9a-f:,-]*$' "$facts"; }

# engine_seal: waits until the store has all log up to where the primary is now; prints that place. It is the server's
# own word which transactions were committed, and needs no write.
engine_seal() {
  local set count start since
  log "all data is sent; waiting for the log up to here, which is in the store within $max_data_loss s"
  if ! set=$(primary_transactions) || [[ ! $set =~ $transactions_pattern ]]; then
    log "$set_name-0 does not say which transactions it has"
    return 1
  fi
  count=$(count_of "$set") start=$(sed -n 's/^start //p' "$facts")
  core_clock
  since=$core_now
  until list_parts "$core_set_path" && has_log "$start" "$count"; do
    core_clock
    if ((core_now - since > 600 + 2 * max_data_loss)); then
      log "the log up to transaction $count did not come to the store: see the container 'ship' of $set_name-0"
      return 1
    fi
    pause 2
  done
  echo "sealed $count $set"
}
# has_log FROM TO: whether the store has what leads from one number of transactions to the other.
has_log() {
  local name last=
  if (($2 <= $1)); then return 0; fi
  for name in "${parts[@]}"; do
    if ((10#${name:0:20} < $2 && 10#${name:21:20} >= $2)) &&
      [[ -z $last || ${name:42:16} > ${last:42:16} ]]; then
      last=$name
    fi
  done
  [[ -n $last ]] && find_chain "$1" "$last"
}

# engine_prune_log PATH BACKUP: what had ended before that backup begins.
engine_prune_log() {
  local start name
  start=$(core_store_read "$1/base/$2/index" | sed -nE 's/^start ([0-9]{1,18})$/\1/p') && [[ -n $start ]] || return 1
  list_parts "$1" || return 1
  for name in "${parts[@]}"; do
    if ((10#${name:21:20} <= start)); then printf '%s/%s.zst\n' "${name:42:8}" "$name"; fi
  done >"$stage/old-log"
  old_times "$1" "$2" >>"$stage/old-log" || return 1
  [[ -s $stage/old-log ]] || return 0
  core_store_do 3600 delete --files-from "$stage/old-log" "$(core_store_folder "$1/log")" || {
    core_store_failed "old log could not be deleted, and stays"
    return 1
  }
  log "removed $(wc -l <"$stage/old-log") parts of the log from before the backup $2"
}
# What else an engine keeps with its log.
old_times() { :; }
