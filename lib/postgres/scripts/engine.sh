# shellcheck shell=bash
# What PostgreSQL supplies to prepare.sh, clone.sh, blank.sh and run.sh: how it says who it is, copies, and starts. What it supplies
# to sync.sh and leave.sh is in engine-sync.sh. No function relies on `set -e`: bash ignores it in a function that is tested.

bin=/usr/lib/postgresql/$PG_MAJOR/bin # the psql on PATH is a Perl wrapper
socket=/var/run/postgresql
slot=replica_$ordinal
complaint=$state/$part-complaint # what psql said when last it asked who another pod's database is
export PGPASSFILE=$state/pgpass PGCONNECT_TIMEOUT=3

# connection HOST [NAME]: as the replication user. A dead peer is noticed in about 15 seconds, also in the middle of a copy.
connection() {
  printf 'host=%s port=%s user=%s dbname=postgres application_name=%s %s' "$1" "$port" "$replication_user" "${2:-stateful-$HOSTNAME}" \
    "keepalives_idle=5 keepalives_interval=5 keepalives_count=2 tcp_user_timeout=15000"
}
ask_sql() { "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -d "$(connection "$1")" -c "$2" 2>/dev/null; }
# identify HOST: `SYSTEM-IDENTIFIER|TIMELINE|LSN|` by the replication protocol.
identify() { "$bin/psql" -XAtqw -d "$(connection "$1") replication=database" -c IDENTIFY_SYSTEM 2>"$complaint"; }

lsn() { echo $(((16#${1%/*} << 32) + 16#${1#*/})); }

# engine_prepare: before anything else in a container. libpq refuses a password file that others could read, as a mounted Secret is.
engine_prepare() {
  local password
  password=$(<"$credentials/replication-password")
  password=${password//\\/\\\\}
  (umask 077 && printf '*:*:*:%s:%s\n' "$replication_user" "${password//:/\\:}" >"$PGPASSFILE.new" && mv "$PGPASSFILE.new" "$PGPASSFILE")
}

# engine_identity HOST: who the database is, the same on all its copies. Fails while it does not accept connections.
engine_identity() {
  local row
  row=$(identify "$1") && echo "${row%%|*}"
}
engine_identity_of_files() { "$bin/pg_controldata" "$1" | sed -n 's/^Database system identifier: *//p'; }
engine_size() { ask_sql "$1" "SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE datallowconn"; }

# engine_settled_position HOST: `IDENTITY TIMELINE LSN`, once a replica without a primary has replayed all that it received.
engine_settled_position() {
  local row replayed
  replayed=$(ask_sql "$1" "SELECT pg_last_wal_replay_lsn() FROM pg_stat_activity WHERE backend_type = 'startup'
    AND wait_event IN ('RecoveryRetrieveRetryInterval', 'RecoveryWalStream')") && [[ -n $replayed ]] || return 1
  local identity timeline
  row=$(identify "$1") || return 1
  IFS='|' read -r identity timeline _ <<<"$row"
  echo "$identity $timeline $replayed"
}
# engine_is_ahead POSITION POSITION: whether the first has more than the second; a later timeline has.
engine_is_ahead() {
  local timeline other_timeline position other_position
  read -r _ timeline position <<<"$1"
  read -r _ other_timeline other_position <<<"$2"
  ((timeline != other_timeline)) && { ((timeline > other_timeline)); return; }
  (($(lsn "$position") > $(lsn "$other_position")))
}

# engine_reserve PRIMARY SOURCE: a slot on the primary keeps all log from here on; the copy begins once the source has replayed up to
# here. The checkpoint makes "here" recent for both, so that the replica has little to replay when it starts.
engine_reserve() {
  local here replayed
  here=$(ask_sql "$1" "
    SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
      WHERE slot_name = '$slot' AND NOT active AND (wal_status = 'lost' OR restart_lsn IS NULL);
    SELECT pg_create_physical_replication_slot('$slot', true)
      WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot');
    CHECKPOINT;
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END" | tail -n 1) && [[ -n $here ]] || return 1
  [[ $1 != "$2" ]] || return 0
  for ((i = 0; i < 600; i++)); do
    replayed=$(ask_sql "$2" "SELECT pg_last_wal_replay_lsn()") && [[ -n $replayed ]] || return 1
    (($(lsn "$replayed") < $(lsn "$here"))) || return 0
    pause 0.1
  done
  return 1
}

# engine_copy SOURCE DIRECTORY: a base backup. The server checks every page's checksum as it sends it; pg_verifybackup then checks
# every file that arrived against the backup's manifest, and the log that makes it consistent.
engine_copy() {
  "$bin/pg_basebackup" -w -d "$(connection "$1" "copy-for-$HOSTNAME")" -D "$2" -X stream -c fast -P 2>&1 | show_progress || return 1
  "$bin/pg_verifybackup" -q "$2"
}
show_progress() { # one line a tenth, of the one a second that pg_basebackup -P prints
  local line percent shown=0
  while IFS= read -r line; do
    if [[ $line =~ \(([0-9]+)%\) ]]; then
      percent=${BASH_REMATCH[1]}
      ((percent >= shown + 10 && percent < 100)) || continue
      shown=$percent
    fi
    log "${line#"${line%%[! ]*}"}"
  done
}

# engine_initialise DIRECTORY: by the official entry point, /docker-entrypoint-initdb.d included, without starting the server. An
# attempt that was killed leaves the lock of its socket: the process of that number may be another one now.
engine_initialise() {
  rm -f "$socket"/.s.PGSQL.*
  PGDATA=$1 POSTGRES_PASSWORD_FILE=$credentials/superuser-password POSTGRES_DB=$database \
    docker-ensure-initdb.sh postgres -c "config_file=$config/postgresql.conf" -c synchronous_standby_names= # there are none yet
}

# engine_import DIRECTORY: needed once in a set's life, if ever, and so in a file of its own.
engine_import() {
  # shellcheck source=import.sh
  . "$scripts/import.sh"
  import_from_source "$1"
}

# engine_recover SOURCE DIRECTORY: copy from a replica, follow it to its last record, and become primary on a timeline of one's own,
# which the replicas then follow. All of it unseen: on the socket only.
engine_recover() {
  local target replayed status=1
  target=$(engine_settled_position "$1") || return 1
  engine_copy "$1" "$2" || return 1
  : >"$2/standby.signal"
  start_unseen "$2" "-c primary_conninfo='$(connection "$1")'" || return 1
  for ((i = 0; i < 6000; i++)); do
    replayed=$(local_sql "SELECT pg_last_wal_replay_lsn()") || break
    if [[ -n $replayed ]] && (($(lsn "$replayed") >= $(lsn "${target##* }"))); then
      [[ $(local_sql "SELECT pg_promote(true, 600)") == t ]] && status=0
      break
    fi
    pause 0.1
  done
  stop_unseen "$2" || return 1
  return "$status"
}
# start_unseen DIRECTORY OPTIONS: a server on the socket only.
start_unseen() {
  "$bin/pg_ctl" -D "$1" -w -t 86400 -o "-c config_file=$config/postgresql.conf -c listen_addresses= -c synchronous_standby_names= $2" start
}
stop_unseen() { "$bin/pg_ctl" -D "$1" -m fast -w -t 3600 stop; }
local_sql() { "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -h "$socket" -p "$port" -U postgres -d postgres -c "$1"; }

# engine_run DIRECTORY: become the server, in the role of this ordinal. What the role needs is on the command line, where ALTER
# SYSTEM cannot override it.
engine_run() {
  local role=(-c primary_conninfo= -c primary_slot_name=)
  if ((ordinal > 0)); then
    : >"$1/standby.signal"
    role=(-c "primary_conninfo=$(connection "$(host_of 0)" "$HOSTNAME")" -c "primary_slot_name=$slot")
    at_least_the_primarys_limits "$1"
  elif [[ $read_only == yes ]] && can_be_read_only "$1"; then
    : >"$1/standby.signal"
    role+=(-c wal_retrieve_retry_interval=1h) # it looks for more log than there is, and says so each time
    at_least_the_primarys_limits "$1"
  fi
  PGDATA=$1 exec docker-entrypoint.sh postgres -c "config_file=$config/postgresql.conf" -c "cluster_name=$HOSTNAME" "${role[@]}"
}
# Read-only is a primary in recovery, with nobody to recover from: not even its superuser can write, and the log stands still, while reads
# go on. Recovery empties unlogged tables, and whoever reads then does not see prepared transactions. After a crash these may be in the
# log only, if the configuration allows any.
can_be_read_only() {
  local control
  control=$("$bin/pg_controldata" "$1") || return 1
  if compgen -G "$1/base/*/*_init" >/dev/null || compgen -G "$1/pg_twophase/*" >/dev/null; then
    log "NOT READ-ONLY: there are unlogged tables or prepared transactions, which would be lost"
  elif [[ $control == *"cluster state:"*"in production"* && ! $control =~ max_prepared_xacts\ setting:\ +0 ]]; then
    log "NOT READ-ONLY: the server did not stop in order, and there may be prepared transactions, which would be lost. Delete the pod"
  else
    return 0
  fi
  return 1
}
# A replica with lower limits than its primary has does not start. Where a limit was lowered, the replicas restart before the primary
# does, and keep the primary's limit until their next start. The control file tells it.
at_least_the_primarys_limits() {
  local name value configured
  while read -r name value; do
    configured=$(sed -nE "s/^$name = '? *([0-9]+).*/\\1/p" "$config/postgresql.conf" | tail -n 1)
    if [[ -z $configured ]] || ((value > configured)); then role+=(-c "$name=$value"); fi
  done < <("$bin/pg_controldata" "$1" | sed -nE '
    s/max_prepared_xacts/max_prepared_transactions/; s/max_locks_per_xact/max_locks_per_transaction/
    s/^(max_[a-z_]+) setting: *([0-9]+)$/\1 \2/p')
}
