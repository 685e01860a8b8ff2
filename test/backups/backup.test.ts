import { Cron, Duration, Size } from 'cdk8s';
import { Backup, BackupEncryption, BackupOptions, BackupStore, StoreOutage } from '../../lib';
import { shown } from '../../lib/values/checks';
import { refusalOf } from '../refusal';

const any = (value: unknown): never => value as never;
const store = BackupStore.s3({ bucket: 'backups', secretName: 'backup-store' });

test('what is left out has its default', () => {
  const { retention, maxDataLoss, schedule, proofSchedule, encryption, rateLimit, maxUnshipped, onStoreOutage } =
    Backup.to(store);
  expect(Backup.to(store).fullBackupEvery).toBe(1);
  expect([maxUnshipped, onStoreOutage]).toEqual([undefined, 'keep-writing']);
  expect([retention.toDays(), maxDataLoss.toSeconds(), schedule, proofSchedule, encryption, rateLimit]).toEqual([
    14,
    60,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('what is given is kept', () => {
  const all: Required<BackupOptions> = {
    schedule: Cron.schedule({ minute: '*/5', hour: '1-3', day: '?', month: 'JAN,FEB', weekDay: '0' }),
    fullBackupEvery: 7,
    proofSchedule: Cron.weekly(),
    retention: Duration.days(30),
    maxDataLoss: Duration.seconds(10),
    encryption: BackupEncryption.fromSecret('seal', { passphraseKey: 'words' }),
    rateLimit: Size.mebibytes(20),
    maxUnshipped: Size.mebibytes(64),
    onStoreOutage: StoreOutage.KEEP_LOG,
  };
  expect(Backup.to(store, all)).toMatchObject({ store, ...all });
  expect(all.encryption).toMatchObject({ secretName: 'seal', passphraseKey: 'words' });
  expect(BackupEncryption.fromSecret('seal').passphraseKey).toBe('passphrase');
});

test('a Cron of another copy of cdk8s is one', () => {
  expect(Backup.to(store, { schedule: any({ expressionString: '0 3 * * *' }) }).schedule?.expressionString).toBe(
    '0 3 * * *',
  );
});

const of =
  (options: { readonly [option: string]: unknown }): (() => Backup) =>
  () =>
    Backup.to(store, options);
const ofSubdomain = "must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got";

test.each<[string, () => unknown, string]>([
  [
    'no store',
    () => Backup.to(any(undefined)),
    "store must be a BackupStore, as BackupStore.s3({ bucket: 'backups', ... }), got undefined",
  ],
  [
    'the name of a bucket',
    () => Backup.to(any('backups')),
    "store must be a BackupStore, as BackupStore.s3({ bucket: 'backups', ... }), got 'backups'",
  ],
  ['options that are none', () => Backup.to(store, any('daily')), "options must be an object, got 'daily'"],
  [
    'a schedule in words',
    of({ schedule: 'daily' }),
    "schedule must be a Cron, as Cron.schedule({ hour: '3', minute: '0' }), got 'daily'",
  ],
  [
    'a schedule that is null',
    of({ schedule: null }),
    "schedule must be a Cron, as Cron.schedule({ hour: '3', minute: '0' }), got null",
  ],
  [
    'a schedule of six fields',
    of({ schedule: Cron.schedule({ minute: '0 0' }) }),
    "schedule must have five fields of letters, digits, '*', ',', '-' and '/', got '0 0 * * * *'",
  ],
  [
    'a proof in words',
    of({ proofSchedule: 'weekly' }),
    "proofSchedule must be a Cron, as Cron.schedule({ weekDay: '0', hour: '6', minute: '0' }), got 'weekly'",
  ],
  [
    'a proof at no time',
    of({ proofSchedule: Cron.schedule({ hour: '$(id)' }) }),
    "proofSchedule must have five fields of letters, digits, '*', ',', '-' and '/', got '* $(id) * * *'",
  ],
  ...[0, 32, 1.5, '7'].map((value): [string, () => unknown, string] => [
    `full backups each ${shown(value)}`,
    of({ fullBackupEvery: value }),
    `fullBackupEvery must be a whole number from 1 to 31, got ${shown(value)}: a restore needs as many backups as that`,
  ]),
  ['retention in days', of({ retention: 14 }), 'retention must be a Duration, as Duration.days(14), got 14'],
  [
    'retention of an hour',
    of({ retention: Duration.hours(1) }),
    'retention must be whole seconds from 1 day to 3653 days, got 60 minutes',
  ],
  [
    'retention for ever',
    of({ retention: Duration.days(4000) }),
    'retention must be whole seconds from 1 day to 3653 days, got 4000 days',
  ],
  [
    'a loss of no time',
    of({ maxDataLoss: Duration.seconds(9) }),
    'maxDataLoss must be whole seconds from 10 seconds to 1 day, got 9 seconds',
  ],
  [
    'a loss of two days',
    of({ maxDataLoss: Duration.days(2) }),
    'maxDataLoss must be whole seconds from 10 seconds to 1 day, got 2 days',
  ],
  [
    'a loss of half a second more',
    of({ maxDataLoss: Duration.millis(10_500) }),
    expect.stringMatching(/^maxDataLoss must be whole seconds from 10 seconds to 1 day, got /) as never,
  ],
  [
    'a passphrase',
    of({ encryption: 'secret' }),
    "encryption must be BackupEncryption.fromSecret('backup-passphrase'), got 'secret'",
  ],
  [
    'no Secret of a passphrase',
    () => BackupEncryption.fromSecret(any(undefined)),
    `secretName ${ofSubdomain} undefined`,
  ],
  [
    'a Secret of a passphrase that cannot be',
    () => BackupEncryption.fromSecret('My Secret'),
    `secretName ${ofSubdomain} "My Secret"`,
  ],
  [
    'a key of a passphrase that cannot be',
    () => BackupEncryption.fromSecret('s', { passphraseKey: 'a/b' }),
    "passphraseKey must have letters, digits, '-', '_' and '.' only, got 'a/b'",
  ],
  [
    'options of a passphrase that are none',
    () => BackupEncryption.fromSecret('s', any(null)),
    'options must be an object, got null',
  ],
  [
    'what may wait, in words',
    of({ maxUnshipped: '1G' }),
    "maxUnshipped must be a Size, as Size.gibibytes(10), got '1G'",
  ],
  [
    'nothing that may wait',
    of({ maxUnshipped: Size.mebibytes(63) }),
    'maxUnshipped must be at least 64 MiB, got 63Mi: a part of the log alone may have 16',
  ],
  [
    'an outage of another kind',
    of({ onStoreOutage: 'stop' }),
    expect.stringMatching(/^onStoreOutage must be one of /) as never,
  ],
  ['a rate in words', of({ rateLimit: '10M' }), "rateLimit must be a Size, as Size.gibibytes(10), got '10M'"],
  [
    'a rate that ends no backup',
    of({ rateLimit: Size.kibibytes(1023) }),
    'rateLimit must be whole kibibytes (a second), at least 1Mi, got 1023Ki',
  ],
  [
    'a rate of half a kibibyte more',
    of({ rateLimit: Size.kibibytes(2048.5) }),
    expect.stringMatching(/^rateLimit must be whole kibibytes \(a second\), at least 1Mi, got /) as never,
  ],
])('refused: %s', (_, make, message) => {
  expect(refusalOf(make)).toEqual(message);
});
