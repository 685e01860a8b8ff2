# shellcheck shell=bash
# What PostgreSQL supplies to prepare.sh, copy.sh and bootstrap.sh: how it says who it is, copies, and recovers. How its
# server is started is in server.sh; what it supplies to sync.sh and leave.sh in engine-sync.sh. No function relies on
# `set -e`: bash ignores it in a function that is tested.

. "$scripts/secret.sh"
# shellcheck source=questions.sh
. "$scripts/questions.sh"
# shellcheck source=server.sh
. "$scripts/server.sh"

# engine_prepare: before anything else in a container. libpq refuses a password file that others could read, as a
# mounted Secret is.
engine_prepare() {
  core_hold_secret
  check_secret
  write_password
}
write_password() {
  local password
  password=$(<"$credentials/replication-password")
  password=${password//\\/\\\\}
  (
    umask 077 &&
      printf '*:*:*:%s:%s\n' "$replication_user" "${password//:/\\:}" >"$PGPASSFILE.new" &&
      mv "$PGPASSFILE.new" "$PGPASSFILE"
  )
}
# check_secret: with an empty password nothing could log in. A line's end, of Windows say, would be part of the role's
# password, and libpq takes it off again.
check_secret() {
  local key
  core_check_passwords superuser-password replication-password password
  for key in superuser-password replication-password password; do
    [[ $(<"$credentials/$key") != *[$'\r\n']* ]] ||
      die "the Secret's $key has a carriage return (CR) or a line break in it: create it again without, as by" \
        "'kubectl create secret generic --from-literal'"
  done
}

# engine_identity HOST: who the database is, the same on all its copies. Fails while it does not accept connections.
engine_identity() {
  local row
  row=$(identify "$1") && echo "${row%%|*}"
}
engine_identity_of_files() { "$bin/pg_controldata" "$1" | sed -n 's/^Database system identifier: *//p'; }
engine_size() {
  local size
  size=$(ask_sql "$1" "SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE datallowconn" 60) &&
    [[ $size =~ ^[0-9]{1,18}$ ]] && echo "$size"
}

# engine_replayed_position HOST: of a replica that receives from no server, that will not by itself, and that has
# replayed all that it has; else it says why not.
engine_replayed_position() {
  local row recovers sender follows paused waits replayed
  row=$(ask_sql "$1" "
    SELECT pg_is_in_recovery(),
      coalesce((SELECT coalesce(substring(conninfo, 'hostaddr=([0-9a-fA-F:.]+)'), 'another server')
          FROM pg_stat_wal_receiver LIMIT 1),
        (SELECT 'another server' FROM pg_stat_activity WHERE backend_type = 'walreceiver' LIMIT 1), ''),
      CASE WHEN current_setting('primary_conninfo') = '' THEN ''
        ELSE coalesce(substring(current_setting('primary_conninfo'), 'hostaddr=([0-9a-fA-F:.]+)'), 'another server')
        END,
      CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() <> 'not paused' END,
      EXISTS (SELECT FROM pg_stat_activity
        WHERE backend_type = 'startup' AND wait_event = 'RecoveryRetrieveRetryInterval'),
      pg_last_wal_replay_lsn()") || return 1
  IFS='|' read -r recovers sender follows paused waits replayed <<<"$row"
  if [[ $recovers != t ]]; then
    echo "accepts writes: it was promoted by hand"
  elif [[ -n $sender$follows ]]; then
    sender=${sender:-$follows}
    is_address "$sender" || sender="another server"
    echo "still receives from $sender"
  elif [[ $paused == t ]]; then
    echo "has its replay paused: SELECT pg_wal_replay_resume() there"
  elif [[ $waits != t ]]; then
    echo "still applies what it received"
  else
    row=$(identify "$1") && position_at "$(connection "$1")" "$row" "$replayed"
    return
  fi
  return 1
}
# engine_has_all_of HOST POSITION OTHER: whether the data at POSITION has all of what leads to OTHER. Positions hold
# their whole history.
engine_has_all_of() { is_ancestor_of "$3" "$2"; }

# engine_reserve_log PRIMARY SOURCE: a slot on the primary keeps all log from here on; the copy begins once the source
# has replayed up to here. The checkpoint makes "here" recent for both, so that the replica has little to replay when it
# starts.
engine_reserve_log() {
  local reserved_lsn
  reserved_lsn=$(ask_by "$(connection "$1" '' 600)" "
    SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
      WHERE slot_name = '$slot' AND NOT active AND (wal_status = 'lost' OR restart_lsn IS NULL);
    SELECT pg_create_physical_replication_slot('$slot', true)
      WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot');
    CHECKPOINT;
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END" 600 \
    2>"$last_error_file" | tail -n 1) || reserved_lsn=
  if ! is_lsn "$reserved_lsn"; then
    log "reserving the log position: $(<"$last_error_file")"
    return 1
  fi
  [[ $1 == "$2" ]] || await_replay ask_sql "$2" "$reserved_lsn"
}
# await_replay ASK LSN: ten minutes at most, by a question `ASK... SQL`.
await_replay() {
  local replayed i
  for ((i = 0; i < 6000; i++)); do
    replayed=$("${@:1:$#-1}" "SELECT pg_last_wal_replay_lsn()") && is_lsn "$replayed" || return 1
    if reaches "$replayed" "${@: -1}"; then return 0; fi
    pause 0.1
  done
  return 1
}

# engine_copy SOURCE DIRECTORY: a base backup. The server checks every page's checksum as it sends it; pg_verifybackup
# then checks every file that arrived against the backup's manifest, and the log that makes it consistent.
engine_copy() {
  "$bin/pg_basebackup" -w -d "$(connection "$1" "copy-for-$HOSTNAME" 0)" -D "$2" -X stream -c fast -P 2>&1 |
    log_progress || return 1
  "$bin/pg_verifybackup" -q "$2"
}
log_progress() { # one line a tenth, of the one a second that pg_basebackup -P prints
  local line percent shown=0
  while IFS= read -r line; do
    if [[ $line =~ \(([0-9]{1,3})%\) ]]; then
      percent=${BASH_REMATCH[1]}
      ((percent >= shown + 10 && percent < 100)) || continue
      shown=$percent
    fi
    log "${line#"${line%%[! ]*}"}"
  done
}

# engine_initialise DIRECTORY: by the official entry point, /docker-entrypoint-initdb.d included, without starting the
# server. An attempt that was killed leaves the lock of its socket: the process of that number may be another one now.
# The order of text is PostgreSQL's own, if no one asked for another: that of the image's C library may be another one
# in the next image. Limits that are meant for the application's statements would end the entry point's.
engine_initialise() {
  local arguments="${POSTGRES_INITDB_ARGS:-} -c huge_pages=off"
  [[ $arguments =~ (^|[[:space:]])(--locale|--lc-|--icu-|--builtin-locale|--encoding|--no-locale|-E) ]] ||
    arguments+=" --locale-provider=builtin --builtin-locale=C.UTF-8"
  rm -f "$socket"/.s.PGSQL.*
  PGDATA=$1 PGPORT=$port POSTGRES_PASSWORD_FILE=$credentials/superuser-password POSTGRES_DB=$database \
    POSTGRES_INITDB_ARGS=$arguments \
    docker-ensure-initdb.sh postgres -c "config_file=$config/postgresql.conf" "${fixed_options[@]}" \
    -c synchronous_standby_names= -c huge_pages=off \
    -c statement_timeout=0 -c lock_timeout=0 -c transaction_timeout=0 \
    -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 \
    -c default_transaction_read_only=off -c default_transaction_deferrable=off \
    -c "default_transaction_isolation=read committed"
}

# engine_import DIRECTORY: needed once in a set's life, if ever, and so in a file of its own.
engine_import() {
  # shellcheck source=import.sh
  . "$scripts/import.sh"
  import_from_source "$1"
}

# engine_recover SOURCE DIRECTORY: copy from a replica, follow it to its last record, and become primary on a timeline
# of one's own, which the replicas then follow. All of it unseen: on the socket only. The source must be where it was
# until the end.
engine_recover() {
  local position target status=1
  position=$(engine_replayed_position "$1") || return 1
  read -r _ _ target _ <<<"$position"
  engine_copy "$1" "$2" || return 1
  : >"$2/standby.signal"
  drop_altered_settings "$2"
  write_role "$(follow_settings "$(connection "$1")" '')"
  start_offline_server "$2" '' || return 1
  if await_replay local_sql "$target"; then
    if [[ $(engine_replayed_position "$1") != "$position" ]]; then
      log "${1%%.*} changed while it was copied"
    elif [[ $(local_sql "SELECT pg_promote(true, 600)" 610) == t ]]; then
      status=0
    fi
  fi
  stop_offline_server "$2" || return 1
  rm -f "$role_conf"
  return "$status"
}
