/**
 * As the application's user, all that it may think of to hurt a set, for a minute. `$psql` is a connection's words;
 * `$bin` has the programs.
 */
export const POSTGRES_ATTACK = `
end=$((SECONDS + 60))
try() { timeout 20 "$bin/psql" -XAtq -d "$psql application_name=\${name:-app} options='-c client_min_messages=error'" "$@" >/dev/null 2>&1; }
# Signs that are not its own.
for name in leaving-9 leaving-1 leaving-99999999999 'leaving-x' 'stateful-ready' postgres-1 postgres-2 copy-for-postgres-2; do
  while ((SECONDS < end)); do try -c 'SELECT pg_sleep(5)' || sleep 1; done &
done
while ((SECONDS < end)); do try -c "SET application_name = 'stateful ready'" -c 'SELECT pg_sleep(5)' || sleep 1; done &
# More connections than there are, some of which talk and some of which never do.
while ((SECONDS < end)); do
  for n in {1..110}; do exec {fd}<>"/dev/tcp/\${host}/5432" || break; done 2>/dev/null
  for n in {1..12}; do timeout 25 "$bin/pgbench" -n -c 8 -T 10 -f <(echo 'SELECT pg_sleep(2)') "$psql" >/dev/null 2>&1 & done
  sleep 12
done &
# What is not for it to do, one after the other, and what it may own.
while ((SECONDS < end)); do
  for sql in 'SET ROLE postgres' 'SET ROLE replicator' 'SET SESSION AUTHORIZATION postgres' 'ALTER ROLE replicator PASSWORD NULL' 'ALTER ROLE replicator NOLOGIN' \\
    'ALTER ROLE postgres NOLOGIN' 'DROP ROLE replicator' 'GRANT replicator TO app' 'ALTER ROLE app SUPERUSER' 'ALTER ROLE app REPLICATION' "ALTER SYSTEM SET fsync = off" \\
    'SELECT pg_reload_conf()' 'SELECT pg_promote()' 'SELECT pg_switch_wal()' "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots" \\
    "SELECT pg_create_physical_replication_slot('replica_9', true)" "SELECT pg_create_physical_replication_slot('mine', true)" 'SELECT pg_wal_replay_pause()' \\
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()' 'SELECT pg_cancel_backend(pid) FROM pg_stat_replication' \\
    "COPY (SELECT 1) TO PROGRAM 'kill 1'" "COPY (SELECT 1) TO '/run/stateful/role.conf'" "SELECT pg_read_file('/run/secrets/stateful/password')" \\
    "SELECT lo_export(lo_from_bytea(0, 'x'), '/run/stateful/reload')" "SELECT * FROM pg_authid" "SELECT pg_ls_waldir()" 'CREATE EXTENSION adminpack' \\
    "CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE FUNCTION now()" 'DROP DATABASE postgres' 'ALTER DATABASE postgres OWNER TO app' 'CHECKPOINT' 'LOAD '"'/tmp/x.so'" \\
    'CREATE SCHEMA IF NOT EXISTS pg_catalog' 'CREATE TABLE pg_catalog.pg_stat_activity (x int)' 'CREATE TABLE postgres.x (y int)' \\
    'CREATE TABLE IF NOT EXISTS pg_stat_activity (application_name text, usename text)' 'CREATE FUNCTION pg_is_in_recovery() RETURNS bool LANGUAGE sql AS '"'SELECT true'" \\
    'CREATE FUNCTION public.pg_last_wal_replay_lsn() RETURNS text LANGUAGE sql AS '"\\$\\$SELECT 'x[\\$(id)]'\\$\\$" \\
    "SELECT pg_advisory_lock(g) FROM generate_series(1, 3000) AS g" "SELECT pg_notify('x', 'y')" "SELECT pg_logical_emit_message(false, 'x', 'y')" \\
    "SELECT set_config('application_name', 'leaving-2', false), pg_sleep(1)" 'DO \\$\\$ BEGIN LOOP PERFORM 1; EXIT WHEN clock_timestamp() > now() + interval '"'1 s'"'; END LOOP; END \\$\\$' \\
    'ALTER ROLE app SET default_transaction_read_only = off' "ALTER ROLE ALL SET search_path = x" 'DROP FUNCTION IF EXISTS pg_is_in_recovery()'; do
    try -c "$sql"
    psql_there=\${psql/dbname=app/dbname=postgres}
    psql=$psql_there try -c "$sql"
  done
done
# As another user, and by the replication protocol.
for user in postgres replicator; do try -c 'SELECT 1' -U "$user"; done
timeout 5 "$bin/psql" -XAtqw -d "$psql replication=true" -c IDENTIFY_SYSTEM >/dev/null 2>&1
wait
# What is its own to change.
try -c 'ALTER ROLE app RESET ALL' -c 'DROP TABLE IF EXISTS public.pg_stat_activity' -c 'DROP FUNCTION IF EXISTS public.pg_last_wal_replay_lsn()' -c 'DROP FUNCTION IF EXISTS public.pg_is_in_recovery()'
exit 0`;
