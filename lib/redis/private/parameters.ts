import { Sizes } from '../../private/database-engine';
import { checkParameter, share } from '../../private/parameters';

const NAME = /^[a-z][a-z0-9-]*$/;

const PASSWORDS = 'users and passwords come from the prop \'credentials\'';
const ORDINAL = 'the ordinal decides whom a pod follows, and who may write';
const FILES = 'the volume\'s layout is the library\'s: use the prop \'storage\'';
const SNAPSHOTS = 'the append-only file keeps the data, and snapshots are taken as the replication needs them';
const CONTAINER = 'the server is the container\'s process, and its log the container\'s output';
const TLS = 'there is no encryption between pods yet: use a mesh or a network that encrypts';

/** Parameters that decide whether replicas follow and data survives, each with what to do in place of setting it. */
const OWNED = new Map(Object.entries({
  port: 'use the prop \'port\'',
  bind: 'the server listens on all addresses, as replicas and probes need it',
  'protected-mode': 'everybody gives a password',
  unixsocket: 'the sidecar connects there',
  unixsocketperm: 'the sidecar connects there',
  include: 'use the prop \'parameters\'',
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
  'min-replicas-to-write': 'no replica can join before the first write, which says whose data it is: use WAIT in the application',
  'min-slaves-to-write': 'no replica can join before the first write, which says whose data it is: use WAIT in the application',
  'cluster-enabled': 'ordinal 0 is the primary of all keys; for shards make several sets',
  dir: FILES,
  dbfilename: FILES,
  appendfilename: FILES,
  appenddirname: FILES,
  appendonly: 'an acknowledged write must survive the pod',
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
}));

/** On the volume are, at times, as many copies of the data: the log and the one that is about to replace it, and two snapshots. */
const COPIES = 4;
const UNITS: { readonly [unit: string]: number } = { '': 1, b: 1, k: 1e3, kb: 1024, m: 1e6, mb: 1024 ** 2, g: 1e9, gb: 1024 ** 3 };
const MEBIBYTE = 1024 ** 2;

/** Less would leave no room for data: the log and the snapshots have heads too. */
const LEAST_VOLUME_MIB = 64;

/** Refuse a volume on which even little data does not fit as often as it must. */
export function checkVolume({ volume }: Sizes): void {
  if (volume !== undefined && volume.toMebibytes() < LEAST_VOLUME_MIB) {
    throw new Error(`storage must have at least ${LEAST_VOLUME_MIB} mebibytes, got ${volume.toMebibytes()} mebibytes`);
  }
}

/** Refuse parameters that would break a promise, saying what to do in place of them. */
export function checkParameters(parameters: { [name: string]: string }, sizes: Sizes): { [name: string]: string } {
  for (const [name, value] of Object.entries(parameters)) {
    checkParameter({ name, value, why: OWNED.get(name), names: NAME, help: 'a-z, 0-9 and \'-\'' });
    if (/["'\\]/.test(value)) {
      throw new Error(`parameters must have values without quotes and backslashes, got '${value}' for '${name}'`);
    }
  }
  if (Object.hasOwn(parameters, 'maxmemory')) {
    checkMaxmemory(parameters.maxmemory, sizes);
  }
  return parameters;
}

function checkMaxmemory(value: string, { memory, volume }: Sizes): void {
  const [, amount, unit] = /^(\d+)([a-z]*)$/i.exec(value) ?? [];
  const mebibytes = Number(amount) * (UNITS[unit?.toLowerCase()] ?? NaN) / MEBIBYTE;
  const most = Math.floor(Math.min(memory.toMebibytes(), volume === undefined ? Infinity : volume.toMebibytes() / COPIES));
  if (!(mebibytes > 0 && mebibytes <= most)) {
    throw new Error(`parameters must set 'maxmemory' to a size of at most ${most}mb, or not at all, got '${value}': more does not fit the memory, or ${COPIES} times on the volume`);
  }
}

/** What an administrator would set first: how large the data may be, and how much of the log of changes replicas find when they come back. */
export function defaultParameters({ memory, volume }: Sizes, port: number): { [name: string]: string } {
  const memoryMiB = memory.toMebibytes();
  const fits = volume === undefined ? Infinity : Math.floor(volume.toMebibytes() / COPIES);
  return {
    bind: '* -::*',
    'protected-mode': 'no',
    port: String(port),
    // The rest is for what is written while a snapshot is taken, for the log in memory, and for clients.
    maxmemory: `${share(memoryMiB, 0.6, 1, fits)}mb`,
    appendfsync: 'everysec',
    save: '',
    'repl-backlog-size': `${share(memoryMiB, 1 / 16, 8, 4096)}mb`,
    'repl-backlog-ttl': '0',
    'repl-diskless-sync-delay': '0',
    // A dead peer is noticed in half a minute.
    'repl-ping-replica-period': '5',
    'repl-timeout': '30',
    'tcp-keepalive': '30',
  };
}

/** One line a parameter; some have several words as their value. */
export function serverConf(parameters: { [name: string]: string }): string {
  return Object.entries(parameters).map(([name, value]) => `${name} ${value.trim() === '' ? '""' : value}\n`).join('');
}
