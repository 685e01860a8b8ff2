import { createHash } from 'node:crypto';
import {
  isSameSource,
  readPasswordSources,
  secretNames,
  withoutDigest,
  withoutLiterals,
} from '../../../lib/changes/facts/password-sources';

const fromSecret = (name: string, secret: string, key: string): object => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
});
const env = (...variables: object[]): { readonly [use: string]: string } => readPasswordSources({ env: variables }, {});
const mounting = (volume: object): { readonly [use: string]: string } =>
  readPasswordSources({ volumeMounts: [{ name: 'passwords' }] }, { volumes: [{ name: 'passwords', ...volume }] });

test.each([
  [
    'a key of a Secret',
    env(fromSecret('POSTGRES_PASSWORD', 'db', 'password')),
    { 'env POSTGRES_PASSWORD': 'db/password' },
  ],
  [
    'a whole Secret',
    readPasswordSources(
      {
        envFrom: [
          { configMapRef: { name: 'x' } },
          { secretRef: { name: 'db' } },
          { prefix: 'DB_', secretRef: { name: 'db' } },
        ],
      },
      {},
    ),
    { 'envFrom 1': 'db', 'envFrom DB_': 'db' },
  ],
  ['a mounted Secret', mounting({ secret: { secretName: 'db' } }), { 'volume passwords': 'db' }],
  [
    'some keys of it, in any order',
    mounting({ secret: { secretName: 'db', items: [{ key: 'b' }, { key: 'a' }] } }),
    { 'volume passwords': 'db (a, b)' },
  ],
  [
    'a projected volume',
    mounting({
      projected: { sources: [{ secret: { name: 'a' } }, { configMap: { name: 'c' } }, { secret: { name: 'b' } }] },
    }),
    { 'volume passwords': 'a, b' },
  ],
  ['a file, whose path is no password', env({ name: 'POSTGRES_PASSWORD_FILE', value: '/run/password' }), {}],
  ['a variable that is none', env({ name: 'POSTGRES_DB', value: 'orders' }), {}],
  ['certificates', mounting({ secret: { secretName: 'orders-tls' } }), {}],
  [
    'a Secret that another container mounts',
    readPasswordSources({}, { volumes: [{ name: 'passwords', secret: { secretName: 'db' } }] }),
    {},
  ],
])('of %s', (_, found, expected) => {
  expect(found).toEqual(expected);
});

test.each([
  'POSTGRES_PASSWORD',
  'MYSQL_ROOT_PASSWORD',
  'REDIS_PASS',
  'RABBITMQ_ERLANG_COOKIE',
  'MINIO_SECRET_KEY',
  'INFLUXDB_TOKEN',
  'AWS_ACCESS_KEY_ID',
])('%s is told apart by its value, and not shown', (name) => {
  const [one, same, other] = ['s3cret', 's3cret', 'other'].map((value) => env({ name, value })[`env ${name}`]);
  expect(one).not.toContain('s3cret');
  expect(withoutDigest(one)).toBe('a literal');
  expect([isSameSource(one, same), isSameSource(one, other)]).toEqual([true, false]);
});

test.each([
  ['db/password', 'db/password', true],
  ['db/password', 'db2/password', false],
  ['a literal', 'a literal 01234567', true],
  ['a literal', 'db/password', false],
  ['a literal 01234567', 'db/password', false],
])('%s and %s: the same is %s', (a, b, expected) => {
  expect(isSameSource(a, b)).toBe(expected);
  expect(isSameSource(b, a)).toBe(expected);
});

test('a manifest without its passwords has all else', () => {
  const variables = [
    { name: 'POSTGRES_PASSWORD', value: 's3cret' },
    { name: 'PGDATA', value: '/data' },
    fromSecret('A_PASSWORD', 'db', 'a'),
  ];
  expect(withoutLiterals({ containers: [{ env: variables }] })).toEqual({
    containers: [{ env: [{ name: 'POSTGRES_PASSWORD', value: 'a literal' }, ...variables.slice(1)] }],
  });
  expect(withoutLiterals(undefined)).toBeUndefined();
});

test('nor is a digest of a password in what is kept', () => {
  const kept = withoutDigest(env({ name: 'POSTGRES_PASSWORD', value: 's3cret' })['env POSTGRES_PASSWORD']);
  expect(kept).not.toContain(createHash('sha256').update('s3cret').digest('hex').slice(0, 8));
});

test('secrets of every container count, also of those that start first', () => {
  expect([
    ...secretNames({
      containers: [{ env: [fromSecret('A', 'one', 'a')] }],
      initContainers: [{ envFrom: [{ secretRef: { name: 'two' } }] }],
      volumes: [
        { secret: { secretName: 'three' } },
        { projected: { sources: [{ secret: { name: 'four' } }] } },
        { emptyDir: {} },
      ],
    }),
  ]).toEqual(['one', 'two', 'three', 'four']);
});
