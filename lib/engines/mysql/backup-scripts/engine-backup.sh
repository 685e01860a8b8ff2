# shellcheck shell=bash
# What MySQL supplies to ship.sh and backup.sh: its binary log, by files, and a copy of all data. Restoring is in
# engine-restore.sh. Needs engine.sh, store.sh.

. "$scripts/log-parts.sh"
. "$scripts/ship-log.sh"
. "$scripts/ship-replica.sh"
. "$scripts/backup-log.sh"

log_folder() { echo "$1/data"; }

# engine_data_identity DIRECTORY: a database that is restored gets another.
engine_data_identity() { engine_identity_of_files "$1"; }
# engine_data_origin DIRECTORY: `new`, or what it was restored from.
engine_data_origin() { if [[ -s $1/origin ]]; then head -n 1 "$1/origin"; else echo new; fi; }

# With zstd's own checksum: damaged log must not look like the log's end.
engine_compress() { zstd -q -3 -T1 --check -c; }
engine_decompress() { zstd -q -d -c; }

# engine_backup HOST: writes a copy of HOST's data to stdout, as a tar, and where it stands into `facts`. The plugin
# that copies writes files, of a server that receives: so the job has a volume.
engine_backup() {
  local folder=$volume/incoming position
  local ordinal=0 # a job has none, and a server without a number has no replica to reset
  rm -rf "$folder"
  {
    copy "$1" "$folder" &&
      position=$(with_offline_server "$folder" local_query "RESET REPLICA ALL;
        SELECT CONCAT('position ', REPLACE(@@gtid_executed, CHAR(10), ''))" "$offline_socket" mysql) || return 1
  } >&2
  position=${position#position }
  [[ $position =~ $transactions_pattern ]] || {
    log "the copy stands at '${position:0:200}', which is no set of transactions"
    return 1
  }
  printf 'start %s\nposition %s\n' "$(count_of "$position")" "$position" >>"$facts"
  rm -f "$folder"/data/binlog.* "$folder"/data/relay* &&
    echo yes >"$folder/complete" &&
    tar -c -C "$folder" data identity complete || return 1
  rm -rf "$folder"
}
engine_backup_identity() { engine_identity "$1"; }
# engine_in_step HOST: whether this replica has what the primary has, or is the primary.
engine_in_step() {
  [[ $(query "$1" "SELECT @@super_read_only = 0 OR (SELECT COUNT(*)
    FROM performance_schema.replication_connection_status AS c
    JOIN performance_schema.replication_applier_status AS a USING (channel_name)
    WHERE channel_name = '' AND c.service_state = 'ON' AND a.service_state = 'ON') = 1") == 1 ]]
}
# For ship-replica.sh, and for backup-log.sh.
servers_of_log() { ask_server "SELECT REPLACE(@@gtid_executed, CHAR(10), '')" | sed -E 's/:[-0-9:]+//g'; }
primary_transactions() { query "$(core_host_of 0)" "SELECT REPLACE(@@gtid_executed, CHAR(10), '')"; }
# copied_set: what is counted as removed from the log, and was never in it: the oldest file says what went before it.
# Fails where files went meanwhile; with 2 where the oldest cannot be read.
copied_set() {
  local files=() first head
  read_index && first=${files[0]} || return 1
  head=$(read_log "$(log_folder "$core_current")/$first" -v read=head 2>"$state/log-complaint") || return 2
  [[ ${head#* * } =~ $transactions_pattern ]] || return 1
  ask_server "SELECT REPLACE(GTID_SUBTRACT(@@gtid_purged, '${head#* * }'), CHAR(10), '')" &&
    read_index &&
    [[ ${files[0]} == "$first" ]]
}
