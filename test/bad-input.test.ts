import { App, Chart, Duration, Size } from 'cdk8s';
import { ContainerRestartPolicy } from 'cdk8s-plus-28';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Credentials,
  MariaDb,
  MariaDbProps,
  MariaDbVersion,
  MySql,
  MySqlProps,
  MySqlVersion,
  Postgres,
  PostgresProps,
  PostgresVersion,
  RcloneVersion,
  Redis,
  RedisProps,
  RedisVersion,
  ReplicatedFiles,
  ReplicatedFilesProps,
  Storage,
  Valkey,
  ValkeyVersion,
} from '../lib';
import { refusalOf } from './refusal';

const size = Size.gibibytes(1);
const remote = Storage.remote({ storageClassName: 'remote', size });
const good: PostgresProps = {
  version: PostgresVersion.V17,
  replicas: 3,
  storage: remote,
  credentials: Credentials.fromSecret('c'),
};

function construct(props: Partial<PostgresProps> = {}, id = 'orders', chart = new Chart(new App(), 'chart')): Postgres {
  return new Postgres(chart, id, { ...good, ...props });
}
function redis(props: Partial<RedisProps>): Redis {
  return new Redis(new Chart(new App(), 'chart'), 'sessions', { ...good, version: RedisVersion.V8, ...props });
}
function mariaDb(props: Partial<MariaDbProps>): MariaDb {
  return new MariaDb(new Chart(new App(), 'chart'), 'orders', { ...good, version: MariaDbVersion.V11_8, ...props });
}
function files(props: Partial<ReplicatedFilesProps>): ReplicatedFiles {
  return new ReplicatedFiles(new Chart(new App(), 'chart'), 'files', {
    ...good,
    container: { image: 'app:1', portNumber: 8080 },
    ...props,
  });
}
function mySql(props: Partial<MySqlProps>): MySql {
  return new MySql(new Chart(new App(), 'chart'), 'orders', { ...good, version: MySqlVersion.V9_7, ...props });
}

const label = "name must be a DNS label (a-z, 0-9, '-', beginning with a letter), got";
const another = "set 'name', or use another construct id";
const wholeMebibytes =
  'must be a whole number of mebibytes greater than zero, got 0Gi: use Size.gibibytes(100) or Size.mebibytes(1500), for example';
const plainName =
  "must be a plain name (a-z, 0-9, '_', at most 63 characters, not beginning with a digit or 'pg_'), got";

test.each<[string, () => unknown, string]>([
  ['an id that is no DNS label', () => construct({}, 'My_DB'), `${label} 'My_DB': ${another}`],
  [
    'a name that begins with a digit, as no Service may',
    () => construct({ name: '2nd' }),
    `${label} '2nd': ${another}`,
  ],
  ['a name that ends with a dash', () => construct({ name: 'a-' }), `${label} 'a-': ${another}`],
  ['a name with a dot', () => construct({ name: 'a.b' }), `${label} 'a.b': ${another}`],
  ['an empty name', () => construct({ name: '' }), `${label} '': ${another}`],
  ['a name of two lines', () => construct({ name: 'a\n' }), `${label} 'a\n': ${another}`],
  [
    'a name of 53 characters',
    () => construct({ name: 'a'.repeat(53) }),
    `name must have at most 52 characters, got 53: '${'a'.repeat(53)}'`,
  ],

  ['half a replica', () => construct({ replicas: 2.5 }), 'replicas must be a whole number from 1 to 1000, got 2.5'],
  ['no replica', () => construct({ replicas: 0 }), 'replicas must be a whole number from 1 to 1000, got 0'],
  [
    'replicas that are no number',
    () => construct({ replicas: Number.NaN }),
    'replicas must be a whole number from 1 to 1000, got NaN',
  ],
  [
    'one replica without volume',
    () => construct({ replicas: 1, storage: Storage.ephemeral() }),
    'replicas must be a whole number from 2 to 1000 on ephemeral storage, where only the other pods can bring the data back, got 1',
  ],

  [
    'a size of zero',
    () => Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(0) }),
    `size ${wholeMebibytes}`,
  ],
  ['a limit of zero', () => Storage.ephemeral({ sizeLimit: Size.gibibytes(0) }), `sizeLimit ${wholeMebibytes}`],
  [
    'a local StorageClass',
    () => Storage.remote({ storageClassName: 'local-path', size }),
    'storageClassName "local-path" is the usual name of node-local storage (Rancher local-path), where the data dies with its node: name a class of remote storage, or use Storage.localForDevelopmentOnlyDataDiesWithTheNode() on a development cluster',
  ],

  [
    'a version that is not known',
    () => PostgresVersion.of('16', 'postgres:16'),
    "version must be '17' or later, with or without minor numbers, got '16'",
  ],
  [
    'a version without its image',
    () => PostgresVersion.of('17.4', ' '),
    "image must be a reference without blanks, got ' '",
  ],

  [
    'a parameter that decides whom a replica follows',
    () => construct({ parameters: { primary_conninfo: 'host=x' } }),
    "parameters must not set 'primary_conninfo', got 'host=x': the ordinal decides whom a pod follows",
  ],
  [
    'a parameter that another prop sets',
    () => construct({ parameters: { port: '5433' } }),
    "parameters must not set 'port', got '5433': use the prop 'port'",
  ],
  [
    'a parameter that closes the replicas',
    () => construct({ parameters: { hot_standby: 'off' } }),
    "parameters must not set 'hot_standby', got 'off': replicas are there to be read",
  ],
  [
    'a parameter that closes the server',
    () => construct({ parameters: { listen_addresses: 'localhost' } }),
    "parameters must not set 'listen_addresses', got 'localhost': the server listens on all addresses, as replicas and probes need it",
  ],
  [
    'a value that stops replication',
    () => construct({ parameters: { wal_level: 'minimal' } }),
    "parameters must not set 'wal_level', got 'minimal': replicas need replica or logical",
  ],

  ['a database that is no plain name', () => construct({ database: 'my-app' }), `database ${plainName} 'my-app'`],
  ["a user of PostgreSQL's own", () => construct({ user: 'pg_monitor' }), `user ${plainName} 'pg_monitor'`],
  [
    "the superuser as the application's",
    () => construct({ user: 'postgres' }),
    "user must not be 'postgres': the database or the library uses that name itself",
  ],
  [
    'an init script that would not run',
    () => construct({ initScripts: { 'schema.txt': '' } }),
    "initScripts must have file names of letters, digits, '-', '_' and '.', that begin with a letter or digit and end with '.sql' or '.sh', got 'schema.txt'",
  ],
  [
    "an init script that would run before the library's own",
    () => construct({ initScripts: { '000-a.sql': '' } }),
    "initScripts must have file names that come after '000-', with which the library's own begins, that makes the user and the database, got '000-a.sql': call it '01-a.sql', say",
  ],
  [
    'a Redis that is not known',
    () => RedisVersion.of('7.2', 'redis:7.2'),
    "version must be '7.4' or later, with or without minor numbers, got '7.2'",
  ],
  [
    'a Valkey that is not known',
    () => ValkeyVersion.of('8.0', 'valkey:8.0'),
    "version must be '8.1' or later, with or without minor numbers, got '8.0'",
  ],
  [
    'a parameter of Redis that decides whom a replica follows',
    () => redis({ parameters: { replicaof: 'x 6379' } }),
    "parameters must not set 'replicaof', got 'x 6379': the ordinal decides whom a pod follows, and who may write",
  ],
  [
    'one of Valkey',
    () =>
      new Valkey(new Chart(new App(), 'chart'), 'sessions', {
        ...good,
        version: ValkeyVersion.V9,
        parameters: { appendonly: 'no' },
      }),
    "parameters must not set 'appendonly', got 'no': what is acknowledged is on the volume",
  ],
  [
    'more data than the volume takes',
    () => redis({ parameters: { maxmemory: '512mb' } }),
    "parameters must set 'maxmemory' to a size of at most 256mb, or not at all, got '512mb': more does not fit the memory, or 4 times on the volume",
  ],
  [
    'a user of Redis that is no plain name',
    () => redis({ user: 'my app' }),
    "user must be a plain name (letters, digits, '_', '-' and '.', at most 63 characters), got 'my app'",
  ],
  [
    "the superuser as Redis' application's",
    () => redis({ user: 'superuser' }),
    "user must not be 'superuser': the library uses that name itself",
  ],

  [
    'a MariaDB that is not known',
    () => MariaDbVersion.of('11.4', 'mariadb:11.4'),
    "version must be '11.8' or later, with or without minor numbers, got '11.4'",
  ],
  [
    'a parameter of MariaDB that decides who may write',
    () => mariaDb({ parameters: { read_only: '0' } }),
    "parameters must not set 'read_only', got '0': the ordinal decides whom a pod follows, and who may write",
  ],
  [
    'a log of MariaDB without a limit',
    () => mariaDb({ parameters: { max_binlog_total_size: '0' } }),
    "parameters must not set 'max_binlog_total_size', got '0': the log would fill the disk: give a size",
  ],

  [
    'a MySQL that is not known',
    () => MySqlVersion.of('8.0', 'mysql:8.0'),
    "version must be '8.4' or later, with or without minor numbers, got '8.0'",
  ],
  [
    'a parameter of MySQL that would lose what was acknowledged',
    () => mySql({ parameters: { sync_binlog: '0' } }),
    "parameters must not set 'sync_binlog', got '0': an acknowledged write must survive the node",
  ],
  [
    'more log than half of the volume',
    () => mySql({ maxLogSize: Size.mebibytes(513) }),
    "maxLogSize must be a whole number of mebibytes, from 64 to half of the volume's 1024, got 513 mebibytes",
  ],
  [
    'a user that MySQL cannot have',
    () => mySql({ user: 'a'.repeat(33) }),
    `user must have at most 32 characters, as MySQL's users do, got 33: '${'a'.repeat(33)}'`,
  ],

  [
    'an rclone that is not known',
    () => RcloneVersion.of('1.74', 'rclone/rclone:1.74'),
    "version must be '1.75' or later, with or without minor numbers, got '1.74'",
  ],
  [
    'files at a path that is none',
    () => files({ mountPath: 'data' }),
    "mountPath must be an absolute path without ':', below '/', got 'data'",
  ],
  [
    'a port of the replicas that needs root',
    () => files({ replicationPort: 22 }),
    'replicationPort must be a whole number from 1024 to 65535 (the server is not root), got 22',
  ],
  [
    'an application that is root',
    () => files({ container: { image: 'app:1', securityContext: { user: 0 } } }),
    'container.securityContext must not let the application be root, who can write on every replica: name another user',
  ],

  [
    'too little memory',
    () => construct({ resources: { memory: { limit: Size.mebibytes(127) } } }),
    'resources.memory must be at least 128 mebibytes, got 127 mebibytes',
  ],
  [
    'a name in the metadata',
    () => construct({ metadata: { name: 'a' } }),
    "metadata.name must not be given, got 'a': use the prop 'name'",
  ],
  [
    'a name of the pods',
    () => construct({ podMetadata: { name: 'a' } }),
    "podMetadata.name must not be given, got 'a': use the prop 'name'",
  ],
  [
    'a Secret that cannot be',
    () => Credentials.fromSecret('My_Secret'),
    "credentials must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got \"My_Secret\"",
  ],

  [
    'a port that needs root',
    () => construct({ port: 80 }),
    'port must be a whole number from 1024 to 65535 (the server is not root), got 80',
  ],
  [
    'a port that does not exist',
    () => construct({ port: 65536 }),
    'port must be a whole number from 1024 to 65535 (the server is not root), got 65536',
  ],
  [
    'too little time to stop',
    () => construct({ terminationGracePeriod: Duration.seconds(29) }),
    'terminationGracePeriod must be whole seconds, at least 30, got 29 seconds',
  ],
  [
    'half a second of lag',
    () => construct({ maxLag: Duration.millis(500) }),
    'maxLag must be whole seconds, at least 1, got 0.5 seconds',
  ],
  [
    'less time to start than one attempt of the probe',
    () => construct({ startupTimeout: Duration.seconds(9) }),
    'startupTimeout must be whole seconds, at least 10, got 9 seconds',
  ],

  ['an ordinal that is not there', () => construct().pod(3), 'ordinal must be a whole number from 0 to 2, got 3'],
  ['half an ordinal', () => construct().pod(0.5), 'ordinal must be a whole number from 0 to 2, got 0.5'],
])('refused: %s', (_, make, message) => {
  expect(refusalOf(make)).toBe(message);
});

describe('two systems in one namespace', () => {
  const app = (): { a: Chart; b: Chart; shop: Chart } => {
    const root = new App();
    return { a: new Chart(root, 'a'), b: new Chart(root, 'b'), shop: new Chart(root, 'c', { namespace: 'shop' }) };
  };

  test('cannot have the same name, in one chart or in two', () => {
    const { a, b, shop } = app();
    construct({}, 'orders', a);
    expect(refusalOf(() => construct({}, 'orders', b))).toBe(
      "name 'orders' collides with 'orders' in namespace '(default)': both would have objects named 'orders'; give one of them another 'name', or an Environment for each if they go to different clusters",
    );
    construct({}, 'orders', shop);
    expect(refusalOf(() => construct({ name: 'orders' }, 'other', shop))).toBe(
      "name 'orders' collides with 'orders' in namespace 'shop': both would have objects named 'orders'; give one of them another 'name', or an Environment for each if they go to different clusters",
    );
  });

  test('cannot have names that make the same objects', () => {
    const { a } = app();
    construct({}, 'a', a);
    expect(refusalOf(() => construct({}, 'a-primary', a))).toBe(
      "name 'a-primary' collides with 'a' in namespace '(default)': both would have objects named 'a-primary'; give one of them another 'name', or an Environment for each if they go to different clusters",
    );
    const { b } = app();
    construct({}, 'a-read', b);
    expect(() => construct({}, 'a', b)).toThrow("name 'a' collides with 'a-read'");
  });

  test('can have names that only begin alike; and in different namespaces, or apps, the same', () => {
    const { a, shop } = app();
    construct({}, 'a', a);
    construct({}, 'a-0', a);
    construct({}, 'ab', a);
    construct({}, 'a', shop);
    construct({ metadata: { namespace: 'other' } }, 'another', shop);
    construct({ metadata: { namespace: 'other' }, name: 'a' }, 'third', shop);
    expect(() => construct({}, 'a', app().a)).not.toThrow();
  });
});

describe('ports that collide', () => {
  test.each<[string, (set: Postgres) => unknown, string]>([
    [
      "a container's and the database's",
      (set) => set.addContainer({ name: 'web', image: 'web', portNumber: 5432 }),
      "port 5432/TCP of container 'web'",
    ],
    [
      "a native sidecar's",
      (set) =>
        set.addInitContainer({
          name: 'proxy',
          image: 'proxy',
          portNumber: 5432,
          restartPolicy: ContainerRestartPolicy.ALWAYS,
        }),
      'port 5432/TCP of container',
    ],
    [
      "two containers'",
      (set) => [80, 80].map((portNumber, i) => set.addContainer({ name: `web-${i}`, image: 'web', portNumber })),
      "port 80/TCP of container 'web-1' collides with container 'web-0' of the same pod: give one of them another port",
    ],
  ])('%s', (_, extend, message) => {
    const set = construct();
    extend(set);
    expect(() => App.of(set).synthYaml()).toThrow(message);
  });

  test('do not when they differ', () => {
    const set = construct({ port: 6000 });
    set.addContainer({ name: 'web', image: 'web', portNumber: 5432 });
    expect(App.of(set).synthYaml()).toContain('containerPort: 5432');
  });
});

describe('of an app with a mistake nothing is written', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk8s-stateful-'));
  afterAll(() => rmSync(outdir, { recursive: true }));

  interface Outcome {
    readonly status: number | string | null | undefined;
    readonly stderr: string;
    readonly written: string[];
  }

  function run(mistake: string): Promise<Outcome> {
    const out = join(outdir, mistake);
    const args = ['-r', 'ts-node/register', join(__dirname, 'fixtures', 'app.ts'), mistake];
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        args,
        { cwd: join(__dirname, '..'), env: { ...process.env, CDK8S_OUTDIR: out } },
        (error, _stdout, stderr) => {
          resolve({
            status: error === null ? 0 : error.code,
            stderr,
            written: existsSync(out) ? readdirSync(out) : [],
          });
        },
      );
    });
  }
  // All at once, as each takes its time to start.
  const outcomes = new Map<string, Promise<Outcome>>();
  beforeAll(() => ['none', 'name', 'parameter', 'port'].forEach((mistake) => outcomes.set(mistake, run(mistake))));

  test('but all of one without', async () => {
    expect(await outcomes.get('none')).toMatchObject({ status: 0, written: ['first.k8s.yaml', 'second.k8s.yaml'] });
  }, 60_000); // four times Node and ts-node start meanwhile, on a machine that runs the other tests too

  test.each([
    ['name', "name 'orders' collides with 'orders'"],
    ['parameter', "parameters must not set 'primary_conninfo'"],
    ['port', "port 5432/TCP of container 'web' collides with container 'postgres'"],
  ])('%s', async (mistake, message) => {
    const outcome = await outcomes.get(mistake);
    expect(outcome?.stderr).toContain(message);
    expect(outcome).toMatchObject({ status: 1, written: [] });
  });
});
