import { checkOptions, optionLines, RefusedValue, WHY } from '../../mysql-family/private/options';
import { Sizes, volumeMebibytes } from '../../private/database-engine';
import { share } from '../../private/parameters';

/** Parameters that decide whether replicas follow and data survives, each with what to do in place of setting it. */
const OWNED = {
  gtid_domain_id: WHY.follows,
  gtid_strict_mode: WHY.follows,
  slave_connections_needed_for_purge: 'a replica that is gone would fill the primary\'s disk',
};

/** Values that would break a promise, of parameters that may be set. */
const REFUSED: RefusedValue[] = [
  { name: 'max_binlog_total_size', value: /^\+?0*[kmgtpe]?$/i, why: 'the log would fill the disk: give a size' },
];

/** Refuse parameters that would break a promise, saying what to do in place of them. */
export function checkParameters(parameters: { [name: string]: string }): { [name: string]: string } {
  return checkOptions(parameters, OWNED, REFUSED);
}

/** What a DBA would set first: caches by memory, kept log by volume, and what makes an acknowledged write survive. */
export function defaultParameters({ memory, volume }: Sizes, port: number): { [name: string]: string } {
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
    relay_log: 'relay',
    // A replica that is away holds nothing of the log; it finds this much, and copies anew what it misses beyond that.
    max_binlog_size: `${share(volumeMiB, 0.02, 4, 1024)}M`,
    max_binlog_total_size: `${share(volumeMiB, 0.2, 64, 1048576)}M`,
    slave_connections_needed_for_purge: '0',
    slave_parallel_threads: '4',
    slave_parallel_mode: 'optimistic',
    // Probes open the port and say nothing: no warning for each.
    log_warnings: '1',
    // A dead peer is noticed in a quarter of a minute.
    slave_net_timeout: '15',
  };
}

/** The file's one section: one line a parameter. */
export function mariaDbConf(parameters: { [name: string]: string }): string {
  return `[mariadbd]\n${optionLines(parameters)}`;
}
