import { Duration, Size } from 'cdk8s';
import { Cpu, EmptyDirMedium, EnvValue } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import {
  AccessMode,
  EngineConfig,
  PrimaryVolumeLoss,
  ReplicatedStatefulSet,
  ReplicatedStatefulSetProps,
  Storage,
  VolumeRetention,
} from '../../lib';
import { sharedScripts } from '../../lib/core/script-files';
import {
  configHash,
  configOf,
  containerOf,
  forReading,
  Manifest,
  only,
  podSpec,
  scriptsOf,
  statefulSet,
  synthesize,
  title,
} from '../manifests';
import { engineOf, stubConfig, stubProps } from '../stub-engine';

function synth(props: Partial<ReplicatedStatefulSetProps> = {}, id = 'orders'): Manifest[] {
  return synthesize((scope) => new ReplicatedStatefulSet(scope, id, { ...stubProps, ...props }));
}

/** A chart with one set, of which only the endpoints matter. */
function build(props: Partial<ReplicatedStatefulSetProps> = {}, namespace?: string): ReplicatedStatefulSet {
  const built: ReplicatedStatefulSet[] = [];
  synthesize((scope) => built.push(new ReplicatedStatefulSet(scope, 'orders', { ...stubProps, ...props })), {
    namespace,
  });
  return built[0];
}

test('minimal props', () => {
  expect(forReading(synth())).toMatchSnapshot();
});

test('what a pod mounts and what finds it comes before the pod', () => {
  const manifests = synth();
  expect(manifests.map(title)).toEqual([
    title(scriptsOf(manifests)),
    'ConfigMap orders-config',
    'Service orders',
    'Service orders-primary',
    'Service orders-read',
    'PodDisruptionBudget orders',
    'StatefulSet orders',
  ]);
});

describe('endpoints', () => {
  test.each([
    [undefined, ''],
    ['shop', '.shop.svc'],
  ])('in namespace %s', (namespace, end) => {
    const set = build({ replicas: 3 }, namespace);
    const at = (host: string): object => ({ host: `${host}${end}`, port: 7000, address: `${host}${end}:7000` });
    expect(set.primary).toEqual(at('orders-primary'));
    expect(set.read).toEqual({ ...at('orders-read'), replicas: [at('orders-1.orders'), at('orders-2.orders')] });
    expect([0, 1, 2].map((ordinal) => set.pod(ordinal))).toEqual(
      ['orders-0.orders', 'orders-1.orders', 'orders-2.orders'].map(at),
    );
  });

  test("the set's own namespace is nearer than the chart's, and everything is in it", () => {
    const metadata = { namespace: 'shop' };
    expect(build({ metadata }, 'chart').primary.host).toBe('orders-primary.shop.svc');
    const manifests = synthesize((scope) => new ReplicatedStatefulSet(scope, 'orders', { ...stubProps, metadata }), {
      namespace: 'chart',
    });
    expect(manifests.map((manifest) => manifest.metadata.namespace)).toEqual(manifests.map(() => 'shop'));
  });

  test('follow the name and the port', () => {
    const set = build({ name: 'other', engine: engineOf({ ...stubConfig, port: 7001 }) });
    expect(set.pod(1).address).toBe('other-1.other:7001');
    expect(set.read.address).toBe('other-read:7001');
  });

  test('a single pod has no replicas to read from, and no disruption budget', () => {
    expect(build({ replicas: 1 }).read.replicas).toEqual([]);
    expect(synth({ replicas: 1 }).map(title)).not.toContain('PodDisruptionBudget orders');
  });
});

test('moving the construct in the tree changes no byte', () => {
  const deep = synthesize((scope) => {
    const place = new Construct(new Construct(scope, 'team'), 'databases');
    new ReplicatedStatefulSet(place, 'orders', stubProps);
  });
  expect(JSON.stringify(deep)).toBe(JSON.stringify(synth()));
});

test('the name can differ from the id', () => {
  expect(JSON.stringify(synth({ name: 'orders' }, 'Anything Else'))).toBe(JSON.stringify(synth()));
});

describe('storage', () => {
  test('the claim template says what it is, and carries no label that a tool could prune claims by', () => {
    const storage = Storage.remote({
      storageClassName: 'fast',
      size: Size.mebibytes(1500),
      accessMode: AccessMode.READ_WRITE_ONCE,
    });
    expect(statefulSet(synth({ storage })).spec.volumeClaimTemplates).toEqual([
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'fast',
          resources: { requests: { storage: '1500Mi' } },
        },
      },
    ]);
  });

  test('local storage may take the default class', () => {
    const storage = Storage.localForDevelopmentOnlyDataDiesWithTheNode({ size: Size.gibibytes(1) });
    expect(statefulSet(synth({ storage })).spec.volumeClaimTemplates?.[0].spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    });
  });

  test('ephemeral storage has no claims and nothing to retain, but an emptyDir', () => {
    const manifests = synth({
      storage: Storage.ephemeral({ medium: EmptyDirMedium.MEMORY, sizeLimit: Size.gibibytes(2) }),
    });
    const fields = Object.keys(statefulSet(manifests).spec);
    expect(fields).not.toContain('volumeClaimTemplates');
    expect(fields).not.toContain('persistentVolumeClaimRetentionPolicy');
    expect(podSpec(manifests).volumes).toContainEqual({
      name: 'data',
      emptyDir: { medium: 'Memory', sizeLimit: '2048Mi' },
    });
  });

  test('volumes are kept unless asked otherwise', () => {
    expect(statefulSet(synth()).spec.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    });
    const asked = synth({ volumesWhenDeleted: VolumeRetention.DELETE, volumesWhenScaled: VolumeRetention.DELETE });
    expect(statefulSet(asked).spec.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: 'Delete',
      whenScaled: 'Delete',
    });
  });
});

const OTHER_SCRIPTS = { ...stubConfig.scripts, 'engine.sh': 'engine_prepare() { true; }\n' };

describe('the scripts', () => {
  const nameOf = (manifests: Manifest[]): string | undefined => scriptsOf(manifests).metadata.name;

  test('are immutable, and have a name that says what they are: others are another object, which the pod template names', () => {
    const [manifests, others] = [synth(), synth({ engine: engineOf({ ...stubConfig, scripts: OTHER_SCRIPTS }) })];
    expect(scriptsOf(manifests)).toMatchObject({
      immutable: true,
      data: { ...sharedScripts(), ...stubConfig.scripts },
    });
    expect(nameOf(manifests)).toMatch(/^orders-scripts-[0-9a-f]{16}$/);
    expect(nameOf(others)).toMatch(/^orders-scripts-[0-9a-f]{16}$/);
    expect(nameOf(others)).not.toBe(nameOf(manifests));
    expect(scriptsOf(manifests).metadata.labels?.['cdk8s-stateful/scripts']).toBe(
      nameOf(manifests)?.slice('orders-scripts-'.length),
    );
  });

  test('are no part of what a change of a prop changes', () => {
    const other = synth({
      replicas: 4,
      maxLag: Duration.seconds(61),
      resources: { memory: { limit: Size.gibibytes(4) } },
    });
    expect(scriptsOf(other)).toEqual(scriptsOf(synth()));
  });

  test('have the same digest in every set that has the same', () => {
    const digest = ({ metadata }: Manifest): string | undefined => metadata.name?.split('-').at(-1);
    expect(digest(scriptsOf(synth({}, 'users')))).toBe(digest(scriptsOf(synth())));
  });

  test('are no object of two sets: kustomize, Flux and Helm refuse one that comes from two charts', () => {
    const titles = [...synth({}, 'users'), ...synth()].map(title);
    expect(titles.filter((each, place) => titles.indexOf(each) !== place)).toEqual([]);
  });

  test('stay when others have come, whatever tool applies them', () => {
    const kept = {
      'argocd.argoproj.io/sync-options': 'Prune=false',
      'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
      'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      'helm.sh/resource-policy': 'keep',
    };
    const manifests = synth();
    expect(scriptsOf(manifests).metadata.annotations).toEqual(kept);
    expect(
      manifests.filter((manifest) => manifest !== scriptsOf(manifests) && manifest.metadata.annotations !== undefined),
    ).toEqual([]);
    const annotations = {
      team: 'shop',
      'argocd.argoproj.io/sync-options': 'ServerSideApply=true, Prune=confirm',
      'argocd.argoproj.io/compare-options': 'ServerSideDiff=true',
    };
    expect(scriptsOf(synth({ metadata: { annotations } })).metadata.annotations).toEqual({
      ...kept,
      team: 'shop',
      'argocd.argoproj.io/sync-options': 'ServerSideApply=true,Prune=false',
      'argocd.argoproj.io/compare-options': 'ServerSideDiff=true,IgnoreExtraneous',
    });
  });
});

describe('the hash that restarts the pods', () => {
  const withEngine = (engine: Partial<EngineConfig>): Partial<ReplicatedStatefulSetProps> => ({
    engine: engineOf({ ...stubConfig, ...engine }),
  });

  test.each([
    ['a setting', { maxLag: Duration.seconds(61) }],
    ['a configuration file', withEngine({ configFiles: { 'stubdb.conf': 'cache = 2\n' } })],
    ["a file's name", withEngine({ configFiles: { 'other.conf': 'cache = 1\n' } })],
  ])('changes with %s', (_, props) => {
    expect(configHash(synth())).toMatch(/^[0-9a-f]{16}$/);
    expect(configHash(synth(props))).not.toBe(configHash(synth()));
  });

  test.each([
    ['the replicas, as a scaled set must not restart', { replicas: 4 }],
    ['init files, which run once', withEngine({ initFiles: { 'a.sql': 'SELECT 1;\n' } })],
    ['a script, which has another name instead', withEngine({ scripts: OTHER_SCRIPTS })],
  ])('does not change with %s', (_, props) => {
    expect(JSON.stringify(synth(props))).not.toBe(JSON.stringify(synth()));
    expect(configHash(synth(props))).toBe(configHash(synth()));
  });
});

test('what the props say reaches the scripts', () => {
  const settings = configOf(
    synth({
      maxLag: Duration.minutes(2),
      terminationGracePeriod: Duration.seconds(91),
      onPrimaryVolumeLoss: PrimaryVolumeLoss.STOP,
      replicas: 2,
    }),
  );
  expect(settings['settings.sh']).toBe(
    [
      'port=7000',
      'volume=/var/lib/stubdb',
      'credentials=/run/secrets/stateful',
      'max_lag=120',
      'leave_timeout=45',
      'lost_primary=stop',
      "greeting='it'\\''s me'",
      '',
    ].join('\n'),
  );
  expect(settings.replicas).toBe('2\n');
});

test('probes and grace follow the props', () => {
  const manifests = synth({ startupTimeout: Duration.minutes(20), terminationGracePeriod: Duration.seconds(91) });
  // Each attempt waits for ten seconds.
  expect(containerOf(manifests, 'stubdb').startupProbe).toEqual({
    failureThreshold: 120,
    periodSeconds: 1,
    timeoutSeconds: 10,
    exec: { command: ['/opt/stateful/started-server.sh'] },
  });
  const odd = synth({ startupTimeout: Duration.seconds(11) });
  expect(containerOf(odd, 'stubdb').startupProbe?.failureThreshold).toBe(2); // rather too long than too short
  expect(podSpec(manifests).terminationGracePeriodSeconds).toBe(91);
});

test("resources and environment are the server's, also while prepare runs it", () => {
  const resources = {
    cpu: { request: Cpu.millis(500), limit: Cpu.units(2) },
    memory: { request: Size.gibibytes(2), limit: Size.gibibytes(4) },
  };
  const manifests = synth({
    resources,
    engine: engineOf({ ...stubConfig, environment: { LANG: EnvValue.fromValue('C') } }),
  });
  for (const name of ['stubdb', 'prepare']) {
    expect(containerOf(manifests, name).resources).toEqual({
      requests: { cpu: '500m', memory: '2048Mi' },
      limits: { cpu: '2', memory: '4096Mi' },
    });
    expect(containerOf(manifests, name).env).toContainEqual({ name: 'LANG', value: 'C' });
  }
  expect(containerOf(manifests, 'sync').resources?.requests).toEqual({ cpu: '10m', memory: '32Mi' });
  expect(containerOf(manifests, 'sync').env?.map(({ name }) => name)).toEqual(['POD_INDEX']);
});

test('a sidecar that gives copies can read the volume, and has a port; others have neither', () => {
  const sidecar = (engine: EngineConfig): object => {
    const { ports, volumeMounts = [] } = containerOf(synth({ engine: engineOf(engine) }), 'sync');
    return { ports, data: volumeMounts.filter(({ name }) => name === 'data') };
  };
  expect(sidecar({ ...stubConfig, copyPort: 7777 })).toEqual({
    ports: [{ name: 'copy', containerPort: 7777 }],
    data: [{ name: 'data', mountPath: '/var/lib/stubdb', readOnly: true }],
  });
  expect(sidecar(stubConfig)).toEqual({ ports: undefined, data: [] });
});

test('scripts are run by their first line', () => {
  const { containers, initContainers } = podSpec(synth());
  const [server, sync] = containers;
  const commands = [
    initContainers?.[0].command,
    server.command,
    server.lifecycle?.preStop?.exec?.command,
    server.startupProbe?.exec?.command,
    sync.command,
    sync.startupProbe?.exec?.command,
  ];
  const paths = ['prepare.sh', 'run.sh', 'pre-stop.sh', 'started-server.sh', 'sync.sh', 'started-sync.sh'].map(
    (name) => `/opt/stateful/${name}`,
  );
  expect(commands).toEqual(paths.map((path) => [path]));
});

test('labels and annotations of set and pods', () => {
  const manifests = synthesize(
    (scope) =>
      new ReplicatedStatefulSet(scope, 'orders', {
        ...stubProps,
        metadata: { labels: { team: 'shop' }, annotations: { owner: 'ann' } },
        podMetadata: { labels: { tier: 'data' }, annotations: { scrape: 'true' } },
      }),
    { labels: { chart: 'all' } },
  );
  for (const { metadata } of manifests) {
    expect(metadata.labels).toMatchObject({
      chart: 'all',
      team: 'shop',
      'app.kubernetes.io/name': 'stubdb',
      'app.kubernetes.io/instance': 'orders',
    });
    expect(metadata.annotations).toMatchObject({ owner: 'ann' });
  }
  const { metadata } = statefulSet(manifests).spec.template;
  expect(metadata?.labels).toMatchObject({ tier: 'data', 'app.kubernetes.io/version': '3.1' });
  expect(metadata?.annotations).toMatchObject({ scrape: 'true' });
});

test('selectors hold nothing but the name, which never changes, and the index', () => {
  const manifests = synth();
  const name = { 'cdk8s-stateful/name': 'orders' };
  expect(statefulSet(manifests).spec.selector).toEqual({ matchLabels: name });
  expect(only(manifests, 'PodDisruptionBudget').spec).toMatchObject({ selector: { matchLabels: name } });
  expect(manifests.flatMap((manifest) => (manifest.kind === 'Service' ? [manifest.spec] : []))).toMatchObject([
    { selector: name, clusterIP: 'None', publishNotReadyAddresses: true },
    { selector: { ...name, 'apps.kubernetes.io/pod-index': '0' } },
    { selector: name },
  ]);
});

test('the Secret is referred to and never written', () => {
  const manifests = synth();
  expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
  expect(podSpec(manifests).volumes).toContainEqual({
    name: 'credentials',
    secret: {
      secretName: 'stub-credentials',
      defaultMode: 0o444,
      items: [{ key: 'superuser-password', path: 'root-password' }],
    },
  });
  expect(JSON.stringify(manifests)).not.toMatch(/secretKeyRef|stringData/);
});

test('where the first data comes from is known to the scripts, and its Secret to prepare alone; pods start also when that is gone', () => {
  const source = { host: 'old', port: 7001, secretName: 'old-credentials', secretKeys: { 'root-password': 'root' } };
  const manifests = synth({ engine: engineOf({ ...stubConfig, source }) });
  expect(configOf(manifests)['settings.sh']).toMatch(
    /^source_host=old\nsource_port=7001\nsource_credentials=\/run\/secrets\/source$/m,
  );
  expect(podSpec(manifests).volumes).toContainEqual({
    name: 'source',
    secret: {
      secretName: 'old-credentials',
      optional: true,
      defaultMode: 0o444,
      items: [{ key: 'root', path: 'root-password' }],
    },
  });
  const mounts = { name: 'source', mountPath: '/run/secrets/source', readOnly: true };
  const having = ['prepare', 'stubdb', 'sync'].filter((name) =>
    containerOf(manifests, name).volumeMounts?.some((mount) => mount.name === mounts.name),
  );
  expect(having).toEqual(['prepare']);
  expect(containerOf(manifests, 'prepare').volumeMounts).toContainEqual(mounts);
});
