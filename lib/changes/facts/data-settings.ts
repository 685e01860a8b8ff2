import { digestFiles } from '../../values/digest';
import { parseImage } from '../../values/images';
import { at, isEmpty, isObject, JsonObject, listAt, stringAt, stringMapAt } from '../../values/json';
import { SCRIPTS_LABEL } from '../../values/labels';
import { Manifest, Manifests } from './manifests';

interface Settings {
  [setting: string]: string;
}

/** Variables that set a database's data directory. */
const DIRECTORY_VARIABLE =
  /(^|[_.])(PGDATA|DATA_?DIR|DATA_?DIRECTORY|DATA_?PATH|DBPATH|LOG_DIRS?|PATH[_.]DATA|MNESIA_(BASE|DIR)|VOLUME_DIR)$/i;
/**
 * The same as command-line options and in configuration files; and whether Redis reads its append-only files or its
 * snapshot.
 */
const DIRECTORY_OPTION =
  /^--?(data-?dir|data_dir|data-?directory|data_?directory|data-?path|dbpath|path\.data|storage\.tsdb\.path|store_?dir|dir|D|data|appendonly)(?:=(.*))?$/;
const DIRECTORY_LINE =
  /^[ \t]*(datadir|data_directory|dbPath|path\.data|log\.dirs?|dataDir|dir|appendonly)[ \t]*[=: ][ \t]*["']?([^"'\n#]+?)["']?[ \t]*$/gm;

/** Settings that take effect when the database is initialised, and are ignored or refused afterwards. */
const LAYOUT_VARIABLE = /^(POSTGRES|POSTGRESQL)_INITDB_(ARGS|WALDIR|WAL_DIR)$/;
const LAYOUT_LINE =
  /^[ \t]*(innodb[_-]page[_-]size|lower[_-]case[_-]table[_-]names|innodb[_-]checksum[_-]algorithm)[ \t]*=[ \t]*([^\s#]+)[ \t]*$/gm;
const LAYOUT_OPTION = /^--(innodb[_-]page[_-]size|lower[_-]case[_-]table[_-]names)=(.*)$/;

const INIT_FOLDER = /\/docker-entrypoint-init(db)?\.d(\/|$)/;

/**
 * Where a container's database keeps its data on the volume, according to variables, options and configuration files.
 */
export function readDataSettings(
  container: JsonObject,
  pod: JsonObject,
  set: Manifest,
  manifests: Manifests,
): Settings {
  return {
    ...defaultDirectory(stringAt(container, 'image') ?? ''),
    ...matchVariables(container, DIRECTORY_VARIABLE),
    ...matchOptions(container, DIRECTORY_OPTION),
    ...matchLines(mountedFiles([container], pod, set, manifests), DIRECTORY_LINE),
  };
}

/** Settings of a database that cannot change once it is initialised. */
export function readLayout(container: JsonObject, pod: JsonObject, set: Manifest, manifests: Manifests): Settings {
  return {
    ...matchVariables(container, LAYOUT_VARIABLE),
    ...matchOptions(container, LAYOUT_OPTION),
    ...matchLines(mountedFiles([container], pod, set, manifests), LAYOUT_LINE),
  };
}

/** Settings of this library's scripts (`settings.sh`) that cannot change in a running set. */
const OWN_SETTING = /^(port|copy_port|database|user)=(.+)$/gm;

/** How the pods of a set of this library find each other, and the names that were created with its data. */
export function readScriptSettings(
  container: JsonObject,
  pod: JsonObject,
  set: Manifest,
  manifests: Manifests,
): Settings {
  const text = mountedFiles([container], pod, set, manifests)['settings.sh'] ?? '';
  return Object.fromEntries(
    [...text.matchAll(OWN_SETTING)].map(([, name, value]) => [name, value.replace(/^'(.*)'$/, '$1')]),
  );
}

/** A digest of the scripts that run when the database is initialised; nothing if there are none. */
export function digestInitScripts(pod: JsonObject, set: Manifest, manifests: Manifests): string | undefined {
  const containers = [...listAt(pod, 'containers'), ...listAt(pod, 'initContainers')].filter(isObject);
  const files = mountedFiles(containers, pod, set, manifests, INIT_FOLDER);
  return isEmpty(files) ? undefined : digestFiles(files);
}

/** PGDATA is the same whether it is written out or is the image's default. */
function defaultDirectory(image: string): Settings {
  const { name, version, isAlpine } = parseImage(image);
  const isOnlyDigest = isAlpine === undefined; // usually the same version that the tag named before
  return ['postgres', 'postgis'].includes(name) && (isOnlyDigest || Number(version?.split('.')[0]) < 18)
    ? { PGDATA: '/var/lib/postgresql/data' }
    : {};
}

function matchVariables(container: JsonObject, name: RegExp): Settings {
  return Object.fromEntries(
    listAt(container, 'env').flatMap((variable) => {
      const [key, value] = [stringAt(variable, 'name'), stringAt(variable, 'value')];
      return key !== undefined && value !== undefined && name.test(key) ? [[key, value]] : [];
    }),
  );
}

/** Options as one argument (`--datadir=/x`), as two (`-D /x`), or inside a shell command line. */
function matchOptions(container: JsonObject, option: RegExp): Settings {
  const words = [...listAt(container, 'command'), ...listAt(container, 'args')].flatMap((argument) =>
    String(argument).split(/\s+/),
  );
  return Object.fromEntries(
    words.flatMap((word, place) => {
      const [, name, value] = option.exec(word) ?? [];
      const given = value ?? words[place + 1];
      return name === undefined || given === undefined || given.startsWith('-')
        ? []
        : [[name.replaceAll('-', '_'), given]];
    }),
  );
}

function matchLines(files: Settings, line: RegExp): Settings {
  return Object.fromEntries(
    Object.values(files).flatMap((text) =>
      [...text.matchAll(line)].map(([, name, value]) => [name.replaceAll('-', '_'), value]),
    ),
  );
}

/**
 * The files of the ConfigMaps that some containers mount, if the manifests contain them. This library's scripts set
 * nothing.
 */
export function mountedFiles(
  containers: JsonObject[],
  pod: JsonObject,
  set: Manifest,
  manifests: Manifests,
  folder?: RegExp,
): Settings {
  const mounted = new Set(
    containers
      .flatMap((container) => listAt(container, 'volumeMounts'))
      .filter((mount) => folder === undefined || folder.test(`${stringAt(mount, 'mountPath') ?? ''}/`))
      .map((mount) => stringAt(mount, 'name')),
  );
  const names = listAt(pod, 'volumes')
    .filter((volume) => mounted.has(stringAt(volume, 'name')))
    .flatMap((volume) => [
      stringAt(volume, 'configMap', 'name'),
      ...listAt(volume, 'projected', 'sources').map((source) => stringAt(source, 'configMap', 'name')),
    ]);
  return Object.assign(
    {},
    ...names.map((name) => {
      const object = name === undefined ? undefined : manifests.find('ConfigMap', name, set.namespace)?.object;
      return at(object, 'metadata', 'labels', SCRIPTS_LABEL) === undefined ? stringMapAt(object, 'data') : {};
    }),
  ) as Settings;
}
