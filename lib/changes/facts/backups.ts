import { JsonObject, listAt, objectAt, stringAt } from '../../values/json';
import { mountedFiles } from './data-settings';
import { Manifest, Manifests } from './manifests';

/** That a set of this library is backed up. */
export interface BackupFacts {
  /** Which store, and where in it: without keys, which may change. */
  readonly store: string;
  /** Secret and key of the passphrase, if what is sent is sealed. */
  readonly encryption?: string;
  readonly retentionSeconds: number;
  readonly maxDataLossSeconds: number;
  /**
   * How much of the log waits at most for a store that is away before the oldest is dropped; 0 where all is kept, until
   * the volume is full.
   */
  readonly maxUnshippedBytes?: number;
}

/** What a set has to do with stores. */
export interface StoreFacts {
  readonly backup?: BackupFacts;
  /** Whose data it begins with, and as of when, where it has none. */
  readonly restoreFrom?: string;
}

/** The volumes of the pods with the keys of stores: of the backups, and of what is restored. */
const BACKUP_KEYS = 'backup';
const STORE_KEYS = [BACKUP_KEYS, 'restore'];

/**
 * Reads the settings that the library renders for its scripts, rclone's configuration, and where the keys come from.
 */
export function readStoreFacts(
  container: JsonObject,
  pod: JsonObject,
  set: Manifest,
  manifests: Manifests,
): StoreFacts {
  const files = mountedFiles([container], pod, set, manifests);
  const settings = readLines(files['settings.sh'] ?? '', /^(\w+)=(.*)$/gm);
  const { backup_remote: remote, restore_namespace: namespace, restore_name: name, restore_until: until } = settings;
  return {
    ...(remote !== undefined && {
      backup: {
        store: describeStore(
          remote,
          readLines(files['rclone-backup.conf'] ?? '', /^(\w+) = (.*)$/gm),
          keySource(pod, 'rclone.conf'),
        ),
        ...(settings.backup_sealed === 'yes' && { encryption: keySource(pod, 'passphrase') ?? '(not known)' }),
        retentionSeconds: Number(settings.retention) || 0,
        maxDataLossSeconds: Number(settings.max_data_loss) || 0,
        maxUnshippedBytes: Number(settings.max_unshipped) || 0,
      },
    }),
    ...(name !== undefined && { restoreFrom: `${namespace}/${name} until ${until}` }),
  };
}

interface Lines {
  readonly [name: string]: string | undefined;
}

function readLines(text: string, line: RegExp): Lines {
  return Object.fromEntries([...text.matchAll(line)].map(([, name, value]) => [name, value.replace(/^'(.*)'$/, '$1')]));
}

/** For example `s3 https://s3.example.com backups/team-a`; what decides who is asked, and where that one looks. */
function describeStore(
  remote: string,
  { type, endpoint, account, user, host, port }: Lines,
  configuration: string | undefined,
): string {
  const path = remote.replace(/^[^:]*:/, '');
  if (type === undefined) return [`rclone.conf of ${configuration ?? '(not known)'}`, remote].join(' ');
  const server = host === undefined ? (endpoint ?? account) : `${user}@${host}:${port}`;
  return [type, server, path].filter((part) => part !== undefined && part !== '').join(' ');
}

/** Secret and key of a file among the keys of the store. */
function keySource(pod: JsonObject, fileName: string): string | undefined {
  const [found] = keySources(pod, fileName, [BACKUP_KEYS]);
  return found === undefined ? undefined : `${found.secret}/${found.key}`;
}

/** A key of a Secret. */
export interface KeySource {
  readonly secret: string;
  readonly key: string;
}

/** Where the passphrases come from that the pods of a set of this library open backups with. */
export function passphraseSources(pod: JsonObject): KeySource[] {
  return keySources(pod, 'passphrase', STORE_KEYS);
}

/** The pod without what only leads to stores: no database keeps a copy of those keys. */
export function withoutStoreKeys(pod: JsonObject): JsonObject {
  return {
    ...pod,
    volumes: listAt(pod, 'volumes').filter((volume) => !STORE_KEYS.includes(stringAt(volume, 'name') ?? '')),
  };
}

function keySources(pod: JsonObject, fileName: string, volumes: readonly string[]): KeySource[] {
  return listAt(pod, 'volumes')
    .filter((volume) => volumes.includes(stringAt(volume, 'name') ?? ''))
    .flatMap((volume) => listAt(volume, 'projected', 'sources'))
    .map((source) => objectAt(source, 'secret'))
    .flatMap((secret) =>
      listAt(secret, 'items')
        .filter((item) => stringAt(item, 'path') === fileName)
        .map((item) => ({ secret: stringAt(secret, 'name') ?? '', key: stringAt(item, 'key') ?? '' })),
    );
}
