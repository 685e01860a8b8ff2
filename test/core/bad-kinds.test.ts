import { App, Chart, Duration, Lazy, Size } from 'cdk8s';
import { Cpu, PersistentVolumeReclaimPolicy } from 'cdk8s-plus-28';
import {
  ArgoCd,
  Credentials,
  Flux,
  MariaDb,
  MariaDbVersion,
  MySql,
  MySqlVersion,
  Postgres,
  PostgresProps,
  PostgresSource,
  PostgresVersion,
  RcloneVersion,
  Redis,
  RedisVersion,
  ReplicatedFiles,
  RetiredSystem,
  ReplicatedStatefulSet,
  Storage,
  StorageClass,
  StorageProvisioner,
  Valkey,
  ValkeyVersion,
} from '../../lib';
import { podSpec, synthesize } from '../manifests';
import { refusalOf } from '../refusal';
import { stubProps } from '../stub-engine';

// What types do not let through, and JavaScript, `any` and the environment do: each is refused by the name of its prop.

const size = Size.gibibytes(1);
const good: PostgresProps = {
  version: PostgresVersion.V18,
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'remote', size }),
  credentials: Credentials.fromSecret('c'),
};
const chart = (namespace?: string): Chart => new Chart(new App(), 'chart', { namespace });
const of = (props: { readonly [prop: string]: unknown }): Postgres =>
  new Postgres(chart(), 'orders', { ...good, ...props });
const any = (value: unknown): never => value as never;
const lazy = Lazy.any({ produce: () => 'late' }) as unknown;

test.each<[string, () => unknown, string]>([
  ['no props', () => new Postgres(chart(), 'orders', any(undefined)), 'props must be an object, got undefined'],
  [
    'no props of files',
    () => new ReplicatedFiles(chart(), 'files', any(undefined)),
    'props must be an object, got undefined',
  ],
  [
    'no engine',
    () => new ReplicatedStatefulSet(chart(), 'orders', { ...stubProps, engine: any(undefined) }),
    'engine must be an object, got undefined',
  ],
  [
    'no version',
    () => of({ version: undefined }),
    'version must be a PostgresVersion, as PostgresVersion.V18, got undefined',
  ],
  [
    'a version that is a text',
    () => of({ version: '18' }),
    "version must be a PostgresVersion, as PostgresVersion.V18, got '18'",
  ],
  [
    'a version by its looks',
    () => of({ version: { version: '18', major: 18, image: 'postgres:18' } }),
    'version must be a PostgresVersion, as PostgresVersion.V18, got a plain object',
  ],
  [
    'the version of another engine',
    () => of({ version: MySqlVersion.V9_7 }),
    'version must be a PostgresVersion, as PostgresVersion.V18, got an object of MySqlVersion',
  ],
  [
    'PostgreSQL as MySQL',
    () => new MySql(chart(), 'orders', { ...good, version: any(PostgresVersion.V18) }),
    'version must be a MySqlVersion, as MySqlVersion.V9_7, got an object of PostgresVersion',
  ],
  [
    'MySQL as MariaDB',
    () => new MariaDb(chart(), 'orders', { ...good, version: any(MySqlVersion.V9_7) }),
    'version must be a MariaDbVersion, as MariaDbVersion.V11_8, got an object of MySqlVersion',
  ],
  [
    'Redis as Valkey',
    () => new Valkey(chart(), 'orders', { ...good, version: any(RedisVersion.V8) }),
    'version must be a ValkeyVersion, as ValkeyVersion.V9, got an object of RedisVersion',
  ],
  [
    'rclone as Redis',
    () => new Redis(chart(), 'orders', { ...good, version: any(RcloneVersion.V1) }),
    'version must be a RedisVersion, as RedisVersion.V8, got an object of RcloneVersion',
  ],

  [
    'no storage',
    () => of({ storage: undefined }),
    'storage must be a Storage, as Storage.remote({ storageClassName, size }), got undefined',
  ],
  [
    'the name of a class as storage',
    () => of({ storage: 'gp3' }),
    "storage must be a Storage, as Storage.remote({ storageClassName, size }), got 'gp3'",
  ],
  ['nothing of storage', () => Storage.remote(any(undefined)), 'props must be an object, got undefined'],
  [
    'a size that is a text',
    () => Storage.remote({ storageClassName: 'remote', size: any('10Gi') }),
    "size must be a Size, as Size.gibibytes(10), got '10Gi'",
  ],
  [
    'a size that is a number',
    () => Storage.remote({ storageClassName: 'remote', size: any(10) }),
    'size must be a Size, as Size.gibibytes(10), got 10',
  ],
  [
    'no size',
    () => Storage.localForDevelopmentOnlyDataDiesWithTheNode(any({})),
    'size must be a Size, as Size.gibibytes(10), got undefined',
  ],
  [
    'a limit that is a text',
    () => Storage.ephemeral({ sizeLimit: any('1Gi') }),
    "sizeLimit must be a Size, as Size.gibibytes(10), got '1Gi'",
  ],
  [
    'a medium that is none',
    () => Storage.ephemeral({ medium: any('memory') }),
    "medium must be one of '', 'Memory', got 'memory'",
  ],
  [
    'the name of a class as the class',
    () => Storage.remote({ storageClass: any('gp3'), size }),
    "storageClass must be a StorageClass; name one that exists as storageClassName, got 'gp3'",
  ],
  [
    'a class without provisioner',
    () => new StorageClass(chart(), 'fast', any({})),
    'provisioner must be a StorageProvisioner, as StorageProvisioner.awsEbs(), got undefined',
  ],
  [
    'what becomes of volumes, as no one knows it',
    () =>
      new StorageClass(chart(), 'fast', { provisioner: StorageProvisioner.awsEbs(), reclaimPolicy: any('Recycle') }),
    `reclaimPolicy must be one of ${Object.values(PersistentVolumeReclaimPolicy)
      .map((one) => `'${one}'`)
      .join(', ')}, got 'Recycle'`,
  ],
  [
    'a provisioner that is none',
    () => StorageProvisioner.other(any(undefined)),
    'provisioner must be the name of a storage driver, like "block.csi.ibm.com", got undefined',
  ],
  [
    'a parameter that is a number',
    () => StorageProvisioner.other('block.csi.ibm.com', any({ iops: 3 })),
    "parameters must have strings as values, got 3 for 'iops'",
  ],

  [
    'no credentials',
    () => of({ credentials: undefined }),
    "credentials must be Credentials, as Credentials.fromSecret('orders-credentials'), got undefined",
  ],
  [
    'the name of a Secret',
    () => of({ credentials: 's' }),
    "credentials must be Credentials, as Credentials.fromSecret('orders-credentials'), got 's'",
  ],
  [
    'no Secret',
    () => Credentials.fromSecret(any(undefined)),
    "credentials must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got undefined",
  ],
  ['no keys', () => Credentials.fromSecret('s', any(null)), 'keys must be an object, got null'],
  [
    'a key that is a number',
    () => Credentials.fromSecret('s', { password: any(1) }),
    "keys must have letters, digits, '-', '_' and '.' only, got 1",
  ],

  ['lag in seconds', () => of({ maxLag: 60 }), 'maxLag must be a Duration, as Duration.seconds(60), got 60'],
  [
    'a grace period in seconds',
    () => of({ terminationGracePeriod: 60 }),
    'terminationGracePeriod must be a Duration, as Duration.seconds(60), got 60',
  ],
  [
    'a timeout in words',
    () => of({ startupTimeout: '10m' }),
    "startupTimeout must be a Duration, as Duration.seconds(60), got '10m'",
  ],
  [
    'a grace period of a hundred years',
    () => of({ terminationGracePeriod: Duration.days(36500) }),
    'terminationGracePeriod must be at most 30 days, got 36500 days',
  ],
  [
    'a timeout of a hundred years',
    () => of({ startupTimeout: Duration.days(36500) }),
    'startupTimeout must be at most 30 days, got 36500 days',
  ],
  ['replicas as a text', () => of({ replicas: '3' }), "replicas must be a whole number from 1 to 1000, got '3'"],
  [
    'a port as a text',
    () => of({ port: '5432' }),
    "port must be a whole number from 1024 to 65535 (the server is not root), got '5432'",
  ],
  [
    'a name that comes late',
    () => of({ name: lazy }),
    "name must be a DNS label (a-z, 0-9, '-', beginning with a letter), got a Lazy, which is not known yet: set 'name', or use another construct id",
  ],
  [
    'replicas that come late',
    () => of({ replicas: lazy }),
    'replicas must be a whole number from 1 to 1000, got a Lazy, which is not known yet',
  ],
  [
    'a database that is a number',
    () => of({ database: 1 }),
    "database must be a plain name (a-z, 0-9, '_', at most 63 characters, not beginning with a digit or 'pg_'), got 1",
  ],
  [
    'a way that is none',
    () => of({ onPrimaryVolumeLoss: 'x' }),
    "onPrimaryVolumeLoss must be one of 'recover', 'stop', got 'x'",
  ],
  [
    'volumes that are told something else',
    () => of({ volumesWhenDeleted: 'Recycle' }),
    "volumesWhenDeleted must be one of 'Retain', 'Delete', got 'Recycle'",
  ],
  [
    'volumes that are told something else by scaling',
    () => of({ volumesWhenScaled: 'delete' }),
    "volumesWhenScaled must be one of 'Retain', 'Delete', got 'delete'",
  ],

  [
    'no application',
    () => new ReplicatedFiles(chart(), 'files', { ...good, container: any(undefined) }),
    'container must be an object, got undefined',
  ],
  [
    'a version of rclone that is a text',
    () => new ReplicatedFiles(chart(), 'files', { ...good, container: { image: 'a' }, rclone: any('1') }),
    "rclone must be an RcloneVersion, as RcloneVersion.V1, got '1'",
  ],
  [
    'no path',
    () => new ReplicatedFiles(chart(), 'files', { ...good, container: { image: 'a' }, mountPath: any(1) }),
    "mountPath must be an absolute path without ':', below '/', got 1",
  ],
  [
    'Argo CD of nothing',
    () => ArgoCd.of(any(undefined)),
    'scope must be a construct, as a database or a chart, got undefined',
  ],
  ['Flux of a name', () => Flux.of(any('orders')), "scope must be a construct, as a database or a chart, got 'orders'"],
  [
    'data of nothing',
    () => PostgresSource.fromSet(any(undefined)),
    'importFrom must be of a Postgres, got undefined; for a set elsewhere use PostgresSource.fromEndpoint',
  ],
  [
    'data of another engine',
    () => PostgresSource.fromSet(any(new Redis(chart(), 'cache', { ...good, version: RedisVersion.V8 }))),
    'importFrom must be of a Postgres, got an object of Redis; for a set elsewhere use PostgresSource.fromEndpoint',
  ],
  [
    'data from nowhere',
    () => PostgresSource.fromEndpoint(any({ credentials: good.credentials })),
    'host must be a string, got undefined',
  ],
  [
    'data without a password',
    () => PostgresSource.fromEndpoint(any({ host: 'a' })),
    "credentials must be Credentials, as Credentials.fromSecret('orders-credentials'), got undefined",
  ],
  [
    'a retired set of which no one says what becomes of its volumes',
    () => new RetiredSystem(chart(), 'orders', any({ volumes: 'burn' })),
    "volumes must be one of 'kept', 'deleted', got 'burn'",
  ],
  [
    'a retired set without props',
    () => new RetiredSystem(chart(), 'orders', any(undefined)),
    'props must be an object, got undefined',
  ],
  [
    'an init script that is null',
    () => of({ initScripts: { 'a.sql': null } }),
    "initScripts must have strings as values, got null for 'a.sql'",
  ],
  [
    'an init script that would come first',
    () => of({ initScripts: { '00-schema.sql': '' } }),
    "initScripts must have file names that come after '000-', with which the library's own begins, that makes the user and the database, got '00-schema.sql': call it '01-schema.sql', say",
  ],
])('refused: %s', (_, make, message) => {
  expect(refusalOf(make)).toBe(message);
});

const labelValue =
  "must have values of at most 63 letters, digits, '-', '_' and '.', that begin and end with a letter or digit, got";
const labelKey =
  "must have keys of at most 63 letters, digits, '-', '_' and '.', with a DNS name and '/' before them or not, got";

test.each<[string, () => unknown, string]>([
  [
    'a label with a blank',
    () => of({ metadata: { labels: { team: 'my team' } } }),
    `metadata.labels ${labelValue} 'my team' for 'team'`,
  ],
  [
    'a label of 64 characters',
    () => of({ podMetadata: { labels: { team: 'a'.repeat(64) } } }),
    `podMetadata.labels ${labelValue} '${'a'.repeat(64)}' for 'team'`,
  ],
  ['a label of no name', () => of({ metadata: { labels: { '': 'x' } } }), `metadata.labels ${labelKey} ''`],
  [
    'a label with two prefixes',
    () => of({ metadata: { labels: { 'a/b/c': 'x' } } }),
    `metadata.labels ${labelKey} 'a/b/c'`,
  ],
  [
    'a label that is not set',
    () => of({ metadata: { labels: { team: undefined } } }),
    "metadata.labels must have strings as values, got undefined for 'team'",
  ],
  [
    'an annotation that is a number',
    () => of({ podMetadata: { annotations: { 'prometheus.io/port': 9187 } } }),
    "podMetadata.annotations must have strings as values, got 9187 for 'prometheus.io/port'",
  ],
  [
    'an annotation with a blank in its key',
    () => of({ metadata: { annotations: { 'a b': 'x' } } }),
    `metadata.annotations ${labelKey} 'a b'`,
  ],
  [
    'annotations that no object takes',
    () => of({ metadata: { annotations: { a: 'x'.repeat(262_144) } } }),
    'metadata.annotations must have at most 262144 bytes together, got 262145',
  ],
  [
    'the version as a label',
    () => of({ podMetadata: { labels: { 'app.kubernetes.io/version': '1' } } }),
    "podMetadata.labels must not set 'app.kubernetes.io/version', got '1': it comes from the prop 'version'",
  ],
  [
    'the label that selects',
    () => of({ podMetadata: { labels: { 'cdk8s-stateful/name': 'x' } } }),
    "podMetadata.labels must not set 'cdk8s-stateful/name', got 'x': the pods are selected by it: use the prop 'name'",
  ],
  [
    'the ordinal as a label',
    () => of({ podMetadata: { labels: { 'apps.kubernetes.io/pod-index': '0' } } }),
    "podMetadata.labels must not set 'apps.kubernetes.io/pod-index', got '0': the StatefulSet controller sets it",
  ],
  [
    'a namespace of two words',
    () => of({ metadata: { namespace: 'other ns' } }),
    "metadata.namespace must be a DNS label (a-z, 0-9, '-', at most 63 characters), got 'other ns'",
  ],
  [
    'a namespace of the chart that is none',
    () => new Postgres(chart('Shop'), 'orders', good),
    "namespace must be a DNS label (a-z, 0-9, '-', at most 63 characters), got 'Shop'",
  ],
  [
    'a priority class that is none',
    () => of({ priorityClassName: 'High Priority' }),
    "priorityClassName must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got \"High Priority\"",
  ],
  [
    'a node label that is true',
    () => of({ nodeSelector: { ssd: true } }),
    "nodeSelector must have strings as values, got true for 'ssd'",
  ],
  [
    'a node label that cannot be',
    () => of({ nodeSelector: { 'disk type': 'ssd' } }),
    `nodeSelector ${labelKey} 'disk type'`,
  ],
  ['a node as a text', () => of({ nodeSelector: 'ssd' }), "nodeSelector must be an object, got 'ssd'"],
])('refused: %s', (_, make, message) => {
  expect(refusalOf(make)).toBe(message);
});

test("labels by the usual names may be the user's, on the pods as well", () => {
  const manifests = synthesize(
    (scope) =>
      new Postgres(scope, 'orders', { ...good, podMetadata: { labels: { 'app.kubernetes.io/name': 'shop' } } }),
  );
  expect(JSON.stringify(manifests)).toContain(
    '"labels":{"app.kubernetes.io/instance":"orders","app.kubernetes.io/name":"shop",',
  );
});

test('node labels that change afterwards do not reach the YAML', () => {
  const nodeSelector: { [label: string]: string } = { disk: 'ssd' };
  const spec = podSpec(
    synthesize((scope) => {
      new Postgres(scope, 'orders', { ...good, nodeSelector });
      nodeSelector.zone = 'a';
    }),
  );
  expect(spec.nodeSelector).toEqual({ disk: 'ssd' });
});

describe('resources', () => {
  test.each<[string, PostgresProps['resources'], string]>([
    [
      'more memory than its limit',
      { memory: { request: Size.gibibytes(2), limit: Size.gibibytes(1) } },
      'resources.memory.request must be at most the limit, got 2Gi with a limit of 1Gi',
    ],
    [
      'more CPU than its limit',
      { cpu: { request: Cpu.units(2), limit: Cpu.millis(1500) } },
      'resources.cpu.request must be at most the limit, got 2 with a limit of 1500m',
    ],
    [
      'more of the disk than its limit',
      { ephemeralStorage: { request: Size.mebibytes(2), limit: Size.mebibytes(1) } },
      'resources.ephemeralStorage.request must be at most the limit, got 2Mi with a limit of 1Mi',
    ],
    [
      'no CPU',
      { cpu: { request: Cpu.millis(0) } },
      'resources.cpu.request must be a whole number of thousandths of a CPU greater than zero, got 0m',
    ],
    [
      'half a thousandth',
      { cpu: { request: Cpu.millis(0.5) } },
      'resources.cpu.request must be a whole number of thousandths of a CPU greater than zero, got 0.5m',
    ],
    [
      'CPU as a text',
      { cpu: { request: any('250m') } },
      "resources.cpu.request must be a Cpu, as Cpu.millis(250), got '250m'",
    ],
    [
      'memory as a text',
      { memory: { limit: any('1Gi') } },
      "resources.memory.limit must be a Size, as Size.gibibytes(10), got '1Gi'",
    ],
    ['a list', any([]), 'resources must be an object, got a list'],
  ])('refused: %s', (_, resources, message) => {
    expect(refusalOf(() => of({ resources }))).toBe(message);
  });

  test('of the sidecar are checked alike', () => {
    expect(
      refusalOf(() => of({ syncResources: { memory: { request: Size.mebibytes(300), limit: Size.mebibytes(200) } } })),
    ).toBe('syncResources.memory.request must be at most the limit, got 300Mi with a limit of 200Mi');
  });

  const resourcesOf = (props: Partial<PostgresProps>, name = 'postgres'): unknown =>
    podSpec(synthesize((scope) => new Postgres(scope, 'orders', { ...good, ...props }))).containers.find(
      (container) => container.name === name,
    )?.resources;

  test('that are left out have their defaults, from which caches are computed', () => {
    const usual = { requests: { cpu: '250m', memory: '1024Mi' }, limits: { memory: '1024Mi' } };
    expect(resourcesOf({})).toEqual(usual);
    expect(resourcesOf({ resources: {} })).toEqual(usual);
    expect(resourcesOf({ resources: { cpu: {}, memory: {} } })).toEqual(usual);
    expect(resourcesOf({ resources: { cpu: { request: Cpu.units(2), limit: Cpu.units(4) } } })).toEqual({
      requests: { cpu: '2', memory: '1024Mi' },
      limits: { cpu: '4', memory: '1024Mi' },
    });
    expect(resourcesOf({ resources: { memory: { request: Size.gibibytes(2) } } })).toEqual({
      requests: { cpu: '250m', memory: '2048Mi' },
    });
    expect(resourcesOf({ syncResources: { cpu: { limit: Cpu.millis(100) } } }, 'sync')).toEqual({
      requests: { memory: '32Mi' },
      limits: { cpu: '100m', memory: '128Mi' },
    });
  });
});

describe('parameters', () => {
  const parameters = any({ max_connections: process.env.NOT_SET, good: '1' });
  test.each<[string, () => unknown]>([
    ['PostgreSQL', () => of({ parameters })],
    ['MySQL', () => new MySql(chart(), 'orders', { ...good, version: MySqlVersion.V9_7, parameters })],
    ['MariaDB', () => new MariaDb(chart(), 'orders', { ...good, version: MariaDbVersion.V11_8, parameters })],
    ['Redis', () => new Redis(chart(), 'orders', { ...good, version: RedisVersion.V8, parameters })],
    ['Valkey', () => new Valkey(chart(), 'orders', { ...good, version: ValkeyVersion.V9, parameters })],
  ])('of %s that are not set are refused', (_, make) => {
    expect(refusalOf(make)).toBe("parameters must have strings as values, got undefined for 'max_connections'");
  });

  test.each<[unknown, string]>([
    [null, 'null'],
    [Number.NaN, 'NaN'],
    [100, '100'],
    [true, 'true'],
    [['a'], 'a list'],
    [{ a: 1 }, 'a plain object'],
    [lazy, 'a Lazy, which is not known yet'],
  ])('%p is no value', (value, got) => {
    expect(refusalOf(() => of({ parameters: { work_mem: value } }))).toBe(
      `parameters must have strings as values, got ${got} for 'work_mem'`,
    );
  });

  test.each([
    ['max_connections=100', "'max_connections=100'"],
    [['a'], 'a list'],
  ])('%j are none', (value, got) => {
    expect(refusalOf(() => of({ parameters: value }))).toBe(`parameters must be an object, got ${got}`);
  });
});

describe('arguments of initdb', () => {
  test.each<[unknown, RegExp]>([
    ['--locale=C', /^initdbArguments must be a list, as \['--locale=de_DE\.utf8'\], got '--locale=C'$/],
    [
      ['--pgdata=/x'],
      /^initdbArguments must not have '--pgdata', got '--pgdata=\/x': the volume is mounted by the prop 'storage'$/,
    ],
    [['--waldir=/x'], /^initdbArguments must not have '--waldir'/],
    [
      ['--no-data-checksums'],
      /^initdbArguments must not have '--no-data-checksums', got '--no-data-checksums': checksums find/,
    ],
    [['--auth=trust'], /^initdbArguments must not have '--auth'/],
    [['--username=me'], /^initdbArguments must not have '--username'/],
    [['--set=fsync=off'], /^initdbArguments must not have '--set', got '--set=fsync=off': use the prop 'parameters'$/],
    [['--locale=C; rm -rf /'], /^initdbArguments must have values of letters, .* got '--locale=C; rm -rf \/'$/],
    [['--locale=$(id)'], /^initdbArguments must have values of letters/],
    [['--locale=C\n--auth=trust'], /^initdbArguments must have values of letters/],
    [['--icu-rules=&a<b'], /^initdbArguments must be of --encoding=, /],
    [['--locale'], /^initdbArguments must be of --encoding=, .*, each with its value in one text, got '--locale'$/],
    [['-D', '/x'], /^initdbArguments must be of .*, got '-D'$/],
    [['-E', 'UTF8'], /^initdbArguments must be of .*, got '-E'$/],
    [['; id'], /^initdbArguments must be of .*, got '; id'$/],
    [[undefined], /^initdbArguments must be a string, got undefined$/],
  ])('%j are refused', (initdbArguments, message) => {
    expect(refusalOf(() => of({ initdbArguments }))).toMatch(message);
  });

  test('that are about the data are taken', () => {
    const initdbArguments = [
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--encoding=UTF8',
      '--wal-segsize=64',
    ];
    const [container] = podSpec(
      synthesize((scope) => new Postgres(scope, 'orders', { ...good, initdbArguments })),
    ).containers;
    expect(container.env).toContainEqual({
      name: 'POSTGRES_INITDB_ARGS',
      value: `--data-checksums ${initdbArguments.join(' ')}`,
    });
  });
});

test('what is said in words is not understood', () => {
  expect(refusalOf(() => of({ superuserFromNetwork: 'false' }))).toBe(
    "superuserFromNetwork must be true or false, got 'false'",
  );
  expect(refusalOf(() => of({ synchronousReplicas: '1' }))).toMatch(
    /^synchronousReplicas must be a whole number from 0 to 2, .*, got '1': /,
  );
  expect(
    refusalOf(
      () => new Redis(chart(), 'cache', { ...good, version: RedisVersion.V8, mayLoseLastSecond: any('false') }),
    ),
  ).toBe("mayLoseLastSecond must be true or false, got 'false'");
  expect(refusalOf(() => of({ readOnly: 'false' }))).toBe("readOnly must be true or false, got 'false'");
  expect(refusalOf(() => of({ importFrom: 'orders' }))).toBe(
    "importFrom must be a PostgresSource, as PostgresSource.fromSet(orders), got 'orders'",
  );
});

describe('files that cannot be applied', () => {
  const script = (bytes: number, text = 'a'): PostgresProps['initScripts'] => ({ 'a.sql': text.repeat(bytes) });
  const kept =
    /^initScripts must be smaller: ConfigMap 'orders-init' takes \d+ bytes of annotations, of which Kubernetes allows 262144, as 'kubectl apply' keeps the object in one; have a Job load what is large$/;

  test.each<[string, { readonly [prop: string]: unknown }, RegExp]>([
    ['an init script of 300 kB', { initScripts: script(300_000) }, kept],
    ['lines, each of whose ends takes two bytes', { initScripts: script(132_000, '\n') }, kept],
    ['characters that kubectl writes as six', { initScripts: script(45_000, '<') }, kept],
    [
      'together with annotations',
      { initScripts: script(150_000), metadata: { annotations: { note: 'x'.repeat(60_000) } } },
      kept,
    ],
    [
      'an init script of 1.5 MiB',
      { initScripts: script(1_572_864) },
      /^initScripts must have at most 1048576 bytes together, got 157\d+ in ConfigMap 'orders-init': Kubernetes takes no more in one object; have a Job load what is large$/,
    ],
    [
      'a parameter of 1 MiB',
      { parameters: { search_path: 'a'.repeat(1_048_576) } },
      /^parameters must have at most 1048576 bytes together, got \d+ in ConfigMap 'orders-config': /,
    ],
  ])('%s', (_, props, message) => {
    expect(refusalOf(() => of(props))).toMatch(message);
  });

  test('what just fits is taken: the annotation is counted to the byte', () => {
    const fits = (bytes: number): string => refusalOf(() => of({ initScripts: script(bytes) }));
    const { length } = JSON.stringify({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        namespace: 'n'.repeat(63),
        name: 'orders-init',
        labels: { 'app.kubernetes.io/name': 'postgres', 'app.kubernetes.io/instance': 'orders' },
        annotations: {},
      },
      data: { '000-roles.sh': '#!/usr/bin/env bash\nexec /opt/stateful/roles.sh\n', 'a.sql': '' },
    });
    const most = 262_144 - length - 1 - 'kubectl.kubernetes.io/last-applied-configuration'.length;
    expect(fits(most)).toBe('(nothing was refused)');
    expect(fits(most + 1)).toMatch(kept);
  });
});

test('Services tell a mesh that a database speaks no HTTP, and leave an application of files alone', () => {
  const ports = (build: (scope: Chart) => unknown): unknown[] =>
    synthesize((scope) => build(scope as Chart))
      .filter(({ kind }) => kind === 'Service')
      .map(({ spec }) => (spec as { readonly ports: unknown[] }).ports[0]);
  expect(ports((scope) => new Postgres(scope, 'orders', good))).toEqual(
    Array(3).fill({ name: 'postgres', port: 5432, appProtocol: 'tcp' }),
  );
  expect(
    ports((scope) => new ReplicatedFiles(scope, 'files', { ...good, container: { image: 'app:1', portNumber: 8080 } })),
  ).toEqual(Array(3).fill({ name: 'rclone', port: 8080 }));
});
