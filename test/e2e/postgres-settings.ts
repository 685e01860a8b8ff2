import { Setting } from './driver';

const parameter = (name: string, value: string): Setting => ({ parameter: { name, value } });
const statement = (text: string, undo: string): Setting => ({ statement: text, undo });
/** As those who wrote them would take them back, though all their sessions had them. */
const role = (name: string, setting: string): Setting =>
  statement(`ALTER ROLE ${name} SET ${setting}`, `ALTER ROLE ${name} RESET ${setting.split(/[ =]/)[0]}`);

/**
 * What a DBA may set, all of it legal: none of it is for our sessions. Applied five or six at a time, in this order
 * dealt out.
 */
export const POSTGRES_SETTINGS: readonly Setting[] = [
  parameter('default_transaction_isolation', 'serializable'),
  parameter('statement_timeout', '1s'),
  parameter('lock_timeout', '500ms'),
  parameter('idle_session_timeout', '500ms'),
  parameter('idle_in_transaction_session_timeout', '1s'),
  parameter('transaction_timeout', '2s'),
  parameter('datestyle', 'SQL, DMY'),
  parameter('intervalstyle', 'sql_standard'),
  parameter('bytea_output', 'escape'),
  parameter('timezone', 'Asia/Kathmandu'),
  parameter('quote_all_identifiers', 'on'),
  parameter('track_activities', 'off'),
  parameter('search_path', 'app, public'),
  parameter('client_encoding', 'LATIN1'),
  parameter('log_statement', 'all'),
  parameter('wal_level', 'logical'),
  parameter('hot_standby_feedback', 'on'),
  parameter('shared_preload_libraries', 'pg_stat_statements, auto_explain'),
  role('ALL', "default_transaction_isolation = 'serializable'"),
  statement('ALTER DATABASE postgres SET default_transaction_read_only = on', 'ALTER DATABASE postgres RESET ALL'),
  role('replicator', 'statement_timeout = 10'),
  role('ALL', 'search_path = nowhere'),
  statement('REVOKE CONNECT ON DATABASE postgres FROM PUBLIC', 'GRANT CONNECT ON DATABASE postgres TO PUBLIC'),
  role('postgres', 'default_transaction_read_only = on'),
  role('replicator', "role = 'pg_monitor'"),
  role('ALL', 'statement_timeout = 200'),
  role('ALL', 'exit_on_error = on'),
  statement(
    'ALTER ROLE postgres IN DATABASE postgres SET search_path = nowhere',
    'ALTER ROLE postgres IN DATABASE postgres RESET ALL',
  ),
  role('postgres', 'synchronous_commit = off'),
  role('ALL', 'transform_null_equals = on'),
  statement("ALTER ROLE replicator VALID UNTIL '2020-01-01' CONNECTION LIMIT 1", 'SELECT 1'),
  statement("ALTER ROLE app PASSWORD 'somebody else set it'", 'SELECT 1'),
  role('replicator', 'default_transaction_deferrable = on'),
  role('postgres', "client_min_messages = 'debug1'"),
  parameter('max_connections', '40'),
  parameter('default_transaction_deferrable', 'on'),
];
