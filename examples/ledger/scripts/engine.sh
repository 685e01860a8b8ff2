# shellcheck shell=bash
# The first half of the engine: who a database is, how it is copied, made, recovered and started. `prepare` and `run` call these
# functions, and so may `sync`. Bash ignores `set -e` in a function that is tested: what must not go on after a failure says so.

bin=/usr/lib/postgresql/$PG_MAJOR/bin # the psql on PATH is a Perl wrapper
socket=/var/run/postgresql            # pg_hba.conf trusts whoever has it: the containers of this pod
slot=replica_$ordinal                 # what the primary keeps log by for this replica
export PGPASSFILE=$state/pgpass PGCONNECT_TIMEOUT=3

# connection HOST NAME: as the user that replicas connect as. A peer whose node died is noticed in some 15 seconds, also in the middle of a copy.
connection() {
  printf 'host=%s port=%s user=replicator dbname=postgres application_name=%s %s' "$1" "$port" "$2" \
    "keepalives_idle=5 keepalives_interval=5 keepalives_count=2 tcp_user_timeout=15000"
}
# query HOST STATEMENT: SQL, or a command of the replication protocol.
query() { "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -d "$(connection "$1" "stateful-$HOSTNAME") replication=database" -c "$2" 2>/dev/null; }
# lsn POSITION: as a number. PostgreSQL writes it as two halves, in hexadecimal.
lsn() { echo $(((16#${1%/*} << 32) + 16#${1#*/})); }

# engine_prepare: first of all in `prepare` and in `sync`. libpq reads no password file that others could read, as a mounted Secret is.
engine_prepare() {
  local password
  password=$(<"$credentials/replication-password")
  password=${password//\\/\\\\}
  (umask 077 && printf '*:*:*:replicator:%s\n' "${password//:/\\:}" >"$PGPASSFILE.new" && mv "$PGPASSFILE.new" "$PGPASSFILE")
}

# engine_identity HOST: the same on every copy and on nothing else; no replica takes anything from a primary of another identity. Fails
# while the database accepts no connections: it is also how the core waits for it.
engine_identity() {
  local row
  row=$(query "$1" IDENTIFY_SYSTEM) && echo "${row%%|*}"
}
engine_identity_of_files() { # DIRECTORY
  local control
  control=$("$bin/pg_controldata" "$1") && sed -n 's/^Database system identifier: *//p' <<<"$control"
}

# engine_size HOST: whether a new copy has room beside the old one.
engine_size() { query "$1" "SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE datallowconn"; }

# engine_settled_position HOST: how far a replica is that has nobody to follow. Only once it waits for more has it replayed all that it received.
engine_settled_position() {
  local replayed identity timeline
  replayed=$(query "$1" "SELECT pg_last_wal_replay_lsn() FROM pg_stat_activity WHERE backend_type = 'startup'
    AND wait_event IN ('RecoveryRetrieveRetryInterval', 'RecoveryWalStream')") && [[ -n $replayed ]] || return 1
  IFS='|' read -r identity timeline _ < <(query "$1" IDENTIFY_SYSTEM) || return 1
  echo "$identity $timeline $replayed"
}
# engine_is_ahead POSITION POSITION: of such two the first has more; a later timeline has.
engine_is_ahead() {
  local one other
  read -ra one <<<"$1"
  read -ra other <<<"$2"
  ((one[1] > other[1] || (one[1] == other[1] && $(lsn "${one[2]}") > $(lsn "${other[2]}"))))
}

# engine_reserve PRIMARY SOURCE: before a copy. From here on the primary keeps its log for this replica; the source is given time to come as
# far. So the copy, whenever it ends, ends where the primary still has the log.
make_slot="
  SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name = '$slot' AND NOT active AND (wal_status = 'lost' OR restart_lsn IS NULL);
  SELECT pg_create_physical_replication_slot('$slot', true)
    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot')"
engine_reserve() {
  local here
  here=$(query "$1" "$make_slot; CHECKPOINT; SELECT pg_current_wal_lsn()" | tail -n 1) && [[ -n $here ]] || return 1
  [[ $1 == "$2" ]] || await_replay "$2" "$here"
}
# await_replay HOST LSN: ten minutes at most.
await_replay() {
  local i
  for ((i = 0; i < 6000; i++)); do
    case $(query "$1" "SELECT pg_last_wal_replay_lsn() >= '$2'") in
      t) return 0 ;;
      f) pause 0.1 ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# engine_copy SOURCE DIRECTORY: complete, checked and synced, or it fails: the core puts in place whatever succeeds.
engine_copy() {
  "$bin/pg_basebackup" -w -d "$(connection "$1" "copy-for-$HOSTNAME")" -D "$2" -X stream -c fast && "$bin/pg_verifybackup" -q "$2"
}

# engine_initialise DIRECTORY: called once in the set's life, when all other ordinals have said that they have nothing. The sidecar makes
# the users. The order of text is PostgreSQL's own, as that of the image's C library may be another in the next image.
engine_initialise() {
  "$bin/initdb" -D "$1" -U postgres --pwfile="$credentials/superuser-password" --auth=scram-sha-256 --encoding=UTF8 \
    --locale-provider=builtin --locale=C.UTF-8 --no-instructions >&2
}

# engine_recover SOURCE DIRECTORY: ordinal 0 has lost its volume, and SOURCE is the replica that has most. A copy, which follows SOURCE to
# its last record and then begins a timeline of its own, unseen by clients.
engine_recover() {
  local target status=1
  target=$(engine_settled_position "$1") && engine_copy "$1" "$2" || return 1
  : >"$2/standby.signal"
  rm -f "$socket"/.s.PGSQL.* # of an attempt that was killed: the process that its lock names may be another one now
  "$bin/pg_ctl" -D "$2" -w -t 86400 start >&2 \
    -o "-c config_file=$config/postgresql.conf -c listen_addresses= -c primary_conninfo='$(connection "$1" "stateful-$HOSTNAME")'" || return 1
  if await_replay "$socket" "${target##* }" && "$bin/pg_ctl" -D "$2" -w -t 600 promote >&2; then status=0; fi
  "$bin/pg_ctl" -D "$2" -m fast -w -t 3600 stop >&2 && return "$status"
}

# engine_run DIRECTORY: become the server, in the role of this ordinal. The role is on the command line, where no ALTER SYSTEM overrides it. A
# primary that starts waits for replicas, until the sidecar has found that there are none.
engine_run() {
  local role=(-c primary_conninfo= -c primary_slot_name=)
  rm -f "$state/acknowledge.conf"
  if ((ordinal > 0)); then
    : >"$1/standby.signal"
    role=(-c "primary_conninfo=$(connection "$(host_of 0)" "$HOSTNAME")" -c "primary_slot_name=$slot")
  fi
  exec "$bin/postgres" -D "$1" -c "config_file=$config/postgresql.conf" "${role[@]}"
}
