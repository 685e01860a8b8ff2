import { canonicalJson, isEqual } from '../../values/json';
import { pvcNames, SetFacts, setResourceId, Sets } from '../facts/set-facts';
import { Finding, FindingLevel } from '../finding';
import { compareSets } from '../rules/compare-sets';
import { formatEntry } from './lock-entry';
import { LockContent, lockKey } from './lock-format';
import { RetiredVolumes } from './retired-system';

/** A system that the code says is retired. */
export interface Retirement {
  readonly name: string;
  readonly namespace?: string;
  readonly volumes: RetiredVolumes;
}

/** What the code means for the lock. */
export interface LockChange {
  /** The lock as it will be. */
  readonly content: LockContent;
  /** What is worth knowing of the changes, refusals among them. */
  readonly findings: Finding[];
  /** What differs from the lock as it is, a line each. Nothing, if the lock stays as it is. */
  readonly differences: string[];
}

/** Compares the systems of the code with those of the lock. */
export function checkLock(lock: LockContent, systems: Sets, retirements: Retirement[]): LockChange {
  const retired = new Map(retirements.map((retirement) => [setResourceId(retirement), retirement]));
  const withData = new Map([...systems].filter(([, facts]) => facts.storage !== 'none'));
  // A set whose name was retired finds the volumes that were kept: for it they are what was there before.
  const returning = new Map([...lock.retired].filter(([id]) => withData.has(id)));
  const expected = new Map([...returning, ...[...lock.systems].filter(([id]) => !retired.has(id))]);
  // One that keeps its data nowhere any more is not gone: the rules say what it lost.
  const present = new Map([...systems].filter(([id]) => withData.has(id) || expected.has(id)));
  const content = {
    systems: withData,
    retired: new Map([...lock.retired, ...lock.systems].filter(([id]) => {
      const retirement = retired.get(id);
      return !withData.has(id) && (retirement === undefined ? lock.retired.has(id) : retirement.volumes !== RetiredVolumes.DELETED);
    })),
  };
  return {
    content,
    findings: [
      ...compareSets(expected, present),
      ...[...retired].flatMap(([id, retirement]) => retire(retirement, lock.systems.get(id), withData.has(id))),
    ],
    differences: [...differences('systems', lock.systems, content.systems), ...differences('retired', lock.retired, content.retired)],
  };
}

function retire(retirement: Retirement, was: SetFacts | undefined, isThere: boolean): Finding[] {
  const about = { resource: setResourceId(retirement) };
  if (isThere) {
    return [{
      ...about,
      rule: 'retired-and-there',
      level: FindingLevel.ERROR,
      reason: 'it is retired and still in the code',
      remedy: 'take the one or the other out of the code',
    }];
  }
  if (was === undefined) return [];
  if (retirement.volumes === RetiredVolumes.KEPT && (was.storage === 'ephemeral' || was.whenDeleted === 'Delete')) {
    return [{
      ...about,
      rule: 'retired-without-volumes',
      level: FindingLevel.ERROR,
      reason: was.storage === 'ephemeral' ? 'it has no volumes that could be kept: its data goes with its pods' : 'its claims are deleted with the set (whenDeleted is Delete)',
      remedy: was.storage === 'ephemeral'
        ? 'say RetiredVolumes.DELETED, or bring the data over first'
        : 'set volumesWhenDeleted to RETAIN, apply that, and retire it afterwards; or say RetiredVolumes.DELETED',
    }];
  }
  return [{
    ...about,
    rule: 'set-retired',
    level: FindingLevel.NOTE,
    reason: 'it is deleted when whoever applies prunes, or by hand',
    remedy: describeClaims(retirement, was),
  }];
}

function describeClaims({ volumes, namespace }: Retirement, was: SetFacts): string {
  if (was.storage === 'ephemeral') return 'its data goes with its pods';
  if (was.whenDeleted === 'Delete') return 'its claims go with it';
  const claims = pvcNames(was, 0, was.replicas).join(' ');
  if (volumes !== RetiredVolumes.DELETED) return `its claims stay: ${claims}`;
  return `then delete its claims: kubectl delete persistentvolumeclaim ${claims}${namespace === undefined ? '' : ` --namespace ${namespace}`}`;
}

/** For example `systems default/orders: replicas 3 -> 5`. */
function differences(part: string, before: Sets, after: Sets): string[] {
  const [old, wanted] = [before, after].map((sets) => new Map([...sets.values()].map((facts) => [lockKey(facts), formatEntry(facts)])));
  return [...new Set([...old.keys(), ...wanted.keys()])].sort().flatMap((key) => {
    const [was, is] = [old.get(key), wanted.get(key)];
    if (was === undefined) return [`${part} ${key}: new`];
    if (is === undefined) return [`${part} ${key}: gone`];
    return Object.keys({ ...was, ...is }).filter((field) => !isEqual(was[field], is[field])).map((field) => (
      `${part} ${key}: ${field} ${canonicalJson(was[field])} -> ${canonicalJson(is[field])}`
    ));
  });
}
