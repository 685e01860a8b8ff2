import { createHash } from 'node:crypto';
import { imageFacts } from '../../values/images';
import { isObject, JsonObject, listAt, textAt, textsAt } from '../../values/json';
import { Manifest, Manifests } from './manifests';

interface Settings {
  [setting: string]: string;
}

/** Variables that tell a database where its data is. */
const DIRECTORY_VARIABLE = /(^|[_.])(PGDATA|DATA_?DIR|DATA_?DIRECTORY|DATA_?PATH|DBPATH|LOG_DIRS?|PATH[_.]DATA|MNESIA_(BASE|DIR)|VOLUME_DIR)$/i;
/** The same as options of the command, and in files of configuration; and whether Redis looks for its append-only files or for its snapshot. */
const DIRECTORY_OPTION = /^--?(data-?dir|data_dir|data-?directory|data_?directory|data-?path|dbpath|path\.data|storage\.tsdb\.path|store_?dir|dir|D|data|appendonly)(?:=(.*))?$/;
const DIRECTORY_LINE = /^[ \t]*(datadir|data_directory|dbPath|path\.data|log\.dirs?|dataDir|dir|appendonly)[ \t]*[=: ][ \t]*["']?([^"'\n#]+?)["']?[ \t]*$/gm;

/** Settings that count when the data is made, and are ignored or refused afterwards. */
const LAYOUT_VARIABLE = /^(POSTGRES|POSTGRESQL)_INITDB_(ARGS|WALDIR|WAL_DIR)$/;
const LAYOUT_LINE = /^[ \t]*(innodb[_-]page[_-]size|lower[_-]case[_-]table[_-]names|innodb[_-]checksum[_-]algorithm)[ \t]*=[ \t]*([^\s#]+)[ \t]*$/gm;
const LAYOUT_OPTION = /^--(innodb[_-]page[_-]size|lower[_-]case[_-]table[_-]names)=(.*)$/;

const INIT_FOLDER = /\/docker-entrypoint-init(db)?\.d(\/|$)/;

/** Where on the volume a container's database has its data, as far as variables, options and files of configuration say. */
export function dataSettingsOf(container: JsonObject, pod: JsonObject, set: Manifest, manifests: Manifests): Settings {
  return {
    ...defaultDirectory(textAt(container, 'image') ?? ''),
    ...variablesOf(container, DIRECTORY_VARIABLE),
    ...optionsOf(container, DIRECTORY_OPTION),
    ...linesOf(filesOf([container], pod, set, manifests), DIRECTORY_LINE),
  };
}

/** What of a database cannot be changed once its data is made. */
export function layoutOf(container: JsonObject, pod: JsonObject, set: Manifest, manifests: Manifests): Settings {
  return {
    ...variablesOf(container, LAYOUT_VARIABLE),
    ...optionsOf(container, LAYOUT_OPTION),
    ...linesOf(filesOf([container], pod, set, manifests), LAYOUT_LINE),
  };
}

/** What this library's scripts are told and cannot change in a set that runs (`settings.sh`). */
const OWN_SETTING = /^(port|copy_port|database|user)=(.+)$/gm;

/** How the pods of a set of this library find one another, and what was made with its data. */
export function ownSettingsOf(container: JsonObject, pod: JsonObject, set: Manifest, manifests: Manifests): Settings {
  const text = filesOf([container], pod, set, manifests)['settings.sh'] ?? '';
  return Object.fromEntries([...text.matchAll(OWN_SETTING)].map(([, name, value]) => [name, value.replace(/^'(.*)'$/, '$1')]));
}

/** A digest of what runs when the data is made; nothing, if there is none of that. */
export function initScriptsOf(pod: JsonObject, set: Manifest, manifests: Manifests): string | undefined {
  const containers = [...listAt(pod, 'containers'), ...listAt(pod, 'initContainers')].filter(isObject);
  const files = filesOf(containers, pod, set, manifests, INIT_FOLDER);
  if (Object.keys(files).length === 0) return undefined;
  const hash = createHash('sha256');
  for (const name of Object.keys(files).sort()) hash.update(`${name}\0${files[name]}\0`);
  return hash.digest('hex').slice(0, 16);
}

/** Written out or not, it is the same. */
function defaultDirectory(image: string): Settings {
  const { name, version, isAlpine } = imageFacts(image);
  const isOnlyDigest = isAlpine === undefined; // what it was with its tag, as a rule
  return ['postgres', 'postgis'].includes(name) && (isOnlyDigest || Number(version?.split('.')[0]) < 18) ? { PGDATA: '/var/lib/postgresql/data' } : {};
}

function variablesOf(container: JsonObject, name: RegExp): Settings {
  return Object.fromEntries(listAt(container, 'env').flatMap((variable) => {
    const [key, value] = [textAt(variable, 'name'), textAt(variable, 'value')];
    return key !== undefined && value !== undefined && name.test(key) ? [[key, value]] : [];
  }));
}

/** Options as one argument (`--datadir=/x`), as two (`-D /x`), or within a shell's command line. */
function optionsOf(container: JsonObject, option: RegExp): Settings {
  const words = [...listAt(container, 'command'), ...listAt(container, 'args')].flatMap((argument) => String(argument).split(/\s+/));
  return Object.fromEntries(words.flatMap((word, place) => {
    const [, name, value] = option.exec(word) ?? [];
    const given = value ?? words[place + 1];
    return name === undefined || given === undefined || given.startsWith('-') ? [] : [[name.replaceAll('-', '_'), given]];
  }));
}

function linesOf(files: Settings, line: RegExp): Settings {
  return Object.fromEntries(Object.values(files).flatMap((text) => [...text.matchAll(line)].map(([, name, value]) => [name.replaceAll('-', '_'), value])));
}

/** The files of ConfigMaps that are mounted into some containers, of those that the manifests hold. */
function filesOf(containers: JsonObject[], pod: JsonObject, set: Manifest, manifests: Manifests, folder?: RegExp): Settings {
  const mounted = new Set(containers.flatMap((container) => listAt(container, 'volumeMounts'))
    .filter((mount) => folder === undefined || folder.test(`${textAt(mount, 'mountPath') ?? ''}/`))
    .map((mount) => textAt(mount, 'name')));
  const names = listAt(pod, 'volumes').filter((volume) => mounted.has(textAt(volume, 'name'))).flatMap((volume) => [
    textAt(volume, 'configMap', 'name'), ...listAt(volume, 'projected', 'sources').map((source) => textAt(source, 'configMap', 'name')),
  ]);
  return Object.assign({}, ...names.map((name) => (
    name === undefined ? {} : textsAt(manifests.find('ConfigMap', name, set.namespace)?.object, 'data')
  ))) as Settings;
}
