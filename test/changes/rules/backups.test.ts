import { Duration, Size } from 'cdk8s';
import {
  Backup,
  BackupEncryption,
  BackupOptions,
  BackupStore,
  Credentials,
  Postgres,
  PostgresProps,
  PostgresVersion,
  RestorePoint,
  RetiredVolumes,
  Storage,
  StoreOutage,
} from '../../../lib';
import { Manifests } from '../../../lib/changes/facts/manifests';
import { readSets, SetFacts } from '../../../lib/changes/facts/set-facts';
import { findingLine } from '../../../lib/changes/finding-formats';
import { checkLock } from '../../../lib/changes/lock/lock-check';
import { formatLock, LockContent, NO_ENVIRONMENT, parseLock } from '../../../lib/changes/lock/lock-format';
import { compareSets } from '../../../lib/changes/rules/compare-sets';
import { otherObjects } from '../../../lib/changes/rules/other-objects';
import { Manifest, synthesize } from '../../manifests';
import { object, ownSet } from '../sets';

// What the reviewer and the lock know of backups, by the YAML that the library makes.

const minimal: PostgresProps = {
  version: PostgresVersion.V18,
  replicas: 2,
  storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(1) }),
  credentials: Credentials.fromSecret('c'),
  metadata: { namespace: 'shop' },
};
const keys = { secretName: 'store' };
const s3 = { bucket: 'backups', endpoint: 'https://s3.example.com', ...keys };
const store = BackupStore.s3(s3);
const to = (options: BackupOptions = {}, place = store): Partial<PostgresProps> => ({
  backup: Backup.to(place, options),
});
const encryption = BackupEncryption.fromSecret('seal');
const of = (props: Partial<PostgresProps> = {}): Manifest[] =>
  synthesize((scope) => new Postgres(scope, props.name ?? 'orders', { ...minimal, ...props }));
const factsOf = (manifests: object[]): SetFacts => [...readSets(Manifests.of(manifests)).values()][0];

/** Of the volume. */
const FIFTH = 204 * 1024 ** 2;

/** But that pods restart. */
function said(before: object[], after: object[]): string[] {
  const [old, now] = [before, after].map((manifests) => readSets(Manifests.of(manifests)));
  return compareSets(old, now)
    .map(findingLine)
    .filter((line) => !line.includes(' rolling-restart:'));
}

test.each<[string, BackupStore, string]>([
  ['S3', store, 's3 https://s3.example.com backups'],
  ['a folder', BackupStore.s3({ ...s3, folder: 'team-a/db' }), 's3 https://s3.example.com backups/team-a/db'],
  ['S3 of AWS', BackupStore.s3({ bucket: 'backups', ...keys }), 's3 backups'],
  ['GCS', BackupStore.gcs({ bucket: 'backups', ...keys }), 'google cloud storage backups'],
  ['Azure', BackupStore.azureBlob({ account: 'shop', container: 'backups', ...keys }), 'azureblob shop backups'],
  [
    'SFTP',
    BackupStore.sftp({ host: 'nas.example.com', user: 'me@corp', ...keys, folder: 'db' }),
    'sftp me@corp@nas.example.com:22 db',
  ],
  ['a folder of SFTP that is quoted', BackupStore.sftp({ host: 'nas', user: 'me', ...keys }), 'sftp me@nas:22'],
  [
    'what a Secret configures',
    BackupStore.rclone({ remote: 'nas@home', ...keys, folder: 'db' }),
    'rclone.conf of store/rclone.conf nas@home:db',
  ],
])('it is known where: %s', (_, place, expected) => {
  expect(factsOf(of(to({}, place))).backup).toEqual({
    store: expected,
    retentionSeconds: 1209600,
    maxDataLossSeconds: 60,
    maxUnshippedBytes: FIFTH,
  });
});

test('it is known what seals, and what is restored', () => {
  const restoreFrom = RestorePoint.latest(store, {
    name: 'old',
    namespaceName: 'past',
    encryption: BackupEncryption.fromSecret('old-seal'),
  });
  expect(factsOf(of({ ...to({ encryption }), restoreFrom }))).toMatchObject({
    backup: { encryption: 'seal/passphrase' },
    restoreFrom: 'past/old until latest',
  });
  expect(factsOf(of({ restoreFrom })).backup).toBeUndefined();
  expect(factsOf(of())).not.toHaveProperty('backup');
});

const [FOLDER, LIST] = ['folder shop/orders', 'npx cdk8s-stateful backups orders --namespace shop'];
const other = BackupStore.s3({ ...s3, folder: 'other' });

test.each<[string, Partial<PostgresProps>, Partial<PostgresProps>, string[]]>([
  ['nothing', to(), to(), []],
  [
    'keys, and how they are found',
    to(),
    to({}, BackupStore.s3({ ...s3, secretName: 'other', accessKeyIdKey: 'id' })),
    [],
  ],
  ['the schedule, and how fast', to(), to({ rateLimit: Size.mebibytes(5) }), []],
  [
    'it gets backups',
    {},
    to(),
    [
      'note StatefulSet/shop/orders backup-added: backup (none) -> s3 https://s3.example.com backups: the first backup is taken when the pods have restarted',
      LIST,
    ],
  ],
  [
    'they are taken off',
    to(),
    {},
    [
      'warning StatefulSet/shop/orders backup-removed: backup s3 https://s3.example.com backups -> (none): ',
      'begins with a new database',
      FOLDER,
      'orders-proof',
    ],
  ],
  [
    'they move to another folder',
    to(),
    to({}, other),
    [
      'warning StatefulSet/shop/orders backup-moved: backup.store s3 https://s3.example.com backups -> s3 https://s3.example.com backups/other: the new place has no backup of it',
      LIST,
      'until that is 14 days ago',
    ],
  ],
  ['they move, and are sealed there', to(), to({ encryption }, other), ['backup-moved']],
  [
    'they move, and stay shorter there',
    to(),
    to({ retention: Duration.days(1) }, other),
    ['backup-moved', 'until that is 1 day ago'],
  ],
  [
    'they stay shorter',
    to(),
    to({ retention: Duration.hours(36) }),
    [
      'warning StatefulSet/shop/orders backup-retention-shortened: backup.retention 14 days -> 36 hours: with the next backup all goes from the store, for good',
    ],
  ],
  ['they stay longer', to(), to({ retention: Duration.days(30) }), []],
  [
    'more may be lost',
    to(),
    to({ maxDataLoss: Duration.seconds(90) }),
    [
      'warning StatefulSet/shop/orders backup-data-loss-raised: backup.maxDataLoss 1 minute -> 90 seconds: the loss of all volumes may cost',
    ],
  ],
  ['less may be lost', to(), to({ maxDataLoss: Duration.seconds(10) }), []],
  [
    'less log waits for a store that is away',
    to(),
    to({ maxUnshipped: Size.mebibytes(64) }),
    [
      'warning StatefulSet/shop/orders backup-outage-drops-log: backup.maxUnshipped 204 MiB -> 64 MiB: while the store is away the oldest log beyond 64 MiB is dropped',
    ],
  ],
  ['more log waits', to({ maxUnshipped: Size.mebibytes(64) }), to(), []],
  [
    'all log waits',
    to(),
    to({ onStoreOutage: StoreOutage.KEEP_LOG }),
    [
      'warning StatefulSet/shop/orders backup-outage-stops-database: backup.maxUnshipped 204 MiB -> all log: a store that stays away stops the database',
    ],
  ],
  [
    'no longer all log waits',
    to({ onStoreOutage: StoreOutage.KEEP_LOG }),
    to(),
    ['backup-outage-drops-log: backup.maxUnshipped all log -> 204 MiB'],
  ],
  [
    'they are sealed',
    to(),
    to({ encryption }),
    [
      'error StatefulSet/shop/orders backup-encryption-changed: backup.encryption (none) -> seal/passphrase: the set could restore nothing',
      FOLDER,
      "give the store another 'folder'",
    ],
  ],
  [
    'they are sealed no more',
    to({ encryption }),
    to(),
    ['error StatefulSet/shop/orders backup-encryption-changed: backup.encryption seal/passphrase -> (none)'],
  ],
  [
    'another Secret seals',
    to({ encryption }),
    to({ encryption: BackupEncryption.fromSecret('new') }),
    [
      'warning StatefulSet/shop/orders backup-encryption-changed: backup.encryption seal/passphrase -> new/passphrase: if the passphrase is another one',
    ],
  ],
  [
    'another key seals',
    to({ encryption }),
    to({ encryption: BackupEncryption.fromSecret('seal', { passphraseKey: 'b' }) }),
    ['warning', 'seal/passphrase -> seal/b'],
  ],
  [
    'it is to be restored',
    {},
    { restoreFrom: RestorePoint.latest(store, { name: 'old', namespaceName: 'past' }) },
    [
      'note StatefulSet/shop/orders restore-without-effect: restoreFrom (none) -> past/old until latest: it acts only where no ordinal holds data',
    ],
  ],
  [
    'it is to be restored no more',
    { restoreFrom: RestorePoint.latest(store, { name: 'old', namespaceName: 'past' }) },
    {},
    [],
  ],
])('%s', (_, before, after, words) => {
  const lines = said(of(before), of(after));
  expect(lines).toHaveLength(words.length > 0 ? 1 : 0);
  for (const word of words) expect(lines[0]).toContain(word);
});

test('several things at once are as many findings', () => {
  const lines = said(of(to({ encryption })), of(to({ retention: Duration.days(7), maxDataLoss: Duration.hours(1) })));
  expect(lines.map((line) => line.split(' ')[2])).toEqual([
    'backup-encryption-changed:',
    'backup-retention-shortened:',
    'backup-data-loss-raised:',
  ]);
});

test('where the settings are not among the manifests, nothing is said of them', () => {
  expect(
    said(
      of(to()),
      of().filter(({ kind }) => kind === 'StatefulSet'),
    ).join(),
  ).not.toContain('backup');
});

describe('a set that goes leaves its backups', () => {
  const begin = "restoreFrom: RestorePoint.latest(store, { name: 'orders', namespaceName: 'shop' })";
  test.each<[string, Partial<PostgresProps> | undefined, string[]]>([
    [
      'that is gone',
      undefined,
      ['set-removed', 'its backups stay in the store, in folder shop/orders, and nothing deletes them any more'],
    ],
    ['by another name', { name: 'sales', ...to() }, ['set-renamed', 'in folder shop/orders', begin]],
    [
      'in another namespace',
      { metadata: { namespace: 'market' }, ...to() },
      ['set-moved', 'in folder shop/orders', begin],
    ],
  ])('%s', (_, after, words) => {
    const lines = said(of(to()), after === undefined ? [] : of(after));
    expect(lines).toHaveLength(1);
    for (const word of words) expect(lines[0]).toContain(word);
    expect(said(of(), after === undefined ? [] : of(after)).join()).not.toContain('its backups');
  });
});

describe('the lock', () => {
  const lockOf = (manifests: object[]): LockContent => check(new Map(), manifests).content;
  const check = (lock: LockContent, manifests: object[], retire?: boolean): ReturnType<typeof checkLock> =>
    checkLock(
      lock,
      new Map([
        [
          NO_ENVIRONMENT,
          {
            systems: readSets(Manifests.of(manifests)),
            retirements: retire === true ? [{ name: 'orders', namespace: 'shop', volumes: RetiredVolumes.KEPT }] : [],
          },
        ],
      ]),
      true,
    );
  const written = (lock: LockContent): LockContent => parseLock(formatLock(lock), 'lock');

  test('says what a review says, from what it has written', () => {
    const lock = written(lockOf(of(to({ encryption }))));
    expect(check(lock, of(to({ encryption })))).toMatchObject({ findings: [], differences: [] });
    const { findings, differences } = check(lock, of(to({ encryption, retention: Duration.days(7) })));
    expect(findings.map(({ rule }) => rule)).toEqual(['backup-retention-shortened', 'rolling-restart']);
    expect(differences).toContain(
      'systems shop/orders: backup {"encryption":"seal/passphrase","maxDataLossSeconds":60,"maxUnshippedBytes":213909504,"retentionSeconds":1209600,"store":"s3 https://s3.example.com backups"}' +
        ' -> {"encryption":"seal/passphrase","maxDataLossSeconds":60,"maxUnshippedBytes":213909504,"retentionSeconds":604800,"store":"s3 https://s3.example.com backups"}',
    );
  });

  test('that knows of no backups yet is read, and takes them', () => {
    const lock = written(lockOf(of()));
    const { findings, content } = check(lock, of(to()));
    expect(findings.map(({ rule }) => rule)).toContain('backup-added');
    expect(formatLock(content)).toContain('"backup": {');
  });

  test('says of a set that is retired where its backups are', () => {
    expect(check(written(lockOf(of(to()))), [], true).findings.map(findingLine)).toEqual([
      expect.stringContaining('; its backups stay in the store, in folder shop/orders, until you delete them there'),
    ]);
    expect(
      check(written(lockOf(of())), [], true)
        .findings.map(findingLine)
        .join(),
    ).not.toContain('backups');
  });
});

describe('a Secret that changes', () => {
  const secret = (name: string, data: object): object =>
    object('v1', 'Secret', name, { stringData: data }, { namespace: 'shop' });
  const lines = (old: object, now: object, props = to({ encryption })): string[] =>
    otherObjects(Manifests.of([...of(props), old]), Manifests.of([...of(props), now])).map(findingLine);

  test('with the passphrase makes all backups unreadable', () => {
    const [line, ...others] = lines(
      secret('seal', { passphrase: 'old-one', note: 'a' }),
      secret('seal', { passphrase: 'new-one', note: 'b' }),
    );
    expect(line).toContain(
      'error Secret/shop/seal backup-passphrase-changed: data[passphrase]: what the store has was sealed with the former one',
    );
    expect(line).not.toMatch(/old-one|new-one/);
    expect(others).toEqual([]);
  });

  test('with keys of the store may do so', () => {
    expect(lines(secret('store', { 'access-key-id': 'a' }), secret('store', { 'access-key-id': 'b' }))).toEqual([]);
  });

  test('with passwords is found as ever, and so is a volume of that name of another generator', () => {
    expect(lines(secret('c', { password: 'a' }), secret('c', { password: 'b' }))).toEqual([
      expect.stringContaining('secret-value-changed'),
    ]);
    const foreign = {
      ...ownSet({ namespace: 'shop', pod: { volumes: [{ name: 'backup', secret: { secretName: 'x' } }] } }),
    };
    const set = { ...foreign, spec: { ...(foreign.spec as object), selector: { matchLabels: { app: 'orders' } } } };
    expect(
      otherObjects(Manifests.of([set, secret('x', { a: '1' })]), Manifests.of([set, secret('x', { a: '2' })])).map(
        ({ rule }) => rule,
      ),
    ).toContain('secret-value-changed');
  });
});
