import { Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { SetModel } from '../model';
import {
  CONFIG_PATH, CREDENTIALS_PATH, DATA_VOLUME, INIT_PATH, PREPARE, SCRIPTS_PATH, SOURCE_CREDENTIALS_PATH, STATE_PATH, SYNC,
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
export function podVolumes({ engine, names, storage, credentials }: SetModel): k8s.Volume[] {
  return [
    ...storage._emptyDir === undefined ? [] : [{ name: DATA_VOLUME, emptyDir: storage._emptyDir }],
    configMapVolume('scripts', names.scripts, READ_AND_RUN),
    configMapVolume('config', names.config, READ),
    secretVolume('credentials', credentials.secretName, engine.secretKeys),
    // Passwords, and keys that are made of them, stand there: so they are in memory, as a mounted Secret is, and never on the node's disk.
    emptyDirVolume('state', true, STATE_SIZE),
    ...engine.scratch.map(({ name, inMemory, sizeLimit }) => emptyDirVolume(name, inMemory, sizeLimit)),
    ...engine.initFiles === undefined ? [] : [configMapVolume('init', names.initFiles, READ_AND_RUN)],
    // Optional, as the Secret goes with the database that it belongs to, and pods must start also after that.
    ...engine.source === undefined ? [] : [secretVolume('source', engine.source.secretName, engine.source.secretKeys, true)],
  ];
}

/** What one of our containers has mounted; nothing for one of somebody else's. */
export function volumeMounts(model: SetModel, container: string): k8s.VolumeMount[] {
  return mounted(model).filter(({ containers }) => containers.includes(container)).map(({ name, path, readOnly }) => ({ name, mountPath: path, readOnly }));
}

/** The server runs in `prepare` too, while it initialises and recovers: so it has what the server has. */
function mounted({ engine }: SetModel): Mounted[] {
  const all = [PREPARE, engine.name, SYNC];
  return [
    { name: DATA_VOLUME, path: engine.volumePath, containers: [PREPARE, engine.name] },
    // The sidecar reads the data where it is the one that gives copies.
    ...engine.copyPort === undefined ? [] : [{ name: DATA_VOLUME, path: engine.volumePath, readOnly: true as const, containers: [SYNC] }],
    { name: 'scripts', path: SCRIPTS_PATH, readOnly: true, containers: all },
    { name: 'config', path: CONFIG_PATH, readOnly: true, containers: all },
    { name: 'credentials', path: CREDENTIALS_PATH, readOnly: true, containers: all },
    { name: 'state', path: STATE_PATH, containers: all },
    ...engine.scratch.map(({ name, path }) => ({ name, path, containers: all })),
    ...engine.initFiles === undefined ? [] : [{ name: 'init', path: INIT_PATH, readOnly: true as const, containers: [PREPARE] }],
    ...engine.source === undefined ? [] : [{ name: 'source', path: SOURCE_CREDENTIALS_PATH, readOnly: true as const, containers: [PREPARE] }],
  ];
}

function configMapVolume(name: string, configMapName: string, defaultMode: number): k8s.Volume {
  return { name, configMap: { name: configMapName, defaultMode } };
}

function secretVolume(name: string, secretName: string, keys: { [fileName: string]: string }, optional?: boolean): k8s.Volume {
  const items = Object.entries(keys).map(([path, key]) => ({ key, path })).sort((one, other) => (one.key < other.key ? -1 : 1));
  return { name, secret: { secretName, defaultMode: READ, items, optional } };
}

function emptyDirVolume(name: string, inMemory?: boolean, sizeLimit?: Size): k8s.Volume {
  return { name, emptyDir: { medium: inMemory === true ? 'Memory' : undefined, sizeLimit: sizeLimit && k8s.Quantity.fromString(`${sizeLimit.toMebibytes()}Mi`) } };
}
