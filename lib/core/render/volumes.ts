import { Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { BackupEncryption } from '../../backups/backup';
import { BackupStore } from '../../backups/backup-store';
import { SetModel } from '../model';
import {
  BACKUP_KEYS_PATH,
  CONFIG_PATH,
  CREDENTIALS_PATH,
  DATA_VOLUME,
  INIT_PATH,
  PREPARE,
  RCLONE,
  RCLONE_PATH,
  RESTORE_KEYS_PATH,
  SCRIPTS_PATH,
  SHIP,
  SOURCE_CREDENTIALS_PATH,
  STAGE_PATH,
  STATE_PATH,
  SYNC,
} from './layout';

/** A few small files; what is large has a scratch directory of the engine's. */
const STATE_SIZE = Size.mebibytes(16);
const READ_AND_RUN = 0o555;
const READ = 0o444;

/** Where a volume is mounted, and in which of our containers. */
interface Mounted {
  readonly name: string;
  readonly path: string;
  readonly readOnly?: true;
  readonly containers: readonly string[];
}

/** The volumes that every pod has in addition to the claimed ones. */
export function podVolumes(model: SetModel): k8s.Volume[] {
  const { engine, names, storage, credentials, backup, restoreFrom } = model;
  return [
    ...(storage._emptyDir === undefined ? [] : [{ name: DATA_VOLUME, emptyDir: storage._emptyDir }]),
    scriptsVolume(model),
    configMapVolume('config', names.config, READ),
    secretVolume('credentials', credentials.secretName, engine.secretKeys),
    // Passwords, and keys that are made of them, stand there: so they are in memory, as a mounted Secret is, and never
    // on the node's disk.
    emptyDirVolume('state', true, STATE_SIZE),
    ...engine.scratch.map(({ name, inMemory, sizeLimit }) => emptyDirVolume(name, inMemory, sizeLimit)),
    ...(engine.initFiles === undefined ? [] : [configMapVolume('init', names.initFiles, READ_AND_RUN)]),
    // Optional, as the Secret goes with the database that it belongs to, and pods must start also after that.
    ...(engine.source === undefined
      ? []
      : [secretVolume('source', engine.source.secretName, engine.source.secretKeys, true)]),
    ...(engine.rcloneImage === undefined && backup === undefined && restoreFrom === undefined
      ? []
      : [emptyDirVolume(RCLONE)]),
    ...(backup === undefined && restoreFrom === undefined ? [] : [emptyDirVolume(SHIP)]),
    ...(backup === undefined ? [] : storeKeys('backup', backup.store, backup.encryption)),
    ...(restoreFrom === undefined ? [] : storeKeys('restore', restoreFrom.store, restoreFrom.encryption)),
  ];
}

/** What one of our containers has mounted; nothing for one of somebody else's. */
export function volumeMounts(model: SetModel, container: string): k8s.VolumeMount[] {
  return mounted(model)
    .filter(({ containers }) => containers.includes(container))
    .map(({ name, path, readOnly }) => ({ name, mountPath: path, readOnly }));
}

/** The server runs in `prepare` too, while it initialises and recovers: so it has what the server has. */
function mounted({ engine, backup, restoreFrom }: SetModel): Mounted[] {
  const all = [PREPARE, engine.name, SYNC, ...(backup === undefined ? [] : [SHIP])];
  // The application's SQL runs in the server's container: keys of a store are in others.
  const withStore = backup === undefined && restoreFrom === undefined ? [] : [PREPARE, SHIP];
  const withRclone =
    engine.rcloneImage === undefined ? withStore : [...new Set([PREPARE, engine.name, SYNC, ...withStore])];
  return [
    { name: DATA_VOLUME, path: engine.volumePath, containers: [PREPARE, engine.name] },
    // The sidecar reads the data where it is the one that gives copies.
    ...(engine.copyPort === undefined
      ? []
      : [{ name: DATA_VOLUME, path: engine.volumePath, readOnly: true as const, containers: [SYNC] }]),
    ...(backup === undefined
      ? []
      : [
          {
            name: DATA_VOLUME,
            path: engine.volumePath,
            ...(engine.keepsUnsentLog !== true && { readOnly: true as const }),
            containers: [SHIP],
          },
        ]),
    { name: 'scripts', path: SCRIPTS_PATH, readOnly: true, containers: all },
    { name: 'config', path: CONFIG_PATH, readOnly: true, containers: all },
    { name: 'credentials', path: CREDENTIALS_PATH, readOnly: true, containers: all },
    { name: 'state', path: STATE_PATH, containers: all },
    ...engine.scratch.map(({ name, path }) => ({ name, path, containers: all })),
    ...(engine.initFiles === undefined
      ? []
      : [{ name: 'init', path: INIT_PATH, readOnly: true as const, containers: [PREPARE] }]),
    ...(engine.source === undefined
      ? []
      : [{ name: 'source', path: SOURCE_CREDENTIALS_PATH, readOnly: true as const, containers: [PREPARE] }]),
    ...(withRclone.length === 0
      ? []
      : [
          { name: RCLONE, path: RCLONE_PATH, containers: [RCLONE] },
          { name: RCLONE, path: RCLONE_PATH, readOnly: true as const, containers: withRclone },
        ]),
    ...(withStore.length === 0 ? [] : [{ name: SHIP, path: STAGE_PATH, containers: withStore }]),
    ...(keysOf(backup?.store, backup?.encryption)
      ? [{ name: 'backup', path: BACKUP_KEYS_PATH, readOnly: true as const, containers: [PREPARE, SHIP] }]
      : []),
    ...(keysOf(restoreFrom?.store, restoreFrom?.encryption)
      ? [{ name: 'restore', path: RESTORE_KEYS_PATH, readOnly: true as const, containers: [PREPARE] }]
      : []),
  ];
}

/** The volumes of a job that works for the set, and is none of its pods: no data. */
export function jobVolumes(model: SetModel): k8s.Volume[] {
  const { engine, names, credentials, backup } = model;
  return [
    scriptsVolume(model),
    configMapVolume('config', names.config, READ),
    secretVolume('credentials', credentials.secretName, engine.secretKeys),
    emptyDirVolume('state', true, STATE_SIZE),
    ...engine.scratch.map(({ name, inMemory, sizeLimit }) => emptyDirVolume(name, inMemory, sizeLimit)),
    emptyDirVolume(RCLONE),
    emptyDirVolume(SHIP),
    ...(backup === undefined ? [] : storeKeys('backup', backup.store, backup.encryption)),
  ];
}

/** What a container of such a job has mounted. */
export function jobMounts(model: SetModel, container: string): k8s.VolumeMount[] {
  if (container === RCLONE) return [{ name: RCLONE, mountPath: RCLONE_PATH }];
  const { engine, backup } = model;
  return [
    { name: 'scripts', mountPath: SCRIPTS_PATH, readOnly: true },
    { name: 'config', mountPath: CONFIG_PATH, readOnly: true },
    { name: 'credentials', mountPath: CREDENTIALS_PATH, readOnly: true },
    { name: 'state', mountPath: STATE_PATH },
    ...engine.scratch.map(({ name, path }) => ({ name, mountPath: path })),
    { name: RCLONE, mountPath: RCLONE_PATH, readOnly: true },
    { name: SHIP, mountPath: STAGE_PATH },
    ...(keysOf(backup?.store, backup?.encryption)
      ? [{ name: 'backup', mountPath: BACKUP_KEYS_PATH, readOnly: true }]
      : []),
  ];
}

function keysOf(store?: BackupStore, encryption?: BackupEncryption): boolean {
  return store?.secretName !== undefined || encryption !== undefined;
}

/** The keys of a store, and the passphrase, in one folder: they may come from two Secrets. */
export function storeKeys(name: string, store: BackupStore, encryption?: BackupEncryption): k8s.Volume[] {
  const sources = [
    ...(store.secretName === undefined ? [] : [secretSource(store.secretName, store._secretKeys)]),
    ...(encryption === undefined
      ? []
      : [secretSource(encryption.secretName, { passphrase: encryption.passphraseKey })]),
  ];
  return sources.length === 0 ? [] : [{ name, projected: { defaultMode: READ, sources } }];
}

function secretSource(name: string, keys: { readonly [fileName: string]: string }): k8s.VolumeProjection {
  return { secret: { name, items: Object.entries(keys).map(([path, key]) => ({ key, path })) } };
}

/** All scripts in one folder, whether they are one object or two. */
function scriptsVolume({ names, scripts }: SetModel): k8s.Volume {
  if (scripts.ofBackups === undefined) return configMapVolume('scripts', names.scripts, READ_AND_RUN);
  const sources = [names.scripts, names.backupScripts].map((name) => ({ configMap: { name } }));
  return { name: 'scripts', projected: { defaultMode: READ_AND_RUN, sources } };
}

function configMapVolume(name: string, configMapName: string, defaultMode: number): k8s.Volume {
  return { name, configMap: { name: configMapName, defaultMode } };
}

function secretVolume(
  name: string,
  secretName: string,
  keys: { [fileName: string]: string },
  optional?: boolean,
): k8s.Volume {
  const items = Object.entries(keys)
    .map(([path, key]) => ({ key, path }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  return { name, secret: { secretName, defaultMode: READ, items, optional } };
}

function emptyDirVolume(name: string, inMemory?: boolean, sizeLimit?: Size): k8s.Volume {
  return {
    name,
    emptyDir: {
      medium: inMemory === true ? 'Memory' : undefined,
      sizeLimit: sizeLimit && k8s.Quantity.fromString(`${sizeLimit.toMebibytes()}Mi`),
    },
  };
}
