import { findDataContainer, readClaims } from '../../../lib/changes/facts/claims';
import { JsonObject } from '../../../lib/values/json';
import { claim, SetChange, statefulSet } from '../sets';

const specOf = (change: SetChange): JsonObject => statefulSet(change).spec as JsonObject;
const claimOf = (change: SetChange): unknown => readClaims(specOf(change)).data;
const usual = {
  storageClassName: 'remote',
  size: '10Gi',
  accessModes: ['ReadWriteOnce'],
  mounts: ['/var/lib/postgresql/data'],
};
const mounted = (...volumeMounts: object[]): SetChange => ({ container: { volumeMounts } });

test.each<[string, SetChange, object]>([
  ['a usual one', {}, usual],
  [
    'what the API server fills in',
    {
      claims: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          ...claim({ volumeMode: 'Filesystem' }, { creationTimestamp: null }),
          status: { phase: 'Pending' },
        },
      ],
    },
    usual,
  ],
  ['empty fields', { claims: [claim({ selector: {}, dataSource: null }, { labels: {}, annotations: null })] }, usual],
  [
    "the cluster's class",
    { claims: [claim({ storageClassName: undefined })] },
    { ...usual, storageClassName: undefined },
  ],
  [
    'no class at all, for volumes made by hand',
    { claims: [claim({ storageClassName: '' })] },
    { ...usual, storageClassName: '' },
  ],
  [
    'a size that YAML takes for a number',
    { claims: [claim({ resources: { requests: { storage: 10737418240 } } })] },
    { ...usual, size: '10737418240' },
  ],
  ['no size', { claims: [claim({ resources: undefined })] }, { ...usual, size: '' }],
  [
    'labels and annotations',
    { claims: [claim({}, { labels: { a: 'b' }, annotations: { c: 'd' } })] },
    { ...usual, rest: { labels: { a: 'b' }, annotations: { c: 'd' } } },
  ],
  [
    'a block device',
    {
      claims: [claim({ volumeMode: 'Block' })],
      container: { volumeMounts: [], volumeDevices: [{ name: 'data', devicePath: '/dev/xvda' }] },
    },
    { ...usual, rest: { volumeMode: 'Block' }, mounts: ['/dev/xvda'] },
  ],
  [
    'limits and a source',
    {
      claims: [
        claim({ resources: { requests: { storage: '10Gi' }, limits: { storage: '20Gi' } }, dataSource: { name: 'x' } }),
      ],
    },
    { ...usual, rest: { limits: { storage: '20Gi' }, dataSource: { name: 'x' } } },
  ],
  ['a slash at the end of the path', mounted({ name: 'data', mountPath: '/data/' }), { ...usual, mounts: ['/data'] }],
  ['the root', mounted({ name: 'data', mountPath: '/' }), { ...usual, mounts: ['/'] }],
  [
    'a folder of the volume',
    mounted({ name: 'data', mountPath: '/data', subPath: 'pg' }),
    { ...usual, mounts: ['/data (folder pg)'] },
  ],
  [
    'several places',
    mounted(
      { name: 'data', mountPath: '/z' },
      { name: 'other', mountPath: '/b' },
      { name: 'data', mountPath: '/a', subPathExpr: '$(POD)' },
    ),
    { ...usual, mounts: ['/a (folder $(POD))', '/z'] },
  ],
  ['no mount', mounted(), { ...usual, mounts: [] }],
])('of %s', (_, change, expected) => {
  expect(claimOf(change)).toEqual(expected);
});

test('templates go by their names', () => {
  expect(Object.keys(readClaims(specOf({ claims: [claim(), claim({}, { name: 'wal' })] })))).toEqual(['data', 'wal']);
  expect(readClaims(specOf({ claims: [] }))).toEqual({});
  expect(readClaims({})).toEqual({});
});

test('a volume that only another container mounts is found there', () => {
  const wal = { name: 'wal', image: 'wal-g:1', volumeMounts: [{ name: 'wal', mountPath: '/wal' }] };
  const { containers } = (specOf({}).template as { spec: { containers: object[] } }).spec;
  expect(
    readClaims(specOf({ claims: [claim(), claim({}, { name: 'wal' })], pod: { containers: [...containers, wal] } })).wal
      .mounts,
  ).toEqual(['/wal']);
});

const container = (name: string, image: string, ...volumes: string[]): object => ({
  name,
  image,
  volumeMounts: volumes.map((volume) => ({ name: volume, mountPath: `/${volume}` })),
});

test.each([
  ['the one that mounts the claim', [container('proxy', 'envoy:1'), container('app', 'app:1', 'data')], 'app'],
  [
    'the database among those that mount it',
    [container('backup', 'restic:1', 'data'), container('db', 'mysql:8.4', 'data')],
    'db',
  ],
  ['the first, if none is known', [container('a', 'a:1', 'data'), container('b', 'b:1', 'data')], 'a'],
  [
    'not the exporter of the database',
    [
      container('metrics', 'postgres-exporter:1', 'data'),
      container('x', 'own:1', 'data'),
      container('db', 'postgres:17', 'data'),
    ],
    'db',
  ],
  [
    'a database without the claim, if nobody mounts it',
    [container('proxy', 'envoy:1'), container('db', 'redis:8')],
    'db',
  ],
])('the data is in %s', (_, containers, name) => {
  expect(findDataContainer(specOf({ pod: { containers } }))).toMatchObject({ name });
});

test('a pod without containers has none', () => {
  expect(findDataContainer(specOf({ pod: { containers: [] } }))).toEqual({});
});

test('in a set of this library the server has the data, whatever images it and an application have', () => {
  const data = [{ name: 'data', mountPath: '/var/lib/files' }];
  const containers = [
    { name: 'application', image: 'postgres:18', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    { name: 'rclone', image: 'debian:13-slim', volumeMounts: data },
  ];
  const found = (matchLabels: object): unknown =>
    findDataContainer({
      selector: { matchLabels },
      volumeClaimTemplates: [claim()],
      template: { metadata: { labels: { 'app.kubernetes.io/name': 'rclone' } }, spec: { containers } },
    }).name;
  expect(found({ 'cdk8s-stateful/name': 'files' })).toBe('rclone');
  expect(found({ app: 'files' })).toBe('application');
});
