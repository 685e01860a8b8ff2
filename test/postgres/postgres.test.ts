import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import { Credentials, LostPrimary, Postgres, PostgresProps, PostgresVersion, Storage, VolumeRetention } from '../../lib';
import { configOf, containerOf, forReading, Manifest, only, podSpec, statefulSet, synthesize } from '../manifests';
import { podSecurityViolations } from '../../lib/testing/pod-security';

const minimal: PostgresProps = {
  version: PostgresVersion.V17,
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
  credentials: Credentials.fromSecret('orders-credentials'),
};

// Required: a new prop must be added here, and so shows in the snapshot.
const all: Required<PostgresProps> = {
  name: 'orders',
  version: PostgresVersion.of('18.6', 'registry.example.com/postgres@sha256:0123'),
  replicas: 2,
  storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(20) }),
  credentials: Credentials.fromSecret('shop', { superuserPassword: 'admin', replicationPassword: 'replication', password: 'orders' }),
  resources: { cpu: { request: Cpu.units(2) }, memory: { request: Size.gibibytes(4), limit: Size.gibibytes(8) } },
  metadata: { namespace: 'shop', labels: { team: 'orders' }, annotations: { pager: 'orders' } },
  podMetadata: { labels: { tier: 'data' }, annotations: { scrape: 'true' } },
  nodeSelector: { disk: 'fast' },
  priorityClassName: 'data',
  maxLag: Duration.seconds(10),
  lostPrimary: LostPrimary.STOP,
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
};

function synth(props: Partial<PostgresProps> = {}): Manifest[] {
  return synthesize((scope) => new Postgres(scope, 'orders', { ...minimal, ...props }));
}

test.each([['minimal props', minimal], ['all props', all]])('%s', (_, props) => {
  const manifests = synthesize((scope) => new Postgres(scope, 'orders', props));
  expect(forReading(manifests)).toMatchSnapshot();
  expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
});

test('what applications need of it', () => {
  const built: Postgres[] = [];
  synthesize((scope) => built.push(new Postgres(scope, 'orders', minimal), new Postgres(scope, 'other', { ...all, name: 'other' })));
  expect(built.map(({ database, user, replicas, primary }) => ({ database, user, replicas, address: primary.address }))).toEqual([
    { database: 'app', user: 'app', replicas: 3, address: 'orders-primary:5432' },
    { database: 'orders', user: 'orders_app', replicas: 2, address: 'other-primary.shop.svc:6432' },
  ]);
});

test('every container runs the image of the version, and the labels say which', () => {
  const manifests = synth({ version: PostgresVersion.of('18.6', 'mirror/postgres:18.6') });
  const { containers, initContainers = [] } = podSpec(manifests);
  expect([...initContainers, ...containers].map(({ image }) => image)).toEqual(['mirror/postgres:18.6', 'mirror/postgres:18.6', 'mirror/postgres:18.6']);
  expect(statefulSet(manifests).metadata.labels).toMatchObject({ 'app.kubernetes.io/version': '18.6', 'app.kubernetes.io/name': 'postgres' });
});

test('the port is everywhere the same', () => {
  const manifests = synth({ port: 6000 });
  const server = containerOf(manifests, 'postgres');
  expect(server.ports).toEqual([{ containerPort: 6000, name: 'postgres' }]);
  expect(server.livenessProbe?.tcpSocket).toEqual({ port: 6000 });
  expect(JSON.stringify(manifests)).not.toMatch(/\b5432\b/); // the scripts, and so the other probes, have it from settings.sh
  expect(manifests.flatMap(({ kind, spec }) => (kind === 'Service' ? [spec] : []))).toMatchObject(Array(3).fill({ ports: [{ port: 6000 }] }));
  expect(configOf(manifests)['settings.sh']).toMatch(/^port=6000$/m);
  expect(configOf(manifests)['postgresql.conf']).toMatch(/^port = 6000$/m);
});

test('own parameters replace the defaults', () => {
  const conf = configOf(synth({ parameters: { shared_buffers: '1GB', search_path: 'shop, public' } }))['postgresql.conf'];
  expect(conf.match(/^shared_buffers = .*$/gm)).toEqual(['shared_buffers = 1GB']);
  expect(conf).toMatch(/^search_path = 'shop, public'$/m);
});

describe('sizes follow memory and volume', () => {
  const sizes = (props: Partial<PostgresProps>): (string | undefined)[] => {
    const manifests = synth(props);
    const conf = configOf(manifests)['postgresql.conf'];
    const sizeLimit = podSpec(manifests).volumes?.find(({ name }) => name === 'shm')?.emptyDir?.sizeLimit;
    return [/^shared_buffers = (.*)$/m.exec(conf)?.[1], /^max_slot_wal_keep_size = (.*)$/m.exec(conf)?.[1], sizeLimit as string | undefined];
  };

  test.each<[string, Partial<PostgresProps>, string[]]>([
    ['by default', {}, ['256MB', '20480MB', '256Mi']],
    ['by the limit', { resources: { memory: { request: Size.gibibytes(2), limit: Size.gibibytes(8) } } }, ['2048MB', '20480MB', '2048Mi']],
    ['by the request where there is no limit', { resources: { memory: { request: Size.gibibytes(2) } } }, ['512MB', '20480MB', '512Mi']],
    ['without either', { resources: {} }, ['256MB', '20480MB', '256Mi']],
    ['of an emptyDir with a limit', { storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(1) }) }, ['256MB', '205MB', '256Mi']],
    ['of an emptyDir without', { storage: Storage.ephemeral() }, ['256MB', '2048MB', '256Mi']],
  ])('%s', (_, props, expected) => {
    expect(sizes(props)).toEqual(expected);
  });
});

test('passwords are mounted under the names that the scripts know', () => {
  const { volumes } = podSpec(synth({ credentials: all.credentials }));
  expect(volumes?.find(({ name }) => name === 'credentials')?.secret).toEqual({
    secretName: 'shop',
    defaultMode: 0o444,
    items: [
      { key: 'admin', path: 'superuser-password' }, { key: 'orders', path: 'password' }, { key: 'replication', path: 'replication-password' },
    ],
  });
});

describe('init scripts', () => {
  test('come after the roles, in a ConfigMap that only prepare mounts', () => {
    const manifests = synth({ initScripts: { 'b.sql': 'SELECT 2;\n', 'a.sh': 'true\n' } });
    expect(Object.keys(only(manifests, 'ConfigMap', 'orders-init').data ?? {}).sort()).toEqual(['000-roles.sh', 'a.sh', 'b.sql']);
    const mounting = ['prepare', 'postgres', 'sync'].filter((name) => containerOf(manifests, name).volumeMounts?.some((mount) => mount.name === 'init'));
    expect(mounting).toEqual(['prepare']);
  });

  test('arguments of initdb are appended to data checksums', () => {
    expect(containerOf(synth({ initdbArguments: ['--locale=C', '-k'] }), 'prepare').env).toContainEqual({ name: 'POSTGRES_INITDB_ARGS', value: '--data-checksums --locale=C -k' });
  });
});

test('every client gives a password, replicas too', () => {
  const rules = configOf(synth())['pg_hba.conf'].split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/ +/));
  const network = rules.filter(([type]) => type !== 'local');
  expect(network.map((rule) => rule.at(-1))).toEqual(network.map(() => 'scram-sha-256'));
  expect(network.map(([, database]) => database)).toEqual(['all', 'replication']);
});
