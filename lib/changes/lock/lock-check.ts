import { canonicalJson, isEqual } from '../../values/json';
import { pvcNames, SetFacts, setResourceId, Sets } from '../facts/set-facts';
import { Finding, FindingLevel } from '../finding';
import { storeFolder } from '../rules/backups';
import { compareSets } from '../rules/compare-sets';
import { formatEntry } from './lock-entry';
import { LockContent, LockedSystems, lockKey, NO_ENVIRONMENT, NOTHING_LOCKED } from './lock-format';
import { RetiredVolumes } from './retired-system';

/** A system that the code declares as retired. */
export interface Retirement {
  readonly name: string;
  readonly namespace?: string;
  readonly volumes: RetiredVolumes;
}

/** What the code defines in one environment. */
export interface EnvironmentCode {
  readonly systems: Sets;
  readonly retirements: readonly Retirement[];
}

/** What the code means for the lock. */
export interface LockChange {
  /**
   * The lock that the code was compared with: the old one, with systems moved into the environments that the code puts
   * them in.
   */
  readonly before: LockContent;
  /** The new content. */
  readonly content: LockContent;
  /** What the changes do, refusals included. */
  readonly findings: Finding[];
  /** The differences between the old and the new content, one per line. Empty if the lock does not change. */
  readonly differences: string[];
}

/** The same for one environment. */
interface EnvironmentChange {
  readonly content: LockedSystems;
  readonly findings: Finding[];
}

const NO_CODE: EnvironmentCode = { systems: new Map(), retirements: [] };

/**
 * Compares the systems of an app with the lock, each environment by itself.
 *
 * @param code what the app defines, by environment
 * @param isWhole whether the app answers for everything in the lock, so that an environment which is not in `code` was
 * removed; otherwise other environments belong to other apps, or other runs of this one, and stay as they are
 */
export function checkLock(lock: LockContent, code: ReadonlyMap<string, EnvironmentCode>, isWhole: boolean): LockChange {
  const before = assignEnvironments(lock, code);
  const checked = [...new Set([...(isWhole ? before.keys() : []), ...code.keys()])].sort();
  const changes = checked.map((environment): [string, EnvironmentChange] => {
    const { systems, retirements } = code.get(environment) ?? NO_CODE;
    return [environment, checkSystems(before.get(environment) ?? NOTHING_LOCKED, systems, retirements)];
  });
  const content = new Map([
    ...before,
    ...changes.map(([environment, change]): [string, LockedSystems] => [environment, change.content]),
  ]);
  return {
    before,
    content,
    findings: [
      ...changes.flatMap(([environment, { findings }]) =>
        findings.map((finding) => (environment === NO_ENVIRONMENT ? finding : { ...finding, environment })),
      ),
      ...(checked.includes(NO_ENVIRONMENT)
        ? []
        : [...(before.get(NO_ENVIRONMENT)?.systems.values() ?? [])].map(warnOfUnassigned)),
    ],
    differences: [...content.keys()]
      .sort()
      .flatMap((environment) =>
        listDifferences(lock.get(environment) ?? NOTHING_LOCKED, content.get(environment) ?? NOTHING_LOCKED).map(
          (line) => (environment === NO_ENVIRONMENT ? line : `[${environment}] ${line}`),
        ),
      ),
  };
}

/**
 * A project that had no environments introduces them: what the lock has in none is what the code now has in one, and is
 * compared with it.
 */
function assignEnvironments(lock: LockContent, code: ReadonlyMap<string, EnvironmentCode>): LockContent {
  const unassigned = lock.get(NO_ENVIRONMENT) ?? NOTHING_LOCKED;
  const stays = code.get(NO_ENVIRONMENT)?.systems;
  const moved = new Set<string>();
  const environments = [...code]
    .filter(([name]) => name !== NO_ENVIRONMENT)
    .map(([name, { systems, retirements }]): [string, LockedSystems] => {
      const locked = lock.get(name) ?? NOTHING_LOCKED;
      const isNew = (id: string): boolean =>
        !locked.systems.has(id) && !locked.retired.has(id) && stays?.has(id) !== true;
      const ids = new Set([...systems.keys(), ...retirements.map(setResourceId)].filter(isNew));
      ids.forEach((id) => moved.add(id));
      const take = (from: Sets): [string, SetFacts][] => [...from].filter(([id]) => ids.has(id));
      return [
        name,
        {
          systems: new Map([...locked.systems, ...take(unassigned.systems)]),
          retired: new Map([...locked.retired, ...take(unassigned.retired)]),
        },
      ];
    });
  const keep = (from: Sets): Sets => new Map([...from].filter(([id]) => !moved.has(id)));
  return new Map([
    ...lock,
    ...environments,
    [NO_ENVIRONMENT, { systems: keep(unassigned.systems), retired: keep(unassigned.retired) }],
  ]);
}

/** A system that the lock has in no environment, while its apps name theirs: none of them checks it. */
function warnOfUnassigned(set: SetFacts): Finding {
  return {
    rule: 'environment-unknown',
    level: FindingLevel.WARNING,
    resource: setResourceId(set),
    reason: 'the lock has it in no environment, and an app that names its environment does not check it',
    remedy: 'define it in the app of its environment; or delete its entry in the lock, if it no longer exists',
  };
}

/** Compares the systems of one environment. */
function checkSystems(lock: LockedSystems, systems: Sets, retirements: readonly Retirement[]): EnvironmentChange {
  const retired = new Map(retirements.map((retirement) => [setResourceId(retirement), retirement]));
  const withData = new Map([...systems].filter(([, facts]) => facts.storage !== 'none'));
  // A set with the name of a retired one finds the volumes that were kept: for it, they are what existed before.
  const returning = new Map([...lock.retired].filter(([id]) => withData.has(id)));
  const expected = new Map([...returning, ...[...lock.systems].filter(([id]) => !retired.has(id))]);
  // A set that no longer keeps data is not removed: the rules say what it lost.
  const present = new Map([...systems].filter(([id]) => withData.has(id) || expected.has(id)));
  const content = {
    systems: withData,
    retired: new Map(
      [...lock.retired, ...lock.systems].filter(([id]) => {
        const retirement = retired.get(id);
        return (
          !withData.has(id) &&
          (retirement === undefined ? lock.retired.has(id) : retirement.volumes !== RetiredVolumes.DELETED)
        );
      }),
    ),
  };
  return {
    content,
    findings: [
      ...compareSets(expected, present),
      ...[...retired].flatMap(([id, retirement]) => retire(retirement, lock.systems.get(id), withData.has(id))),
    ],
  };
}

function retire(retirement: Retirement, was: SetFacts | undefined, isDefined: boolean): Finding[] {
  const about = { resource: setResourceId(retirement) };
  if (isDefined) {
    return [
      {
        ...about,
        rule: 'retired-but-defined',
        level: FindingLevel.ERROR,
        reason: 'it is marked as retired but still defined',
        remedy: 'remove either the RetiredSystem or the system itself from the code',
      },
    ];
  }
  if (was === undefined) return [];
  if (retirement.volumes === RetiredVolumes.KEPT && (was.storage === 'ephemeral' || was.whenDeleted === 'Delete')) {
    return [
      {
        ...about,
        rule: 'retired-without-volumes',
        level: FindingLevel.ERROR,
        reason:
          was.storage === 'ephemeral'
            ? 'it has no volumes to keep: its data is deleted with its pods'
            : 'its PVCs are deleted with the StatefulSet (whenDeleted is Delete)',
        remedy:
          was.storage === 'ephemeral'
            ? 'use RetiredVolumes.DELETED, or migrate the data first'
            : 'set volumesWhenDeleted to RETAIN, apply that, and retire it afterwards; or use RetiredVolumes.DELETED',
      },
    ];
  }
  return [
    {
      ...about,
      rule: 'set-retired',
      level: FindingLevel.NOTE,
      reason: 'it is deleted by the deployment tool if that prunes, otherwise by hand',
      remedy: [
        describeClaims(retirement, was),
        ...(was.backup === undefined
          ? []
          : [`its backups stay in the store, in folder ${storeFolder(was)}, until you delete them there`]),
      ].join('; '),
    },
  ];
}

function describeClaims({ volumes, namespace }: Retirement, was: SetFacts): string {
  if (was.storage === 'ephemeral') return 'its data is deleted with its pods';
  if (was.whenDeleted === 'Delete') return 'its PVCs are deleted with it';
  const claims = pvcNames(was, 0, was.replicas).join(' ');
  if (volumes !== RetiredVolumes.DELETED) return `its PVCs are kept: ${claims}`;
  return `then delete its PVCs: kubectl delete persistentvolumeclaim ${claims}${namespace === undefined ? '' : ` --namespace ${namespace}`}`;
}

function listDifferences(before: LockedSystems, after: LockedSystems): string[] {
  return (['systems', 'retired'] as const).flatMap((part) => differences(part, before[part], after[part]));
}

/** For example `systems default/orders: replicas 3 -> 5`. */
function differences(part: string, before: Sets, after: Sets): string[] {
  const [old, wanted] = [before, after].map(
    (sets) => new Map([...sets.values()].map((facts) => [lockKey(facts), formatEntry(facts)])),
  );
  return [...new Set([...old.keys(), ...wanted.keys()])].sort().flatMap((key) => {
    const [was, is] = [old.get(key), wanted.get(key)];
    if (was === undefined) return [`${part} ${key}: new`];
    if (is === undefined) return [`${part} ${key}: removed`];
    return Object.keys({ ...was, ...is })
      .filter((field) => !isEqual(was[field], is[field]))
      .map((field) => `${part} ${key}: ${field} ${canonicalJson(was[field])} -> ${canonicalJson(is[field])}`);
  });
}
