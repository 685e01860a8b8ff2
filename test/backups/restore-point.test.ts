import { BackupEncryption, BackupStore, RestorePoint } from '../../lib';
import { refusalOf } from '../refusal';

const any = (value: unknown): never => value as never;
const store = BackupStore.s3({ bucket: 'backups', secretName: 'backup-store' });
const set = { name: 'orders', namespaceName: 'shop' };
const encryption = BackupEncryption.fromSecret('seal');

test.each<[string, RestorePoint, string]>([
  ['all there is', RestorePoint.latest(store, set), 'latest'],
  ['a time', RestorePoint.at(store, set, '2026-11-29T10:00:00Z'), '2026-11-29T10:00:00Z'],
  [
    'a time to the microsecond',
    RestorePoint.at(store, set, '2028-02-29T23:59:59.123456Z'),
    '2028-02-29T23:59:59.123456Z',
  ],
  ['a backup', RestorePoint.named(store, set, '20261129T030000Z'), '20261129T030000Z'],
])('%s', (_, point, until) => {
  expect(point).toMatchObject({ store, name: 'orders', namespaceName: 'shop', encryption: undefined, until });
});

test('it is opened as it was sealed', () => {
  expect(RestorePoint.latest(store, { ...set, encryption }).encryption).toBe(encryption);
});

const at = (instant: unknown) => () => RestorePoint.at(store, set, any(instant));
const of = (more: { readonly [field: string]: unknown }) => () => RestorePoint.latest(store, { ...set, ...more });
const ofInstant = "instant must be a time in UTC, as '2026-11-29T10:00:00Z', got";

test.each<[string, () => unknown, string]>([
  [
    'no store',
    () => RestorePoint.latest(any(undefined), set),
    "store must be a BackupStore, as BackupStore.s3({ bucket: 'backups', ... }), got undefined",
  ],
  ['no set', () => RestorePoint.latest(store, any(undefined)), 'set must be an object, got undefined'],
  ['a set by its name alone', () => RestorePoint.latest(store, any('orders')), "set must be an object, got 'orders'"],
  ['no name', of({ name: undefined }), 'set.name must be a string, got undefined'],
  ['a name that leads out', of({ name: '../other' }), "set.name must be the name of a set, got '../other'"],
  ['no namespace', of({ namespaceName: undefined }), 'set.namespaceName must be a string, got undefined'],
  ['a namespace in capitals', of({ namespaceName: 'Shop' }), "set.namespaceName must be a namespace, got 'Shop'"],
  [
    'a passphrase',
    of({ encryption: 'secret' }),
    "set.encryption must be BackupEncryption.fromSecret('backup-passphrase'), got 'secret'",
  ],
  ['a time that is a Date', at(new Date(0)), 'instant must be a string, got an object of Date'],
  ['a day', at('2026-11-29'), `${ofInstant} '2026-11-29'`],
  ['a time of no zone', at('2026-11-29T10:00:00'), `${ofInstant} '2026-11-29T10:00:00'`],
  ['a time of another zone', at('2026-11-29T10:00:00+01:00'), `${ofInstant} '2026-11-29T10:00:00+01:00'`],
  ['a day that the calendar has not', at('2026-02-30T10:00:00Z'), `${ofInstant} '2026-02-30T10:00:00Z'`],
  ['a month that it has not', at('2026-13-01T10:00:00Z'), `${ofInstant} '2026-13-01T10:00:00Z'`],
  ['an hour that the day has not', at('2026-11-29T24:00:00Z'), `${ofInstant} '2026-11-29T24:00:00Z'`],
  ['nanoseconds', at('2026-11-29T10:00:00.1234567Z'), `${ofInstant} '2026-11-29T10:00:00.1234567Z'`],
  [
    'a backup by another name',
    () => RestorePoint.named(store, set, 'latest'),
    "backup must be the name of a backup, as '20261129T030000Z', got 'latest'",
  ],
  ['no backup', () => RestorePoint.named(store, set, any(undefined)), 'backup must be a string, got undefined'],
])('refused: %s', (_, make, message) => {
  expect(refusalOf(make)).toBe(message);
});
