# shellcheck shell=bash
# How MariaDB is restored. Needs engine.sh, engine-backup.sh, restore.sh.

. "$scripts/restore-log.sh"

# engine_restore DIRECTORY: from the stream on stdin, made consistent, unless it holds changes only.
engine_restore() {
  local kind
  if ! mbstream -x -C "$1" || [[ ! -e $1/complete ]]; then
    log "DAMAGED: the copy is not complete"
    return 1
  fi
  read -r kind _ <"$1/complete"
  rm "$1/complete"
  [[ ! -e $1/healthcheck.cnf ]] || mv "$1/healthcheck.cnf" "$1/.my-healthcheck.cnf"
  if [[ $kind == changes ]]; then
    if [[ ${1%/*} == "$core_outgoing" ]]; then return 0; fi # engine_combine takes it there
    log "DAMAGED: a backup that holds only what changed does not say since which"
    return 1
  fi
  log "received $(du -sm "$1" | cut -f1) MiB; preparing"
  mariadb-backup --prepare --target-dir="$1" >"$copy_scratch/prepare.log" 2>&1 || {
    tail -n 5 "$copy_scratch/prepare.log" >&2
    return 1
  }
}

# with_server DIRECTORY SERVER-ID OPTION... -- COMMAND...: with an offline server, which writes no log unless it is told
# to.
with_server() {
  local server status=0 options=()
  options=("--datadir=$1" "--server-id=$2")
  shift 2
  until [[ $1 == -- ]]; do
    options+=("$1")
    shift
  done
  shift
  start_offline_server mysql mariadbd --defaults-extra-file="$config/mariadb.cnf" --tmpdir="$copy_scratch" \
    --read-only=0 --event-scheduler=OFF --skip-ssl --max-allowed-packet=1G \
    --loose-innodb-buffer-pool-load-at-startup=0 "${options[@]}" || return 1
  "$@" || status=1
  stop_offline_server || status=1
  return "$status"
}
# ask_offline SQL: may take as long as it takes.
ask_offline() { "${local_client[@]}" -N -B --init-command="$session_settings" -S "$offline_socket" -u mysql -e "$1"; }

# replay_files DIRECTORY FILE...: from the first transaction on that is not in the copy.
replay_files() {
  local folder=$1
  shift
  with_server "$folder" 1 --skip-log-bin --innodb-flush-log-at-trx-commit=2 -- replay_each "$folder" "$@"
}
# shellcheck disable=SC2317 # with_server calls it
replay_each() {
  local file had lines from
  had=$(sequence "$(position_of "$1")") && ((had > 0)) || return 1
  shift
  for file in "$@"; do
    lines=$(read_log "$file" -v read=all -v had="$had") || return 1
    if [[ $(value_of cut "$lines") == yes ]]; then
      from=$(value_of end "$lines")
      mariadb-binlog --no-defaults --verify-binlog-checksum --start-position="$from" "$file" |
        "${local_client[@]}" --binary-mode --max-allowed-packet=1G -S "$offline_socket" -u mysql || {
        log "the server cannot replay ${file##*/} of the log: see the error above"
        return 1
      }
    fi
    rm -f "$file"
  done
}

# finish DIRECTORY SET ORIGIN: from now on this is another database, whose replicas and whose log in the store are its
# own. The passwords become those of this set's Secret.
finish() {
  local identity position entry last='' server
  position=$(position_of "$1") || return 1
  for entry in ${2//,/ }; do
    if (($(sequence "$entry") > $(sequence "$last"))); then last=$entry; fi
  done
  # Without log after it the copy has what it says itself.
  if (($(sequence "$last") <= $(sequence "$position") && $(sequence "$last") <= start)); then last=$position; fi
  if ! is_position "$last" || { [[ $last != "$position" ]] && ! contains "$2" "$position"; }; then
    log "STOPPED: the backup holds transactions that the set had lost by then ($position, and not $2). Nothing was changed. Give 'restoreFrom' a time before that backup, or the name of another"
    return 1
  fi
  identity=$(new_identity 32) || return 1
  server=$((($(era "$last") + 1) << 20 | SRANDOM & 0xFFFFF))
  echo "$server" >"$1/server-id"
  with_server "$1" "$server" -- become_another "$last" "$identity" || return 1
  new_owner "$1" "$identity" "$3" && sync -f "$1"
}
# shellcheck disable=SC2317 # with_server calls it
become_another() { # POSITION IDENTITY
  local former events
  former=$(ask_offline "SELECT id FROM cdk8s_stateful.identity") && is_our_identity "$former" || return 1
  ask_offline "RESET MASTER;
    SET GLOBAL gtid_slave_pos = '';
    SET GLOBAL gtid_binlog_state = '$1';
    DELETE FROM cdk8s_stateful.identity;
    INSERT INTO cdk8s_stateful.identity VALUES ('$2');
    DROP USER IF EXISTS 'follower-$former'@'%'" || return 1
  rm -f "$state/identity"
  STATEFUL_SOCKET=$offline_socket "$scripts/users.sh" || return 1
  events=$(ask_offline "SELECT GROUP_CONCAT(db, '.', name SEPARATOR ' ') FROM mysql.event
    WHERE status = 'SLAVESIDE_DISABLED' HAVING COUNT(*) > 0") || return 1
  [[ -z $events ]] || log "a replica does not know which events were enabled, so these are disabled: $events. Enable" \
    "those that shall run: ALTER EVENT ... ENABLE"
}

# engine_prove DIRECTORY: of restored data: each table and index, by the server, and what the user asserts.
engine_prove() {
  local start=0
  with_server "$1" 1 --skip-log-bin -- prove_tables || return 1
}
# shellcheck disable=SC2317 # with_server calls it
prove_tables() { check_tables ask_offline && holds_assertion ask_offline; }
