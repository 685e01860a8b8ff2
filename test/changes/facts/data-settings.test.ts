import { factsOf, Fields, object, SetChange, statefulSet } from '../sets';

const config = (name: string, data: object, namespace?: string): Fields =>
  object('v1', 'ConfigMap', name, { data }, namespace === undefined ? {} : { namespace });
const PGDATA = { PGDATA: '/var/lib/postgresql/data' };
const mounting = (configMap: Fields, mountPath = '/etc/db', image = 'db:1'): SetChange => ({
  image,
  container: {
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'config', mountPath },
    ],
  },
  pod: {
    volumes: [
      { name: 'config', ...configMap },
      { name: 'other', configMap: { name: 'other' } },
    ],
  },
});
const ofConfigMap = { configMap: { name: 'config' } };
/** A pod with two containers of which the first holds the data, as `container` of it says. */
const other = (image: string, container: Fields): SetChange => ({ image, container });

test.each<[string, SetChange, object]>([
  ['the default of the image', {}, PGDATA],
  ['of PostgreSQL 18 none, as it has the version in it', { image: 'postgres:18.1' }, {}],
  ['a variable over the default', { env: [{ name: 'PGDATA', value: '/data/pg' }] }, { PGDATA: '/data/pg' }],
  [
    'variables of other databases',
    {
      image: 'db:1',
      env: [
        { name: 'KAFKA_LOG_DIRS', value: '/a' },
        { name: 'RABBITMQ_MNESIA_BASE', value: '/b' },
        { name: 'path.data', value: '/c' },
        { name: 'POSTGRESQL_DATA_DIR', value: '/d' },
      ],
    },
    { KAFKA_LOG_DIRS: '/a', RABBITMQ_MNESIA_BASE: '/b', 'path.data': '/c', POSTGRESQL_DATA_DIR: '/d' },
  ],
  [
    'a variable from elsewhere, whose value is not known',
    { image: 'db:1', env: [{ name: 'PGDATA', valueFrom: { fieldRef: {} } }] },
    {},
  ],
  ['an option with its value', other('mysql:8.4', { args: ['--datadir=/data'] }), { datadir: '/data' }],
  ['an option before its value', other('postgres:18', { args: ['-D', '/data'] }), { D: '/data' }],
  [
    'an option in a line for a shell',
    other('mongo:7', { command: ['sh', '-c', 'exec mongod --dbpath /data --bind_ip_all'] }),
    { dbpath: '/data' },
  ],
  ['an option, whichever way it is spelled', other('etcd:v3', { args: ['--data-dir=/data'] }), { data_dir: '/data' }],
  ['an option without value', other('db:1', { args: ['--dir', '--verbose'] }), {}],
  ['a file of configuration', mounting(ofConfigMap), { datadir: '/data', appendonly: 'yes' }],
  [
    'a projected one',
    mounting({ projected: { sources: [{ configMap: { name: 'config' } }] } }),
    { datadir: '/data', appendonly: 'yes' },
  ],
])('where the data is: %s', (_, change, expected) => {
  const files = config('config', {
    'db.cnf': '[mysqld]\n  datadir = /data\n# datadir = /other\n',
    'redis.conf': 'appendonly yes\n',
  });
  expect(factsOf(statefulSet(change), files, config('other', { a: 'datadir=/other' })).dataSettings).toEqual(expected);
});

test('scripts of this library say nothing of it, whatever stands at the beginning of a line', () => {
  const data = { 'engine.sh': 'dir=$1\n' };
  const scripts = object(
    'v1',
    'ConfigMap',
    'config',
    { data },
    { labels: { 'cdk8s-stateful/scripts': '0123456789abcdef' } },
  );
  expect(factsOf(statefulSet(mounting(ofConfigMap)), scripts).dataSettings).toEqual({});
  expect(factsOf(statefulSet(mounting(ofConfigMap)), config('config', data)).dataSettings).toEqual({ dir: '$1' });
});

test('a ConfigMap of another namespace is another', () => {
  expect(
    factsOf(statefulSet({ ...mounting(ofConfigMap), namespace: 'shop' }), config('config', { a: 'datadir=/data' }))
      .dataSettings,
  ).toEqual({});
  expect(
    factsOf(
      statefulSet({ ...mounting(ofConfigMap), namespace: 'shop' }),
      config('config', { a: 'datadir=/data' }, 'shop'),
    ).dataSettings,
  ).toEqual({ datadir: '/data' });
});

test.each<[string, SetChange, object]>([
  [
    'arguments of initdb',
    { env: [{ name: 'POSTGRES_INITDB_ARGS', value: '--data-checksums' }] },
    { POSTGRES_INITDB_ARGS: '--data-checksums' },
  ],
  ['an option', other('mysql:8.4', { args: ['--lower-case-table-names=1'] }), { lower_case_table_names: '1' }],
  [
    'the same, spelled otherwise',
    other('mysql:8.4', { args: ['--lower_case_table_names=1'] }),
    { lower_case_table_names: '1' },
  ],
  ['a file of configuration', mounting(ofConfigMap), { innodb_page_size: '16k', lower_case_table_names: '1' }],
  ['nothing', {}, {}],
])('what is built into the data: %s', (_, change, expected) => {
  expect(
    factsOf(statefulSet(change), config('config', { 'my.cnf': 'innodb-page-size=16k\nlower_case_table_names = 1\n' }))
      .layout,
  ).toEqual(expected);
});

test('scripts that make the data are told apart by names and texts, wherever they are mounted for that', () => {
  const digest = (data: object, mountPath = '/docker-entrypoint-initdb.d'): string | undefined =>
    factsOf(statefulSet(mounting(ofConfigMap, mountPath)), config('config', data)).initScripts;
  const scripts = { 'a.sql': 'SELECT 1', 'b.sql': 'SELECT 2' };
  expect(digest(scripts)).toMatch(/^[0-9a-f]{16}$/);
  expect(digest({ 'b.sql': 'SELECT 2', 'a.sql': 'SELECT 1' })).toBe(digest(scripts));
  expect(digest(scripts, '/docker-entrypoint-initdb.d/')).toBe(digest(scripts));
  expect(digest({ ...scripts, 'b.sql': 'SELECT 3' })).not.toBe(digest(scripts));
  expect(digest({ ...scripts, 'c.sql': '' })).not.toBe(digest(scripts));
  expect(digest(scripts, '/etc/db')).toBeUndefined();
});
