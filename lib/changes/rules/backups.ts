import { isEmpty } from '../../values/json';
import { BackupFacts } from '../facts/backups';
import { SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { noted, refused, SetRule, warned } from './set-rule';

/** Whether a set is backed up, where to, how long, and what it is sealed with. */
export const backups: SetRule = (before, after) => {
  // Settings are of another file: a review of the StatefulSet alone knows nothing of them.
  if (before.storage === 'none' || isEmpty(after.settings ?? {})) return [];
  const [old, now] = [before.backup, after.backup];
  if (old === undefined) return now === undefined ? [] : [added(after)];
  if (now === undefined) return [removed(before)];
  // What the old place has stays as it is.
  const there =
    old.store === now.store
      ? [...encryption(before, old, now), ...retention(before, old, now)]
      : [moved(before, old, now)];
  return [...there, ...maxDataLoss(before, old, now), ...storeOutage(before, old, now)];
};

/** What an empty set begins with; one that has data does not look at it. */
export const restoring: SetRule = (before, after) => {
  if (before.storage === 'none' || after.restoreFrom === undefined || before.restoreFrom === after.restoreFrom)
    return [];
  return [
    noted(before, {
      rule: 'restore-without-effect',
      field: 'restoreFrom',
      before: before.restoreFrom,
      after: after.restoreFrom,
      reason: 'it acts only where no ordinal holds data: what there is stays as it is',
      remedy:
        'nothing to do if it is for the day on which all volumes are lost; to see the data of another time, make a second set with it',
    }),
  ];
};

/** Where in the store the backups of a set are. */
export function storeFolder({ namespace, name }: Pick<SetFacts, 'namespace' | 'name'>): string {
  return `${namespace ?? 'default'}/${name}`;
}

function added(set: SetFacts): Finding {
  return noted(set, {
    rule: 'backup-added',
    field: 'backup',
    after: set.backup?.store,
    reason: 'the first backup is taken when the pods have restarted: until it is complete, nothing can be restored',
    remedy: `see that it is: ${list(set)}`,
  });
}

function removed(set: SetFacts): Finding {
  return warned(set, {
    rule: 'backup-removed',
    field: 'backup',
    before: set.backup?.store,
    reason:
      'what a statement deletes, or the loss of all volumes, cannot be brought back from then on, and an ordinal 0 that finds no data anywhere begins with a new ' +
      `database; what the store has in folder ${storeFolder(set)} stays, and nothing deletes it any more`,
    remedy: `restore it; if that is intended, delete the CronJobs ${set.name}-backup and ${set.name}-proof where your tool does not prune, and the folder when no one needs it`,
  });
}

function moved(set: SetFacts, old: BackupFacts, now: BackupFacts): Finding {
  return warned(set, {
    rule: 'backup-moved',
    field: 'backup.store',
    before: old.store,
    after: now.store,
    reason:
      'the new place has no backup of it: until one is complete, which is taken when the pods have restarted, nothing can be restored from there, and never a time before that; what the old one has ' +
      'stays, nothing deletes it, and an ordinal 0 that finds no data anywhere does not look there',
    remedy:
      `copy folder ${storeFolder(set)} to the new place first; or see that a backup is complete there (${list(set)}), and keep the old place until that is ` +
      `${inWords(now.retentionSeconds)} ago`,
  });
}

function encryption(set: SetFacts, old: BackupFacts, now: BackupFacts): Finding[] {
  if (old.encryption === now.encryption) return [];
  const isOtherSecret = old.encryption !== undefined && now.encryption !== undefined;
  const unreadable = `the set could restore nothing of what is in folder ${storeFolder(set)} already, and an ordinal 0 that has lost all volumes would wait for ever for what it cannot read`;
  const otherFolder =
    "give the store another 'folder' at the same time, and keep the old one, and its passphrase, as long as its backups are needed";
  return [
    (isOtherSecret ? warned : refused)(set, {
      rule: 'backup-encryption-changed',
      field: 'backup.encryption',
      before: old.encryption,
      after: now.encryption,
      reason: isOtherSecret ? `if the passphrase is another one, ${unreadable}` : unreadable,
      remedy: isOtherSecret
        ? `make sure that the passphrase is the same; for another one ${otherFolder}`
        : `restore it; or ${otherFolder}`,
    }),
  ];
}

function retention(set: SetFacts, old: BackupFacts, now: BackupFacts): Finding[] {
  if (!(now.retentionSeconds < old.retentionSeconds)) return [];
  return [
    warned(set, {
      rule: 'backup-retention-shortened',
      field: 'backup.retention',
      before: inWords(old.retentionSeconds),
      after: inWords(now.retentionSeconds),
      reason: `with the next backup all goes from the store, for good, that is not needed for the last ${inWords(now.retentionSeconds)}`,
      remedy: `keep ${inWords(old.retentionSeconds)} unless that is intended`,
    }),
  ];
}

function maxDataLoss(set: SetFacts, old: BackupFacts, now: BackupFacts): Finding[] {
  if (!(now.maxDataLossSeconds > old.maxDataLossSeconds)) return [];
  return [
    warned(set, {
      rule: 'backup-data-loss-raised',
      field: 'backup.maxDataLoss',
      before: inWords(old.maxDataLossSeconds),
      after: inWords(now.maxDataLossSeconds),
      reason: `the loss of all volumes may cost what was written in the last ${inWords(now.maxDataLossSeconds)}`,
      remedy: `keep ${inWords(old.maxDataLossSeconds)} unless that is intended`,
    }),
  ];
}

/** What becomes of the log that a store which is away does not take. */
function storeOutage(
  set: SetFacts,
  { maxUnshippedBytes: old }: BackupFacts,
  { maxUnshippedBytes: now }: BackupFacts,
): Finding[] {
  if (old === undefined || now === undefined || old === now) return [];
  const change = { field: 'backup.maxUnshipped', before: inMebibytes(old), after: inMebibytes(now) };
  if (now === 0) {
    return [
      warned(set, {
        ...change,
        rule: 'backup-outage-stops-database',
        reason: 'a store that stays away stops the database when its volume is full of log',
        remedy: 'see that an alert says so long before: of the volume, and of the container ship',
      }),
    ];
  }
  if (old !== 0 && now > old) return [];
  return [
    warned(set, {
      ...change,
      rule: 'backup-outage-drops-log',
      reason: `while the store is away the oldest log beyond ${inMebibytes(now)} is dropped, for good: no time in it can be restored`,
      remedy: 'keep it unless that is intended',
    }),
  ];
}

function inMebibytes(bytes: number): string {
  return bytes === 0 ? 'all log' : `${bytes / 1024 ** 2} MiB`;
}

function list({ name, namespace }: SetFacts): string {
  return `npx cdk8s-stateful backups ${name}${namespace === undefined ? '' : ` --namespace ${namespace}`}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** For example `14 days`, `90 seconds`. */
function inWords(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? ['second', 1];
  return `${seconds / size} ${unit}${seconds === size ? '' : 's'}`;
}
