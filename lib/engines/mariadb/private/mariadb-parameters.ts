import { checkOptions, optionLines, RefusedValue, WHY } from '../../mysql-common/options';
import { Sizes, volumeMebibytes } from '../../shared/database-engine';
import { share } from '../../shared/parameters';

const GALERA = 'Galera replicates in another way';
const LOGS_IN = "the pod's users and signs rest on it";

/** Parameters that decide whether replicas follow and data survives, each with what to do instead of setting it. */
const OWNED = {
  getopt_prefix_matching: 'a name is written in full',
  gtid_domain_id: WHY.follows,
  gtid_strict_mode: WHY.follows,
  gtid_ignore_duplicates: WHY.follows,
  log_bin_index: WHY.follows,
  relay_log_index: WHY.follows,
  relay_log_info_file: WHY.follows,
  relay_log_purge: 'relay logs would fill the disk',
  master_info_file: 'the password in it stays in memory',
  master_retry_count: 'the sidecar looks at the primary before a replica is connected again',
  replicate_same_server_id: WHY.follows,
  replicate_events_marked_for_skip: WHY.follows,
  slave_skip_errors: WHY.follows,
  slave_exec_mode: WHY.follows,
  slave_run_triggers_for_rbr: WHY.follows,
  ssl: WHY.follows,
  slave_connections_needed_for_purge: "a replica that is gone would fill the primary's disk",
  report_port: WHY.ordinal,
  init_rpl_role: WHY.ordinal,
  innodb_read_only: WHY.ordinal,
  wsrep_on: GALERA,
  wsrep_provider: GALERA,
  wsrep_cluster_address: GALERA,
  unix_socket: LOGS_IN,
  sequence: LOGS_IN,
  tmpdir: WHY.volume,
  slave_load_tmpdir: WHY.volume,
  innodb_tmpdir: WHY.volume,
  innodb_undo_directory: WHY.volume,
  aria_log_dir_path: WHY.volume,
  innodb_flush_log_at_trx_commit: WHY.survives,
  sync_binlog: WHY.survives,
  sync_frm: WHY.survives,
  debug_no_sync: WHY.survives,
  tc_heuristic_recover: WHY.survives,
};

const UNBOUNDED = { value: /^\+?0*[kmgtpe]?$/i, why: 'the log would fill the disk: give a size' };
const NOT_INNODB = {
  value: /^(?!innodb$)/i,
  why: "an acknowledged write to another engine's table need not survive the node: name the engine for the table that may be lost",
};

/** Values that would break a promise, of parameters that may be set. */
const REFUSED: RefusedValue[] = [
  { name: 'max_binlog_total_size', ...UNBOUNDED },
  { name: 'binlog_space_limit', ...UNBOUNDED },
  { name: 'default_storage_engine', ...NOT_INNODB },
  { name: 'enforce_storage_engine', ...NOT_INNODB },
  // The server takes its values by number, too.
  { name: 'innodb_flush_method', value: /^(littlesync|nosync|o_direct_no_fsync|2|3|5)$/i, why: WHY.survives },
];

/** Refuse parameters that would break a promise, saying what to do instead of them. */
export function checkParameters(parameters: { [name: string]: string }): { [name: string]: string } {
  return checkOptions(parameters, OWNED, REFUSED);
}

/** As MariaDB has it where no one says otherwise. */
const CONNECTIONS = '151';

/**
 * Connections that one user alone does not get: for those of the replicas, and for all by which pods ask and show one
 * another something.
 */
const RESERVED = 16;

/** What a DBA would set first: caches by memory, kept log by volume, and what makes an acknowledged write survive. */
export function defaultParameters(
  { memory, volume }: Sizes,
  port: number,
  maxConnections = CONNECTIONS,
): { [name: string]: string } {
  const memoryMiB = memory.toMebibytes();
  const volumeMiB = volumeMebibytes(volume);
  return {
    port: String(port),
    bind_address: '*',
    innodb_buffer_pool_size: `${share(memoryMiB, 0.5, 64, 1048576)}M`,
    innodb_log_file_size: `${share(volumeMiB, 0.05, 32, 8192)}M`,
    innodb_flush_log_at_trx_commit: '1',
    sync_binlog: '1',
    log_bin: 'binlog',
    log_slave_updates: '1',
    binlog_format: 'ROW',
    gtid_strict_mode: '1',
    skip_slave_start: '1',
    // Whether to connect again is the sidecar's decision.
    master_retry_count: '1',
    relay_log: 'relay',
    // A replica that is away holds nothing of the log; it finds this much, and copies again what it misses beyond that.
    max_binlog_size: `${share(volumeMiB, 0.02, 4, 1024)}M`,
    max_binlog_total_size: `${share(volumeMiB, 0.2, 64, 1048576)}M`,
    slave_connections_needed_for_purge: '0',
    slave_parallel_threads: '4',
    slave_parallel_mode: 'optimistic',
    // Probes open the port and say nothing: no warning for each.
    log_warnings: '1',
    // A dead peer is noticed in a quarter of a minute.
    slave_net_timeout: '15',
    // Neither root nor the set's own users are bound by it.
    ...(Number(maxConnections) > 2 * RESERVED
      ? { max_user_connections: String(Number(maxConnections) - RESERVED) }
      : {}),
  };
}

/**
 * The file's one section: one line a parameter. The beginning of a name is not taken for the name: it would not be
 * recognised above.
 */
export function mariaDbConf(parameters: { [name: string]: string }): string {
  return `[mariadbd]\ngetopt_prefix_matching = 0\n${optionLines(parameters)}`;
}
