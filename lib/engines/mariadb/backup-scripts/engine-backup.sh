# shellcheck shell=bash
# What MariaDB supplies to ship.sh and backup.sh: its binary log, by files, with the times that are not in it
# (times.sh), and a copy of all data. Restoring is in engine-restore.sh. Needs engine.sh, store.sh.

. "$scripts/log-parts.sh"
. "$scripts/ship-log.sh"
. "$scripts/ship-replica.sh"
. "$scripts/backup-log.sh"
. "$scripts/times.sh"
. "$scripts/incremental.sh"

log_folder() { echo "$1"; }

# engine_data_identity DIRECTORY: a database that is restored gets another.
engine_data_identity() { engine_identity_of_files "$1"; }
# engine_data_origin DIRECTORY: `new`, or what it was restored from.
engine_data_origin() { if [[ -s $1/origin ]]; then head -n 1 "$1/origin"; else echo new; fi; }

# With zstd's own checksum: damaged log must not look like the log's end.
engine_compress() { zstd -q -3 -T1 --check -c; }
engine_decompress() { zstd -q -d -c; }

# The last file of a copy: of a pod with former scripts, or one that does not say how far it is, without positions.
copy_end='(yes|full|changes) ?([0-9a-f]{32})? ?([0-9]{1,20})? XBSTCK01Ecomplete$'
# engine_backup HOST [MANIFEST INDEX]: writes a copy of HOST's data to stdout, or what has changed since the backup with
# that manifest, as its sidecar streams it (donate.sh), and what it has at least into `facts`. Where exactly it stands
# is said in the copy. The last file of the stream says that the backup was complete, and what it is.
engine_backup() {
  local history certificate=own kind=full end
  rm -f "$stage/manifest"
  history=$(history_of "$1") &&
    history=$(sorted "$history") &&
    printf 'start %s\nposition %s\n' "$(count_of "$history")" "$history" >>"$facts" || return 1
  if [[ -n ${2:-} ]]; then certificate=changes kind=changes; fi # engine_builds_on made it
  if ! { ask_donor "$1" "$certificate" | tee /dev/fd/3 | tail -c 128 >"$state/copy/end"; } 3>&1 ||
    ! end=$(tr '\n' ' ' <"$state/copy/end" | tr -cd '[:print:]') || [[ ! $end =~ $copy_end ]]; then
    log "the stream from ${1%%.*}, port $copy_port, ended before the backup was complete: $(donor_error)"
    return 1
  fi
  [[ ${BASH_REMATCH[1]/yes/full} == "$kind" ]] || {
    log "${1%%.*} gave another copy than it was asked for: ${BASH_REMATCH[1]}, and not $kind"
    return 1
  }
  # No donor is of the start '-': so nothing builds on a copy that says none.
  echo "${BASH_REMATCH[3]:-0} ${BASH_REMATCH[2]:--}" >"$stage/manifest"
}
# ask_donor HOST CERTIFICATE: prints what the sidecar of that pod gives.
ask_donor() {
  local silence=$source_silence
  [[ $2 != changes ]] || silence=$changes_silence
  socat -u -T "$silence" \
    "OPENSSL:$1:$copy_port,cert=$certificates/$2.pem,cafile=$certificates/ca.pem,verify=1,commonname=stateful-copy,connect-timeout=5,rcvtimeo=10,keepalive,keepidle=5,keepintvl=5,keepcnt=3" \
    STDOUT 2>"$state/copy/socat.log"
}
donor_error() {
  local error
  error=$(tail -n 1 "$state/copy/socat.log")
  echo "${error:-nothing came for too long, or its log says why}"
}
# sorted HISTORY: as read-log.awk has it.
sorted() {
  local entries
  mapfile -t entries < <(tr ',' '\n' <<<"$1" | LC_ALL=C sort) && (
    IFS=,
    echo "${entries[*]}"
  )
}
engine_backup_identity() { engine_identity "$1"; }
# engine_in_step HOST: whether this replica has what the primary has, or is the primary.
engine_in_step() {
  [[ $(query "$1" "SELECT @@read_only = 0 OR EXISTS (SELECT 1
    FROM information_schema.slave_status
    WHERE slave_io_running = 'Yes' AND slave_sql_running = 'Yes')") == 1 ]]
}
# For ship-replica.sh, and for backup-log.sh.
servers_of_log() { ask_server "SELECT @@gtid_binlog_state" | sed -E 's/-[0-9]+(,|$)/\1/g'; }
primary_transactions() {
  local history
  history=$(history_of "$(core_host_of 0)") && sorted "$history"
}
