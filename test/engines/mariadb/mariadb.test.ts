import { App, Chart, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import {
  Credentials,
  PrimaryVolumeLoss,
  MariaDb,
  MariaDbProps,
  MariaDbVersion,
  Storage,
  VolumeRetention,
} from '../../../lib';
import { configOf, containerOf, forReading, Manifest, only, podSpec, statefulSet, synthesize } from '../../manifests';
import { podSecurityViolations } from '../../../lib/changes/testing/pod-security';
import { refusalOf } from '../../refusal';

const minimal: MariaDbProps = {
  version: MariaDbVersion.V11_8,
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
  credentials: Credentials.fromSecret('orders-credentials'),
};

// Required: a new prop must be added here, and so shows in the snapshot.
// Those of backups are in test/core/render/backups.test.ts.
const all: Required<Omit<MariaDbProps, 'backup' | 'restoreFrom'>> = {
  name: 'orders',
  version: MariaDbVersion.of('11.8.8', 'registry.example.com/mariadb@sha256:0123'),
  replicas: 2,
  storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(20) }),
  credentials: Credentials.fromSecret('shop', {
    superuserPassword: 'admin',
    replicationPassword: 'replication',
    password: 'orders',
  }),
  resources: { cpu: { request: Cpu.units(2) }, memory: { request: Size.gibibytes(4), limit: Size.gibibytes(8) } },
  syncResources: {
    cpu: { limit: Cpu.millis(100) },
    memory: { request: Size.mebibytes(40), limit: Size.mebibytes(256) },
  },
  metadata: { namespace: 'shop', labels: { team: 'orders' }, annotations: { pager: 'orders' } },
  podMetadata: { labels: { tier: 'data' }, annotations: { scrape: 'true' } },
  nodeSelector: { disk: 'fast' },
  priorityClassName: 'data',
  maxLag: Duration.seconds(10),
  onPrimaryVolumeLoss: PrimaryVolumeLoss.STOP,
  terminationGracePeriod: Duration.minutes(2),
  startupTimeout: Duration.minutes(1),
  volumesWhenDeleted: VolumeRetention.DELETE,
  volumesWhenScaled: VolumeRetention.DELETE,
  parameters: { max_connections: '500', sql_mode: 'ANSI, TRADITIONAL', innodb_buffer_pool_size: '3G' },
  database: 'orders',
  user: 'orders_app',
  port: 6306,
  initScripts: { '100-schema.sql': 'CREATE TABLE orders (id bigint);\n' },
};

function synth(props: Partial<MariaDbProps> = {}): Manifest[] {
  return synthesize((scope) => new MariaDb(scope, 'orders', { ...minimal, ...props }));
}
const conf = (props: Partial<MariaDbProps> = {}): string => configOf(synth(props))['mariadb.cnf'];

test.each([
  ['minimal props', minimal],
  ['all props', all],
])('%s', (_, props) => {
  const manifests = synthesize((scope) => new MariaDb(scope, 'orders', props));
  expect(forReading(manifests)).toMatchSnapshot();
  expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
});

test('what applications need of it', () => {
  const built: MariaDb[] = [];
  synthesize((scope) =>
    built.push(new MariaDb(scope, 'orders', minimal), new MariaDb(scope, 'other', { ...all, name: 'other' })),
  );
  expect(
    built.map(({ database, user, replicas, primary }) => ({ database, user, replicas, address: primary.address })),
  ).toEqual([
    { database: 'app', user: 'app', replicas: 3, address: 'orders-primary:3306' },
    { database: 'orders', user: 'orders_app', replicas: 2, address: 'other-primary.shop.svc:6306' },
  ]);
});

test('every container runs the image of the version, and the labels say which', () => {
  const manifests = synth({ version: MariaDbVersion.of('11.8.8', 'mirror/mariadb:11.8.8') });
  const { containers, initContainers = [] } = podSpec(manifests);
  expect([...initContainers, ...containers].map(({ image }) => image)).toEqual(Array(3).fill('mirror/mariadb:11.8.8'));
  expect(statefulSet(manifests).metadata.labels).toMatchObject({
    'app.kubernetes.io/version': '11.8.8',
    'app.kubernetes.io/name': 'mariadb',
  });
});

test('the port is everywhere the same', () => {
  const manifests = synth({ port: 6000 });
  const server = containerOf(manifests, 'mariadb');
  expect(server.ports).toEqual([{ containerPort: 6000, name: 'mariadb' }]);
  expect(server.livenessProbe?.tcpSocket).toEqual({ port: 6000 });
  expect(JSON.stringify(manifests)).not.toMatch(/\b3306\b/); // the scripts, and so the other probes, have it from settings.sh
  expect(manifests.flatMap(({ kind, spec }) => (kind === 'Service' ? [spec] : []))).toMatchObject(
    Array(3).fill({ ports: [{ port: 6000 }] }),
  );
  expect(configOf(manifests)['settings.sh']).toMatch(/^port=6000$/m);
  expect(configOf(manifests)['mariadb.cnf']).toMatch(/^port = 6000$/m);
});

describe('the sidecar gives copies', () => {
  const mountOf = (name: string): object[] =>
    (containerOf(synth(), name).volumeMounts ?? []).filter(({ mountPath }) => mountPath === '/var/lib/mysql');

  test('of a volume that it can only read', () => {
    expect(mountOf('sync')).toEqual([{ name: 'data', mountPath: '/var/lib/mysql', readOnly: true }]);
    expect(['prepare', 'mariadb'].map(mountOf)).toEqual(Array(2).fill([{ name: 'data', mountPath: '/var/lib/mysql' }]));
  });

  test('on a port that no Service has, and that the scripts know', () => {
    const manifests = synth();
    expect(containerOf(manifests, 'sync').ports).toEqual([{ name: 'copy', containerPort: 4444 }]);
    expect(configOf(manifests)['settings.sh']).toMatch(/^copy_port=4444$/m);
    expect(JSON.stringify(manifests.filter(({ kind }) => kind === 'Service'))).not.toContain('4444');
  });

  test("which cannot be the database's too", () => {
    const chart = new Chart(new App(), 'chart');
    new MariaDb(chart, 'orders', { ...minimal, port: 4444 });
    expect(() => App.of(chart).synthYaml()).toThrow(
      "port 4444/TCP of container 'sync' collides with container 'mariadb' of the same pod: give one of them another port",
    );
  });
});

test('the scripts know its names', () => {
  const settings = configOf(synth({ database: 'shop', user: 'shop_app' }))['settings.sh'].split('\n');
  expect(settings).toEqual(
    expect.arrayContaining(['database=shop', 'user=shop_app', 'replication_user=replicator', 'volume=/var/lib/mysql']),
  );
});

test('own parameters replace the defaults', () => {
  const given = conf({ parameters: { innodb_buffer_pool_size: '300M', sql_mode: 'ANSI, TRADITIONAL' } });
  expect(given.match(/^innodb_buffer_pool_size = .*$/gm)).toEqual(['innodb_buffer_pool_size = 300M']);
  expect(given).toMatch(/^sql_mode = "ANSI, TRADITIONAL"$/m);
  expect(conf()).not.toMatch(/^sql_mode/m);
});

test.each<[string, Partial<MariaDbProps>, string, string]>([
  ['by default', {}, '512M', '20480M'],
  [
    'by the limit',
    { resources: { memory: { request: Size.gibibytes(2), limit: Size.gibibytes(8) } } },
    '4096M',
    '20480M',
  ],
  [
    'by the request where there is no limit',
    { resources: { memory: { request: Size.gibibytes(2) } } },
    '1024M',
    '20480M',
  ],
  ['of an emptyDir with a limit', { storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(1) }) }, '512M', '205M'],
  ['of an emptyDir without', { storage: Storage.ephemeral() }, '512M', '2048M'],
])('sizes follow memory and volume: %s', (_, props, pool, log) => {
  expect(conf(props)).toContain(`\ninnodb_buffer_pool_size = ${pool}\n`);
  expect(conf(props)).toContain(`\nmax_binlog_total_size = ${log}\n`);
});

test('passwords are mounted under the names that the scripts know', () => {
  expect(
    podSpec(synth({ credentials: all.credentials })).volumes?.find(({ name }) => name === 'credentials')?.secret?.items,
  ).toEqual([
    { key: 'admin', path: 'superuser-password' },
    { key: 'orders', path: 'password' },
    { key: 'replication', path: 'replication-password' },
  ]);
});

test('init scripts come after the users, in a ConfigMap that only prepare mounts', () => {
  const manifests = synth({ initScripts: { 'b.sql': 'SELECT 2;\n', 'a.sh': 'true\n' } });
  const { data = {} } = only(manifests, 'ConfigMap', 'orders-init');
  expect(Object.keys(data).sort()).toEqual(['000-users.sh', 'a.sh', 'b.sql']);
  expect(data['000-users.sh']).toBe('#!/usr/bin/env bash\nexec /opt/stateful/users.sh initial\n');
  const mounting = ['prepare', 'mariadb', 'sync'].filter((name) =>
    containerOf(manifests, name).volumeMounts?.some((mount) => mount.name === 'init'),
  );
  expect(mounting).toEqual(['prepare']);
});

describe.each(['database', 'user'])('names of the %s', (prop) => {
  test.each(['app', '_', 'my_app', 'a'.repeat(63), 'follower'])('%s', (name) => {
    expect(() => synth({ [prop]: name })).not.toThrow();
  });

  test.each(['', 'My', 'a-b', '1st', 'a\n', 'ä', 'a`', "a'", 'a'.repeat(64)])('not %j', (name) => {
    expect(refusalOf(() => synth({ [prop]: name }))).toMatch(
      `${prop} must be a plain name (a-z, 0-9, '_', at most 63 characters, `,
    );
  });
});

test.each([
  ...['mysql', 'information_schema', 'performance_schema', 'sys', 'cdk8s_stateful'].map((name) => ['database', name]),
  ...['replicator', 'root', 'mysql', 'public', 'healthcheck'].map((name) => ['user', name]),
])('the %s must not be %s', (prop, name) => {
  expect(() => synth({ [prop]: name })).toThrow(`${prop} must not be '${name}': `);
});

describe('versions', () => {
  test.each([
    [MariaDbVersion.V11_8, '11.8', 'mariadb:11.8'],
    [MariaDbVersion.of('11.8.8', 'mariadb:11.8.8-noble'), '11.8.8', 'mariadb:11.8.8-noble'],
    [MariaDbVersion.of('12.0', 'mariadb:12.0'), '12.0', 'mariadb:12.0'],
    [
      MariaDbVersion.of('12.3', 'mirror.example.com/mariadb@sha256:0123'),
      '12.3',
      'mirror.example.com/mariadb@sha256:0123',
    ],
  ])('%o', (version, text, image) => {
    expect({ ...version }).toEqual({ version: text, image });
  });

  test.each(['11.7', '11.4.9', '10.11', '10', '8.0', 'lts', '11.8-noble', ''])('%j is none', (version) => {
    expect(refusalOf(() => MariaDbVersion.of(version, 'mariadb'))).toBe(
      `version must be '11.8' or later, with or without minor numbers, got '${version}'`,
    );
  });

  test('an image is a reference', () => {
    expect(refusalOf(() => MariaDbVersion.of('11.8', 'mariadb 11.8'))).toBe(
      "image must be a reference without blanks, got 'mariadb 11.8'",
    );
  });
});
