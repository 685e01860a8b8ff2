import { EngineConfig, IEngine } from '../engine';
import { ReplicatedSystem } from '../replicated-system';
import { isImage } from '../../values/image';
import { checkSettingNames } from './function-names';
import { checkList, checkObject, checkPort, checkSize, checkText, checkTexts, shown } from '../../values/checks';

/** A container's name, and a port's, which may have fifteen characters. */
const NAME = /^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;
const LONGEST_NAME = 15;
const VERSION = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const FILE = /^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;
const VARIABLE = /^[a-z_][a-z0-9_]*$/i;
const PATH = /^(\/[^:/\0-\x1f]+)+$/;

/** Names that the pod's containers, ports and volumes have already. */
const OWN_CONTAINERS = ['prepare', 'sync', 'copy', 'rclone-program', 'ship', 'backup', 'proof'];
const OWN_VOLUMES = [
  'data',
  'state',
  'scripts',
  'config',
  'init',
  'credentials',
  'source',
  'rclone-program',
  'ship',
  'backup',
  'restore',
];
const OWN_CONFIG = ['settings.sh', 'replicas', 'rclone-backup.conf', 'rclone-restore.conf'];
const NEEDED = ['engine.sh', 'engine-sync.sh'];

/** What the engine supplies to a system. One that no pod could be made of is refused, by the name of the field. */
export function checkEngine(given: IEngine, system: ReplicatedSystem): EngineConfig {
  if ((typeof checkObject('engine', given).bind as unknown) !== 'function') {
    throw new Error(
      `engine must be an IEngine, as new PostgresEngine({ version: PostgresVersion.V18 }), got ${shown(given)}`,
    );
  }
  const engine = checkObject('engine', given.bind(system));
  const { name, version, image, rcloneImage, user, port, clientPort, copyPort, volumePath } = engine;
  if (!NAME.test(checkText('engine.name', name)) || name.length > LONGEST_NAME || OWN_CONTAINERS.includes(name)) {
    throw new Error(
      `engine.name must be at most ${LONGEST_NAME} characters of a-z, 0-9 and '-', other than ${OWN_CONTAINERS.join(', ')}, got ${shown(name)}`,
    );
  }
  if (!VERSION.test(checkText('engine.version', version))) {
    throw new Error(
      `engine.version must be a label's value (letters, digits, '-', '_' and '.', at most 63), got ${shown(version)}`,
    );
  }
  if (!isImage(image)) {
    throw new Error(`engine.image must be a reference in lower case without blanks, got ${shown(image)}`);
  }
  if (rcloneImage !== undefined && !isImage(rcloneImage)) {
    throw new Error(`engine.rcloneImage must be a reference in lower case without blanks, got ${shown(rcloneImage)}`);
  }
  if (!Number.isInteger(user) || user < 1) {
    throw new Error(`engine.user must be a whole number greater than zero, as root is not allowed, got ${shown(user)}`);
  }
  checkPort('engine.port', port);
  if (clientPort !== undefined && !(Number.isInteger(clientPort) && clientPort >= 1 && clientPort <= 65535)) {
    throw new Error(`engine.clientPort must be a whole number from 1 to 65535, got ${shown(clientPort)}`);
  }
  if (copyPort !== undefined) checkPort('engine.copyPort', copyPort);
  checkPath('engine.volumePath', volumePath);
  for (const directory of checkList('engine.scratch', engine.scratch)) {
    if (
      (typeof directory.name as unknown) !== 'string' ||
      !NAME.test(directory.name) ||
      OWN_VOLUMES.includes(directory.name)
    ) {
      throw new Error(
        `engine.scratch must have names of a-z, 0-9 and '-', other than ${OWN_VOLUMES.join(', ')}, got ${shown(directory.name)}`,
      );
    }
    checkPath(`engine.scratch['${directory.name}'].path`, directory.path);
    if (directory.sizeLimit !== undefined)
      checkSize(`engine.scratch['${directory.name}'].sizeLimit`, directory.sizeLimit);
  }
  checkFiles('engine.scripts', engine.scripts, []);
  for (const file of NEEDED) {
    if (!Object.hasOwn(engine.scripts, file))
      throw new Error(
        `engine.scripts must have '${file}', got ${Object.keys(engine.scripts).map(shown).join(', ') || 'none'}`,
      );
  }
  checkFiles('engine.configFiles', engine.configFiles, OWN_CONFIG);
  if (engine.initFiles !== undefined) checkObject('engine.initFiles', engine.initFiles);
  for (const variable of Object.keys(checkTexts('engine.settings', engine.settings))) {
    if (!VARIABLE.test(variable))
      throw new Error(`engine.settings must have names of shell variables, got '${variable}'`);
  }
  checkSettingNames(engine.settings);
  checkTexts('engine.secretKeys', engine.secretKeys);
  return engine;
}

function checkPath(prop: string, path: string): void {
  if (!PATH.test(checkText(prop, path)) || path.split('/').includes('..')) {
    throw new Error(`${prop} must be an absolute path without ':' and '..', below '/', got ${shown(path)}`);
  }
}

function checkFiles(prop: string, files: { readonly [fileName: string]: string }, taken: string[]): void {
  for (const name of Object.keys(checkTexts(prop, files))) {
    if (!FILE.test(name))
      throw new Error(`${prop} must have file names of letters, digits, '-', '_' and '.', got '${name}'`);
    if (taken.includes(name)) throw new Error(`${prop} must not have '${name}': the library writes that file itself`);
  }
}
