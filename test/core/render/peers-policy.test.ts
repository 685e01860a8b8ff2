import { ApiObject, App, Chart, Size, Testing } from 'cdk8s';
import {
  Deployment,
  NetworkPolicy,
  NetworkPolicyPort,
  NetworkPolicyTrafficDefault,
  Pods,
  PodConnectionsIsolation,
} from 'cdk8s-plus-28';
import {
  Backup,
  BackupStore,
  Credentials,
  MariaDb,
  MariaDbVersion,
  Postgres,
  PostgresSource,
  PostgresVersion,
  RestorePoint,
  Storage,
} from '../../../lib';
import { Manifest, only } from '../../manifests';

// A policy that lets some pods in closes all others out: those of the set as well, without which nothing is replicated.

const common = {
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(1) }),
  credentials: Credentials.fromSecret('c'),
};
const own = { matchLabels: { 'cdk8s-stateful/name': 'orders' } };
const peers = [{ podSelector: own }];
const tcp = (port: number): object => ({ protocol: 'TCP', port });
const dns = {
  ports: [53, 5353].flatMap((port) => [
    { protocol: 'UDP', port },
    { protocol: 'TCP', port },
  ]),
};

function synth(build: (chart: Chart, orders: Postgres, api: Deployment) => void, namespace?: string): Manifest[] {
  const chart = new Chart(new App(), 'chart', { namespace });
  const orders = new Postgres(chart, 'orders', { version: PostgresVersion.V18, ...common });
  const api = new Deployment(chart, 'api', { containers: [{ image: 'api:1' }] });
  build(chart, orders, api);
  return Testing.synth(chart) as Manifest[];
}

const policies = (manifests: Manifest[]): Manifest[] => manifests.filter(({ kind }) => kind === 'NetworkPolicy');
const peersPolicy = (manifests: Manifest[]): Manifest | undefined =>
  policies(manifests).find(({ metadata }) => metadata.name === 'orders-peers');

test.each<[string, (chart: Chart, orders: Postgres, api: Deployment) => void]>([
  ['the application lets itself in', (_, orders, api) => orders.connections.allowFrom(api)],
  [
    'it is let in by its own connections',
    (_, orders, api) => api.connections.allowTo(orders, { ports: [NetworkPolicyPort.tcp(5432)] }),
  ],
  [
    'a policy selects the set',
    (chart, orders, api) =>
      new NetworkPolicy(chart, 'policy', { selector: orders, ingress: { rules: [{ peer: api }] } }),
  ],
  [
    'a policy selects all pods',
    (chart) => new NetworkPolicy(chart, 'policy', { ingress: { default: NetworkPolicyTrafficDefault.DENY } }),
  ],
  [
    'one selects pods by an expression',
    (chart) =>
      new NetworkPolicy(chart, 'policy', {
        selector: Pods.select(chart, 'pods', { labels: { 'app.kubernetes.io/name': 'postgres' } }),
        ingress: { default: NetworkPolicyTrafficDefault.DENY },
      }),
  ],
  [
    'one was written by hand',
    (chart) =>
      new ApiObject(chart, 'policy', {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'closed' },
        spec: {
          podSelector: {
            matchExpressions: [
              { key: 'app.kubernetes.io/instance', operator: 'In', values: ['orders'] },
              { key: 'x', operator: 'DoesNotExist' },
            ],
          },
        },
      }),
  ],
])('where %s, the pods reach one another', (_, build) => {
  expect(peersPolicy(synth(build))?.spec).toEqual({
    podSelector: own,
    policyTypes: ['Ingress'],
    ingress: [{ from: peers, ports: [tcp(5432)] }],
  });
});

test('where no one may leave, names are still asked for', () => {
  const manifests = synth((_, orders) => orders.connections.isolate(), 'shop');
  expect(peersPolicy(manifests)).toMatchObject({
    metadata: { namespace: 'shop', labels: { 'app.kubernetes.io/instance': 'orders' } },
    spec: {
      podSelector: own,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: peers, ports: [tcp(5432)] }],
      egress: [{ to: peers, ports: [tcp(5432)] }, dns],
    },
  });
});

test('where the set may leave for one place only, it still reaches itself', () => {
  const manifests = synth((_, orders, api) =>
    orders.connections.allowTo(api, { isolation: PodConnectionsIsolation.POD }),
  );
  expect(peersPolicy(manifests)?.spec).toEqual({
    podSelector: own,
    policyTypes: ['Egress'],
    egress: [{ to: peers, ports: [tcp(5432)] }, dns],
  });
});

test('copies have a port of their own', () => {
  const chart = new Chart(new App(), 'chart');
  new MariaDb(chart, 'orders', { version: MariaDbVersion.V11_8, ...common }).connections.isolate();
  expect(peersPolicy(Testing.synth(chart) as Manifest[])?.spec).toMatchObject({
    ingress: [{ from: peers, ports: [tcp(3306), tcp(4444)] }],
  });
});

test('the set whose data is taken over is still reached', () => {
  const chart = new Chart(new App(), 'chart');
  const importFrom = PostgresSource.fromEndpoint({
    host: 'old.example.com',
    port: 6543,
    credentials: common.credentials,
  });
  new Postgres(chart, 'orders', { version: PostgresVersion.V18, ...common, importFrom }).connections.isolate();
  expect(peersPolicy(Testing.synth(chart) as Manifest[])?.spec).toMatchObject({
    egress: [{ to: peers }, dns, { ports: [tcp(6543)] }],
  });
});

test('without a policy for its pods there is none of ours either, as it would close them', () => {
  const manifests = synth((chart, _, api) => {
    new NetworkPolicy(chart, 'policy', { selector: api, ingress: { default: NetworkPolicyTrafficDefault.DENY } });
    new NetworkPolicy(chart, 'elsewhere', {
      metadata: { namespace: 'other' },
      ingress: { default: NetworkPolicyTrafficDefault.DENY },
    });
  });
  expect(policies(manifests).map(({ metadata }) => metadata.name)).not.toContain('orders-peers');
});

test('it is there once, in each set that is closed, however often and in however many charts it is synthesized', () => {
  const app = new App();
  const charts = ['a', 'b'].map((id) => new Chart(app, id, { namespace: id }));
  for (const chart of charts)
    new Postgres(chart, 'orders', { version: PostgresVersion.V18, ...common }).connections.isolate();
  const first = app.synthYaml();
  expect(app.synthYaml()).toBe(first);
  expect(first.match(/name: orders-peers/g)).toHaveLength(2);
  only(Testing.synth(charts[0]) as Manifest[], 'NetworkPolicy', 'orders-peers');
});

describe('with backups', () => {
  const s3 = BackupStore.s3({ bucket: 'backups', endpoint: 'http://minio:9000', secretName: 's' });
  const jobs = { matchLabels: { 'cdk8s-stateful/job-of': 'orders' } };
  const backedUp = (
    build: (chart: Chart, orders: Postgres) => void,
    stores: { readonly from?: BackupStore; readonly to?: BackupStore } = { to: s3 },
  ): Manifest[] => {
    const chart = new Chart(new App(), 'chart');
    build(
      chart,
      new Postgres(chart, 'orders', {
        version: PostgresVersion.V18,
        ...common,
        ...(stores.to && { backup: Backup.to(stores.to) }),
        ...(stores.from && { restoreFrom: RestorePoint.latest(stores.from, { name: 'old', namespaceName: 'shop' }) }),
      }),
    );
    return Testing.synth(chart) as Manifest[];
  };
  const jobsPolicy = (manifests: Manifest[]): Manifest | undefined =>
    policies(manifests).find(({ metadata }) => metadata.name === 'orders-jobs');
  const egressOf = (manifest?: Manifest): unknown =>
    (manifest?.spec as { readonly egress?: unknown } | undefined)?.egress;
  const closeAll = (chart: Chart): unknown =>
    new NetworkPolicy(chart, 'policy', { egress: { default: NetworkPolicyTrafficDefault.DENY } });

  test("the jobs are let in, which have none of the set's labels", () => {
    const manifests = backedUp((_, orders) => orders.connections.isolate());
    expect(peersPolicy(manifests)?.spec).toMatchObject({
      ingress: [{ from: [...peers, { podSelector: jobs }], ports: [tcp(5432)] }],
    });
    expect(jobsPolicy(manifests)).toBeUndefined(); // nothing closes them
  });

  test('the store is reached by its port', () => {
    const manifests = backedUp((_, orders) => orders.connections.isolate());
    expect(egressOf(peersPolicy(manifests))).toEqual([{ to: peers, ports: [tcp(5432)] }, dns, { ports: [tcp(9000)] }]);
  });

  test('so are both, where a set is restored from another', () => {
    const from = BackupStore.sftp({ host: 'old.example.com', user: 'backup', secretName: 's', port: 2222 });
    expect(
      egressOf(peersPolicy(backedUp((_, orders) => orders.connections.isolate(), { from, to: s3 }))),
    ).toContainEqual({ ports: [tcp(9000), tcp(2222)] });
    expect(egressOf(peersPolicy(backedUp((_, orders) => orders.connections.isolate(), { from })))).toContainEqual({
      ports: [tcp(2222)],
    });
  });

  test('where Google says who a workload is, that is asked', () => {
    const google = {
      to: ['169.254.169.252/32', '169.254.169.254/32'].map((cidr) => ({ ipBlock: { cidr } })),
      ports: [tcp(80), tcp(988)],
    };
    const egress = (store: BackupStore): unknown =>
      egressOf(peersPolicy(backedUp((_, orders) => orders.connections.isolate(), { to: store })));
    expect(egress(BackupStore.gcs({ bucket: 'b', serviceAccountName: 'backup' }))).toContainEqual(google);
    expect(egress(BackupStore.gcs({ bucket: 'b', secretName: 's' }))).not.toContainEqual(google);
  });

  test('what leads to a remote that a Secret configures, the user must open', () => {
    const to = BackupStore.rclone({ secretName: 's', remote: 'nas' });
    expect(egressOf(peersPolicy(backedUp((_, orders) => orders.connections.isolate(), { to })))).toEqual([
      { to: peers, ports: [tcp(5432)] },
      dns,
    ]);
  });

  test('where a policy closes all pods of the namespace, the jobs reach the set, names, and the store', () => {
    const manifests = backedUp(closeAll);
    expect(jobsPolicy(manifests)).toMatchObject({ metadata: { labels: { 'app.kubernetes.io/instance': 'orders' } } });
    expect(jobsPolicy(manifests)?.spec).toEqual({
      podSelector: jobs,
      policyTypes: ['Egress'],
      egress: [{ to: peers, ports: [tcp(5432)] }, dns, { ports: [tcp(9000)] }],
    });
  });

  test('without backups there is no policy of jobs', () => {
    expect(jobsPolicy(backedUp(closeAll, {}))).toBeUndefined();
    expect(jobsPolicy(backedUp(closeAll, { from: s3 }))).toBeUndefined();
  });
});
