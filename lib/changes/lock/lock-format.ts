import { at, isObject, JsonObject, numberAt } from '../../values/json';
import { SetFacts, setResourceId, Sets } from '../facts/set-facts';
import { formatEntry, parseEntry } from './lock-entry';

/** What the lock knows. */
export interface LockContent {
  /** Systems that are in the code. */
  readonly systems: Sets;
  /** Systems that were retired and whose volumes were kept: a set of that name finds them again. */
  readonly retired: Sets;
}

/** Raised when an older library could misread what a newer one wrote. */
const FORMAT = 1;
const COMMENT = 'What must not change while data is in it. Written by cdk8s synth (StatefulApp of cdk8s-stateful); commit it, do not edit it.';

/** The lock of a project that has none yet. */
export const EMPTY_LOCK: LockContent = { systems: new Map<string, SetFacts>(), retired: new Map<string, SetFacts>() };

/** The text of the file: systems by name, fields in one order, so that a change of one system is one hunk of a diff. */
export function formatLock({ systems, retired }: LockContent): string {
  const lock = { '//': COMMENT, format: FORMAT, systems: entries(systems), ...retired.size > 0 && { retired: entries(retired) } };
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/**
 * Reads the text of the file.
 *
 * @throws if it was merged halfway, damaged, or written by a newer library
 */
export function parseLock(text: string, file: string): LockContent {
  if (/^(<{7}|>{7}|={7})/m.test(text)) {
    throw new Error(`${file} has merge conflicts: take the systems of both sides (each is one entry), or take the file of the branch you merge into, and run cdk8s synth again`);
  }
  const damaged = (why: string): Error => new Error(`${file} is damaged (${why}): restore it from version control, it is what guards your data`);
  let lock: unknown;
  try {
    lock = JSON.parse(text);
  } catch (error) {
    throw damaged((error as Error).message);
  }
  const format = numberAt(lock, 'format');
  if (format === undefined) throw damaged("no 'format'");
  // JSON lets a name stand twice, as after a merge that took the systems of both sides, and then the last hides the other.
  if (text.replace(/\s/g, '') !== JSON.stringify(lock).replace(/\s/g, '')) throw damaged('a name is there twice, or it was edited by hand');
  if (!Number.isInteger(format) || format < 1) throw damaged(`'format' is ${format}`);
  if (format > FORMAT) {
    throw new Error(`${file} has format ${format}, and this cdk8s-stateful knows formats up to ${FORMAT}: upgrade the library to that with which the lock was written`);
  }
  const read = (part: string): Sets => {
    const found = at(lock, part);
    if (!isObject(found)) throw damaged(`no '${part}'`);
    return new Map(Object.entries(found).map(([key, entry]) => {
      const facts = parseEntry(key, entry);
      if (typeof facts === 'string') throw damaged(`'${key}' of '${part}': ${facts}`);
      return [setResourceId(facts), facts];
    }));
  };
  return { systems: read('systems'), retired: at(lock, 'retired') === undefined ? EMPTY_LOCK.retired : read('retired') };
}

/** The name of an entry. */
export function lockKey({ namespace, name }: Pick<SetFacts, 'namespace' | 'name'>): string {
  return `${namespace ?? 'default'}/${name}`;
}

function entries(sets: Sets): { [key: string]: JsonObject } {
  return Object.fromEntries([...sets.values()].map((facts): [string, JsonObject] => [lockKey(facts), formatEntry(facts)]).sort(([a], [b]) => (a < b ? -1 : 1)));
}
