import { checkParameter } from '../shared/parameters';

// What the option files of MySQL and MariaDB have in common.

/** Why an option must not be set; an engine's own reasons are with the engine. */
export const WHY = {
  ordinal: 'the ordinal decides whom a pod follows, and who may write',
  follows: 'replicas follow by it',
  survives: 'an acknowledged write must survive the node',
  volume: "the volume is mounted by the prop 'storage'",
  listens: 'the server listens on all addresses, as replicas and probes need it',
};

/**
 * Options of both that decide whether replicas follow and data survives, each with what to do instead of setting it.
 */
const OWNED_IN_BOTH: { readonly [name: string]: string } = {
  port: "use the prop 'port'",
  bind_address: WHY.listens,
  networking: WHY.listens, // skip_networking
  socket: 'the sidecar connects there',
  datadir: WHY.volume,
  innodb_data_home_dir: WHY.volume,
  innodb_log_group_home_dir: WHY.volume,
  user: "the container's user is the server's",
  pid_file: 'it is not used',
  log_error: "the log goes to the container's output: use 'kubectl logs'",
  server_id: WHY.ordinal,
  report_host: WHY.ordinal,
  read_only: WHY.ordinal,
  slave_start: WHY.ordinal, // skip_slave_start
  log_bin: WHY.follows,
  log_slave_updates: WHY.follows,
  binlog_format: WHY.follows,
  binlog_do_db: WHY.follows,
  binlog_ignore_db: WHY.follows,
  sql_log_bin: WHY.follows,
  replicate_do_db: WHY.follows,
  replicate_ignore_db: WHY.follows,
  replicate_do_table: WHY.follows,
  replicate_ignore_table: WHY.follows,
  replicate_wild_do_table: WHY.follows,
  replicate_wild_ignore_table: WHY.follows,
  replicate_rewrite_db: WHY.follows,
  relay_log: WHY.follows,
  grant_tables: 'everybody gives a password', // skip_grant_tables
  innodb_doublewrite: WHY.survives,
  init_file: "each pod would run it, and what it writes on a replica the primary does not have: use 'initScripts'",
};

const NAME = /^[a-z][a-z0-9_]*$/;

/** Both take each name with these before it too. */
const PREFIXES = /^((loose|skip|disable|enable|maximum)_)+/;

/** A value that would break a promise, of an option that may be set. */
export interface RefusedValue {
  readonly name: string;
  readonly value: RegExp;
  readonly why: string;
}

/**
 * Refuse options that would break a promise, saying what to do instead of them.
 *
 * @param owned options that must not be set at all, in addition to those of both, each with what to do instead of that
 */
export function checkOptions(
  options: { [name: string]: string },
  owned: { [name: string]: string },
  refused: RefusedValue[],
): { [name: string]: string } {
  const reasons = new Map(Object.entries({ ...OWNED_IN_BOTH, ...owned }));
  for (const [name, value] of Object.entries(options)) {
    const bare = name.replace(PREFIXES, '');
    // A server may take the beginning of a name for all of it.
    const means = (whole: string): boolean => bare !== '' && whole.startsWith(bare);
    const meant = reasons.has(name) ? name : [...reasons.keys()].find(means);
    const why = reasons.get(meant ?? '') ?? refused.find((one) => means(one.name) && one.value.test(value.trim()))?.why;
    checkParameter({ name, value, why, names: NAME, help: "a-z, 0-9 and '_'" });
  }
  return options;
}

/** One line an option. */
export function optionLines(options: { [name: string]: string }): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} = ${optionValue(value)}\n`)
    .join('');
}

/** Words and numbers stay plain. In quotes backslashes are read as escapes. */
function optionValue(value: string): string {
  return /^[-\w.,:/*]+$/.test(value) ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
