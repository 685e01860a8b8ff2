import { Manifests } from '../../../lib/changes/facts/manifests';
import { readSets } from '../../../lib/changes/facts/set-facts';
import { compareSets } from '../../../lib/changes/rules/compare-sets';
import { claim, Fields, ownSet, SetChange, statefulSet } from '../sets';

// What each rule says of one set that changes: level, rule, field, and the values.

/** For example `error volume-shrunk spec.x: 10Gi -> 5Gi`. */
function said(before: Fields, after: Fields): string[] {
  return compareSets(readSets(Manifests.of([before])), readSets(Manifests.of([after]))).map(
    ({ level, rule, field, before: old, after: now }) =>
      `${level} ${rule}${field === undefined ? '' : ` ${field}`}${old === undefined && now === undefined ? '' : `: ${old} -> ${now}`}`,
  );
}

/** All but that the pods restart, which any change of their template does. */
function saidOf(before: SetChange, after: SetChange, make = statefulSet): string[] {
  return said(make(before), make(after)).filter((line) => line !== RESTART);
}

const RESTART = 'note rolling-restart spec.template';
const SIZE = 'spec.volumeClaimTemplates[data].spec.resources.requests.storage';
const sized = (storage: unknown): SetChange => ({ claims: [claim({ resources: { requests: { storage } } })] });
const mounted = (...volumeMounts: Fields[]): SetChange => ({ container: { volumeMounts } });
const image = (name: string): SetChange => ({ image: name });
const password = (value: string): SetChange => ({ env: [{ name: 'POSTGRES_PASSWORD', value }] });
const secret = (name: string): SetChange => ({
  env: [{ name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name, key: 'password' } } }],
});
const retaining = (whenDeleted: string, whenScaled: string, more: Fields = {}): SetChange => ({
  spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled }, ...more },
});
const replicas = (amount: number): SetChange => ({ spec: { replicas: amount } });
const stateless = (change: SetChange = {}): SetChange => ({ claims: [], ...change });

test.each<[string, SetChange, SetChange, string[]]>([
  [
    'the selector',
    {},
    { spec: { selector: { matchLabels: { app: 'orders', team: 'a' } } } },
    [
      'error selector-changed spec.selector: {"matchLabels":{"app":"orders"}} -> {"matchLabels":{"app":"orders","team":"a"}}',
    ],
  ],
  [
    'the order of its labels',
    { spec: { selector: { matchLabels: { a: '1', b: '2' } } } },
    { spec: { selector: { matchLabels: { b: '2', a: '1' } } } },
    [],
  ],
  [
    'the governing Service',
    {},
    { spec: { serviceName: 'other' } },
    ['error service-name-changed spec.serviceName: orders -> other'],
  ],
  [
    'pod management',
    {},
    { spec: { podManagementPolicy: 'Parallel' } },
    ['error pod-management-policy-changed spec.podManagementPolicy: OrderedReady -> Parallel'],
  ],
  ['pod management, its default written out', {}, { spec: { podManagementPolicy: 'OrderedReady' } }, []],
  [
    'the first ordinal',
    {},
    { spec: { ordinals: { start: 1 } } },
    ['error ordinals-changed spec.ordinals.start: 0 -> 1'],
  ],
  [
    'immutable fields of a set without data',
    stateless(),
    stateless({ spec: { serviceName: 'other' } }),
    ['error service-name-changed spec.serviceName: orders -> other'],
  ],

  ['a larger volume', sized('10Gi'), sized('20Gi'), [`warning volume-grown ${SIZE}: 10Gi -> 20Gi`]],
  ['a smaller volume', sized('10Gi'), sized('10G'), [`error volume-shrunk ${SIZE}: 10Gi -> 10G`]],
  ['the same size in another unit', sized('10Gi'), sized('10240Mi'), []],
  ['the same size as a number', sized('10Gi'), sized(10737418240), []],
  ['what is no size', sized('10Gi'), sized('20GB'), [`error claim-template-changed ${SIZE}: 10Gi -> 20GB`]],
  ['no size', sized('10Gi'), sized(undefined), [`error claim-template-changed ${SIZE}: 10Gi -> (none)`]],
  [
    'another class',
    {},
    { claims: [claim({ storageClassName: 'fast' })] },
    ['error storage-class-changed spec.volumeClaimTemplates[data].spec.storageClassName: remote -> fast'],
  ],
  [
    'the default class',
    {},
    { claims: [claim({ storageClassName: undefined })] },
    [
      "error storage-class-changed spec.volumeClaimTemplates[data].spec.storageClassName: remote -> (the cluster's default)",
    ],
  ],
  [
    'access modes',
    {},
    { claims: [claim({ accessModes: ['ReadWriteMany'] })] },
    [
      'error claim-template-changed spec.volumeClaimTemplates[data]: {"accessModes":["ReadWriteOnce"]} -> {"accessModes":["ReadWriteMany"]}',
    ],
  ],
  [
    'labels of a claim',
    {},
    { claims: [claim({}, { labels: { chart: 'a-2' } })] },
    [
      'error claim-template-changed spec.volumeClaimTemplates[data]: {"accessModes":["ReadWriteOnce"]} -> {"accessModes":["ReadWriteOnce"],"labels":{"chart":"a-2"}}',
    ],
  ],
  [
    'a claim that is renamed',
    {},
    {
      claims: [claim({}, { name: 'pgdata' })],
      container: { volumeMounts: [{ name: 'pgdata', mountPath: '/var/lib/postgresql/data' }] },
    },
    ['error claim-renamed spec.volumeClaimTemplates: data -> pgdata'],
  ],
  [
    'a claim more',
    {},
    { claims: [claim(), claim({}, { name: 'wal' })] },
    ['error claim-template-added spec.volumeClaimTemplates[wal]: undefined -> 10Gi of remote'],
  ],
  [
    'no claim any more',
    {},
    { claims: [] },
    ['error claim-template-removed spec.volumeClaimTemplates[data]: 10Gi of remote -> undefined'],
  ],
  [
    'claims in another order',
    { claims: [claim(), claim({}, { name: 'wal' })] },
    { claims: [claim({}, { name: 'wal' }), claim()] },
    [],
  ],

  [
    'a newer minor version',
    image('postgres:17.4'),
    image('postgres:17.5'),
    ['note version-raised image: postgres 17.4 -> postgres 17.5'],
  ],
  [
    'an older minor version',
    image('postgres:17.5'),
    image('postgres:17.4'),
    ['warning version-lowered image: postgres 17.5 -> postgres 17.4'],
  ],
  [
    'a newer major version',
    image('postgres:17.4'),
    image('postgres:18.1'),
    [
      'error major-version-changed image: postgres 17.4 -> postgres 18.1',
      'error data-directory-changed PGDATA: /var/lib/postgresql/data -> undefined',
    ],
  ],
  [
    'an older series',
    image('mariadb:11.8'),
    image('mariadb:11.4'),
    ['error major-version-changed image: mariadb 11.8 -> mariadb 11.4'],
  ],
  [
    'a newer series',
    image('mysql:8.0.40'),
    image('mysql:8.4.4'),
    ['error major-version-changed image: mysql 8.0.40 -> mysql 8.4.4'],
  ],
  [
    'a newer version that opens the former data',
    image('redis:7.2'),
    image('redis:8.0'),
    ['warning major-version-changed image: redis 7.2 -> redis 8.0'],
  ],
  [
    'an older version of the same',
    image('redis:8.0'),
    image('redis:7.2'),
    ['error major-version-changed image: redis 8.0 -> redis 7.2'],
  ],
  ['a digest in place of a tag', image('postgres:17.4-alpine'), image('postgres@sha256:0123456789abcdef'), []],
  [
    'a tag without version',
    image('postgres:17.4'),
    image('postgres:latest'),
    ['error data-directory-changed PGDATA: /var/lib/postgresql/data -> undefined'],
  ],
  ['another registry', image('postgres:17.4'), image('mirror.example.com:5000/x/postgres:17.4'), []],
  [
    'another engine',
    image('mysql:8.4'),
    image('mariadb:11.8'),
    ['error engine-changed image: mysql 8.4 -> mariadb 11.8'],
  ],
  ['another engine of a set without data', stateless(image('mysql:8.4')), stateless(image('mariadb:11.8')), []],
  [
    'another C library',
    image('postgres:17.4'),
    image('postgres:17.4-alpine'),
    ['warning collation-changed image: Debian, or another image with glibc -> Alpine (musl)'],
  ],
  [
    'another release of Debian',
    image('postgres:17.4-bookworm'),
    image('postgres:17.4-trixie'),
    ['warning collation-changed image: bookworm -> trixie'],
  ],
  [
    'another release of Debian, counted',
    image('bitnami/postgresql:17.4.0-debian-11-r1'),
    image('bitnami/postgresql:17.5.0-debian-12-r2'),
    [
      'note version-raised image: postgres 17.4.0 -> postgres 17.5.0',
      'warning collation-changed image: bullseye -> bookworm',
    ],
  ],
  [
    'the same release, by its number and by its name',
    image('postgres:17.4.0-debian-12-r1'),
    image('postgres:17.4.0-bookworm'),
    [],
  ],
  [
    'a release that is named no more',
    image('postgres:17.4-bookworm'),
    image('postgres:17.4'),
    ['note collation-unknown image: bookworm -> (the tag names no release)'],
  ],
  [
    'another release of Debian, which MariaDB does not ask',
    image('mariadb:11.8-jammy'),
    image('mariadb:11.8-noble'),
    [],
  ],
  ['another C library, which Redis does not ask', image('redis:8.0'), image('redis:8.0-alpine'), []],

  [
    'the path of the volume',
    {},
    mounted({ name: 'data', mountPath: '/data' }),
    ['error data-directory-changed volumeMounts[data]: /var/lib/postgresql/data -> /data'],
  ],
  [
    'a folder of the volume',
    {},
    mounted({ name: 'data', mountPath: '/var/lib/postgresql/data', subPath: 'pg' }),
    [
      'error data-directory-changed volumeMounts[data]: /var/lib/postgresql/data -> /var/lib/postgresql/data (folder pg)',
    ],
  ],
  [
    'a place more',
    {},
    mounted({ name: 'data', mountPath: '/var/lib/postgresql/data' }, { name: 'data', mountPath: '/backup' }),
    [],
  ],
  [
    'no place any more',
    {},
    mounted(),
    ['error claim-not-mounted volumeMounts[data]: /var/lib/postgresql/data -> undefined'],
  ],
  [
    'where the data is on the volume',
    {},
    { env: [{ name: 'PGDATA', value: '/var/lib/postgresql/data/pg' }] },
    ['error data-directory-changed PGDATA: /var/lib/postgresql/data -> /var/lib/postgresql/data/pg'],
  ],
  ['where the data is, of a set without data', stateless(), stateless({ env: [{ name: 'PGDATA', value: '/x' }] }), []],
  [
    'append-only files',
    image('redis:8'),
    {
      image: 'redis:8',
      container: {
        args: ['--appendonly', 'yes'],
        volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql/data' }],
      },
    },
    ['error append-only-changed appendonly: no -> yes'],
  ],
  [
    'append-only files, the default written out',
    image('redis:8'),
    {
      image: 'redis:8',
      container: {
        args: ['--appendonly', 'no'],
        volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql/data' }],
      },
    },
    [],
  ],
  [
    'arguments of initdb',
    {},
    { env: [{ name: 'POSTGRES_INITDB_ARGS', value: '--locale=C' }] },
    ['error layout-changed POSTGRES_INITDB_ARGS: undefined -> --locale=C'],
  ],
  [
    'arguments of initdb, of a set without data',
    stateless(),
    stateless({ env: [{ name: 'POSTGRES_INITDB_ARGS', value: '--locale=C' }] }),
    [],
  ],
  [
    'an option that is spelled otherwise',
    { image: 'mysql:8.4', container: { args: ['--lower-case-table-names=1'] } },
    { image: 'mysql:8.4', container: { args: ['--lower_case_table_names=1'] } },
    [],
  ],

  [
    'the owner of the files',
    { pod: { securityContext: { fsGroup: 1001 } } },
    { pod: { securityContext: { fsGroup: 999 } } },
    ['warning owner-changed securityContext.fsGroup: 1001 -> 999'],
  ],
  [
    "the image's own user",
    { pod: { securityContext: { runAsUser: 999 } } },
    {},
    ["warning owner-changed securityContext.runAsUser: 999 -> (the image's own)"],
  ],
  [
    'another Secret',
    secret('a'),
    secret('b'),
    ['warning credentials-changed env POSTGRES_PASSWORD: a/password -> b/password'],
  ],
  [
    'a Secret in place of a literal',
    password('x'),
    secret('b'),
    ['warning credentials-changed env POSTGRES_PASSWORD: a literal -> b/password'],
  ],
  [
    'another literal, which is not shown',
    password('x'),
    password('y'),
    ['warning credentials-changed env POSTGRES_PASSWORD: a literal -> a literal'],
  ],
  ['a password of a set without data', stateless(secret('a')), stateless(secret('b')), []],
  [
    'less time to stop',
    {},
    { pod: { terminationGracePeriodSeconds: 5 } },
    ['warning grace-period-lowered terminationGracePeriodSeconds: 30 -> 5'],
  ],
  [
    'time that still does',
    { pod: { terminationGracePeriodSeconds: 120 } },
    { pod: { terminationGracePeriodSeconds: 10 } },
    [],
  ],
  [
    'more time, and still little',
    { pod: { terminationGracePeriodSeconds: 1 } },
    { pod: { terminationGracePeriodSeconds: 5 } },
    [],
  ],

  ['more pods', {}, replicas(5), ['note replicas-raised spec.replicas: 3 -> 5']],
  ['fewer pods', {}, replicas(1), ['note replicas-lowered spec.replicas: 3 -> 1']],
  [
    'replicas left out, which is one',
    {},
    { spec: { replicas: undefined } },
    ['note replicas-lowered spec.replicas: 3 -> 1'],
  ],
  ['no pods', {}, replicas(0), ['warning scaled-to-zero spec.replicas: 3 -> 0']],
  [
    'fewer pods whose volumes go',
    retaining('Retain', 'Delete'),
    retaining('Retain', 'Delete', { replicas: 2 }),
    ['error volumes-deleted-by-scaling spec.replicas: 3 -> 2'],
  ],
  ['fewer pods of a set without data', stateless(), stateless(replicas(1)), []],
  [
    'volumes that go with the set',
    {},
    retaining('Delete', 'Retain'),
    ['warning retention-changed spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Retain -> Delete'],
  ],
  [
    'volumes that go with their pods',
    {},
    retaining('Retain', 'Delete'),
    ['warning retention-changed spec.persistentVolumeClaimRetentionPolicy.whenScaled: Retain -> Delete'],
  ],
  ['volumes that stay from now on', retaining('Delete', 'Delete'), {}, []],
])('%s', (_, before, after, expected) => {
  expect(saidOf(before, after)).toEqual(expected);
});

test.each<[string, SetChange, SetChange, string[]]>([
  [
    'fewer pods without volumes',
    { claims: [] },
    { claims: [], ...replicas(2) },
    ['note replicas-lowered spec.replicas: 3 -> 2'],
  ],
  [
    'one pod without volumes',
    { claims: [] },
    { claims: [], ...replicas(1) },
    ['error only-copy-deleted spec.replicas: 3 -> 1'],
  ],
  [
    'fewer pods whose volumes go: each has a copy of the whole',
    retaining('Retain', 'Delete'),
    retaining('Retain', 'Delete', { replicas: 1 }),
    ['note replicas-lowered spec.replicas: 3 -> 1'],
  ],
  [
    'no pods, and no volumes either',
    retaining('Retain', 'Delete'),
    retaining('Retain', 'Delete', { replicas: 0 }),
    ['error volumes-deleted-by-scaling spec.replicas: 3 -> 0'],
  ],
  [
    'another Secret, whose passwords must be those of the former',
    secret('a'),
    secret('b'),
    ['warning credentials-changed env POSTGRES_PASSWORD: a/password -> b/password'],
  ],
  [
    'volumes in place of none',
    { claims: [] },
    {},
    ['error claim-template-added spec.volumeClaimTemplates[data]: undefined -> 10Gi of remote'],
  ],
])('of a set of this library: %s', (_, before, after, expected) => {
  const selector = ownSet().spec as Fields;
  const own = (change: SetChange = {}): Fields =>
    ownSet({ ...change, spec: { selector: selector.selector, ...change.spec } });
  expect(saidOf(before, after, own)).toEqual(expected);
});

test.each([
  [6, 'Retain', 'the highest ordinals are removed first; kept: data-orders-3, data-orders-4, data-orders-5'],
  [40, 'Retain', 'the highest ordinals are removed first; kept: data-orders-3, data-orders-4 ... data-orders-39'],
  [5, 'Delete', 'the highest ordinals are removed first; deleted with them: data-orders-3, data-orders-4'],
])(
  'of %d pods less three: volumes that are told to %s are named, as far as a line has room',
  (amount, whenScaled, reason) => {
    const { selector, template } = ownSet().spec as Fields;
    const [old, now] = [amount, 3].map((pods) =>
      readSets(Manifests.of([statefulSet(retaining('Retain', whenScaled, { selector, template, replicas: pods }))])),
    );
    expect(compareSets(old, now).map((finding) => finding.reason)).toEqual([reason]);
  },
);

test('that the pods restart is said, and said once', () => {
  expect(said(statefulSet(), statefulSet({ pod: { priorityClassName: 'high' } }))).toEqual([RESTART]);
  expect(said(statefulSet(), statefulSet(image('postgres:17.5')))).toEqual([
    'note version-raised image: postgres 17.4 -> postgres 17.5',
  ]);
  expect(said(statefulSet(stateless()), statefulSet(stateless({ pod: { priorityClassName: 'high' } })))).toEqual([]);
});

test.each<[string, Fields, string]>([
  ['cannot grow where their class says so', {}, `error volume-cannot-grow ${SIZE}: 10Gi -> 20Gi`],
  ['can where it says that', { allowVolumeExpansion: true }, `warning volume-grown ${SIZE}: 10Gi -> 20Gi`],
])('volumes %s', (_, fields, line) => {
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'remote' },
    provisioner: 'csi.example.com',
    ...fields,
  };
  const sets = (size: string) => readSets(Manifests.of([storageClass, statefulSet(sized(size))]));
  expect(
    compareSets(sets('10Gi'), sets('20Gi')).map(
      ({ level, rule, field, before, after }) => `${level} ${rule} ${field}: ${before} -> ${after}`,
    ),
  ).toEqual([line]);
});

test('pods that are updated on deletion do not restart', () => {
  const onDelete = (value: string): Fields =>
    statefulSet({ spec: { updateStrategy: { type: 'OnDelete' } }, env: [{ name: 'A', value }] });
  const [note] = compareSets(readSets(Manifests.of([onDelete('1')])), readSets(Manifests.of([onDelete('2')])));
  expect(note).toMatchObject({
    rule: 'rolling-restart',
    reason: expect.stringContaining('until they are deleted') as string,
  });
});
