# shellcheck shell=bash
# The first half of the engine: who a database is, how it is copied, made, recovered and started. `prepare` and `run` call these
# functions, and so may `sync`. Bash ignores `set -e` in a function that is tested: what must not go on after a failure says so.

# shellcheck source=secret.sh
. "$scripts/secret.sh"

bin=/usr/lib/postgresql/$PG_MAJOR/bin        # the psql on PATH is a Perl wrapper
socket=/var/run/postgresql                   # pg_hba.conf trusts anyone who has it: the containers of this pod
slot=replica_$ordinal                        # what the primary keeps log by for this replica
last_error_file=$state/$container-last-error # what psql said when it asked last
role_conf=$state/role.conf                   # whom the server follows, or whom its commits wait for; read again at each reload
export PGPASSFILE=$state/pgpass PGCONNECT_TIMEOUT=3

# What our sessions rely on, whatever somebody has set for all roles or for a database.
session_settings='-c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off -c role=none -c search_path=pg_catalog -c lock_timeout=0
-c transaction_timeout=0 -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 -c synchronous_commit=local -c client_min_messages=warning'
session_settings=${session_settings//$'\n'/ }

# connection HOST NAME [SECONDS]: as the user that replicas connect as, with so many seconds for each question. A server that does not prove to know the
# password gets none, and a peer whose node died is noticed in some 15 seconds, also in the middle of a copy.
connection() {
  printf "host=%s port=%s user=replicator dbname=postgres application_name=%s require_auth=scram-sha-256 options='%s -c statement_timeout=%ss' %s" \
    "$1" "$port" "$2" "$session_settings" "${3:-5}" "keepalives_idle=5 keepalives_interval=5 keepalives_count=2 tcp_user_timeout=15000"
}
local_connection() {
  printf "host=%s port=%s user=postgres dbname=postgres application_name=stateful options='%s -c session_preload_libraries= -c event_triggers=off'" "$socket" "$port" "$session_settings"
}
# query HOST STATEMENT [SECONDS]: SQL, or a command of the replication protocol; at $socket of this pod's own server.
query() {
  local to
  if [[ $1 == "$socket" ]]; then to=$(local_connection); else to=$(connection "$1" "stateful-$HOSTNAME" "${3:-5}"); fi
  timeout -k 1 $((${3:-5} + 4)) "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -d "$to replication=database" -c "$2" 2>"$last_error_file"
}

# What another server says is matched against a pattern before it meets arithmetic or SQL: bash would run what stands in a number's place.
is_lsn() { [[ $1 =~ ^[0-9A-F]{1,8}/[0-9A-F]{1,8}$ ]]; }
# reaches LSN LSN: whether the first is no less. PostgreSQL writes them as two halves, in hexadecimal.
reaches() { is_lsn "$1" && is_lsn "$2" && (((16#${1%/*} << 32) + 16#${1#*/} >= (16#${2%/*} << 32) + 16#${2#*/})); }

# position_of HOST [LSN]: `IDENTITY TIMELINE LSN HISTORY`. The history is where each timeline before ended, `1@0/3000000,2@0/5000060`; `-` on the first.
# Two timelines of one number are the same only if they have the same history.
position_of() {
  local row identity timeline lsn history=-
  row=$(query "$1" IDENTIFY_SYSTEM) && [[ $row =~ ^[0-9]{1,20}\|[0-9]{1,10}\|[0-9A-F]{1,8}/[0-9A-F]{1,8}\| ]] || return 1
  IFS='|' read -r identity timeline lsn _ <<<"$row"
  if [[ $timeline != 1 ]]; then
    row=$(query "$1" "TIMELINE_HISTORY $timeline") || return 1
    history=$(history_of <<<"${row#*|}") || return 1
  fi
  lsn=${2-$lsn}
  is_lsn "$lsn" && echo "$identity $timeline $lsn $history"
}
history_of() { # of what TIMELINE_HISTORY says, or of a file of the log
  local history
  history=$(awk -F '\t' '$1 ~ /^[0-9]+$/ && $2 ~ /^[0-9A-F]+\/[0-9A-F]+$/ { printf "%s%s@%s", n++ ? "," : "", $1, $2 }')
  [[ $history =~ ^([0-9]{1,10}@[0-9A-F]{1,8}/[0-9A-F]{1,8},?)+$ ]] && echo "$history"
}
# position_of_files DIRECTORY: of a replica whose server does not run; it holds at least that much.
position_of_files() {
  local found
  mapfile -t found < <("$bin/pg_controldata" "$1" |
    sed -nE "s/^(Database system identifier|Latest checkpoint location|Latest checkpoint's TimeLineID|Minimum recovery ending location|Min recovery ending loc's timeline): *//p")
  [[ "${found[*]}" =~ ^[0-9]{1,20}\ [0-9A-F/]+\ [0-9]{1,10}\ [0-9A-F/]+\ [0-9]{1,10}$ ]] || return 1
  local identity=${found[0]} lsn=${found[1]} timeline=${found[2]} history=-
  if ((found[4] >= timeline)) && reaches "${found[3]}" "$lsn"; then lsn=${found[3]} timeline=${found[4]}; fi
  [[ $timeline == 1 ]] || history=$(history_of <"$1/pg_wal/$(printf %08X "$timeline").history") || return 1
  echo "$identity $timeline $lsn $history"
}
# is_ancestor_of POSITION POSITION: whether the first is a point in the history that leads to the second.
is_ancestor_of() {
  local one other
  read -ra one <<<"$1"
  read -ra other <<<"$2"
  [[ ${#one[@]} == 4 && ${#other[@]} == 4 && ${one[0]} == "${other[0]}" ]] || return 1
  local way="${one[3]},${one[1]}@" line="${other[3]},${other[1]}@${other[2]}"
  line=${line#-,} way=${way#-,}
  [[ $line == "$way"* ]] || return 1
  line=${line#"$way"}
  reaches "${line%%,*}" "${one[2]}"
}

# engine_prepare: first of all in `prepare` and in `sync`. libpq reads no password file that others could read, as a mounted Secret is.
engine_prepare() {
  local password
  core_hold_secret
  core_check_passwords superuser-password replication-password password
  password=$(<"$credentials/replication-password")
  [[ $password != *[$'\r\n']* ]] || die "the Secret's replication-password has a line's end in it, which libpq would take off: make it again without"
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

# engine_size HOST: whether a new copy has room next to the old one.
engine_size() { query "$1" "SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE datallowconn" 60; }

# engine_replayed_position HOST: where a replica is that receives from no one and will not by itself, and that has replayed all that it received: it waits
# for more. Else why not.
engine_replayed_position() {
  local row sender waits replayed
  row=$(query "$1" "
    SELECT coalesce(substring((SELECT conninfo FROM pg_stat_wal_receiver) || current_setting('primary_conninfo'), 'hostaddr=([0-9a-fA-F:.]+)'),
        CASE WHEN current_setting('primary_conninfo') <> '' OR EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'walreceiver') THEN 'another server' END),
      EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'startup' AND wait_event = 'RecoveryRetrieveRetryInterval'), pg_last_wal_replay_lsn()
    WHERE pg_is_in_recovery()") || return 1
  IFS='|' read -r sender waits replayed <<<"$row"
  if [[ -n $sender ]]; then
    [[ $sender =~ ^[0-9a-fA-F:.]+$ ]] || sender="another server"
    echo "still receives from $sender"
  elif [[ $waits == f ]]; then
    echo "still applies what it received"
  else
    [[ $waits == t ]] && position_of "$1" "$replayed"
    return
  fi
  return 1
}
# engine_has_all_of HOST POSITION OTHER: whether all that led to OTHER led to POSITION too. Each tells its whole history.
engine_has_all_of() { is_ancestor_of "$3" "$2"; }

# engine_reserve_log PRIMARY SOURCE: before a copy. From here on the primary keeps its log for this replica; the source is given time to come as
# far. So the copy, whenever it ends, ends where the primary still has the log.
make_slot="
  SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name = '$slot' AND NOT active AND (wal_status = 'lost' OR restart_lsn IS NULL);
  SELECT pg_create_physical_replication_slot('$slot', true)
    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot')"
engine_reserve_log() {
  local here
  here=$(query "$1" "$make_slot; CHECKPOINT; SELECT pg_current_wal_lsn()" 600 | tail -n 1) && is_lsn "$here" || return 1
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
  "$bin/pg_basebackup" -w -d "$(connection "$1" "copy-for-$HOSTNAME" 0)" -D "$2" -X stream -c fast && "$bin/pg_verifybackup" -q "$2"
}

# engine_initialise DIRECTORY: called once in the set's life, when all other ordinals have said that they have nothing. The sidecar makes
# the users. The order of text is PostgreSQL's own, as that of the image's C library may be another in the next image.
engine_initialise() {
  "$bin/initdb" -D "$1" -U postgres --pwfile="$credentials/superuser-password" --auth=scram-sha-256 --encoding=UTF8 \
    --locale-provider=builtin --locale=C.UTF-8 -c huge_pages=off --no-instructions >&2
}

# engine_recover SOURCE DIRECTORY: ordinal 0 has lost its volume, and SOURCE is the replica that has all that the others have. A copy, which follows
# SOURCE to its last record and then begins a timeline of its own, unseen by clients; not where SOURCE has got more meanwhile.
engine_recover() {
  local position target status=1
  position=$(engine_replayed_position "$1") && engine_copy "$1" "$2" || return 1
  read -r _ _ target _ <<<"$position"
  : >"$2/standby.signal"
  follow_settings "$(connection "$1" "stateful-$HOSTNAME")" ''
  write_server_conf "$2"
  rm -f "$socket"/.s.PGSQL.* # of an attempt that was killed: the process that its lock names may be another one now
  "$bin/pg_ctl" -D "$2" -w -t 86400 start -o "-c config_file=$state/server.conf -c listen_addresses= -c synchronous_standby_names=" >&2 || return 1
  if await_replay "$socket" "$target" && [[ $(engine_replayed_position "$1") == "$position" ]] && "$bin/pg_ctl" -D "$2" -w -t 600 promote >&2; then status=0; fi
  "$bin/pg_ctl" -D "$2" -m fast -w -t 3600 stop >&2 && return "$status"
}

# write_server_conf DIRECTORY: the configuration, and what changes while the server runs. What ALTER SYSTEM once wrote, on the source of a copy say,
# would be read after both.
write_server_conf() {
  : >"$1/postgresql.auto.conf"
  printf "include '%s'\ninclude_if_exists '%s'\n" "$config/postgresql.conf" "$role_conf" >"$state/server.conf"
}
write_role() { printf '%s\n' "$1" >"$role_conf.new" && mv "$role_conf.new" "$role_conf"; }
# follow_settings CONNECTION SLOT: in the file's quotes a quote stands twice, and so does a backslash.
follow_settings() {
  local text=${1//\\/\\\\}
  write_role "primary_conninfo = '${text//\'/\'\'}'
primary_slot_name = '$2'"
}

# engine_run DIRECTORY: become the server, in the role of this ordinal. A replica follows no one before the sidecar has asked the primary. Until it answers
# it is nudged to read its role by restore_command, which runs while there is no more log: it may need more to answer. A primary that starts waits
# for a name that no one has, until the sidecar has found who is there.
engine_run() {
  local role=(-c primary_conninfo= -c primary_slot_name= -c restore_command=)
  rm -f "$state/reload"
  write_role "synchronous_standby_names = 'ANY 1 (\"nobody yet\")'"
  if ((ordinal > 0)); then
    : >"$1/standby.signal"
    follow_settings '' ''
    position_of_files "$1" >"$state/position" || true
    role=(-c "restore_command=test -e $state/reload && rm $state/reload && kill -HUP \$(head -n 1 postmaster.pid); false" -c default_transaction_read_only=on)
  fi
  write_server_conf "$1"
  exec "$bin/postgres" -D "$1" -c "config_file=$state/server.conf" -c allow_alter_system=off "${role[@]}"
}
