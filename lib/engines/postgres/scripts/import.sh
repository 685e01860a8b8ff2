# shellcheck shell=bash
# The first data of a set: all roles and databases of another one, of the same or an older major version, which is
# read-only meanwhile. It is PostgreSQL's own way between major versions: this version's pg_dump reads them, and a new
# database takes what it prints. Needs engine.sh, volume.sh. No function relies on `set -e`, as in engine.sh.
#
# Read-only is a primary in recovery with no primary to recover from (engine_run). Its log stands still, so that all
# databases are read in one and the same state; that it was so until the end is checked.

lists=$(mktemp -d) # a line a table: more than may be in memory

# import_from_source DIRECTORY: the new server runs, and all that can be known before is known, when writes stop there.
import_from_source() {
  local status=1
  # Until it is complete no one needs it after a crash: it is synced as a whole.
  engine_initialise "$1" || return 1
  start_offline_server "$1" \
    "-c fsync=off -c full_page_writes=off -c autovacuum=off -c log_checkpoints=off -c checkpoint_warning=0" ||
    return 1
  await can_import
  await is_read_only
  await can_import # what came until then
  if import_everything; then status=0; fi
  stop_offline_server "$1" || status=1
  ((status == 0)) && "$bin/initdb" --sync-only -D "$1" >/dev/null && return 0
  core_has_room_for $((64 << 20)) || log "the volume is full: delete this set and its PVCs, and create it with a" \
    "larger 'size'"
  return 1
}
# await CONDITION: where it does not hold, it says in `why` what must be done.
await() {
  local why=
  until "$1"; do
    log_change "$why"
    pause 0.5
  done
}

# at_source DATABASE PROGRAM...: as its superuser. It gives the password to no server that does not prove to know it.
# What is in the environment needs no quoting.
at_source() {
  PGPASSFILE=/dev/null PGPASSWORD=$(<"$source_credentials/superuser-password") \
  PGHOST=$source_host PGPORT=$source_port PGUSER=postgres PGREQUIREAUTH=scram-sha-256 \
  PGDATABASE=$1 PGAPPNAME=import-for-$HOSTNAME PGOPTIONS="$superuser_settings -c statement_timeout=0" "${@:2}"
}
keepalives="keepalives_idle=5 keepalives_interval=5 keepalives_count=2 tcp_user_timeout=15000"
ask_source() { at_source "$1" timeout 60 "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -d "$keepalives" -c "$2"; }
# at_target DATABASE PROGRAM...: whatever the database's own settings say. What is restored is not logged: there are
# passwords in it.
at_target() {
  PGHOST=$socket PGPORT=$port PGUSER=postgres PGDATABASE=$1 \
    PGOPTIONS="$superuser_settings -c statement_timeout=0 -c synchronous_commit=off -c log_min_error_statement=panic" \
    "${@:2}"
}
psql_at_target() { at_target "$1" "$bin/psql" -Xqw -v ON_ERROR_STOP=1 -o /dev/null; }

# can_import: what would make the import fail half way is said before. A new template does not reach ordinal 0 as long
# as the pods above it are not ready, and they wait for it: hence, where the template must change, the pod must be
# deleted.
# Globals: why (set).
can_import() {
  local version databases database extension size
  if [[ ! -s $source_credentials/superuser-password ]]; then
    why="waiting for the Secret of $source_host: it is not there, or has no superuser's password. 'importFrom' names it"
    return 1
  fi
  if ! version=$(ask_source postgres "SELECT current_setting('server_version_num')::int / 10000" 2>&1) ||
    [[ ! $version =~ ^[0-9]{1,4}$ ]]; then
    version=${version%%$'\n'*}
    why="waiting for $source_host to accept connections: ${version#psql: error: }"
    [[ $version != *'password authentication failed'* ]] ||
      why="$source_host refuses the superuser's password: the Secret that 'importFrom' names must be that set's own. If another is named, delete this pod"
    [[ $version != *'no pg_hba.conf entry'* && $version != *'pg_hba.conf rejects'* ]] ||
      why="$source_host accepts the superuser from its own pods only: set 'superuserFromNetwork: true' on that set until the import is done"
    return 1
  fi
  if ((version > PG_MAJOR)); then
    why="STOPPED: $source_host runs PostgreSQL $version, this set $PG_MAJOR: data goes to newer versions only"
    return 1
  fi
  why="waiting for $source_host to answer"
  databases=$(ask_source postgres "SELECT datname FROM pg_database
    WHERE datname <> 'template0' AND (NOT datallowconn OR datconnlimit = -2) LIMIT 1") || return 1
  if [[ -n $databases ]]; then
    why="database $databases of $source_host allows no connections, so that its data cannot be read: ALTER DATABASE ... ALLOW_CONNECTIONS true, or drop it"
    return 1
  fi
  databases=$(databases_at_source) || return 1
  while IFS= read -r database; do
    while IFS= read -r extension; do
      [[ -n $extension && $(at_target postgres "$bin/psql" -XAtqw -v name="$extension" \
        <<<"SELECT 1 FROM pg_available_extensions WHERE name = :'name'") != 1 ]] || continue
      why="database $database of $source_host has the extension $extension, which this set's image does not have: give 'version' an image that has it and delete this pod, or drop the extension there"
      return 1
    done < <(ask_source "$database" "SELECT extname FROM pg_extension")
  done <<<"$databases"
  size=$(ask_source postgres "SELECT sum(pg_database_size(oid))::bigint FROM pg_database") &&
    [[ $size =~ ^[0-9]{1,18}$ ]] || return 1
  if ! core_has_room_for "$size"; then
    why="$source_host has $size bytes, which is too much for this volume: delete this set and its PVCs, and create it with a larger 'size'"
    return 1
  fi
}
# template1 first, as a database of another set may have been made again from it.
databases_at_source() {
  ask_source postgres "SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template0'
    ORDER BY datname <> 'template1', datname"
}

# is_read_only: and has replayed all the log that it has.
# Globals: why (set).
is_read_only() {
  local row recovers alone idle
  why="waiting for $source_host to answer"
  row=$(ask_source postgres "SELECT pg_is_in_recovery(),
    current_setting('primary_conninfo') = '' AND current_setting('restore_command') = '',
    EXISTS (SELECT FROM pg_stat_activity
      WHERE backend_type = 'startup' AND wait_event = 'RecoveryRetrieveRetryInterval')" 2>/dev/null) || return 1
  IFS='|' read -r recovers alone idle <<<"$row"
  if [[ $recovers != t ]]; then
    why="ready to import; waiting for $source_host to become read-only: set 'readOnly: true' on that set when its writes may stop"
  elif [[ $alone != t ]]; then
    why="STOPPED: $source_host is a replica, which may lack what its primary has: name the primary in 'importFrom'"
  else
    why="waiting for $source_host to have replayed its log"
    [[ $idle == t ]]
    return
  fi
  return 1
}
state_of_source() {
  ask_source postgres "SELECT system_identifier, pg_is_in_recovery(), pg_last_wal_replay_lsn() FROM pg_control_system()"
}

import_everything() {
  local frozen databases database n=0 begin=$SECONDS
  frozen=$(state_of_source) && databases=$(databases_at_source) || return 1
  mapfile -t databases <<<"$databases"
  log "$source_host is read-only: importing its roles"
  import_roles || return 1
  for database in "${databases[@]}"; do
    log "importing database $database ($((++n)) of ${#databases[@]})"
    import_database "$database" || return 1
  done
  "$scripts/roles.sh" || return 1 # passwords are this set's
  log "collecting statistics for the planner"
  at_target postgres "$bin/vacuumdb" -w --all --analyze-only --quiet || return 1
  for database in "${databases[@]}"; do
    log "comparing database $database"
    compare "$database" || return 1
  done
  [[ $(state_of_source) == "$frozen" ]] || {
    log "$source_host changed during the import"
    return 1
  }
  log "imported and compared ${#databases[@]} databases, $((SECONDS - begin)) s"
}

# Roles that a new database has already are altered to what they were, passwords included.
import_roles() {
  at_target postgres "$bin/psql" -XAtqw \
    -c "SELECT format('CREATE ROLE %I;', rolname) FROM pg_roles WHERE rolname !~ '^pg_'" >"$lists/roles" || return 1
  at_source postgres "$bin/pg_dumpall" -w --roles-only -d "$keepalives" |
    grep -vxFf "$lists/roles" |
    psql_at_target postgres
}

# Also those that a new database has are made again, so as to have the locale and the settings that they had.
import_database() { # NAME
  local from=postgres
  [[ $1 != postgres ]] || from=template1
  dump "$1" --section=pre-data --create --clean --if-exists | drop_attver | psql_at_target "$from" || return 1
  dump "$1" --section=data | psql_at_target "$1" || return 1
  dump "$1" --section=post-data | psql_at_target "$1"
}
dump() { at_source "$1" "$bin/pg_dump" -w --no-tablespaces -d "$keepalives" "${@:2}"; }
# From 17.12 on PostgreSQL keeps a mark of its own among the options of each column. A pg_dump that is older than that,
# though of a later major version, takes it for the user's, and the server refuses it. There is no data in what goes
# through here.
drop_attver() {
  sed -E '/^ALTER (FOREIGN )?TABLE ONLY .* SET \(.*\);$/{s/pg_attver=[0-9]+(, )?//; s/, \);$/);/; / SET \(\);$/d}'
}

# compare DATABASE: rows, sequences and large objects, on both sides at once. Materialized views were made again from
# the rows.
compare() {
  local there differences
  at_source "$1" "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -d "$keepalives" <<<"$fingerprint" >"$lists/there" &
  there=$!
  at_target "$1" "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 <<<"$fingerprint" >"$lists/here" || {
    wait "$there"
    return 1
  }
  wait "$there" || return 1
  differences=$(diff "$lists/there" "$lists/here") || {
    log "database $1 differs between the source (<) and the copy (>): ${differences//$'\n'/; }"
    return 1
  }
}
# A line a table: its rows' texts, hashed and summed, so that their order does not matter; as text of a row, and not of
# the table's type, whose owner may have made a cast, which would run as the superuser. An extension's own tables are
# made by it.
fingerprint="
SET datestyle = ISO; SET intervalstyle = postgres; SET timezone = 'UTC'; SET extra_float_digits = 1;
SET bytea_output = hex; SET lc_monetary = 'C';
SET search_path = pg_catalog;
SELECT format('SELECT %L, count(*), sum(hashtextextended((ROW(t.*))::text, 0)) FROM ONLY %I.%I AS t',
    c.oid::regclass, nspname, relname)
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
  WHERE relkind = 'r' AND relpersistence = 'p' AND nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
  ORDER BY nspname, relname \\gexec
SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY schemaname, sequencename;
SELECT 'large objects', (SELECT count(*) FROM pg_largeobject_metadata),
    sum(hashtextextended(loid || ':' || pageno || ':' || page::text, 0))
  FROM (SELECT loid, pageno, rtrim(data, '\\x00') AS page FROM pg_largeobject) AS pages WHERE page <> '';
"
