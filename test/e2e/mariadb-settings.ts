import { Setting } from './driver';

/** Legal parameters that a DBA might set, each of which could reach sessions, servers or copies of ours. */
const PARAMETERS: { readonly [name: string]: string } = {
  sql_mode: 'STRICT_ALL_TABLES,PIPES_AS_CONCAT,IGNORE_SPACE,ONLY_FULL_GROUP_BY',
  transaction_isolation: 'SERIALIZABLE',
  max_statement_time: '20',
  wait_timeout: '10',
  interactive_timeout: '10',
  default_time_zone: '+05:30',
  lock_wait_timeout: '2',
  innodb_lock_wait_timeout: '2',
  idle_transaction_timeout: '5',
  init_connect: 'SET @who = CURRENT_USER(), @at = NOW()',
  max_connections: '60',
  max_user_connections: '40',
  max_password_errors: '5',
  max_connect_errors: '3',
  host_cache_size: '64',
  connect_timeout: '3',
  net_read_timeout: '5',
  net_write_timeout: '5',
  require_secure_transport: 'ON',
  tls_version: 'TLSv1.3',
  general_log: 'ON',
  slow_query_log: 'ON',
  long_query_time: '0',
  log_output: 'TABLE',
  event_scheduler: 'ON',
  performance_schema: 'ON',
  userstat: 'ON',
  thread_handling: 'pool-of-threads',
  character_set_server: 'latin1',
  lc_time_names: 'de_DE',
  explicit_defaults_for_timestamp: 'OFF',
  default_password_lifetime: '1',
  disconnect_on_expired_password: 'ON',
  plugin_load_add: 'simple_password_check',
  binlog_row_image: 'MINIMAL',
  binlog_checksum: 'NONE',
  log_bin_compress: 'ON',
  slave_parallel_mode: 'aggressive',
  slave_compressed_protocol: 'ON',
  rpl_semi_sync_master_enabled: 'ON',
  rpl_semi_sync_slave_enabled: 'ON',
  innodb_undo_log_truncate: 'ON',
  innodb_file_per_table: 'OFF',
  innodb_force_primary_key: 'OFF',
  query_cache_type: 'ON',
  extra_port: '3307',
  log_warnings: '9',
};

/** And statements of the superuser's, each with what takes it back. */
const STATEMENTS: readonly [statement: string, undo: string][] = [
  ["ALTER USER app@'%' WITH MAX_USER_CONNECTIONS 40", "ALTER USER app@'%' WITH MAX_USER_CONNECTIONS 0"],
  ["ALTER USER app@'%' REQUIRE SSL", "ALTER USER app@'%' REQUIRE NONE"],
  ['SET GLOBAL max_statement_time = 20', 'SET GLOBAL max_statement_time = 0'],
  [
    'SET GLOBAL lock_wait_timeout = 2, GLOBAL wait_timeout = 10',
    'SET GLOBAL lock_wait_timeout = 86400, GLOBAL wait_timeout = 28800',
  ],
  ['CREATE EVENT app.e2e_tick ON SCHEDULE EVERY 1 SECOND DO DO 1', 'DROP EVENT app.e2e_tick'],
  [
    "INSTALL SONAME 'server_audit'; SET GLOBAL server_audit_events = 'QUERY', GLOBAL server_audit_output_type = syslog, GLOBAL server_audit_logging = ON",
    "SET GLOBAL server_audit_logging = OFF; UNINSTALL SONAME 'server_audit'",
  ],
  ["INSTALL SONAME 'password_reuse_check'", "UNINSTALL SONAME 'password_reuse_check'"],
  [
    "CREATE ROLE e2e_role; GRANT ALL ON app.* TO e2e_role; GRANT e2e_role TO app@'%'; SET DEFAULT ROLE e2e_role FOR app@'%'",
    "SET DEFAULT ROLE NONE FOR app@'%'; DROP ROLE e2e_role",
  ],
  [
    'CREATE DATABASE `odd näme ``; --`; CREATE TABLE `odd näme ``; --`.`t` (id INT PRIMARY KEY)',
    'DROP DATABASE `odd näme ``; --`',
  ],
  ['FLUSH TABLES; FLUSH PRIVILEGES; FLUSH BINARY LOGS; PURGE BINARY LOGS BEFORE NOW()', 'DO 1'],
  ["DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES", 'DO 1'],
];

/** Dealt out to rows by their position: related ones, which stand side by side above, come to different rows. */
export const MARIADB_SETTINGS: readonly Setting[] = [
  ...Object.entries(PARAMETERS).map(([name, value]) => ({ parameter: { name, value } })),
  ...STATEMENTS.map(([statement, undo]) => ({ statement, undo })),
];
