import { App, Chart, Duration, Size } from 'cdk8s';
import { Capability, ContainerProps, ContainerSecurityContextProps, Cpu, Probe } from 'cdk8s-plus-28';
import {
  Backup,
  BackupStore,
  Credentials,
  PrimaryVolumeLoss,
  RcloneVersion,
  ReplicatedFiles,
  ReplicatedFilesProps,
  Storage,
  VolumeRetention,
} from '../../../lib';
import { configOf, containerOf, forReading, Manifest, podSpec, statefulSet, synthesize } from '../../manifests';
import { podSecurityViolations } from '../../../lib/changes/testing/pod-security';
import { refusalOf } from '../../refusal';

const application: ContainerProps = { image: 'registry.example.com/documents:2', portNumber: 8080 };
const minimal: ReplicatedFilesProps = {
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(10) }),
  credentials: Credentials.fromSecret('files-credentials'),
  container: application,
};

// Required: a new prop must be added here, and so shows in the snapshot.
// Those of backups are in test/core/render/backups.test.ts.
const all: Required<Omit<ReplicatedFilesProps, 'backup' | 'restoreFrom'>> = {
  name: 'documents',
  rclone: RcloneVersion.of('1.75.1', 'registry.example.com/rclone@sha256:0123'),
  image: 'registry.example.com/debian@sha256:4567',
  replicas: 2,
  storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(20) }),
  credentials: Credentials.fromSecret('shop', { replicationPassword: 'replication' }),
  container: {
    ...application,
    name: 'documents',
    securityContext: {
      user: 1234,
      group: 1234,
      readOnlyRootFilesystem: false,
      capabilities: { add: [Capability.NET_BIND_SERVICE] },
    },
    startup: Probe.fromHttpGet('/health', { port: 8080 }),
    resources: {
      cpu: { request: Cpu.millis(100) },
      memory: { request: Size.mebibytes(64), limit: Size.mebibytes(64) },
    },
  },
  mountPath: '/srv/documents',
  replicationPort: 2222,
  resources: { cpu: { request: Cpu.units(2) }, memory: { request: Size.gibibytes(4), limit: Size.gibibytes(8) } },
  syncResources: {
    cpu: { limit: Cpu.millis(100) },
    memory: { request: Size.mebibytes(40), limit: Size.mebibytes(256) },
  },
  metadata: { namespace: 'shop', labels: { team: 'documents' }, annotations: { pager: 'documents' } },
  podMetadata: { labels: { tier: 'data' }, annotations: { scrape: 'true' } },
  nodeSelector: { disk: 'fast' },
  priorityClassName: 'data',
  maxLag: Duration.seconds(10),
  onPrimaryVolumeLoss: PrimaryVolumeLoss.STOP,
  terminationGracePeriod: Duration.minutes(2),
  startupTimeout: Duration.minutes(1),
  volumesWhenDeleted: VolumeRetention.DELETE,
  volumesWhenScaled: VolumeRetention.DELETE,
};

const synth = (props: Partial<ReplicatedFilesProps> = {}): Manifest[] =>
  synthesize((scope) => new ReplicatedFiles(scope, 'files', { ...minimal, ...props }));
const withContainer = (container: Partial<ContainerProps>): Manifest[] =>
  synth({ container: { ...application, ...container } });
const withSecurity = (securityContext: ContainerSecurityContextProps): Manifest[] => withContainer({ securityContext });

test.each([
  ['minimal props', minimal],
  ['all props', all],
])('ReplicatedFiles with %s', (_, props) => {
  const manifests = synthesize((scope) => new ReplicatedFiles(scope, 'files', props));
  expect(forReading(manifests)).toMatchSnapshot();
  expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
});

test('the output is byte by byte the same when it is made again', () => {
  const yaml = (): string => {
    const app = new App();
    new ReplicatedFiles(new Chart(app, 'chart'), 'files', all);
    return app.synthYaml();
  };
  expect(yaml()).toBe(yaml());
});

describe('rclone', () => {
  test("its program is brought to the containers that have bash: all but the application's", () => {
    const { containers, initContainers = [], volumes } = podSpec(synth());
    expect([...initContainers, ...containers].map(({ name, image }) => [name, image])).toEqual([
      ['rclone-program', 'rclone/rclone:1'],
      ['prepare', 'debian:13-slim'],
      ['rclone', 'debian:13-slim'],
      ['sync', 'debian:13-slim'],
      ['application', application.image],
    ]);
    expect(initContainers[0].command).toEqual(['cp', '/usr/local/bin/rclone', '/opt/rclone/rclone']);
    expect(volumes).toContainEqual({ name: 'rclone-program', emptyDir: {} });
    const mounts = [...initContainers, ...containers].map(({ name, volumeMounts }) => [
      name,
      volumeMounts?.filter(({ mountPath }) => mountPath === '/opt/rclone').map(({ readOnly }) => readOnly ?? false),
    ]);
    expect(mounts).toEqual([
      ['rclone-program', [false]],
      ['prepare', [true]],
      ['rclone', [true]],
      ['sync', [true]],
      ['application', []],
    ]);
    expect(statefulSet(synth()).metadata.labels).toMatchObject({
      'app.kubernetes.io/version': '1',
      'app.kubernetes.io/name': 'rclone',
    });
  });

  test('another image with bash may be named', () => {
    expect(containerOf(synth({ image: 'registry.example.com/debian:13@sha256:0123' }), 'sync').image).toBe(
      'registry.example.com/debian:13@sha256:0123',
    );
    expect(refusalOf(() => synth({ image: 'Debian 13' }))).toBe(
      "image must be a reference in lower case without blanks, as 'debian:13-slim' or a mirror of it, got 'Debian 13'",
    );
  });

  test.each([
    [RcloneVersion.V1, '1', 'rclone/rclone:1'],
    [RcloneVersion.of('1.75.1', 'rclone/rclone:1.75.1'), '1.75.1', 'rclone/rclone:1.75.1'],
    [RcloneVersion.of('2', 'mirror.example.com/rclone@sha256:0123'), '2', 'mirror.example.com/rclone@sha256:0123'],
  ])('%o', (version, text, image) => {
    expect({ ...version }).toEqual({ version: text, image });
  });

  test.each(['1.74', '1.74.3', '0.99', '', '1.', 'latest', '1.75.1.1'])(
    'from 1.75 on, with or without minor numbers: not %j',
    (version) => {
      expect(refusalOf(() => RcloneVersion.of(version, 'rclone:1'))).toBe(
        `version must be '1.75' or later, with or without minor numbers, got '${version}'`,
      );
    },
  );
});

describe('ports', () => {
  const servicePorts = (manifests: Manifest[]): unknown[] =>
    manifests.flatMap(({ kind, spec }) =>
      kind === 'Service' ? (spec as { ports: { port: number }[] }).ports.map(({ port }) => port) : [],
    );

  test.each<[string, ContainerProps, number]>([
    ['portNumber', { image: 'a', portNumber: 3000 }, 3000],
    [
      'the first of ports',
      {
        image: 'a',
        ports: [
          { number: 3001, name: 'a' },
          { number: 3002, name: 'b' },
        ],
      },
      3001,
    ],
    ['none, which leaves that of the replicas', { image: 'a' }, 8022],
  ])("clients connect to the application's: %s", (_, container, port) => {
    const built: ReplicatedFiles[] = [];
    const manifests = synthesize((scope) => built.push(new ReplicatedFiles(scope, 'files', { ...minimal, container })));
    expect(servicePorts(manifests)).toEqual([port, port, port]);
    const [set] = built;
    const { primary, read } = set;
    expect([primary.address, read.address, set.pod(2).address, ...read.replicas.map(({ address }) => address)]).toEqual(
      [
        `files-primary:${port}`,
        `files-read:${port}`,
        `files-2.files:${port}`,
        `files-1.files:${port}`,
        `files-2.files:${port}`,
      ],
    );
  });

  test("replicas to rclone's", () => {
    const manifests = synth({ replicationPort: 2222 });
    const server = containerOf(manifests, 'rclone');
    expect(server.ports).toEqual([{ containerPort: 2222, name: 'rclone' }]);
    expect(server.livenessProbe?.tcpSocket).toEqual({ port: 2222 });
    expect(configOf(manifests)['settings.sh']).toMatch(/^port=2222$/m);
    expect(JSON.stringify(manifests)).not.toMatch(/\b8022\b/);
  });

  test.each([80, 1023, 65536, 1.5, Number.NaN])('%d is none for rclone', (replicationPort) => {
    expect(refusalOf(() => synth({ replicationPort }))).toBe(
      `replicationPort must be a whole number from 1024 to 65535 (the server is not root), got ${replicationPort}`,
    );
  });

  test.each([
    ["the replicas'", { portNumber: 8022 }],
    ['with another replicationPort', { portNumber: 2222 }],
  ])('the application cannot have %s', (_, { portNumber }) => {
    const app = new App();
    const replicationPort = portNumber;
    new ReplicatedFiles(new Chart(app, 'chart'), 'files', {
      ...minimal,
      replicationPort,
      container: { ...application, portNumber },
    });
    expect(() => app.synthYaml()).toThrow(
      `port ${portNumber}/TCP of container 'application' collides with container 'rclone' of the same pod: give one of them another port`,
    );
  });
});

describe('the application', () => {
  test('sees the files, and nothing else of the volume', () => {
    const mounts = containerOf(synth(), 'application').volumeMounts;
    expect(mounts).toEqual([{ mountPath: '/data', name: 'data', subPath: 'current/files' }]);
    const elsewhere = containerOf(synth({ mountPath: '/srv/www' }), 'application').volumeMounts;
    expect(elsewhere).toEqual([{ mountPath: '/srv/www', name: 'data', subPath: 'current/files' }]);
    const server = containerOf(synth(), 'rclone').volumeMounts?.find(({ name }) => name === 'data');
    expect(server).toEqual({ mountPath: '/var/lib/files', name: 'data' });
  });

  test.each(['data', '', '/', './data', '/a:b'])('%j is no place for them', (mountPath) => {
    expect(refusalOf(() => synth({ mountPath }))).toBe(
      `mountPath must be an absolute path without ':', below '/', got '${mountPath}'`,
    );
  });

  test('keeps what its author says of it', () => {
    const liveness = Probe.fromTcpSocket({ port: 8080 });
    const { image, command, args, livenessProbe, name } = containerOf(
      withContainer({ name: 'web', command: ['serve'], args: ['/data'], liveness }),
      'web',
    );
    expect({ image, command, args, name }).toEqual({
      image: application.image,
      command: ['serve'],
      args: ['/data'],
      name: 'web',
    });
    expect(livenessProbe?.tcpSocket).toEqual({ port: 8080 });
  });

  test('can be added to', () => {
    const manifests = synthesize((scope) => {
      const { application: container } = new ReplicatedFiles(scope, 'files', minimal);
      container.env.addVariable('A', { value: '1' });
    });
    expect(containerOf(manifests, 'application').env).toEqual([{ name: 'A', value: '1' }]);
  });

  test('may take its time to start, and is asked each second whether it listens', () => {
    const { startupProbe } = containerOf(synth(), 'application');
    expect(startupProbe).toEqual({ tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 600 });
    expect(containerOf(synth({ container: { image: 'a' } }), 'application').startupProbe).toBeUndefined();
    expect(
      containerOf(withContainer({ startup: Probe.fromHttpGet('/health', { port: 8080 }) }), 'application').startupProbe
        ?.httpGet,
    ).toMatchObject({ path: '/health' });
  });

  describe('is a user who owns nothing on a replica', () => {
    const safe = {
      runAsUser: 1000,
      runAsGroup: 999,
      runAsNonRoot: true,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    };

    test('by default', () => {
      expect(containerOf(synth(), 'application').securityContext).toEqual(safe);
      expect(podSpec(synth()).securityContext).toMatchObject({ runAsUser: 999, runAsGroup: 999, fsGroup: 999 });
    });

    test.each<[string, ContainerSecurityContextProps, object]>([
      ['another user and group', { user: 65534, group: 65534 }, { runAsUser: 65534, runAsGroup: 65534 }],
      ["a user that is left open, as it would be the pod's", { user: undefined, group: undefined }, {}],
      ['a root file system that it may write to', { readOnlyRootFilesystem: false }, { readOnlyRootFilesystem: false }],
      [
        'a port below 1024',
        { capabilities: { add: [Capability.NET_BIND_SERVICE] } },
        { capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] } },
      ],
      ['capabilities that are left open', { capabilities: { drop: [] } }, {}],
    ])('with %s', (_, given, expected) => {
      const manifests = withSecurity(given);
      expect(containerOf(manifests, 'application').securityContext).toEqual({ ...safe, ...expected });
      expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
    });

    const root =
      'container.securityContext must not let the application be root, who can write on every replica: name another user';
    const privileges =
      'container.securityContext must not be privileged or allow to become so: the application could write on every replica';
    test.each<[string, ContainerSecurityContextProps, string]>([
      ['root', { user: 0 }, root],
      ['perhaps root', { user: 1000, ensureNonRoot: false }, root],
      [
        'the user of the files',
        { user: 999 },
        'container.securityContext.user must not be 999: the files of a replica belong to it, so the application could write there; name another',
      ],
      ['privileged', { privileged: true }, privileges],
      ['one that can become another', { allowPrivilegeEscalation: true }, privileges],
      [
        'one with capabilities',
        { capabilities: { add: [Capability.DAC_OVERRIDE, Capability.NET_BIND_SERVICE, Capability.CHOWN] } },
        "container.securityContext.capabilities may add NET_BIND_SERVICE only, got 'DAC_OVERRIDE', 'CHOWN': others let the application write on every replica",
      ],
    ])('and not %s', (_, given, message) => {
      expect(refusalOf(() => withSecurity(given))).toBe(message);
    });
  });
});

test('without volumes the files are in an emptyDir', () => {
  const manifests = synth({ storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(1) }) });
  expect(podSpec(manifests).volumes).toContainEqual({ name: 'data', emptyDir: { medium: '', sizeLimit: '1024Mi' } });
  expect(statefulSet(manifests).spec.volumeClaimTemplates).toBeUndefined();
  expect(containerOf(manifests, 'application').volumeMounts).toEqual([
    { mountPath: '/data', name: 'data', subPath: 'current/files' },
  ]);
});

test('one password is all it needs, and stands nowhere', () => {
  const manifests = synth({ credentials: all.credentials });
  expect(podSpec(manifests).volumes?.find(({ name }) => name === 'credentials')?.secret?.items).toEqual([
    { key: 'replication', path: 'replication-password' },
  ]);
  expect(containerOf(manifests, 'application').volumeMounts?.filter(({ name }) => name === 'credentials')).toEqual([]);
});

test('with backups the sidecar that sends the log keeps there what the store has not; the application has no keys', () => {
  const store = BackupStore.s3({ bucket: 'backups', region: 'eu-1', secretName: 'backup-store' });
  const set: ReplicatedFilesProps = { ...minimal, backup: Backup.to(store) };
  const manifests = synthesize((scope) => new ReplicatedFiles(scope, 'documents', set));
  const mounts = (container: string): string[] =>
    (containerOf(manifests, container).volumeMounts ?? []).map(
      ({ name, mountPath, readOnly }) => `${name} ${mountPath}${readOnly === true ? ' to read' : ''}`,
    );
  expect(mounts('ship')).toContain('data /var/lib/files');
  expect(mounts('ship')).toContain('backup /run/secrets/backup to read');
  expect(mounts('application')).toEqual(['data /data']);
  expect(mounts('rclone').filter((mount) => mount.includes('/run/secrets/backup'))).toEqual([]);
  expect(manifests.flatMap((manifest) => podSecurityViolations(manifest))).toEqual([]);
});
