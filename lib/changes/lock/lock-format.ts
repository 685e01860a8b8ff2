import { at, isEmpty, isObject, JsonObject, numberAt } from '../../values/json';
import { SetFacts, setResourceId, Sets } from '../facts/set-facts';
import { formatEntry, parseEntry } from './lock-entry';

/** The systems of one environment. */
export interface LockedSystems {
  /** Systems that the code defines. */
  readonly systems: Sets;
  /** Systems that were retired and whose volumes were kept: a set with the same name finds them again. */
  readonly retired: Sets;
}

/** The content of a lock, by environment. */
export type LockContent = ReadonlyMap<string, LockedSystems>;

/** Stands for the name of the environment of a system that is in none. */
export const NO_ENVIRONMENT = '';

/** The lock of an environment that has no systems yet. */
export const NOTHING_LOCKED: LockedSystems = { systems: new Map(), retired: new Map() };

/** The lock of a project that has none yet. */
export const EMPTY_LOCK: LockContent = new Map([[NO_ENVIRONMENT, NOTHING_LOCKED]]);

/**
 * Raised when an older library could misread what a newer one wrote: one that knows no environments would drop them.
 */
const FORMAT = 1;
const FORMAT_WITH_ENVIRONMENTS = 2;
const COMMENT =
  'What must not change while data is in it. Written by cdk8s synth (StatefulApp of cdk8s-stateful); commit it, do not edit it.';
/** The name is a folder's too, of plans. */
const ENVIRONMENT_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The text of the file: systems by name and fields in a fixed order, so that a change of one system is one hunk of a
 * diff.
 */
export function formatLock(content: LockContent): string {
  const named = [...content].filter(([name, locked]) => name !== NO_ENVIRONMENT && hasSystems(locked)).sort(byName);
  const environments = Object.fromEntries(named.map(([name, locked]) => [name, formatSystems(locked)]));
  const unnamed = content.get(NO_ENVIRONMENT) ?? NOTHING_LOCKED;
  const lock = isEmpty(environments)
    ? { '//': COMMENT, format: FORMAT, ...formatSystems(unnamed) }
    : {
        '//': COMMENT,
        format: FORMAT_WITH_ENVIRONMENTS,
        ...(hasSystems(unnamed) && formatSystems(unnamed)),
        environments,
      };
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/**
 * Reads the text of the file.
 *
 * @throws if it has merge conflicts, is damaged, or was written by a newer library
 */
export function parseLock(text: string, file: string): LockContent {
  if (/^(<{7}|>{7}|={7})/m.test(text)) {
    throw new Error(
      `${file} has merge conflicts: keep the systems of both sides (each is one entry), or the file of the branch you merge into, and run cdk8s synth again`,
    );
  }
  const damaged = (why: string): Error =>
    new Error(`${file} is damaged (${why}): restore it from version control, it protects your data`);
  let lock: unknown;
  try {
    lock = JSON.parse(text);
  } catch (error) {
    throw damaged((error as Error).message);
  }
  const format = numberAt(lock, 'format');
  if (format === undefined) throw damaged("no 'format'");
  // In JSON a name may occur twice, for example after a merge that kept both sides, and then the last one hides the
  // other.
  if (text.replace(/\s/g, '') !== JSON.stringify(lock).replace(/\s/g, ''))
    throw damaged('a name occurs twice, or it was edited by hand');
  if (!Number.isInteger(format) || format < 1) throw damaged(`'format' is ${format}`);
  if (format > FORMAT_WITH_ENVIRONMENTS) {
    throw new Error(
      `${file} has format ${format}, but this version of cdk8s-stateful supports formats up to ${FORMAT_WITH_ENVIRONMENTS}: upgrade to the version that wrote the lock`,
    );
  }
  const environments = format < FORMAT_WITH_ENVIRONMENTS ? {} : at(lock, 'environments');
  if (!isObject(environments)) throw damaged("no 'environments'");
  const unnamed =
    format >= FORMAT_WITH_ENVIRONMENTS && at(lock, 'systems') === undefined
      ? { systems: {}, ...(lock as object) }
      : lock;
  return new Map([
    [NO_ENVIRONMENT, parseSystems(unnamed, '', damaged)],
    ...Object.entries(environments).map(([name, systems]): [string, LockedSystems] => {
      if (!ENVIRONMENT_NAME.test(name)) throw damaged(`'${name}' of 'environments': its key must be a DNS label`);
      return [name, parseSystems(systems, `environments.${name}.`, damaged)];
    }),
  ]);
}

/** The key of a system's entry. */
export function lockKey({ namespace, name }: Pick<SetFacts, 'namespace' | 'name'>): string {
  return `${namespace ?? 'default'}/${name}`;
}

function parseSystems(value: unknown, path: string, damaged: (why: string) => Error): LockedSystems {
  const read = (part: string): Sets => {
    const found = at(value, part);
    if (!isObject(found)) throw damaged(`no '${path}${part}'`);
    return new Map(
      Object.entries(found).map(([key, entry]) => {
        const facts = parseEntry(key, entry);
        if (typeof facts === 'string') throw damaged(`'${key}' of '${path}${part}': ${facts}`);
        return [setResourceId(facts), facts];
      }),
    );
  };
  return {
    systems: read('systems'),
    retired: at(value, 'retired') === undefined ? NOTHING_LOCKED.retired : read('retired'),
  };
}

function hasSystems({ systems, retired }: LockedSystems): boolean {
  return systems.size + retired.size > 0;
}

function formatSystems({ systems, retired }: LockedSystems): {
  readonly systems: JsonObject;
  readonly retired?: JsonObject;
} {
  return { systems: formatEntries(systems), ...(retired.size > 0 && { retired: formatEntries(retired) }) };
}

function formatEntries(sets: Sets): JsonObject {
  return Object.fromEntries(
    [...sets.values()].map((facts): [string, JsonObject] => [lockKey(facts), formatEntry(facts)]).sort(byName),
  );
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
