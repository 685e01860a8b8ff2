import { Cron, Duration, Size, SizeRoundingBehavior } from 'cdk8s';
import { checkEnum, checkInstance, checkObject, checkSize, isDuration, shown } from '../values/checks';
import { dnsSubdomain } from '../values/dns-subdomain';
import { checkSecretKey } from './private/store-checks';
import { BackupStore } from './backup-store';

/** Options of `BackupEncryption.fromSecret`. */
export interface BackupEncryptionOptions {
  /**
   * Key in the Secret of the passphrase. At least 20 characters: anyone who has the store can try as many as they like.
   *
   * @default 'passphrase'
   */
  readonly passphraseKey?: string;
}

/**
 * A passphrase that what is sent is sealed with before it leaves the pod, by rclone's `crypt`. Names of objects stay
 * readable. Anyone who loses the passphrase loses all backups.
 *
 * @see https://rclone.org/crypt/
 */
export class BackupEncryption {
  /**
   * A passphrase in a Secret that exists, or will.
   *
   * @param secretName name of a Secret of the set's namespace
   * @param options name of its key
   * @throws if a name cannot be
   */
  public static fromSecret(secretName: string, options: BackupEncryptionOptions = {}): BackupEncryption {
    return new BackupEncryption(
      dnsSubdomain(secretName, 'secretName'),
      checkSecretKey('passphraseKey', checkObject('options', options).passphraseKey ?? 'passphrase'),
    );
  }

  private constructor(
    /** Name of the Secret. */
    public readonly secretName: string,
    /** Its key. */
    public readonly passphraseKey: string,
  ) {}
}

/** What becomes of a database whose log the store does not take, when more of it waits than `maxUnshipped`. */
export enum StoreOutage {
  /**
   * It goes on: the oldest log that waits is dropped. When the store answers again it is told what is missing, and
   * another base backup is taken at once. No time in the gap can be restored.
   */
  KEEP_WRITING = 'keep-writing',

  /**
   * Its log is kept until the volume is full, which stops it: every time can be restored, once the store answers again.
   */
  KEEP_LOG = 'keep-log',
}

/** Options of `Backup.to`. */
export interface BackupOptions {
  /**
   * When a base backup is taken, in UTC: a copy of all data, as a new replica would take it, from the highest replica
   * that is in step.
   *
   * @default - daily, at an hour and minute that follow from the set's name, so that many sets do not begin at once
   */
  readonly schedule?: Cron;

  /**
   * Each so many-th backup is a full one; those between hold only what changed since the one before, and need it to be
   * restored. With 7 and a backup a day one is full a week. It counts backups, and not days, as that is what a restore
   * needs at most: so many have to be in the store, undamaged, and on the volume together. A full one is also taken
   * where it is not known what changed, after a proof that failed, say, and the log of the job says why. 1 to 31.
   *
   * Of PostgreSQL, which then notes which blocks change (`summarize_wal`), and whose restore needs room on the volume
   * for twice the data; and of MariaDB, whose restore needs room for the data and all that changed.
   *
   * @default 1 - every backup is full
   */
  readonly fullBackupEvery?: number;

  /**
   * When the newest backup is proven, in UTC: restored, with the log after it, into a volume that goes with the pod,
   * and checked there. The set is not touched.
   *
   * @default - weekly, at a time that follows from the set's name
   */
  readonly proofSchedule?: Cron;

  /**
   * How far back any point in time can be restored. What is older goes, once a newer backup was proven. A day to 10
   * years.
   *
   * @default Duration.days(14)
   */
  readonly retention?: Duration;

  /**
   * How old the newest change in the store may be while the store answers: what a loss of all volumes costs. The log is
   * sent as it fills, and at the latest after this. 10 seconds to a day.
   *
   * @default Duration.minutes(1)
   */
  readonly maxDataLoss?: Duration;

  /**
   * How much of the log may wait on the primary's volume while the store does not take it. From 64 MiB on.
   *
   * @default - a fifth of the volume; 10 GiB where nothing limits that
   */
  readonly maxUnshipped?: Size;

  /**
   * What happens when more waits.
   *
   * @default StoreOutage.KEEP_WRITING
   */
  readonly onStoreOutage?: StoreOutage;

  /**
   * Seal everything with a passphrase before it leaves the pod.
   *
   * @default - what the store does by itself
   */
  readonly encryption?: BackupEncryption;

  /**
   * How much a second the jobs may send to the store, and a proof may read from it. At least a mebibyte; a job that
   * takes more than a day is ended. The log and restores are not held up by it: `maxDataLoss` would not hold, and who
   * restores waits.
   *
   * @default - no limit
   */
  readonly rateLimit?: Size;
}

const LONGEST_RETENTION = Duration.days(3653);
const LEAST_RETENTION = Duration.days(1);
const LONGEST_LOSS = Duration.days(1);
const LEAST_LOSS = Duration.seconds(10);
/** Each of them must be there for a restore. */
const MOST_TO_A_FULL_ONE = 31;
const LEAST_UNSHIPPED = Size.mebibytes(64);
/** Of a second. With less a chunk would not be sent before the scripts give it up. */
const LEAST_RATE = Size.mebibytes(1);
/** The five fields, as Kubernetes takes them; what each of them means, it says itself. */
const CRON = /^[-\w*,/?]+( [-\w*,/?]+){4}$/;

/**
 * That a set is backed up, where to, and how often.
 *
 * @example
 * backup: Backup.to(store, { retention: Duration.days(30), maxDataLoss: Duration.minutes(1) })
 */
export class Backup {
  /**
   * Backups in a store.
   *
   * @param store where to
   * @param options how often, how long, how sealed
   * @throws if an option cannot be, by its name
   */
  public static to(store: BackupStore, options: BackupOptions = {}): Backup {
    return new Backup(
      checkInstance('store', store, BackupStore, "a BackupStore, as BackupStore.s3({ bucket: 'backups', ... })"),
      checkObject('options', options),
    );
  }

  /** Where to. */
  public readonly store: BackupStore;

  /** When a base backup is taken, in UTC; undefined for once a day. */
  public readonly schedule?: Cron;

  /** Each so many-th backup holds all data, the others what changed since the one before. */
  public readonly fullBackupEvery: number;

  /** When the newest backup is proven, in UTC; undefined for once a week. */
  public readonly proofSchedule?: Cron;

  /** How far back a point in time can be restored. */
  public readonly retention: Duration;

  /** How old the newest change in the store may be. */
  public readonly maxDataLoss: Duration;

  /** How much of the log may wait for the store; undefined for a fifth of the volume. */
  public readonly maxUnshipped?: Size;

  /** What happens when more waits. */
  public readonly onStoreOutage: StoreOutage;

  /** What everything is sealed with. */
  public readonly encryption?: BackupEncryption;

  /** How much a second the jobs may send, and read. */
  public readonly rateLimit?: Size;

  private constructor(
    store: BackupStore,
    {
      schedule,
      fullBackupEvery = 1,
      proofSchedule,
      retention,
      maxDataLoss,
      maxUnshipped,
      onStoreOutage,
      encryption,
      rateLimit,
    }: BackupOptions,
  ) {
    if (schedule !== undefined) checkCron('schedule', schedule, "Cron.schedule({ hour: '3', minute: '0' })");
    if (proofSchedule !== undefined)
      checkCron('proofSchedule', proofSchedule, "Cron.schedule({ weekDay: '0', hour: '6', minute: '0' })");
    if (encryption !== undefined)
      checkInstance('encryption', encryption, BackupEncryption, "BackupEncryption.fromSecret('backup-passphrase')");
    this.store = store;
    if (!Number.isInteger(fullBackupEvery) || fullBackupEvery < 1 || fullBackupEvery > MOST_TO_A_FULL_ONE) {
      throw new Error(
        `fullBackupEvery must be a whole number from 1 to ${MOST_TO_A_FULL_ONE}, got ${shown(fullBackupEvery)}: a restore needs as many backups as that`,
      );
    }
    this.schedule = schedule;
    this.fullBackupEvery = fullBackupEvery;
    this.proofSchedule = proofSchedule;
    this.retention = between('retention', retention ?? Duration.days(14), LEAST_RETENTION, LONGEST_RETENTION);
    this.maxDataLoss = between('maxDataLoss', maxDataLoss ?? Duration.minutes(1), LEAST_LOSS, LONGEST_LOSS);
    if (
      maxUnshipped !== undefined &&
      checkSize('maxUnshipped', maxUnshipped).toMebibytes({ rounding: SizeRoundingBehavior.FLOOR }) <
        LEAST_UNSHIPPED.toMebibytes()
    ) {
      throw new Error(
        `maxUnshipped must be at least ${LEAST_UNSHIPPED.toMebibytes()} MiB, got ${shown(maxUnshipped)}: a part of the log alone may have 16`,
      );
    }
    this.maxUnshipped = maxUnshipped;
    this.onStoreOutage = checkEnum('onStoreOutage', onStoreOutage ?? StoreOutage.KEEP_WRITING, StoreOutage);
    this.encryption = encryption;
    this.rateLimit = rateLimit === undefined ? undefined : checkRate('rateLimit', rateLimit);
  }
}

/** Judged by what it says, as there may be two copies of cdk8s. */
function checkCron(option: string, cron: Cron, example: string): void {
  const expression: unknown = (cron as Partial<Cron> | null)?.expressionString;
  if (typeof expression !== 'string') throw new Error(`${option} must be a Cron, as ${example}, got ${shown(cron)}`);
  if (!CRON.test(expression))
    throw new Error(
      `${option} must have five fields of letters, digits, '*', ',', '-' and '/', got ${shown(expression)}`,
    );
}

/** In whole kibibytes, as rclone counts. */
function checkRate(option: string, rate: Size): Size {
  const kibibytes = checkSize(option, rate).toKibibytes({ rounding: SizeRoundingBehavior.NONE });
  if (!Number.isSafeInteger(kibibytes) || kibibytes < LEAST_RATE.toKibibytes()) {
    throw new Error(`${option} must be whole kibibytes (a second), at least ${shown(LEAST_RATE)}, got ${shown(rate)}`);
  }
  return rate;
}

/** Whole seconds, as the scripts count. */
function between(option: string, duration: Duration, least: Duration, most: Duration): Duration {
  if (!isDuration(duration)) {
    throw new Error(`${option} must be a Duration, as Duration.days(14), got ${shown(duration)}`);
  }
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < least.toSeconds() || seconds > most.toSeconds()) {
    throw new Error(
      `${option} must be whole seconds from ${least.toHumanString()} to ${most.toHumanString()}, got ${shown(duration)}`,
    );
  }
  return duration;
}
