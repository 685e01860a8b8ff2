import { checkInstance, checkObject, checkText, shown } from '../values/checks';
import { BackupEncryption } from './backup';
import { BackupStore } from './backup-store';

/** Whose backups a `RestorePoint` is of. */
export interface BackedUpSet {
  /** Name of the set. */
  readonly name: string;

  /** Namespace that it ran in. */
  readonly namespaceName: string;

  /**
   * What its backups are sealed with.
   *
   * @default - nothing
   */
  readonly encryption?: BackupEncryption;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/;
const BACKUP = /^\d{8}T\d{6}Z$/;
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * What a set begins with, where it has no data: the data of another set, or of this one, as it was at some time.
 *
 * It acts on an empty ordinal 0 only, and only while no other ordinal holds data: the same definition stays in git for
 * ever, makes the database the first time, and restores it should all volumes be lost.
 *
 * @example
 * restoreFrom: RestorePoint.at(store, { name: 'orders', namespaceName: 'shop' }, '2026-11-29T10:00:00Z')
 */
export class RestorePoint {
  /**
   * All that the store has.
   *
   * @throws if an argument cannot be, by its name
   */
  public static latest(store: BackupStore, set: BackedUpSet): RestorePoint {
    return new RestorePoint(store, set, 'latest');
  }

  /**
   * What was committed up to a time, that included, and nothing later. A time that cannot be reached is an error in the
   * log of the container `prepare`, which names the first and the last that can.
   *
   * @param instant in UTC: `2026-11-29T10:00:00Z`, with up to six digits of a second's parts
   * @throws if an argument cannot be, by its name
   */
  public static at(store: BackupStore, set: BackedUpSet, instant: string): RestorePoint {
    if (!INSTANT.test(checkText('instant', instant)) || !isOfTheCalendar(instant)) {
      throw new Error(`instant must be a time in UTC, as '2026-11-29T10:00:00Z', got ${shown(instant)}`);
    }
    return new RestorePoint(store, set, instant);
  }

  /**
   * What one backup has, as it was sealed.
   *
   * @param backup its name, as the log of its job says it: `20261129T030000Z`
   * @throws if an argument cannot be, by its name
   */
  public static named(store: BackupStore, set: BackedUpSet, backup: string): RestorePoint {
    if (!BACKUP.test(checkText('backup', backup))) {
      throw new Error(`backup must be the name of a backup, as '20261129T030000Z', got ${shown(backup)}`);
    }
    return new RestorePoint(store, set, backup);
  }

  /** Where the backups are. */
  public readonly store: BackupStore;

  /** Whose they are. */
  public readonly name: string;

  /** The namespace that it ran in. */
  public readonly namespaceName: string;

  /** What they are sealed with. */
  public readonly encryption?: BackupEncryption;

  /** `latest`, a time, or a backup's name. */
  public readonly until: string;

  private constructor(store: BackupStore, set: BackedUpSet, until: string) {
    this.store = checkInstance(
      'store',
      store,
      BackupStore,
      "a BackupStore, as BackupStore.s3({ bucket: 'backups', ... })",
    );
    const { name, namespaceName, encryption } = checkObject('set', set);
    if (!NAME.test(checkText('set.name', name)))
      throw new Error(`set.name must be the name of a set, got ${shown(name)}`);
    if (!NAME.test(checkText('set.namespaceName', namespaceName)))
      throw new Error(`set.namespaceName must be a namespace, got ${shown(namespaceName)}`);
    if (encryption !== undefined)
      checkInstance('set.encryption', encryption, BackupEncryption, "BackupEncryption.fromSecret('backup-passphrase')");
    this.name = name;
    this.namespaceName = namespaceName;
    this.encryption = encryption;
    this.until = until;
  }
}

/** JavaScript takes the 31st of February for the 3rd of March. */
function isOfTheCalendar(instant: string): boolean {
  const time = new Date(instant);
  return !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 19) === instant.slice(0, 19);
}
