import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import {
  Credentials,
  PrimaryVolumeLoss,
  MySql,
  MySqlProps,
  MySqlVersion,
  Storage,
  VolumeRetention,
} from '../../../lib';
import { configOf, containerOf, forReading, Manifest, only, podSpec, statefulSet, synthesize } from '../../manifests';
import { podSecurityViolations } from '../../../lib/changes/testing/pod-security';
import { refusalOf } from '../../refusal';

const minimal: MySqlProps = {
  version: MySqlVersion.V9_7,
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
  credentials: Credentials.fromSecret('orders-credentials'),
};

// Required: a new prop must be added here, and so shows in the snapshot.
// Those of backups are in test/core/render/backups.test.ts.
const all: Required<Omit<MySqlProps, 'backup' | 'restoreFrom'>> = {
  name: 'orders',
  version: MySqlVersion.of('8.4.11', 'registry.example.com/mysql@sha256:0123'),
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
  maxLogSize: Size.gibibytes(5),
  database: 'orders',
  user: 'orders_app',
  port: 6306,
  initScripts: { '100-schema.sql': 'CREATE TABLE orders (id bigint);\n' },
};

function synth(props: Partial<MySqlProps> = {}): Manifest[] {
  return synthesize((scope) => new MySql(scope, 'orders', { ...minimal, ...props }));
}

test.each([
  ['minimal props', minimal],
  ['all props', all],
])('%s', (_, props) => {
  const manifests = synthesize((scope) => new MySql(scope, 'orders', props));
  expect(forReading(manifests)).toMatchSnapshot();
  expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
});

test('what applications need of it', () => {
  const built: MySql[] = [];
  synthesize((scope) =>
    built.push(new MySql(scope, 'orders', minimal), new MySql(scope, 'other', { ...all, name: 'other' })),
  );
  expect(
    built.map(({ database, user, replicas, primary }) => ({ database, user, replicas, address: primary.address })),
  ).toEqual([
    { database: 'app', user: 'app', replicas: 3, address: 'orders-primary:3306' },
    { database: 'orders', user: 'orders_app', replicas: 2, address: 'other-primary.shop.svc:6306' },
  ]);
});

test('every container runs the image of the version, and the labels say which', () => {
  const manifests = synth({ version: MySqlVersion.of('9.7.2', 'mirror/mysql:9.7.2') });
  const { containers, initContainers = [] } = podSpec(manifests);
  expect([...initContainers, ...containers].map(({ image }) => image)).toEqual(Array(3).fill('mirror/mysql:9.7.2'));
  expect(statefulSet(manifests).metadata.labels).toMatchObject({
    'app.kubernetes.io/version': '9.7.2',
    'app.kubernetes.io/name': 'mysql',
  });
});

test('the port is everywhere the same', () => {
  const manifests = synth({ port: 6000 });
  expect(containerOf(manifests, 'mysql').ports).toEqual([{ containerPort: 6000, name: 'mysql' }]);
  expect(JSON.stringify(manifests)).not.toMatch(/\b3306\b/); // the scripts, and so the probes, have it from settings.sh
  expect(configOf(manifests)['settings.sh']).toMatch(/^port=6000$/m);
  expect(configOf(manifests)['mysql.cnf']).toMatch(/^port = 6000$/m);
});

test('the servers give copies: the sidecar has no volume', () => {
  const mounts = (name: string): (string | undefined)[] =>
    (containerOf(synth(), name).volumeMounts ?? []).map(({ mountPath }) => mountPath);
  expect(['prepare', 'mysql', 'sync'].map((name) => mounts(name).includes('/var/lib/mysql'))).toEqual([
    true,
    true,
    false,
  ]);
});

test('the scripts know its names, and how much log to keep', () => {
  const settings = configOf(synth({ database: 'shop', user: 'shop_app', maxLogSize: Size.gibibytes(1) }))[
    'settings.sh'
  ].split('\n');
  expect(settings).toEqual(
    expect.arrayContaining([
      'database=shop',
      'user=shop_app',
      'replication_user=replicator',
      'volume=/var/lib/mysql',
      'log_size=1073741824',
    ]),
  );
});

test('own parameters replace the defaults', () => {
  const given = configOf(synth({ parameters: { innodb_buffer_pool_size: '300M' } }))['mysql.cnf'];
  expect(given.match(/^innodb_buffer_pool_size = .*$/gm)).toEqual(['innodb_buffer_pool_size = 300M']);
});

test('init scripts come after the users, in a ConfigMap that only prepare mounts', () => {
  const manifests = synth({ initScripts: { 'b.sql': 'SELECT 2;\n' } });
  const { data = {} } = only(manifests, 'ConfigMap', 'orders-init');
  expect(data).toEqual({
    '000-users.sh': '#!/usr/bin/env bash\nexec /opt/stateful/users.sh initial\n',
    'b.sql': 'SELECT 2;\n',
  });
  const mounting = ['prepare', 'mysql', 'sync'].filter((name) =>
    containerOf(manifests, name).volumeMounts?.some((mount) => mount.name === 'init'),
  );
  expect(mounting).toEqual(['prepare']);
});

test.each([
  ...['mysql', 'information_schema', 'performance_schema', 'sys', 'cdk8s_stateful'].map((name) => ['database', name]),
  ...['replicator', 'root', 'mysql'].map((name) => ['user', name]),
])('the %s must not be %s', (prop, name) => {
  expect(() => synth({ [prop]: name })).toThrow(`${prop} must not be '${name}': `);
});

test("a user's name is as long as MySQL takes it", () => {
  expect(() => synth({ user: 'a'.repeat(32) })).not.toThrow();
  expect(refusalOf(() => synth({ user: 'a'.repeat(33) }))).toBe(
    `user must have at most 32 characters, as MySQL's users do, got 33: '${'a'.repeat(33)}'`,
  );
});

test.each(['8.3', '8.0', '5.7', 'lts', '9.7-oracle', ''])('%j is no version', (version) => {
  expect(refusalOf(() => MySqlVersion.of(version, 'mysql'))).toBe(
    `version must be '8.4' or later, with or without minor numbers, got '${version}'`,
  );
});
