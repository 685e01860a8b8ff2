import { ApiObject, App, Chart, Size } from 'cdk8s';
import {
  ConfigMap,
  Container,
  ContainerResources,
  Cpu,
  EmptyDirMedium,
  Service,
  StatefulSet,
  Volume,
} from 'cdk8s-plus-28';
import { Credentials, Postgres, PostgresVersion, RcloneVersion, ReplicatedFiles, Storage } from '../../lib';
import { refusalOf } from '../refusal';

// What is added to a set after it is made, and what stands next to it in the app, is looked at when the app is
// synthesized.

const common = {
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(1) }),
  credentials: Credentials.fromSecret('c'),
};
const refusal = (build: (orders: Postgres, chart: Chart) => unknown): string => {
  const chart = new Chart(new App(), 'chart');
  build(new Postgres(chart, 'orders', { version: PostgresVersion.V18, ...common }), chart);
  return refusalOf(() => App.of(chart).synthYaml());
};
const lines = (message: string): string[] =>
  message
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
const twice = (name: string): string =>
  `[chart/orders] container name '${name}' is there twice: give each container of the pod a 'name' of its own`;

describe('containers', () => {
  test('of one name', () => {
    expect(
      lines(refusal((orders) => [1, 2].map((i) => orders.addContainer({ image: `web:${i}`, portNumber: 8080 + i })))),
    ).toEqual([twice('main')]);
  });

  test.each(['sync', 'postgres', 'prepare'])("with the name of the library's own: %s", (name) => {
    expect(lines(refusal((orders) => orders.addContainer({ name, image: 'web' })))).toEqual([twice(name)]);
  });

  test("of files, with the name of the server's", () => {
    const chart = new Chart(new App(), 'chart');
    new ReplicatedFiles(chart, 'files', {
      ...common,
      rclone: RcloneVersion.V1,
      container: { name: 'rclone', image: 'app:1' },
    });
    expect(refusalOf(() => App.of(chart).synthYaml())).toContain(
      "[chart/files] container name 'rclone' is there twice",
    );
  });

  test('by a name that Kubernetes refuses', () => {
    expect(refusal((orders) => orders.addContainer({ name: 'My_Web', image: 'web' }))).toContain(
      "container name must be a DNS label (a-z, 0-9, '-', at most 63 characters), got 'My_Web'",
    );
  });

  test.each<[string, ContainerResources, string]>([
    [
      'memory',
      { memory: { request: Size.gibibytes(2), limit: Size.gibibytes(1) } },
      '.memory.request must be at most the limit, got 2Gi with a limit of 1Gi',
    ],
    [
      'CPU',
      { cpu: { request: Cpu.units(2), limit: Cpu.units(1) } },
      '.cpu.request must be at most the limit, got 2 with a limit of 1',
    ],
  ])('that ask for more %s than they may use', (_, resources, message) => {
    expect(
      lines(refusal((orders) => orders.attachContainer(new Container({ name: 'web', image: 'web', resources })))),
    ).toEqual([`[chart/orders] resources of container 'web'${message}`]);
  });

  test('with two volumes at one path', () => {
    expect(
      lines(
        refusal((orders, chart) =>
          orders.containers[0].mount(
            '/tmp',
            Volume.fromEmptyDir(chart, 'more', 'more', { medium: EmptyDirMedium.MEMORY }),
          ),
        ),
      ),
    ).toEqual([
      "[chart/orders] container 'postgres' must mount one volume at '/tmp', got two: give one of them another path",
    ]);
  });

  test.each<[string, (orders: Postgres) => unknown, string]>([
    [
      'no image',
      (orders) => orders.addContainer({ name: 'web', image: '' }),
      "image of container 'web' must be a reference in lower case without blanks, got ''",
    ],
    [
      'an image in capitals',
      (orders) => orders.addInitContainer({ name: 'web', image: 'Web:1' }),
      "image of container 'web' must be a reference in lower case without blanks, got 'Web:1'",
    ],
    [
      'port 0',
      (orders) => orders.addContainer({ name: 'web', image: 'web:1', ports: [{ number: 0 }] }),
      "port of container 'web' must be a whole number from 1 to 65535, got 0",
    ],
    [
      'a port beyond all',
      (orders) => orders.addContainer({ name: 'web', image: 'web:1', ports: [{ number: 70_000 }] }),
      "port of container 'web' must be a whole number from 1 to 65535, got 70000",
    ],
  ])('with %s', (_, extend, message) => {
    expect(lines(refusal(extend))).toEqual([`[chart/orders] ${message}`]);
  });

  test('that are all right', () => {
    expect(
      refusal((orders) =>
        orders.addContainer({
          name: 'web',
          image: 'web',
          resources: { memory: { request: Size.gibibytes(1), limit: Size.gibibytes(1) } },
        }),
      ),
    ).toBe('(nothing was refused)');
  });
});

describe('what is added after a first synth, without a pause', () => {
  const synthesized = (): { readonly chart: Chart; readonly orders: Postgres } => {
    const chart = new Chart(new App(), 'chart');
    const orders = new Postgres(chart, 'orders', { version: PostgresVersion.V18, ...common });
    chart.toJson();
    return { chart, orders };
  };

  test('is looked at if it is a container', () => {
    const { chart, orders } = synthesized();
    orders.addContainer({ name: 'web', image: 'web' });
    chart.toJson();
    orders.addContainer({ name: 'sync', image: 'web' });
    expect(refusalOf(() => void chart.toJson())).toContain(twice('sync'));
  });

  test('is looked at if it is another object', () => {
    const { chart } = synthesized();
    new ConfigMap(chart, 'mine', { metadata: { name: 'orders-config' } });
    expect(refusalOf(() => void chart.toJson())).toContain("ConfigMap 'orders-config' is there twice");
  });
});

describe('labels that come later', () => {
  test('are looked at as well', () => {
    expect(lines(refusal((orders) => orders.podMetadata.addLabel('team', 'my team')))).toEqual([
      expect.stringContaining('podMetadata.labels must have values of at most 63 letters, ') as unknown,
    ]);
    expect(lines(refusal((orders) => ApiObject.of(orders).metadata.addLabel('my team', 'x')))).toEqual([
      expect.stringContaining('[chart/orders] labels must have keys of at most 63 letters, ') as unknown,
    ]);
    expect(lines(refusal((orders) => orders.podMetadata.addLabel('cdk8s-stateful/name', 'x')))).toEqual([
      "[chart/orders] podMetadata.labels must have 'cdk8s-stateful/name: orders', by which the pods are selected, got 'x'",
    ]);
  });

  test('and those of the chart', () => {
    const chart = new Chart(new App(), 'chart', { labels: { team: '-shop' } });
    new Postgres(chart, 'orders', { version: PostgresVersion.V18, ...common });
    expect(refusalOf(() => App.of(chart).synthYaml())).toContain(
      "[chart/orders] labels must have values of at most 63 letters, digits, '-', '_' and '.', that begin and end with a letter or digit, got '-shop' for 'team'",
    );
  });
});

describe("objects by a name of the set's", () => {
  test.each<[string, (chart: Chart) => unknown, string]>([
    [
      'a ConfigMap',
      (chart) => new ConfigMap(chart, 'mine', { metadata: { name: 'orders-config' } }),
      "ConfigMap 'orders-config' is there twice: 'chart/mine/Resource' has",
    ],
    [
      'a Service',
      (chart) => new Service(chart, 'mine', { metadata: { name: 'orders' }, ports: [{ port: 80 }] }),
      "Service 'orders' is there twice: 'chart/mine/Resource' has",
    ],
    [
      'a StatefulSet',
      (chart) =>
        new StatefulSet(chart, 'mine', { metadata: { name: 'orders' }, containers: [{ image: 'x', portNumber: 80 }] }),
      "StatefulSet 'orders' is there twice: 'chart/mine/Resource' has",
    ],
    [
      'a budget of another version of the API',
      (chart) =>
        new ApiObject(chart, 'mine', {
          apiVersion: 'policy/v1beta1',
          kind: 'PodDisruptionBudget',
          metadata: { name: 'orders' },
        }),
      "PodDisruptionBudget 'orders' is there twice: 'chart/mine' has",
    ],
    [
      'one in another chart',
      (chart) => new ConfigMap(new Chart(App.of(chart), 'other'), 'mine', { metadata: { name: 'orders-config' } }),
      "ConfigMap 'orders-config' is there twice: 'other/mine/Resource' has",
    ],
  ])('%s', (_, build, message) => {
    expect(lines(refusal((__, chart) => build(chart)))).toEqual([
      `[chart/orders] ${message} the name of an object of this set, and one would replace the other; give it another name`,
    ]);
  });

  test('may be of another kind, or in another namespace', () => {
    expect(
      refusal((_, chart) => {
        new ConfigMap(chart, 'mine', { metadata: { name: 'orders' } });
        new ConfigMap(chart, 'theirs', { metadata: { name: 'orders-config', namespace: 'other' } });
        new ApiObject(chart, 'knative', {
          apiVersion: 'serving.knative.dev/v1',
          kind: 'Service',
          metadata: { name: 'orders' },
        });
      }),
    ).toBe('(nothing was refused)');
  });

  test('are found in one look for all sets: it stays as fast with many', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    const sets = Array.from(
      { length: 60 },
      (_, i) => new Postgres(chart, `orders-${i}`, { version: PostgresVersion.V18, ...common }),
    );
    const findAll = jest.spyOn(Object.getPrototypeOf(app.node) as { findAll: () => unknown }, 'findAll');
    sets.forEach((set) => set.node.validate());
    expect(findAll).toHaveBeenCalledTimes(1);
    findAll.mockRestore();
  });
});
