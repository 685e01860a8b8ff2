import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import {
  Credentials,
  PrimaryVolumeLoss,
  Postgres,
  PostgresProps,
  PostgresSource,
  PostgresVersion,
  Storage,
  VolumeRetention,
} from '../../../lib';
import { configOf, containerOf, forReading, Manifest, only, podSpec, statefulSet, synthesize } from '../../manifests';
import { podSecurityViolations } from '../../../lib/changes/testing/pod-security';
import { refusalOf } from '../../refusal';

const minimal: PostgresProps = {
  version: PostgresVersion.V17,
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
  credentials: Credentials.fromSecret('orders-credentials'),
};

// Required: a new prop must be added here, and so shows in the snapshot.
// Those of backups are in test/core/render/backups.test.ts.
const all: Required<Omit<PostgresProps, 'backup' | 'restoreFrom'>> = {
  name: 'orders',
  version: PostgresVersion.of('18.6', 'registry.example.com/postgres@sha256:0123'),
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
  parameters: { work_mem: '16MB', 'auto_explain.log_min_duration': '3s', shared_buffers: '3GB' },
  database: 'orders',
  user: 'orders_app',
  port: 6432,
  initScripts: { '100-schema.sql': 'CREATE TABLE orders (id bigint);\n' },
  initdbArguments: ['--locale=de_DE.utf8', '--wal-segsize=32'],
  synchronousReplicas: 1,
  superuserFromNetwork: true,
  readOnly: true,
  importFrom: PostgresSource.fromEndpoint({
    host: 'old-primary.shop.svc',
    port: 6433,
    credentials: Credentials.fromSecret('old', { superuserPassword: 'root' }),
  }),
};

function synth(props: Partial<PostgresProps> = {}): Manifest[] {
  return synthesize((scope) => new Postgres(scope, 'orders', { ...minimal, ...props }));
}

test.each([
  ['minimal props', minimal],
  ['all props', all],
])('%s', (_, props) => {
  const manifests = synthesize((scope) => new Postgres(scope, 'orders', props));
  expect(forReading(manifests)).toMatchSnapshot();
  expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
});

test('what applications need of it', () => {
  const built: Postgres[] = [];
  synthesize((scope) =>
    built.push(new Postgres(scope, 'orders', minimal), new Postgres(scope, 'other', { ...all, name: 'other' })),
  );
  expect(
    built.map(({ database, user, replicas, primary }) => ({ database, user, replicas, address: primary.address })),
  ).toEqual([
    { database: 'app', user: 'app', replicas: 3, address: 'orders-primary:5432' },
    { database: 'orders', user: 'orders_app', replicas: 2, address: 'other-primary.shop.svc:6432' },
  ]);
});

test('every container runs the image of the version, and the labels say which', () => {
  const manifests = synth({ version: PostgresVersion.of('18.6', 'mirror/postgres:18.6') });
  const { containers, initContainers = [] } = podSpec(manifests);
  expect([...initContainers, ...containers].map(({ image }) => image)).toEqual([
    'mirror/postgres:18.6',
    'mirror/postgres:18.6',
    'mirror/postgres:18.6',
  ]);
  expect(statefulSet(manifests).metadata.labels).toMatchObject({
    'app.kubernetes.io/version': '18.6',
    'app.kubernetes.io/name': 'postgres',
  });
});

test('the port is everywhere the same', () => {
  const manifests = synth({ port: 6000 });
  const server = containerOf(manifests, 'postgres');
  expect(server.ports).toEqual([{ containerPort: 6000, name: 'postgres' }]);
  expect(server.livenessProbe?.tcpSocket).toEqual({ port: 6000 });
  expect(JSON.stringify(manifests)).not.toMatch(/\b5432\b/); // the scripts, and so the other probes, have it from settings.sh
  expect(manifests.flatMap(({ kind, spec }) => (kind === 'Service' ? [spec] : []))).toMatchObject(
    Array(3).fill({ ports: [{ port: 6000 }] }),
  );
  expect(configOf(manifests)['settings.sh']).toMatch(/^port=6000$/m);
  expect(configOf(manifests)['postgresql.conf']).toMatch(/^port = 6000$/m);
});

test('own parameters replace the defaults', () => {
  const conf = configOf(synth({ parameters: { shared_buffers: '1GB', search_path: 'shop, public' } }))[
    'postgresql.conf'
  ];
  expect(conf.match(/^shared_buffers = .*$/gm)).toEqual(['shared_buffers = 1GB']);
  expect(conf).toMatch(/^search_path = 'shop, public'$/m);
});

describe('sizes follow memory and volume', () => {
  const sizes = (props: Partial<PostgresProps>): (string | undefined)[] => {
    const manifests = synth(props);
    const conf = configOf(manifests)['postgresql.conf'];
    const sizeLimit = podSpec(manifests).volumes?.find(({ name }) => name === 'shm')?.emptyDir?.sizeLimit;
    return [
      /^shared_buffers = (.*)$/m.exec(conf)?.[1],
      /^max_slot_wal_keep_size = (.*)$/m.exec(conf)?.[1],
      sizeLimit as string | undefined,
    ];
  };

  test.each<[string, Partial<PostgresProps>, string[]]>([
    ['by default', {}, ['256MB', '20480MB', '256Mi']],
    [
      'by the limit',
      { resources: { memory: { request: Size.gibibytes(2), limit: Size.gibibytes(8) } } },
      ['2048MB', '20480MB', '2048Mi'],
    ],
    [
      'by the request where there is no limit',
      { resources: { memory: { request: Size.gibibytes(2) } } },
      ['512MB', '20480MB', '512Mi'],
    ],
    ['without either', { resources: {} }, ['256MB', '20480MB', '256Mi']],
    [
      'of an emptyDir with a limit',
      { storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(1) }) },
      ['256MB', '205MB', '256Mi'],
    ],
    ['of an emptyDir without', { storage: Storage.ephemeral() }, ['256MB', '2048MB', '256Mi']],
  ])('%s', (_, props, expected) => {
    expect(sizes(props)).toEqual(expected);
  });
});

describe('synchronousReplicas', () => {
  test('is what the scripts know, and none by default', () => {
    expect(configOf(synth())['settings.sh']).toMatch(/^synchronous_replicas=0$/m);
    expect(configOf(synth({ synchronousReplicas: 2 }))['settings.sh']).toMatch(/^synchronous_replicas=2$/m);
  });

  test.each([
    [3, 3, 2],
    [1, 1, 0],
    [-1, 3, 2],
    [1.5, 3, 2],
    [NaN, 3, 2],
  ])('refuses %d with %i pods', (synchronousReplicas, replicas, most) => {
    expect(refusalOf(() => synth({ synchronousReplicas, replicas }))).toBe(
      `synchronousReplicas must be a whole number from 0 to ${most}, as there are ${most} replicas in addition to the primary with 'replicas: ${replicas}', ` +
        `got ${synchronousReplicas}: commits would wait for ever. Raise 'replicas', or lower it`,
    );
  });

  test('refuses commits that would not wait after all', () => {
    expect(refusalOf(() => synth({ synchronousReplicas: 1, parameters: { synchronous_commit: 'local' } }))).toMatch(
      /^parameters must not set 'synchronous_commit' to 'local' with 'synchronousReplicas', as then no commit waits/,
    );
    expect(configOf(synth({ parameters: { synchronous_commit: 'local' } }))['postgresql.conf']).toMatch(
      /^synchronous_commit = local$/m,
    );
  });
});

test('the superuser connects from the pod itself only, if no one asks for more', () => {
  const lines = (props: Partial<PostgresProps>): string[] =>
    configOf(synth(props))
      ['pg_hba.conf'].split('\n')
      .map((line) => line.trim().split(/ +/).join(' '))
      .filter((line) => /^\w/.test(line));
  const rest = ['host all all all scram-sha-256', 'host replication replicator all scram-sha-256'];
  expect(lines({})).toEqual([
    'local all all trust',
    'host all postgres 127.0.0.1/32 scram-sha-256',
    'host all postgres ::1/128 scram-sha-256',
    'host all postgres all reject',
    ...rest,
  ]);
  expect(lines({ superuserFromNetwork: true })).toEqual(['local all all trust', ...rest]);
});

test.each([
  [undefined, 'no'],
  ['off', 'no'],
  ['on', 'yes'],
  ['TRUE', 'yes'],
  ['0', 'no'],
  ['1', 'yes'],
])('allow_alter_system = %s: %s', (value, expected) => {
  const settings = configOf(synth(value === undefined ? {} : { parameters: { allow_alter_system: value } }))[
    'settings.sh'
  ];
  expect(settings).toContain(`alter_system=${expected}\n`);
  expect(settings).toMatch(/^reserved_settings='port\|listen_addresses\|.*\|fsync\|.*'$/m);
});

test('passwords are mounted under the names that the scripts know', () => {
  const { volumes } = podSpec(synth({ credentials: all.credentials }));
  expect(volumes?.find(({ name }) => name === 'credentials')?.secret).toEqual({
    secretName: 'shop',
    defaultMode: 0o444,
    items: [
      { key: 'admin', path: 'superuser-password' },
      { key: 'orders', path: 'password' },
      { key: 'replication', path: 'replication-password' },
    ],
  });
});

describe('init scripts', () => {
  test('come after the roles, in a ConfigMap that only prepare mounts', () => {
    const manifests = synth({ initScripts: { 'b.sql': 'SELECT 2;\n', 'a.sh': 'true\n' } });
    expect(Object.keys(only(manifests, 'ConfigMap', 'orders-init').data ?? {}).sort()).toEqual([
      '000-roles.sh',
      'a.sh',
      'b.sql',
    ]);
    const mounting = ['prepare', 'postgres', 'sync'].filter((name) =>
      containerOf(manifests, name).volumeMounts?.some((mount) => mount.name === 'init'),
    );
    expect(mounting).toEqual(['prepare']);
  });

  test('arguments of initdb are appended to data checksums', () => {
    expect(containerOf(synth({ initdbArguments: ['--locale=C', '-k'] }), 'prepare').env).toContainEqual({
      name: 'POSTGRES_INITDB_ARGS',
      value: '--data-checksums --locale=C -k',
    });
  });
});

test('every client gives a password, replicas too', () => {
  const rules = configOf(synth())
    ['pg_hba.conf'].split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/ +/));
  const network = rules.filter(([type, , user]) => type !== 'local' && user !== 'postgres');
  expect(network.map((rule) => rule.at(-1))).toEqual(network.map(() => 'scram-sha-256'));
  expect(network.map(([, database]) => database)).toEqual(['all', 'replication']);
});

describe('importFrom', () => {
  const older = (scope: Construct, props: Partial<PostgresProps> = {}): PostgresSource =>
    PostgresSource.fromSet(
      new Postgres(scope, 'old', {
        ...minimal,
        superuserFromNetwork: true,
        credentials: Credentials.fromSecret('old-credentials', { superuserPassword: 'root' }),
        ...props,
      }),
    );
  const newer: PostgresProps = { ...minimal, version: PostgresVersion.V18 };
  const synthNewer = (props: Partial<PostgresProps> = {}): Manifest[] =>
    synthesize(
      (scope) =>
        new Postgres(scope, 'orders', {
          ...newer,
          importFrom: PostgresSource.fromEndpoint({ host: 'old-primary', credentials: minimal.credentials }),
          ...props,
        }),
    );

  test("of a set: its primary, and of its Secret the superuser's password alone, for prepare alone", () => {
    const manifests = synthesize(
      (scope) => new Postgres(scope, 'orders', { ...newer, importFrom: older(scope, { port: 6000 }) }),
    ).filter(({ metadata }) => metadata.name?.startsWith('orders') === true);
    expect(configOf(manifests)['settings.sh']).toMatch(
      /^source_host=old-primary\nsource_port=6000\nsource_credentials=\/run\/secrets\/source$/m,
    );
    expect(podSpec(manifests).volumes).toContainEqual({
      name: 'source',
      secret: {
        secretName: 'old-credentials',
        optional: true,
        defaultMode: 0o444,
        items: [{ key: 'root', path: 'superuser-password' }],
      },
    });
    const mounting = ['prepare', 'postgres', 'sync'].filter((name) =>
      containerOf(manifests, name).volumeMounts?.some((mount) => mount.name === 'source'),
    );
    expect(mounting).toEqual(['prepare']);
  });

  test('init scripts do not run, as the data has what they made', () => {
    expect(
      Object.keys(
        only(synthNewer({ initScripts: { 'schema.sql': 'SELECT 1;\n' } }), 'ConfigMap', 'orders-init').data ?? {},
      ),
    ).toEqual(['000-roles.sh']);
  });

  test('nothing of it is in a set that imports nothing', () => {
    expect(JSON.stringify(forReading(synth()))).not.toMatch(/source_|secrets\/source/);
  });

  test.each<[string, Partial<PostgresProps>, Partial<PostgresProps>, string]>([
    [
      'a newer version',
      { version: PostgresVersion.V18 },
      { version: PostgresVersion.V17 },
      'importFrom must be of the same or an older major version, got PostgreSQL 18 for 17: data goes to newer versions only',
    ],
    [
      'which the superuser cannot enter',
      { superuserFromNetwork: false },
      {},
      "importFrom must be a set with 'superuserFromNetwork: true', got one whose superuser can connect from its own pods only: set it there, and take it back when the import is done",
    ],
    [
      'another database',
      { database: 'shop' },
      {},
      "database must be 'shop', as importFrom has it, got 'app': the data keeps its names",
    ],
    [
      'another user',
      {},
      { user: 'api' },
      "user must be 'app', as importFrom has it, got 'api': the data keeps its names",
    ],
    [
      'another namespace',
      { metadata: { namespace: 'shop' } },
      {},
      "importFrom must be in the same namespace, got 'shop' for '(default)': copy its Secret to here, and use PostgresSource.fromEndpoint",
    ],
  ])('refuses a set of %s', (_, from, to, message) => {
    expect(
      refusalOf(() =>
        synthesize((scope) => new Postgres(scope, 'orders', { ...newer, importFrom: older(scope, from), ...to })),
      ),
    ).toBe(message);
  });

  test.each([
    [{ host: 'old primary' }, "importFrom must name a host by its DNS name (a-z, 0-9, '-', '.'), got 'old primary'"],
    [
      { host: 'old', port: 0 },
      'importFrom.port must be a whole number from 1024 to 65535 (the server is not root), got 0',
    ],
  ])('refuses the endpoint %j', (endpoint, message) => {
    const importFrom = PostgresSource.fromEndpoint({ ...endpoint, credentials: minimal.credentials });
    expect(refusalOf(() => synth({ importFrom }))).toBe(message);
  });
});
