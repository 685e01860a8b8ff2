import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import {
  Backup,
  BackupStore,
  Credentials,
  RedisProps,
  PrimaryVolumeLoss,
  Redis,
  RedisVersion,
  Storage,
  Valkey,
  ValkeyVersion,
  VolumeRetention,
} from '../../../lib';

/** What both take. */
type Common = Omit<RedisProps, 'version'>;
import {
  configOf,
  containerOf,
  forReading,
  Manifest,
  podSpec,
  backupScriptsOf,
  scriptsOf,
  statefulSet,
  synthesize,
} from '../../manifests';
import { podSecurityViolations } from '../../../lib/changes/testing/pod-security';
import { refusalOf } from '../../refusal';

const minimal: Common = {
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(10) }),
  credentials: Credentials.fromSecret('sessions-credentials'),
};

// Required: a new prop must be added here, and so shows in the snapshot.
// Those of backups are in test/core/render/backups.test.ts.
const all: Required<Omit<RedisProps, 'backup' | 'restoreFrom'>> = {
  name: 'sessions',
  version: RedisVersion.of('8.2.1', 'registry.example.com/redis@sha256:0123'),
  replicas: 2,
  storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(20) }),
  credentials: Credentials.fromSecret('shop', {
    superuserPassword: 'admin',
    replicationPassword: 'replication',
    password: 'sessions',
  }),
  resources: { cpu: { request: Cpu.units(2) }, memory: { request: Size.gibibytes(4), limit: Size.gibibytes(8) } },
  syncResources: {
    cpu: { limit: Cpu.millis(100) },
    memory: { request: Size.mebibytes(40), limit: Size.mebibytes(256) },
  },
  metadata: { namespace: 'shop', labels: { team: 'sessions' }, annotations: { pager: 'sessions' } },
  podMetadata: { labels: { tier: 'data' }, annotations: { scrape: 'true' } },
  nodeSelector: { disk: 'fast' },
  priorityClassName: 'data',
  maxLag: Duration.seconds(10),
  onPrimaryVolumeLoss: PrimaryVolumeLoss.STOP,
  terminationGracePeriod: Duration.minutes(2),
  startupTimeout: Duration.minutes(1),
  volumesWhenDeleted: VolumeRetention.DELETE,
  volumesWhenScaled: VolumeRetention.DELETE,
  parameters: { maxmemory: '4gb', 'maxmemory-policy': 'allkeys-lru' },
  mayLoseLastSecond: true,
  user: 'shop_app',
  port: 7379,
};

test.each([
  ['minimal props', { ...minimal, version: RedisVersion.V8 }],
  ['all props', all],
])('Redis with %s', (_, props) => {
  const manifests = synthesize((scope) => new Redis(scope, 'sessions', props));
  expect(forReading(manifests)).toMatchSnapshot();
  expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
});

test('Valkey is Redis by another name', () => {
  const redis = synthesize(
    (scope) => new Redis(scope, 'sessions', { ...minimal, version: RedisVersion.of('9', 'mirror/redis:9') }),
  );
  const valkey = synthesize(
    (scope) => new Valkey(scope, 'sessions', { ...minimal, version: ValkeyVersion.of('9', 'mirror/valkey:9') }),
  );
  expect(forReading(valkey)).toEqual(JSON.parse(JSON.stringify(forReading(redis)).replaceAll('redis', 'valkey')));
});

test('with backups it has scripts of its own for them, and functions instead of those of a set without', () => {
  const backup = Backup.to(
    BackupStore.s3({ bucket: 'backups', endpoint: 'https://s3.example.com', secretName: 'backup-store' }),
  );
  const manifests = synthesize(
    (scope) => new Redis(scope, 'sessions', { version: RedisVersion.V8, ...minimal, backup }),
  );
  const more = [
    'engine-backup.sh',
    'engine-restore.sh',
    'engine_reconcile.sh',
    'engine_run.sh',
    'log-branch.sh',
    'log-fetch.sh',
    'log-parts.sh',
    'log-scan.pl',
    'log-ship.sh',
    'offline-server.sh',
    'server_conf.sh',
  ];
  expect(Object.keys(backupScriptsOf(manifests).data ?? {})).toEqual(expect.arrayContaining(more));
  const without = synthesize((scope) => new Redis(scope, 'sessions', { version: RedisVersion.V8, ...minimal }));
  expect(Object.keys(scriptsOf(without).data ?? {}).filter((file) => more.includes(file))).toEqual([]);
  const scripts = scriptsOf(manifests).data ?? {};
  expect(scripts['engine.sh']).toMatch(
    /base_server_conf\(\)[^]*base_engine_run\(\)|base_engine_run\(\)[^]*base_server_conf\(\)/,
  );
  expect(scripts['engine-sync.sh']).toContain('base_engine_reconcile()');
  expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
});

interface System {
  readonly program: string;
  readonly image: string;
  readonly version: string;
  readonly make: (scope: Construct, props: Common) => Redis | Valkey;
}
const systems: System[] = [
  {
    program: 'redis',
    image: 'redis:8',
    version: '8',
    make: (scope, props) => new Redis(scope, props.name ?? 'sessions', { version: RedisVersion.V8, ...props }),
  },
  {
    program: 'valkey',
    image: 'valkey/valkey:9',
    version: '9',
    make: (scope, props) => new Valkey(scope, props.name ?? 'sessions', { version: ValkeyVersion.V9, ...props }),
  },
];

describe.each(systems)('$program', ({ program, image, version, make }) => {
  const synth = (props: Partial<Common> = {}): Manifest[] =>
    synthesize((scope) => make(scope, { ...minimal, ...props }));
  const conf = (props: Partial<Common> = {}): string => configOf(synth(props))[`${program}.conf`];

  test('what applications need of it', () => {
    const built: (Redis | Valkey)[] = [];
    synthesize((scope) =>
      built.push(
        make(scope, minimal),
        make(scope, { ...minimal, name: 'other', replicas: 1, user: 'default', port: 7000 }),
      ),
    );
    expect(built.map(({ user, replicas, primary }) => ({ user, replicas, address: primary.address }))).toEqual([
      { user: 'app', replicas: 3, address: 'sessions-primary:6379' },
      { user: 'default', replicas: 1, address: 'other-primary:7000' },
    ]);
  });

  test('every container runs the image of the version, and the labels say which', () => {
    const { containers, initContainers = [] } = podSpec(synth());
    expect([...initContainers, ...containers].map((container) => container.image)).toEqual([image, image, image]);
    expect(statefulSet(synth()).metadata.labels).toMatchObject({
      'app.kubernetes.io/version': version,
      'app.kubernetes.io/name': program,
    });
  });

  test('the port is everywhere the same', () => {
    const manifests = synth({ port: 7000 });
    const server = containerOf(manifests, program);
    expect(server.ports).toEqual([{ containerPort: 7000, name: program }]);
    expect(server.livenessProbe?.tcpSocket).toEqual({ port: 7000 });
    expect(JSON.stringify(manifests)).not.toMatch(/\b6379\b/); // the scripts, and so the other probes, have it from settings.sh
    expect(manifests.flatMap(({ kind, spec }) => (kind === 'Service' ? [spec] : []))).toMatchObject(
      Array(3).fill({ ports: [{ port: 7000 }] }),
    );
    expect(configOf(manifests)['settings.sh']).toMatch(/^port=7000$/m);
    expect(conf({ port: 7000 })).toMatch(/^port 7000$/m);
  });

  test('the scripts know its programs and users', () => {
    const settings = configOf(synth({ user: 'shop' }))['settings.sh'].split('\n');
    expect(settings).toEqual(
      expect.arrayContaining([
        `program=${program}`,
        'user=shop',
        'replication_user=replicator',
        'volume=/data',
        'append_fsync=always',
        'unflushed=0',
        'max_memory=410mb',
      ]),
    );
    expect(
      configOf(synth({ mayLoseLastSecond: true, parameters: { maxmemory: '100mb' } }))['settings.sh'].split('\n'),
    ).toEqual(expect.arrayContaining(['append_fsync=everysec', 'unflushed=5', 'max_memory=100mb']));
  });

  test('own parameters replace the defaults', () => {
    const given = conf({ parameters: { maxmemory: '100mb', timeout: '30' } });
    expect(given.match(/^maxmemory .*$/gm)).toEqual(['maxmemory 100mb']);
    expect(given).toMatch(/^timeout 30$/m);
    expect(conf()).not.toMatch(/^timeout /m);
  });

  test.each<[string, Partial<Common>, string]>([
    ['by default', {}, '410mb'],
    ['by the limit', { resources: { memory: { request: Size.gibibytes(1), limit: Size.gibibytes(2) } } }, '819mb'],
    ['by the request where there is no limit', { resources: { memory: { request: Size.gibibytes(2) } } }, '819mb'],
    [
      'of a volume that is small',
      { storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(1) }) },
      '256mb',
    ],
    ['of an emptyDir with a limit', { storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(1) }) }, '256mb'],
    ['of an emptyDir without', { storage: Storage.ephemeral() }, '410mb'],
  ])('sizes follow memory and volume: %s', (_, props, maxmemory) => {
    expect(conf(props)).toMatch(new RegExp(`^maxmemory ${maxmemory}$`, 'm'));
  });

  test('passwords are mounted under the names that the scripts know, and stand nowhere', () => {
    const manifests = synth({ credentials: all.credentials });
    expect(podSpec(manifests).volumes?.find(({ name }) => name === 'credentials')?.secret?.items).toEqual([
      { key: 'admin', path: 'superuser-password' },
      { key: 'replication', path: 'replication-password' },
      { key: 'sessions', path: 'password' },
    ]);
    expect(conf()).not.toMatch(/^(requirepass|masterauth|primaryauth|user|aclfile) /m);
  });

  test.each(['app', 'default', '_', '0', 'a.b-c_D', 'follower', 'stateful2', 'a'.repeat(63)])(
    "%s may be the application's user",
    (user) => {
      expect(() => synth({ user })).not.toThrow();
    },
  );

  test.each(['', '-a', '.a', 'a b', 'ä', 'a\n', 'a$', 'a'.repeat(64)])('%j is no plain name of a user', (user) => {
    expect(refusalOf(() => synth({ user }))).toBe(
      `user must be a plain name (letters, digits, '_', '-' and '.', at most 63 characters), got '${user}'`,
    );
  });

  test.each(['superuser', 'stateful', 'replicator', 'follower-', 'follower-7f'])(
    "%s is the library's own user",
    (user) => {
      expect(refusalOf(() => synth({ user }))).toBe(`user must not be '${user}': the library uses that name itself`);
    },
  );
});

describe('versions', () => {
  test.each([
    [RedisVersion.V8, '8', 'redis:8'],
    [RedisVersion.of('8.2.1', 'redis:8.2.1-bookworm'), '8.2.1', 'redis:8.2.1-bookworm'],
    [RedisVersion.of('10', 'mirror.example.com/redis@sha256:0123'), '10', 'mirror.example.com/redis@sha256:0123'],
    [RedisVersion.of('7.4', 'redis:7.4'), '7.4', 'redis:7.4'],
    [ValkeyVersion.V9, '9', 'valkey/valkey:9'],
    [ValkeyVersion.of('8.1', 'valkey/valkey:8.1'), '8.1', 'valkey/valkey:8.1'],
    [ValkeyVersion.of('9.0.4', 'valkey/valkey:9.0.4'), '9.0.4', 'valkey/valkey:9.0.4'],
  ])('%o', (version, text, image) => {
    expect({ ...version }).toEqual({ version: text, image });
  });

  test('Redis from 7.4 on, Valkey from 8.1 on', () => {
    expect(refusalOf(() => RedisVersion.of('7.2', 'redis:7.2'))).toBe(
      "version must be '7.4' or later, with or without minor numbers, got '7.2'",
    );
    expect(refusalOf(() => ValkeyVersion.of('8.0', 'valkey/valkey:8.0'))).toBe(
      "version must be '8.1' or later, with or without minor numbers, got '8.0'",
    );
  });

  test('an image is a reference', () => {
    expect(refusalOf(() => RedisVersion.of('8', ''))).toBe("image must be a reference without blanks, got ''");
    expect(refusalOf(() => ValkeyVersion.of('9', 'valkey 9'))).toBe(
      "image must be a reference without blanks, got 'valkey 9'",
    );
  });
});
