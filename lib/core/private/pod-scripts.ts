import { digestFiles } from '../../values/digest';
import { backupScripts, sharedScripts } from '../script-files';
import { checkFunctionNames } from './function-names';
import { checkOverrides, withOverrides } from './overrides';

/** The scripts of a pod: the shared ones, and the engine's. */
export interface PodScripts {
  readonly files: { readonly [fileName: string]: string };
  /** The same for the same files, whatever set they are for. */
  readonly digest: string;
}

interface Known extends PodScripts {
  readonly own: { readonly [fileName: string]: string };
}

/** What was made of an engine's scripts before, by their names and lengths. */
const known = new Map<string, Known[]>();

/**
 * The shared scripts and an engine's, which replaces those of a name that it has too. They are checked and hashed once,
 * and are one object for all sets that have the same: an app may hold a thousand.
 *
 * @param hasStore whether those of backups are among the shared ones
 * @throws if a script of the engine has a function of a shared name, or one that is named after a function cannot
 * replace it
 */
export function podScripts(own: { readonly [fileName: string]: string }, hasStore = false): PodScripts {
  const entries = Object.entries(own);
  const key = [String(hasStore), ...entries.map(([name, text]) => `${name}/${text.length}`)].join();
  const alike = known.get(key) ?? [];
  const found = alike.find((other) => entries.every(([name, text]) => other.own[name] === text));
  if (found !== undefined) return found;

  checkFunctionNames(own);
  checkOverrides(own);
  const files = Object.freeze({
    ...(hasStore ? withOverrides({ ...sharedScripts(), ...backupScripts() }) : sharedScripts()),
    ...withOverrides(own),
  });
  const scripts = { own: { ...own }, files, digest: digestFiles(files) };
  known.set(key, [...alike, scripts]);
  return scripts;
}
