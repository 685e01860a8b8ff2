import { Setting } from './driver';

const parameter = (name: string, value: string): Setting => ({ parameter: { name, value } });

/** Five at a time, as they are dealt out: of six that follow one another each comes to another set. */
export const MYSQL_SETTINGS: readonly Setting[] = [
  parameter('transaction_isolation', 'SERIALIZABLE'),
  parameter('sql_mode', 'ANSI,NO_BACKSLASH_ESCAPES,TRADITIONAL'),
  parameter('autocommit', 'OFF'),
  parameter('default_time_zone', 'Europe/Berlin'),
  parameter('max_execution_time', '60000'),
  parameter('require_secure_transport', 'ON'),

  parameter('partial_revokes', 'ON'),
  parameter('sql_require_primary_key', 'ON'),
  parameter('lock_wait_timeout', '1'),
  parameter('max_join_size', '10'),
  parameter('group_concat_max_len', '4'),
  parameter('innodb_file_per_table', 'OFF'),

  parameter('init_connect', "SET SESSION sql_mode = 'ANSI', time_zone = '+05:00'"),
  parameter('wait_timeout', '3'),
  parameter('character_set_server', 'latin1'),
  parameter('binlog_row_image', 'MINIMAL'),
  parameter('general_log', 'ON'),
  parameter('tls_version', 'TLSv1.3'),

  parameter('innodb_flush_method', 'fsync'),
  parameter('binlog_transaction_compression', 'ON'),
  parameter('replica_preserve_commit_order', 'OFF'),
  parameter('default_password_lifetime', '1'),
  parameter('password_history', '5'),
  parameter('max_connect_errors', '1'),

  parameter('interactive_timeout', '3'),
  parameter('skip_name_resolve', 'OFF'),
  parameter('completion_type', 'RELEASE'),
  parameter('caching_sha2_password_digest_rounds', '6000'),
  parameter('protocol_compression_algorithms', 'uncompressed,zlib'),
  parameter('sql_generate_invisible_primary_key', 'ON'),

  parameter('replica_parallel_workers', '1'),
  parameter('cte_max_recursion_depth', '1'),
  parameter('max_allowed_packet', '1M'),
  parameter('slow_query_log', 'ON'),
  parameter('long_query_time', '0'),
  parameter('innodb_lock_wait_timeout', '1'),

  {
    statement: "INSTALL COMPONENT 'file://component_validate_password'; SET GLOBAL validate_password.length = 40",
    undo: "UNINSTALL COMPONENT 'file://component_validate_password'",
  },
  {
    statement: `CREATE DATABASE other; CREATE TABLE other.ticks (at INT PRIMARY KEY);
      CREATE EVENT other.tick ON SCHEDULE EVERY 1 SECOND DO INSERT IGNORE INTO other.ticks VALUES (UNIX_TIMESTAMP())`,
    undo: 'DROP DATABASE other',
  },
  {
    statement:
      "UPDATE performance_schema.setup_instruments SET enabled = 'NO'; UPDATE performance_schema.setup_consumers SET enabled = 'NO'",
    undo: 'SELECT 1',
  },
  { statement: "ALTER USER replicator@'%' PASSWORD EXPIRE", undo: 'SELECT 1' },
  {
    statement:
      "UPDATE mysql.user SET authentication_string = '', plugin = 'caching_sha2_password' WHERE user = 'app'; FLUSH PRIVILEGES",
    undo: 'SELECT 1',
  },
  {
    statement:
      "SET GLOBAL init_connect = 'SET SESSION sql_select_limit = 1'; SET GLOBAL sql_select_limit = 1; SET GLOBAL wait_timeout = 2",
    undo: "SET GLOBAL init_connect = ''; SET GLOBAL sql_select_limit = DEFAULT; SET GLOBAL wait_timeout = DEFAULT",
  },
];
