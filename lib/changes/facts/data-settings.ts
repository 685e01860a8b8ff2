import { digestFiles } from '../../values/digest';
import { parseImage } from '../../values/images';
import { isEmpty, isObject, JsonObject, listAt, stringAt, stringMapAt } from '../../values/json';
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
export function readDataSettings(container: JsonObject, pod: JsonObject, set: Manifest, manifests: Manifests): Settings {
  return {
    ...defaultDirectory(stringAt(container, 'image') ?? ''),
    ...matchVariables(container, DIRECTORY_VARIABLE),
    ...matchOptions(container, DIRECTORY_OPTION),
    ...matchLines(mountedFiles([container], pod, set, manifests), DIRECTORY_LINE),
  };
}

/** What of a database cannot be changed once its data is made. */
export function readLayout(container: JsonObject, pod: JsonObject, set: Manifest, manifests: Manifests): Settings {
  return {
    ...matchVariables(container, LAYOUT_VARIABLE),
    ...matchOptions(container, LAYOUT_OPTION),
    ...matchLines(mountedFiles([container], pod, set, manifests), LAYOUT_LINE),
  };
}

/** What this library's scripts are told and cannot change in a set that runs (`settings.sh`). */
const OWN_SETTING = /^(port|copy_port|database|user)=(.+)$/gm;

/** How the pods of a set of this library find one another, and what was made with its data. */
export function readScriptSettings(container: JsonObject, pod: JsonObject, set: Manifest, manifests: Manifests): Settings {
  const text = mountedFiles([container], pod, set, manifests)['settings.sh'] ?? '';
  return Object.fromEntries([...text.matchAll(OWN_SETTING)].map(([, name, value]) => [name, value.replace(/^'(.*)'$/, '$1')]));
}

/** A digest of what runs when the data is made; nothing, if there is none of that. */
export function digestInitScripts(pod: JsonObject, set: Manifest, manifests: Manifests): string | undefined {
  const containers = [...listAt(pod, 'containers'), ...listAt(pod, 'initContainers')].filter(isObject);
  const files = mountedFiles(containers, pod, set, manifests, INIT_FOLDER);
  return isEmpty(files) ? undefined : digestFiles(files);
}

/** Written out or not, it is the same. */
function defaultDirectory(image: string): Settings {
  const { name, version, isAlpine } = parseImage(image);
  const isOnlyDigest = isAlpine === undefined; // what it was with its tag, as a rule
  return ['postgres', 'postgis'].includes(name) && (isOnlyDigest || Number(version?.split('.')[0]) < 18) ? { PGDATA: '/var/lib/postgresql/data' } : {};
}

function matchVariables(container: JsonObject, name: RegExp): Settings {
  return Object.fromEntries(listAt(container, 'env').flatMap((variable) => {
    const [key, value] = [stringAt(variable, 'name'), stringAt(variable, 'value')];
    return key !== undefined && value !== undefined && name.test(key) ? [[key, value]] : [];
  }));
}

/** Options as one argument (`--datadir=/x`), as two (`-D /x`), or within a shell's command line. */
function matchOptions(container: JsonObject, option: RegExp): Settings {
  const words = [...listAt(container, 'command'), ...listAt(container, 'args')].flatMap((argument) => String(argument).split(/\s+/));
  return Object.fromEntries(words.flatMap((word, place) => {
    const [, name, value] = option.exec(word) ?? [];
    const given = value ?? words[place + 1];
    return name === undefined || given === undefined || given.startsWith('-') ? [] : [[name.replaceAll('-', '_'), given]];
  }));
}

function matchLines(files: Settings, line: RegExp): Settings {
  return Object.fromEntries(Object.values(files).flatMap((text) => [...text.matchAll(line)].map(([, name, value]) => [name.replaceAll('-', '_'), value])));
}

/** The files of ConfigMaps that are mounted into some containers, of those that the manifests hold. */
function mountedFiles(containers: JsonObject[], pod: JsonObject, set: Manifest, manifests: Manifests, folder?: RegExp): Settings {
  const mounted = new Set(containers.flatMap((container) => listAt(container, 'volumeMounts'))
    .filter((mount) => folder === undefined || folder.test(`${stringAt(mount, 'mountPath') ?? ''}/`))
    .map((mount) => stringAt(mount, 'name')));
  const names = listAt(pod, 'volumes').filter((volume) => mounted.has(stringAt(volume, 'name'))).flatMap((volume) => [
    stringAt(volume, 'configMap', 'name'), ...listAt(volume, 'projected', 'sources').map((source) => stringAt(source, 'configMap', 'name')),
  ]);
  return Object.assign({}, ...names.map((name) => (
    name === undefined ? {} : stringMapAt(manifests.find('ConfigMap', name, set.namespace)?.object, 'data')
  ))) as Settings;
}
