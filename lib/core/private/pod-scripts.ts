import { digestFiles } from '../../values/digest';
import { backupScripts, sharedScripts } from '../script-files';
import { checkFunctionNames } from './function-names';
import { checkOverrides, withOverrides } from './overrides';

interface Texts {
  readonly [fileName: string]: string;
}

/** Scripts that are one object of the cluster. */
export interface ScriptFiles {
  readonly files: Texts;
  /** The same for the same files, whatever set they are for. */
  readonly digest: string;
}

/** The scripts of a pod: the shared ones, and the engine's. */
export interface PodScripts extends ScriptFiles {
  /** Those of backups, which are an object of their own: one has no room for all. Absent in a set without a store. */
  readonly ofBackups?: ScriptFiles;
}

interface Known extends PodScripts {
  readonly own: Texts;
}

/** What was made of an engine's scripts before, by their names and lengths. */
const known = new Map<string, Known[]>();

/**
 * The shared scripts and an engine's, which replaces those of a name that it has too. They are checked and hashed once,
 * and are one object for all sets that have the same: an app may hold a thousand.
 *
 * @param ofEngine the engine's
 * @param ofItsBackups the engine's for backups, where the set has a store
 * @throws if a script of the engine has a function of a shared name, or one that is named after a function cannot
 * replace it
 */
export function podScripts(ofEngine: Texts, ofItsBackups?: Texts): PodScripts {
  const own = { ...ofEngine, ...ofItsBackups };
  const entries = Object.entries(own);
  const names = Object.keys(ofItsBackups ?? {});
  const key = [
    String(ofItsBackups !== undefined),
    ...names,
    ...entries.map(([name, text]) => `${name}/${text.length}`),
  ];
  const alike = known.get(key.join()) ?? [];
  const found = alike.find((other) => entries.every(([name, text]) => other.own[name] === text));
  if (found !== undefined) return found;

  checkFunctionNames(own);
  checkOverrides(own);
  const scripts = { own, ...made(own, ofItsBackups) };
  known.set(key.join(), [...alike, scripts]);
  return scripts;
}

function made(own: Texts, ofItsBackups: Texts | undefined): PodScripts {
  if (ofItsBackups === undefined) return filesOf({ ...sharedScripts(), ...withOverrides(own) });
  const all = { ...withOverrides({ ...sharedScripts(), ...backupScripts() }), ...withOverrides(own) };
  const isOfBackups = (name: string): boolean =>
    Object.hasOwn(backupScripts(), name) || Object.hasOwn(ofItsBackups, name);
  return {
    ...filesOf(only(all, (name) => !isOfBackups(name))),
    ofBackups: filesOf(only(all, isOfBackups)),
  };
}

function only(texts: Texts, isWanted: (name: string) => boolean): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => isWanted(name)));
}

function filesOf(texts: Texts): ScriptFiles {
  const files = Object.freeze({ ...texts });
  return { files, digest: digestFiles(files) };
}
