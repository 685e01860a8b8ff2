import { Size, SizeRoundingBehavior } from 'cdk8s';
import { TEMPORARY_PATH } from '../../mysql-common/mysql-common-engine';
import { checkOptions, optionLines, RefusedValue, WHY } from '../../mysql-common/options';
import { Sizes, volumeMebibytes } from '../../shared/database-engine';
import { share } from '../../shared/parameters';

const SIDECAR = "the sidecar reads the replicas' state there";
const CERTIFICATES = 'pods know one another by certificates that they make of the replication password';
const COPIES = 'copies hold InnoDB tables only: all others would be empty on replicas';

/** Parameters that decide whether replicas follow and data survives, each with what to do instead of setting it. */
const OWNED = {
  performance_schema: SIDECAR,
  performance_schema_instrument: SIDECAR,
  performance_schema_max_thread_instances: SIDECAR,
  ssl_ca: CERTIFICATES,
  ssl_capath: CERTIFICATES,
  ssl_cert: CERTIFICATES,
  ssl_key: CERTIFICATES,
  ssl_crl: CERTIFICATES,
  ssl_crlpath: CERTIFICATES,
  clone: 'copies need it',
  auth_socket: 'the sidecar connects by it',
  innodb_undo_directory: WHY.volume,
  persisted_globals_load: 'what is set by SET PERSIST would come before what the ordinal demands',
  report_port: WHY.ordinal,
  super_read_only: WHY.ordinal,
  innodb_read_only: WHY.ordinal,
  replica_start: WHY.ordinal, // skip_replica_start
  gtid_mode: WHY.follows,
  enforce_gtid_consistency: WHY.follows,
  log_bin_index: WHY.follows,
  log_replica_updates: WHY.follows,
  replica_skip_errors: WHY.follows,
  slave_skip_errors: WHY.follows,
  replica_exec_mode: WHY.follows,
  slave_exec_mode: WHY.follows,
  relay_log_index: WHY.follows,
  relay_log_recovery: WHY.follows,
  plugin_load: "copies need the plugin 'clone': use 'plugin_load_add'",
  innodb_flush_log_at_trx_commit: WHY.survives,
  sync_binlog: WHY.survives,
  binlog_error_action: WHY.survives,
};

/** Values that would break a promise, of parameters that may be set. */
const REFUSED: RefusedValue[] = [
  // One by one: the server takes numbers and abbreviations for the others, too.
  {
    name: 'innodb_flush_method',
    value: /^(?!(fsync|O_DSYNC|O_DIRECT)$)/i,
    why: `${WHY.survives}: fsync, O_DSYNC and O_DIRECT do that`,
  },
  {
    name: 'binlog_expire_logs_auto_purge',
    value: /^(0|off|false)$/i,
    why: "the log would fill the disk: use 'binlog_expire_logs_seconds'",
  },
  { name: 'relay_log_purge', value: /^(0|off|false)$/i, why: 'the log would fill the disk' },
  { name: 'default_storage_engine', value: /^(?!innodb$)/i, why: COPIES },
  {
    name: 'protocol_compression_algorithms',
    value: /^(?!.*uncompressed)/i,
    why: 'copies are asked for uncompressed: name that one too',
  },
  { name: 'tls_version', value: /^(?!.*TLSv1\.[23])/i, why: 'pods talk by TLS only' },
  {
    name: 'transaction_read_only',
    value: /^(1|on|true)$/i,
    why: "the plugin 'clone', which copies need, does not load then",
  },
  {
    name: 'replica_net_timeout',
    value: /^[0-9]$/,
    why: 'the primary is heard of every five seconds: give at least 10',
  },
  {
    name: 'thread_handling',
    value: /^(?!one-thread-per-connection$|loaded-dynamically$)/i,
    why: 'the sidecar and replicas keep connections',
  },
];

/** Refuse parameters that would break a promise, saying what to do instead of them. */
export function checkParameters(parameters: { [name: string]: string }): { [name: string]: string } {
  return checkOptions(parameters, OWNED, REFUSED);
}

const LEAST_LOG_MIB = 64;

/** What a server takes in addition to its caches: the Performance Schema, buffers, threads. */
const OVERHEAD_MIB = 384;

/** How much log is kept: a fifth of the volume if no one says otherwise. */
export function logMebibytes(given: Size | undefined, volume: Size | undefined): number {
  const volumeMiB = volumeMebibytes(volume);
  if (given === undefined) {
    return share(volumeMiB, 0.2, LEAST_LOG_MIB, 1048576);
  }
  const mebibytes = given.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
  if (!Number.isInteger(mebibytes) || mebibytes < LEAST_LOG_MIB || mebibytes > volumeMiB / 2) {
    throw new Error(
      `maxLogSize must be a whole number of mebibytes, from ${LEAST_LOG_MIB} to half of the volume's ${volumeMiB}, got ${mebibytes} mebibytes`,
    );
  }
  return mebibytes;
}

const DEFAULT_CONNECTIONS = 151;

/**
 * How many connections one user may take of all that there are: so no application keeps out pods, or the superuser,
 * whose limit is another.
 */
function connectionsOfOne(most: string | undefined): string {
  const all = Number(most ?? DEFAULT_CONNECTIONS);
  return String(Number.isInteger(all) && all > 1 ? Math.max(1, all - share(all, 0.1, 2, 20)) : 0);
}

/** All that is in the file: what the user gave, over the defaults, some of which follow from it. */
export function withDefaults(
  given: { [name: string]: string },
  defaults: { [name: string]: string },
): { [name: string]: string } {
  return { ...defaults, max_user_connections: connectionsOfOne(given.max_connections), ...given };
}

/** What a DBA would set first: caches by memory, kept log by volume, and what makes an acknowledged write survive. */
export function defaultParameters({ memory, volume }: Sizes, logMiB: number, port: number): { [name: string]: string } {
  const volumeMiB = volumeMebibytes(volume);
  const memoryMiB = memory.toMebibytes();
  const fileMiB = share(logMiB, 0.1, 4, 1024);
  return {
    port: String(port),
    tmpdir: TEMPORARY_PATH,
    // No one makes a table that copies would not have.
    disabled_storage_engines: 'MyISAM,MRG_MYISAM,ARCHIVE,CSV,FEDERATED',
    bind_address: '*',
    innodb_buffer_pool_size: `${share(memoryMiB - OVERHEAD_MIB, 0.6, 64, 1048576)}M`,
    temptable_max_ram: `${share(memoryMiB, 0.05, 16, 1024)}M`,
    replica_pending_jobs_size_max: `${share(memoryMiB, 0.06, 16, 128)}M`,
    // As many as up to MySQL 8.4: the ten million of 9 take hundreds of mebibytes.
    binlog_transaction_dependency_history_size: '25000',
    innodb_redo_log_capacity: `${share(volumeMiB, 0.05, 32, 8192)}M`,
    innodb_flush_log_at_trx_commit: '1',
    sync_binlog: '1',
    gtid_mode: 'ON',
    enforce_gtid_consistency: 'ON',
    log_bin: 'binlog',
    relay_log: 'relay',
    // What was received and not applied is received again: a crash may have torn the file.
    relay_log_recovery: 'ON',
    skip_replica_start: 'ON',
    persisted_globals_load: 'OFF',
    // A replica that is away holds nothing of the log; it finds `maxLogSize` of it, and copies again what it misses
    // beyond that.
    max_binlog_size: `${fileMiB}M`,
    relay_log_space_limit: `${logMiB}M`,
    replica_parallel_workers: '4',
    // A dead peer is noticed in a quarter of a minute.
    replica_net_timeout: '15',
    // The other protocol, which none of what is here speaks.
    mysqlx: 'OFF',
    // So that the log says who was given a copy; but not that a probe opened the port and said nothing.
    log_error_verbosity: '3',
    log_error_suppression_list: 'MY-010914',
  };
}

/**
 * The file's one section: one line a parameter. `clone` gives and takes copies, `auth_socket` knows the sidecar by its
 * user.
 */
export function mySqlConf(parameters: { [name: string]: string }): string {
  return `[mysqld]\nplugin_load_add = clone=mysql_clone.so\nplugin_load_add = auth_socket=auth_socket.so\n${optionLines(parameters)}`;
}
