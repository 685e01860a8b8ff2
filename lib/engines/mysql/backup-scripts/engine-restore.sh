# shellcheck shell=bash
# How MySQL is restored: the server itself replays the log, whose files lie there as those that it would have received:
# there is no mysqlbinlog in the image. Needs engine.sh, engine-backup.sh, restore.sh.

. "$scripts/restore-log.sh"

offline_id=4294967295 # a server does not replay what it takes for its own
patience=600          # seconds without progress

# engine_restore DIRECTORY: from the tar on stdin.
engine_restore() {
  if ! tar -x -C "$1" || [[ ! -d $1/data || ! -s $1/identity || ! -e $1/complete ]]; then
    log "DAMAGED: the copy is not complete"
    return 1
  fi
  rm "$1/complete"
}

# replay_files DIRECTORY FILE...: what is in the data already the server skips.
replay_files() {
  local folder=$1 n=0 file relay=$replayed/relay
  shift
  rm -rf "$relay"
  mkdir -p "$relay" || return 1
  for file in "$@"; do
    n=$((n + 1))
    printf -v file '%s %s/relay.%06d' "$file" "$relay" "$n"
    mv "${file% *}" "${file#* }" && echo "${file#* }" >>"$relay/relay.index" || return 1
  done
  last_file=$relay/relay.$(printf %06d "$n") with_watched_server mysql "$folder" replay_relay \
    --datadir="$folder/data" --server-id="$offline_id" --skip-log-bin \
    --relay-log="$relay/relay" --relay-log-index="$relay/relay.index" --relay-log-recovery=OFF \
    --relay-log-space-limit=0 --innodb-flush-log-at-trx-commit=2 --innodb-buffer-pool-load-at-startup=OFF || return 1
  rm -rf "$relay"
}
# replay_relay: ends when all that the files have is in the data.
# Globals, of replay_files: last_file (read); core_now (set, by core_clock).
# shellcheck disable=SC2154,SC2317 # with_watched_server calls it
replay_relay() {
  local expected row applied applying read_all error executed message before='' since
  expected=$(value_of set "$(read_log "$last_file" -v read=all)") &&
    [[ $expected =~ $transactions_pattern ]] || return 1
  offline_query "CHANGE REPLICATION SOURCE TO
      SOURCE_HOST = 'nowhere', RELAY_LOG_FILE = 'relay.000001', RELAY_LOG_POS = 4;
    START REPLICA SQL_THREAD" || return 1
  core_clock
  since=$core_now
  while :; do
    row=$(offline_query "SELECT CONCAT_WS('|', GTID_SUBSET('$expected', @@gtid_executed), a.service_state,
        (SELECT COUNT(*) FROM performance_schema.threads WHERE processlist_state LIKE '%has read all relay log%'),
        COALESCE(MAX(w.last_error_number), 0), REPLACE(@@gtid_executed, CHAR(10), ''),
        REPLACE(COALESCE(MAX(w.last_error_message), ''), CHAR(10), ' '))
      FROM performance_schema.replication_applier_status AS a
      LEFT JOIN performance_schema.replication_applier_status_by_worker AS w USING (channel_name)
      WHERE a.channel_name = '' GROUP BY a.service_state") && [[ $row == [01]\|* ]] || return 1
    IFS='|' read -r applied applying read_all error executed message <<<"$row"
    if [[ $applied == 1 ]]; then break; fi
    if [[ $applying != ON || $error != 0 ]]; then
      log "the server cannot replay the log: ${message:0:500}"
      return 1
    fi
    core_clock
    if [[ $executed != "$before" ]]; then before=$executed since=$core_now; fi
    if [[ $read_all == 1 ]] && ((core_now - since > 15)); then
      log "transactions that the set had then are not in its log. Was a dump with GTID_PURGED loaded? Give 'restoreFrom' a backup that was taken after it, or a time before"
      return 1
    elif ((core_now - since > patience)); then
      log "replaying the log stands still"
      return 1
    fi
    pause 0.2
  done
  offline_query "STOP REPLICA; RESET REPLICA ALL"
}
offline_query() { local_query "$1" "$offline_socket" mysql; }

# finish DIRECTORY SET ORIGIN: from now on this is another database, whose replicas and whose log in the store are its
# own. The passwords become those of this set's Secret.
finish() {
  local identity ordinal=0
  identity=$(new_identity 20) || return 1
  transactions=$2 identity=$identity with_offline_server "$1" become_another || return 1
  rm -f "$1/data/auto.cnf"
  new_owner "$1" "$identity" "$3" && sync -f "$1"
}
# shellcheck disable=SC2154,SC2317 # with_offline_server calls it
become_another() {
  local extra former
  extra=$(offline_query "SELECT CONCAT('more:',
    REPLACE(GTID_SUBTRACT(@@gtid_executed, '$transactions'), CHAR(10), ''),
    REPLACE(GTID_SUBTRACT('$transactions', @@gtid_executed), CHAR(10), ''))") || return 1
  [[ $extra == more: ]] || {
    log "STOPPED: the backup holds transactions that the set had lost by then, or lacks some (${extra#more:}). Nothing was changed. Give 'restoreFrom' a time before that backup, or the name of another"
    return 1
  }
  former=$(offline_query "SELECT id FROM cdk8s_stateful.identity") && is_our_identity "$former" || return 1
  offline_query "DELETE FROM cdk8s_stateful.identity;
    INSERT INTO cdk8s_stateful.identity (id) VALUES ('$identity');
    DROP USER IF EXISTS 'follower-$former'@'%'" || return 1
  printf '%s\n' "$identity" >"$state/identity" && STATEFUL_SOCKET=$offline_socket "$scripts/users.sh"
}

# engine_prove DIRECTORY: of restored data: each table and index, by the server, and what the user asserts.
engine_prove() {
  local ordinal=0
  with_offline_server "$1" prove_tables || return 1
}
# shellcheck disable=SC2317 # with_offline_server calls it
prove_tables() { check_tables offline_query && holds_assertion offline_query; }
