import { Sizes } from '../../shared/database-engine';
import { checkParameter, share } from '../../shared/parameters';

const NAME = /^[a-z][a-z0-9-]*$/;

const PASSWORDS = "users and passwords come from the prop 'credentials'";
const ORDINAL = 'the ordinal decides whom a pod follows, and who may write';
const ACKNOWLEDGED = 'what is acknowledged is on the volume';
const FILES = "the volume's layout is the library's: use the prop 'storage'";
const SNAPSHOTS = 'the append-only file keeps the data, and snapshots are taken as the replication needs them';
const CONTAINER = "the server is the container's process, and its log the container's output";
const TLS = 'there is no encryption between pods yet: use a mesh or a network that encrypts';

/** Parameters that decide whether replicas follow and data survives, each with what to do instead of setting it. */
const OWNED = new Map(
  Object.entries({
    port: "use the prop 'port'",
    bind: 'the server listens on all addresses, as replicas and probes need it',
    'protected-mode': 'everybody gives a password',
    unixsocket: 'the sidecar connects there',
    unixsocketperm: 'the sidecar connects there',
    unixsocketgroup: 'the sidecar connects there',
    include: "use the prop 'parameters'",
    user: PASSWORDS,
    aclfile: PASSWORDS,
    requirepass: PASSWORDS,
    masteruser: PASSWORDS,
    masterauth: PASSWORDS,
    primaryuser: PASSWORDS,
    primaryauth: PASSWORDS,
    replicaof: ORDINAL,
    slaveof: ORDINAL,
    'replica-read-only': ORDINAL,
    'slave-read-only': ORDINAL,
    'replica-serve-stale-data': 'a replica is read while the primary restarts',
    'slave-serve-stale-data': 'a replica is read while the primary restarts',
    'replica-ignore-maxmemory': 'a replica must have what the primary has',
    'slave-ignore-maxmemory': 'a replica must have what the primary has',
    'repl-diskless-load': 'a replica keeps its old data until the new is complete',
    'replica-announce-ip': ORDINAL,
    'replica-announce-port': ORDINAL,
    'slave-announce-ip': ORDINAL,
    'slave-announce-port': ORDINAL,
    'replica-ignore-disk-write-errors': 'a replica must have on its volume what it says it has',
    'min-replicas-to-write':
      'no replica can join before the first write, which says whose data it is: use WAIT in the application',
    'min-slaves-to-write':
      'no replica can join before the first write, which says whose data it is: use WAIT in the application',
    'min-replicas-max-lag': "by it, and 'min-replicas-to-write', a replica that was made a primary refuses writes",
    'min-slaves-max-lag': "by it, and 'min-replicas-to-write', a replica that was made a primary refuses writes",
    'cluster-enabled': 'ordinal 0 is the primary of all keys; for shards make several sets',
    dir: FILES,
    dbfilename: FILES,
    appendfilename: FILES,
    appenddirname: FILES,
    appendonly: ACKNOWLEDGED,
    'no-appendfsync-on-rewrite': `${ACKNOWLEDGED}, also while the log is rewritten`,
    'propagation-error-behavior':
      'a command that fails on a replica must not end its server: an application could end them all',
    'aof-use-rdb-preamble': 'modules of the image, as that for searches, do not start without',
    'aof-load-truncated': 'a primary whose node died starts again, without the half of a write that no one was told of',
    'aof-load-corrupt-tail-max-size':
      'a damaged log is a matter for a person: delete the pod and PVC, and the data comes from a replica',
    'aof-disable-auto-gc': 'the volume has room for one log and its successor',
    save: SNAPSHOTS,
    'shutdown-on-sigterm': SNAPSHOTS,
    'repl-backlog-ttl': 'replicas go on from where they were, however long they were away',
    'rdb-del-sync-files': SNAPSHOTS,
    rdbchecksum: 'a copy is checked by it',
    'rename-command': 'the scripts use the commands by their names',
    daemonize: CONTAINER,
    supervised: CONTAINER,
    pidfile: CONTAINER,
    logfile: CONTAINER,
    'tls-port': TLS,
    'tls-replication': TLS,
  }),
);

/**
 * On the volume are, at times, as many copies of the data: the log and the one that is about to replace it, and two
 * snapshots.
 */
const COPIES = 4;
const UNITS: { readonly [unit: string]: number } = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1024,
  m: 1e6,
  mb: 1024 ** 2,
  g: 1e9,
  gb: 1024 ** 3,
};
const MEBIBYTE = 1024 ** 2;
/** More leaves nothing for the log in memory, for clients, and for a snapshot's beginning. */
const MOST_OF_MEMORY = 0.75;
/** A quarter of them the sidecar keeps for the set (`guard.sh`). */
const LEAST_CLIENTS = 64;
const PING_SECONDS = 5;
const TIMEOUT_SECONDS = 30;

/** Less would leave no room for data: the log and the snapshots have heads too. */
const LEAST_VOLUME_MIB = 64;

/** Refuse a volume on which even little data does not fit as often as it must. */
export function checkVolume({ volume }: Sizes): void {
  if (volume !== undefined && volume.toMebibytes() < LEAST_VOLUME_MIB) {
    throw new Error(`storage must have at least ${LEAST_VOLUME_MIB} mebibytes, got ${volume.toMebibytes()} mebibytes`);
  }
}

/** Refuse parameters that would break a promise, saying what to do instead of them. */
export function checkParameters(
  parameters: { [name: string]: string },
  sizes: Sizes,
  mayLoseLastSecond: boolean,
): { [name: string]: string } {
  for (const [name, value] of Object.entries(parameters)) {
    checkParameter({ name, value, why: OWNED.get(name), names: NAME, help: "a-z, 0-9 and '-'" });
    if (/["'\\]/.test(value)) {
      throw new Error(`parameters must have values without quotes and backslashes, got '${value}' for '${name}'`);
    }
  }
  const { appendfsync, maxmemory } = parameters;
  const flush = mayLoseLastSecond ? 'everysec' : 'always';
  if (appendfsync !== undefined && appendfsync.toLowerCase() !== flush) {
    throw new Error(
      `parameters must not set 'appendfsync', got '${appendfsync}': with the prop 'mayLoseLastSecond' it is 'everysec', without it 'always', and never less`,
    );
  }
  if (maxmemory !== undefined) {
    checkMaxmemory(maxmemory, sizes);
  }
  checkRewrites(parameters, sizes);
  checkNumber(parameters, 'maxclients', LEAST_CLIENTS, 1e6, `${LEAST_CLIENTS / 4} are for the set itself`);
  const ping = Number(parameters['repl-ping-replica-period'] ?? parameters['repl-ping-slave-period'] ?? PING_SECONDS);
  checkNumber(
    parameters,
    'repl-timeout',
    2 * ping,
    600,
    "a replica must hear from the primary at least twice in that time ('repl-ping-replica-period')",
  );
  for (const name of ['repl-ping-replica-period', 'repl-ping-slave-period']) {
    checkNumber(
      parameters,
      name,
      1,
      Number(parameters['repl-timeout'] ?? TIMEOUT_SECONDS) / 2,
      "a replica must hear from the primary at least twice in 'repl-timeout'",
    );
  }
  const limits = parameters['client-output-buffer-limit'];
  return {
    ...parameters,
    ...(appendfsync === undefined ? {} : { appendfsync: flush }),
    // What is said of one kind of clients is not said of the others.
    ...(limits === undefined ? {} : { 'client-output-buffer-limit': `${replicaBuffers(sizes)} ${limits}` }),
  };
}

/** The log is made again when it has doubled, or the volume would have no room for it and its successor. */
function checkRewrites(parameters: { [name: string]: string }, { volume }: Sizes): void {
  checkNumber(parameters, 'auto-aof-rewrite-percentage', 1, 100, 'the volume has room for a log that doubles');
  const size = parameters['auto-aof-rewrite-min-size'];
  if (size !== undefined && volume !== undefined) {
    const most = Math.floor(volume.toMebibytes() / COPIES);
    if (!(mebibytesOf(size) <= most)) {
      throw new Error(
        `parameters must set 'auto-aof-rewrite-min-size' to a size of at most ${most}mb, or not at all, got '${size}': the volume has room for no larger log`,
      );
    }
  }
}

function checkNumber(
  parameters: { [name: string]: string },
  name: string,
  least: number,
  most: number,
  why: string,
): void {
  const value = parameters[name];
  if (value !== undefined && !(/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most)) {
    throw new Error(
      `parameters must set '${name}' to a number from ${least} to ${most}, or not at all, got '${value}': ${why}`,
    );
  }
}

function mebibytesOf(value: string): number {
  const [, amount, unit] = /^(\d+)([a-z]*)$/i.exec(value) ?? [];
  return (Number(amount) * (UNITS[unit?.toLowerCase()] ?? NaN)) / MEBIBYTE;
}

function checkMaxmemory(value: string, { memory, volume }: Sizes): void {
  const mebibytes = mebibytesOf(value);
  const most = Math.floor(
    Math.min(memory.toMebibytes() * MOST_OF_MEMORY, volume === undefined ? Infinity : volume.toMebibytes() / COPIES),
  );
  if (!(mebibytes > 0 && mebibytes <= most)) {
    throw new Error(
      `parameters must set 'maxmemory' to a size of at most ${most}mb, or not at all, got '${value}': more does not fit the memory, or ${COPIES} times on the volume`,
    );
  }
}

/** What may wait for one replica, at most: the log in memory and what is on its way are the same buffer. */
function replicaBuffers({ memory }: Sizes): string {
  const most = share(memory.toMebibytes(), 1 / 8, 16, 8192);
  return `replica ${most}mb ${most}mb 60`;
}

/**
 * What an administrator would set first: how large the data may be, and how much of the log of changes replicas find
 * when they come back.
 */
export function defaultParameters(sizes: Sizes, port: number, mayLoseLastSecond: boolean): { [name: string]: string } {
  const { memory, volume } = sizes;
  const memoryMiB = memory.toMebibytes();
  const fits = volume === undefined ? Infinity : Math.floor(volume.toMebibytes() / COPIES);
  return {
    bind: '* -::*',
    'protected-mode': 'no',
    port: String(port),
    // As much again is for what is written while a snapshot is taken or the log rewritten; the rest for the log in
    // memory, and for clients.
    maxmemory: `${share(memoryMiB, 0.4, 1, fits)}mb`,
    'client-output-buffer-limit': replicaBuffers(sizes),
    appendfsync: mayLoseLastSecond ? 'everysec' : 'always',
    save: '',
    'repl-backlog-size': `${share(memoryMiB, 1 / 16, 8, 4096)}mb`,
    'repl-backlog-ttl': '0',
    'repl-diskless-sync-delay': '0',
    // A dead peer is noticed in half a minute.
    'repl-ping-replica-period': String(PING_SECONDS),
    'repl-timeout': String(TIMEOUT_SECONDS),
    'tcp-keepalive': String(TIMEOUT_SECONDS),
  };
}

/** One line a parameter; some have several words as their value. */
export function serverConf(parameters: { [name: string]: string }): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${value.trim() === '' ? '""' : value}\n`)
    .join('');
}
