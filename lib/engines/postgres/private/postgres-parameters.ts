import { Sizes, volumeMebibytes } from '../../shared/database-engine';
import { checkParameter, share } from '../../shared/parameters';

const NAME = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/;

/** Parameters that decide whether replicas follow and data survives, each with what to do instead of setting it. */
const OWNED = new Map(
  Object.entries({
    port: "use the prop 'port'",
    listen_addresses: 'the server listens on all addresses, as replicas and probes need it',
    unix_socket_directories: 'the sidecar connects there',
    data_directory: "the volume is mounted by the prop 'storage'",
    config_file: "use the prop 'parameters'",
    hba_file: 'passwords are required by scram-sha-256 from everywhere; restrict addresses by a NetworkPolicy',
    ident_file: 'it is not used',
    include: "use the prop 'parameters'",
    include_dir: "use the prop 'parameters'",
    include_if_exists: "use the prop 'parameters'",
    cluster_name: "use the prop 'name'",
    hot_standby: 'replicas are there to be read',
    primary_conninfo: 'the ordinal decides whom a pod follows',
    primary_slot_name: 'the ordinal decides whom a pod follows',
    restore_command: 'a replica whose log is gone copies again by itself',
    recovery_target: 'ordinal 0 is the primary; restore into a set of another name',
    recovery_target_action: 'ordinal 0 is the primary; restore into a set of another name',
    recovery_target_inclusive: 'ordinal 0 is the primary; restore into a set of another name',
    recovery_target_lsn: 'ordinal 0 is the primary; restore into a set of another name',
    recovery_target_name: 'ordinal 0 is the primary; restore into a set of another name',
    recovery_target_time: 'ordinal 0 is the primary; restore into a set of another name',
    recovery_target_timeline: 'ordinal 0 is the primary; restore into a set of another name',
    recovery_target_xid: 'ordinal 0 is the primary; restore into a set of another name',
    fsync: 'an acknowledged write must survive the node',
    full_page_writes: 'an acknowledged write must survive the node',
    logging_collector: "the log goes to the container's output: use 'kubectl logs'",
    log_destination: "the log goes to the container's output: use 'kubectl logs'",
    password_encryption: 'everybody connects by scram-sha-256',
    synchronous_standby_names:
      "use the prop 'synchronousReplicas', which names the replicas as they are called at run time: '*' would count a copy that is half made",
  }),
);

/** What ALTER SYSTEM must not set either, where it is allowed: it is read last of all. */
export const RESERVED = [...OWNED.keys()];

const OFF = '(off|of|false|fals|fal|fa|f|no|n|0)';
const DAMAGED = 'damaged data would be taken for right, and copied to the replicas: recover from a replica';

/** Values that would break a promise, of parameters that may be set. */
const REFUSED: { readonly name: string; readonly value: RegExp; readonly why: string }[] = [
  { name: 'wal_level', value: /^minimal$/i, why: 'replicas need replica or logical' },
  {
    name: 'max_slot_wal_keep_size',
    value: /^-/,
    why: "a replica that is gone would fill the primary's disk: give a size",
  },
  {
    name: 'synchronous_commit',
    value: /^(?!(on|true|yes|1|local|remote_write|remote_apply)$)/i,
    why: 'an acknowledged write must survive a crash: a session, or a role by ALTER ROLE, can set it off for what may be lost',
  },
  { name: 'zero_damaged_pages', value: new RegExp(`^(?!${OFF}$)`, 'i'), why: DAMAGED },
  { name: 'ignore_checksum_failure', value: new RegExp(`^(?!${OFF}$)`, 'i'), why: DAMAGED },
  { name: 'ignore_invalid_pages', value: new RegExp(`^(?!${OFF}$)`, 'i'), why: DAMAGED },
  {
    name: 'data_sync_retry',
    value: new RegExp(`^(?!${OFF}$)`, 'i'),
    why: 'after an error of the disk what was to be written may be lost: the server must recover from its log',
  },
  {
    name: 'recovery_min_apply_delay',
    value: /[1-9]/,
    why: 'a replica that is behind on purpose is never in step, and so never ready',
  },
  ...['wal_sender_timeout', 'wal_receiver_timeout'].map((name) => ({
    name,
    value: /^0+\s*[a-z]*$/i,
    why: 'a pod whose node died would be waited for until the network gives up: give a time',
  })),
];

/**
 * PostgreSQL keeps three connections for superusers, and these for the questions of other pods, whatever an application
 * uses up.
 */
const RESERVED_CONNECTIONS = { name: 'reserved_connections', least: 5, forSuperusers: 3 };

/** Each replica uses one of these; copies need a few more. */
const ONE_PER_REPLICA = ['max_wal_senders', 'max_replication_slots'];
const SPARE = 4;

/** Refuse parameters that would break a promise, saying what to do instead of them. */
export function checkParameters(
  parameters: { [name: string]: string },
  replicas: number,
  synchronousReplicas = 0,
): { [name: string]: string } {
  for (const [name, value] of Object.entries(parameters)) {
    const why =
      OWNED.get(name) ?? REFUSED.find((refused) => refused.name === name && refused.value.test(value.trim()))?.why;
    checkParameter({ name, value, why, names: NAME, help: "a-z, 0-9, '_', and one '.' in an extension's" });
    if (ONE_PER_REPLICA.includes(name) && !(Number(value) >= replicas + SPARE)) {
      throw new Error(
        `parameters must set '${name}' to at least ${replicas + SPARE} with ${replicas} replicas, or not at all, got '${value}'`,
      );
    }
  }
  checkConnections(parameters);
  if (synchronousReplicas > 0 && /^local$/i.test(parameters.synchronous_commit?.trim() ?? '')) {
    throw new Error(
      "parameters must not set 'synchronous_commit' to 'local' with 'synchronousReplicas', as then no commit waits for a replica: " +
        'remove one of the two; a session, or a role by ALTER ROLE, can set it for what may be lost',
    );
  }
  return parameters;
}

/** A server with fewer connections than it keeps for others does not start. */
function checkConnections(parameters: { [name: string]: string | undefined }): void {
  const { name, least, forSuperusers } = RESERVED_CONNECTIONS;
  const reserved = parameters[name] ?? String(least);
  if (!(Number(reserved) >= least)) {
    throw new Error(
      `parameters must set '${name}' to at least ${least}, by which the pods reach one another when an application has used up the rest, ` +
        `or not at all, got '${reserved}'`,
    );
  }
  const most = Number(parameters.max_connections ?? 100);
  const kept = Number(reserved) + Number(parameters.superuser_reserved_connections ?? forSuperusers);
  if (most <= kept) {
    throw new Error(
      `parameters must set 'max_connections' to more than the ${kept} that are reserved for superusers and the pods themselves, got '${most}'`,
    );
  }
}

/**
 * What a DBA would set first: caches by memory, kept log by volume, and the log lines by which a copy and its source
 * are seen.
 */
export function defaultParameters(
  { memory, volume }: Sizes,
  port: number,
  replicas: number,
): { [name: string]: string } {
  const memoryMiB = memory.toMebibytes();
  const volumeMiB = volumeMebibytes(volume);
  const megabytes = (of: number, part: number, least: number, most: number): string =>
    `${share(of, part, least, most)}MB`;
  return {
    listen_addresses: '*',
    port: String(port),
    hba_file: '/etc/stateful/pg_hba.conf',
    shared_buffers: megabytes(memoryMiB, 0.25, 16, 65536),
    effective_cache_size: megabytes(memoryMiB, 0.75, 32, 1048576),
    max_wal_size: megabytes(volumeMiB, 0.1, 64, 16384),
    // A replica that is away holds this much of the log; what it misses beyond that it copies again. Kept also without
    // a slot:
    wal_keep_size: megabytes(volumeMiB, 0.05, 32, 16384),
    max_slot_wal_keep_size: megabytes(volumeMiB, 0.2, 64, 1048576),
    ...sendersFor(replicas),
    // A dead peer is noticed in half a minute, and a primary that is back is found in a second.
    wal_sender_timeout: '30s',
    wal_receiver_timeout: '30s',
    wal_receiver_status_interval: '1s',
    wal_retrieve_retry_interval: '1s',
    tcp_keepalives_idle: '10',
    tcp_keepalives_interval: '5',
    tcp_keepalives_count: '4',
    tcp_user_timeout: '20s', // keepalives do not begin while an answer is under way
    // Anyone who says nothing takes a connection away from the others, before it is known who that is.
    authentication_timeout: '20s',
    reserved_connections: String(RESERVED_CONNECTIONS.least),
    // Pods request none of the node's: where there are some, the server would take them, and be killed.
    huge_pages: 'off',
    log_line_prefix: '%m [%p] %q%u@%d %a ',
    log_replication_commands: 'on',
  };
}

/** PostgreSQL's own ten do for a few replicas; then in steps, as the primary restarts for each. */
function sendersFor(replicas: number): { [name: string]: string } {
  const enough = 2 ** Math.ceil(Math.log2(replicas + SPARE));
  return enough <= 8 ? {} : Object.fromEntries(ONE_PER_REPLICA.map((name) => [name, String(enough)]));
}

/** `postgresql.conf`: one line a parameter. */
export function postgresqlConf(parameters: { [name: string]: string }): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} = ${confValue(value)}\n`)
    .join('');
}

/** Words and numbers, with a unit or without, stay plain. In quotes PostgreSQL reads backslashes as escapes. */
function confValue(value: string): string {
  return /^(\d+[a-z]*|[a-z][a-z0-9]*)$/i.test(value)
    ? value
    : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
