# shellcheck shell=bash
# What MariaDB supplies to prepare.sh, copy.sh, bootstrap.sh and run.sh: how it says who it is, copies, and starts. What
# it supplies to sync.sh and leave.sh is in engine-sync.sh. No function relies on `set -e`: bash ignores it in a
# function that is tested. What it has in common with MySQL is in mysql-common.sh.

. "$scripts/mysql-common.sh"
. "$scripts/keys.sh"
. "$scripts/positions.sh"

source_silence=600 # seconds that a source may send nothing: it may wait for a table's lock,
# shellcheck disable=SC2034 # for engine-sync.sh and engine-backup.sh
changes_silence=21600 # and what changed in a large table is sent when all of it was read

# local_query SQL SOCKET USER: of this pod's operating system, and so without a password.
local_query() { timeout 60 "${local_client[@]}" -N -B --init-command="$session_settings" -S "$2" -u "$3" -e "$1"; }

# engine_prepare: before anything else in a container.
engine_prepare() {
  core_hold_secret
  core_check_passwords superuser-password replication-password password
  mkdir -p "$state/copy"
  make_keys || die "no keys: pods cannot authenticate each other"
}

engine_size() {
  local bytes
  bytes=$(query "$1" "SELECT bytes FROM size") && core_is_number "$bytes" && echo "$bytes"
}

# engine_replayed_position HOST: `IDENTITY POSITION HISTORY`, once a replica receives from no server, will not by itself
# (a connection that breaks is made again once only), and has applied all that it received. What it cannot apply it does
# not wait for. Else the reason.
engine_replayed_position() {
  local row id position history receiving applying behind error from
  row=$(query "$1" "SELECT CONCAT_WS('|', i.id, @@gtid_current_pos, @@gtid_binlog_state,
      COALESCE(s.slave_io_running, 'No'), COALESCE(s.slave_sql_running, 'No'),
      COALESCE(s.gtid_io_pos, '') NOT IN ('', @@gtid_slave_pos), COALESCE(s.last_sql_errno, 0),
      COALESCE(s.master_host, ''))
    FROM identity AS i
    LEFT JOIN information_schema.slave_status AS s ON TRUE
    ORDER BY COALESCE(s.slave_io_running, 'No') = 'No' LIMIT 1") || return 1
  IFS='|' read -r id position history receiving applying behind error from <<<"$row"
  if [[ $receiving != No ]]; then
    [[ $from =~ ^[0-9A-Za-z.:-]+$ ]] && echo "still receives from $from"
    return 1
  elif [[ $behind != 0 && ($applying != No || $error == 0) ]]; then
    echo "still applies what it received"
    return 1
  fi
  if [[ $id =~ ^[0-9a-f]+$ ]] && is_position "$position" && is_history "${history:-$position}"; then
    echo "$id $position ${history:-$position}"
  else
    echo "has no position of one domain: was gtid_domain_id set in a session?"
    return 1
  fi
}
# engine_has_all_of HOST POSITION OTHER: whether the data at POSITION has all that the other has. What a replica applied
# stands in its position before it stands in its own log.
engine_has_all_of() {
  local one other
  read -ra one <<<"$2"
  read -ra other <<<"$3"
  contains "${one[1]},${one[2]}" "${other[1]},${other[2]}"
}

# engine_reserve_log PRIMARY SOURCE: the primary keeps its log by size, and for no replica in particular. The copy
# begins once the source has what the primary has now; what a source has and the primary does not is not copied.
engine_reserve_log() {
  local needed reached i
  [[ $1 != "$2" ]] || return 0
  needed=$(query "$1" "SELECT @@gtid_current_pos") || return 1
  for ((i = 0; i < 600; i++)); do
    reached=$(query "$2" "SELECT @@gtid_current_pos") || return 1
    if (($(sequence "$reached") >= $(sequence "$needed"))); then
      needed=$(history_of "$1") || return 1
      contains "$needed" "$reached" && return 0
      log "not copying from ${2%%.*}: it holds writes that ${1%%.*} does not ($reached there, $needed on ${1%%.*})"
      return 1
    fi
    pause 0.1
  done
  return 1
}

# engine_copy SOURCE DIRECTORY: from the source's sidecar (donate.sh), made consistent here. The last file of the stream
# says that the backup was complete, and mariadb-backup that it can be used.
engine_copy() {
  local written position
  written=$(history_of "$1") || return 1 # before the copy, so that it is not ahead of it
  copy "$1" "$2" && position=$(position_of "$2") || return 1
  run_offline_sql "$2" $((ordinal + 1)) "RESET MASTER;
    SET GLOBAL gtid_binlog_state = '$written';
    SET GLOBAL gtid_slave_pos = '$position'"
}
history_of() { # HOST
  local written
  written=$(query "$1" "SELECT @@gtid_binlog_state") || return 1
  [[ -z $written ]] || is_history "$written" || {
    log "${1%%.*} has an invalid history: '${written:0:100}'"
    return 1
  }
  echo "$written"
}

copy() { # SOURCE DIRECTORY
  local identity watcher status=0
  identity=$(engine_identity "$1") || return 1
  mkdir "$2" || return 1
  while pause 10; do log "$(du -sm "$2" | cut -f1) MiB so far"; done &
  watcher=$!
  # Who takes the call and says nothing is given up after ten seconds, or there would be no copy and no reason.
  socat -u -T "$source_silence" \
    "OPENSSL:$1:$copy_port,cert=$certificates/own.pem,cafile=$certificates/ca.pem,verify=1,commonname=stateful-copy,connect-timeout=5,rcvtimeo=10,keepalive,keepidle=5,keepintvl=5,keepcnt=3" \
    STDOUT 2>"$state/copy/socat.log" | mbstream -x -C "$2" || status=$?
  kill "$watcher"
  wait "$watcher" || true
  if ((status != 0)) || [[ ! -e $2/complete ]]; then
    log "the stream from ${1%%.*}, port $copy_port, ended before the backup was complete:" \
      "$(tail -n 1 "$state/copy/socat.log")"
    return 1
  fi
  rm "$2/complete"
  [[ ! -e $2/healthcheck.cnf ]] || mv "$2/healthcheck.cnf" "$2/.my-healthcheck.cnf"
  log "received $(du -sm "$2" | cut -f1) MiB; preparing"
  mariadb-backup --prepare --target-dir="$2" >"$copy_scratch/prepare.log" 2>&1 || {
    tail -n 5 "$copy_scratch/prepare.log" >&2
    return 1
  }
  echo "$identity" >"$2/identity"
}
position_of() {
  local position
  position=$(cut -f3 "$1/mariadb_backup_binlog_info") || return 1
  is_position "$position" || {
    log "the backup has no position: '$position'"
    return 1
  }
  echo "$position"
}

# run_offline_sql DIRECTORY SERVER-ID SQL: an offline server: reachable on its socket only, for as long as it takes to
# run the SQL: so that it is written when the copy counts as one. Prints what the SQL does.
run_offline_sql() {
  local server status=0
  start_offline_server mysql mariadbd --defaults-extra-file="$config/mariadb.cnf" --datadir="$1" \
    --tmpdir="$copy_scratch" --server-id="$2" --read-only=0 --event-scheduler=OFF --skip-ssl \
    --loose-innodb-buffer-pool-load-at-startup=0 || return 1
  local_query "$3" "$offline_socket" mysql || status=1
  stop_offline_server || status=1
  ((status == 0)) && sync -f "$1"
}

# engine_initialise DIRECTORY: the Secret's passwords are right, whatever policy there is for others.
engine_initialise() {
  local identity
  identity=$(new_identity 32) || return 1
  MARIADB_ROOT_PASSWORD_FILE=$credentials/superuser-password MARIADB_DATABASE=$database \
    run_entry_point "$identity" mariadbd --defaults-extra-file="$config/mariadb.cnf" --datadir="$1" \
    --event-scheduler=OFF --strict-password-validation=0 --default-password-lifetime=0 \
    --loose-simple-password-check=OFF --loose-cracklib-password-check=OFF --loose-password-reuse-check=OFF || return 1
  echo "$identity" >"$1/identity" && sync -f "$1"
}

# engine_recover SOURCE DIRECTORY: copy from a replica, whose position becomes the beginning of the primary's log: the
# replicas go on from there. The new server's first transaction says so: until it has one it has no position, and no one
# could copy from it.
engine_recover() {
  local written position entry others='' server events
  written=$(history_of "$1") || return 1
  copy "$1" "$2" && position=$(position_of "$2") || return 1
  for entry in ${written//,/ }; do
    [[ ${entry%-*} == "${position%-*}" ]] || others+=$entry,
  done
  server=$((($(era "$position") + 1) << 20 | SRANDOM & 0xFFFFF))
  echo "$server" >"$2/server-id"
  events=$(run_offline_sql "$2" "$server" "RESET MASTER;
    SET GLOBAL gtid_slave_pos = '';
    SET GLOBAL gtid_binlog_state = '$others$position';
    CREATE TABLE IF NOT EXISTS cdk8s_stateful.recoveries (server_id INT UNSIGNED PRIMARY KEY,
      position VARCHAR(64) NOT NULL, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
    INSERT INTO cdk8s_stateful.recoveries (server_id, position) VALUES ($server, '$position');
    SELECT GROUP_CONCAT(db, '.', name SEPARATOR ' ') FROM mysql.event
      WHERE status = 'SLAVESIDE_DISABLED' HAVING COUNT(*) > 0") || return 1
  [[ -z $events ]] || log "a replica does not know which events were enabled, so these are disabled: $events. Enable" \
    "those that shall run: ALTER EVENT ... ENABLE"
}

# engine_run DIRECTORY: become the server, in the role of this ordinal. A replica follows no primary at first: sync.sh
# looks before. The password that it follows by stays in memory.
engine_run() {
  local read_only=0 server_id=1 more=()
  if ((ordinal > 0)); then
    # What an event of the primary's does, a replica gets by the log.
    read_only=1 server_id=$((ordinal + 1)) more=(--event-scheduler=OFF)
    # The position is in a table, as safe as the data. The relay log is not, and a server that finds it torn does not
    # follow any more.
    rm -f "$1"/relay.[0-9]* "$1"/relay.index "$1"/relay-log.info "$1"/master.info "$1"/multi-master.info
  elif [[ -e $1/server-id ]]; then
    server_id=$(<"$1/server-id")
    core_is_number "$server_id" || die "$1/server-id is no number: '$server_id'"
  fi
  # One that the user brought has precedence.
  grep -q '^ssl_\(cert\|key\) ' "$config/mariadb.cnf" ||
    more+=(--ssl-cert="$certificates/server.pem" --ssl-key="$certificates/server-key.pem")
  make_room_for_temporary_files "$volume/temporary" || die "$volume/temporary cannot be made"
  new_identity 32 >"$state/server-start" || die "$state/server-start cannot be written" # for donate.sh
  exec docker-entrypoint.sh mariadbd --defaults-extra-file="$config/mariadb.cnf" --datadir="$1" \
    --tmpdir="$volume/temporary" --socket="$socket" --server-id="$server_id" \
    --report-host="$HOSTNAME" --read-only="$read_only" --master-info-file="$state/copy/master.info" "${more[@]}"
}
