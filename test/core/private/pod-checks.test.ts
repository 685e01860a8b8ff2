import { App, Chart, Duration, Size } from 'cdk8s';
import { Container, Pod, Protocol } from 'cdk8s-plus-28';
import { Storage } from '../../../lib';
import { portCollisions } from '../../../lib/core/private/pod-checks';
import { checkDuration, checkReplicas } from '../../../lib/core/private/set-props';
import { checkPort } from '../../../lib/values/checks';

const size = Size.gibibytes(1);
const storages = {
  remote: Storage.remote({ storageClassName: 'remote', size }),
  local: Storage.localForDevelopmentOnlyDataDiesWithTheNode({ size }),
  ephemeral: Storage.ephemeral(),
};

test.each([
  [1, 'remote'],
  [7, 'remote'],
  [1000, 'ephemeral'],
  [1, 'local'],
  [2, 'ephemeral'],
] as const)('%i replicas on %s storage', (replicas, kind) => {
  expect(checkReplicas(replicas, storages[kind])).toBe(replicas);
});

test.each([
  [0, 'remote'],
  [-1, 'local'],
  [1, 'ephemeral'],
  [1.5, 'remote'],
  [Number.NaN, 'remote'],
  [Number.POSITIVE_INFINITY, 'ephemeral'],
  [1001, 'remote'],
] as const)('not %d replicas on %s storage', (replicas, kind) => {
  expect(() => checkReplicas(replicas, storages[kind])).toThrow(
    /^replicas must be a whole number from [12] to 1000.*, got /,
  );
});

function titled(durations: Duration[]): [string, Duration][] {
  return durations.map((duration) => [`${duration.toMilliseconds({ integral: false })} ms`, duration]);
}

test.each(titled([Duration.seconds(5), Duration.minutes(1), Duration.days(1), Duration.millis(6000)]))(
  '%s is long enough',
  (_, duration) => {
    expect(checkDuration('maxLag', duration, Duration.seconds(5))).toBe(duration);
  },
);

test.each(
  titled([
    Duration.seconds(0),
    Duration.seconds(4),
    Duration.millis(5500),
    Duration.minutes(0.00001),
    Duration.seconds(Number.NaN),
    Duration.seconds(Number.POSITIVE_INFINITY),
  ]),
)('%s is not', (_, duration) => {
  expect(() => checkDuration('maxLag', duration, Duration.seconds(5))).toThrow(
    /^maxLag must be whole seconds, at least 5, got /,
  );
});

test('a duration of years is a mistake', () => {
  expect(() => checkDuration('maxLag', Duration.days(31), Duration.seconds(5))).toThrow(
    'maxLag must be at most 30 days, got 31 days',
  );
  expect(checkDuration('maxLag', Duration.days(30), Duration.seconds(5)).toDays()).toBe(30);
});

test.each([1024, 5432, 65535])('port %d', (port) => {
  expect(checkPort('port', port)).toBe(port);
});

test.each([0, 1023, 65536, -5432, 5432.5, Number.NaN])('not port %d', (port) => {
  expect(() => checkPort('port', port)).toThrow(
    `port must be a whole number from 1024 to 65535 (the server is not root), got ${port}`,
  );
});

describe('ports of one pod', () => {
  const collisions = (containers: Container[]): string[] => {
    const pod = new Pod(new Chart(new App(), 'chart'), 'pod');
    containers.forEach((each) => pod.attachContainer(each));
    return portCollisions(pod);
  };
  const container = (name: string, ...ports: { number: number; protocol?: Protocol }[]): Container =>
    new Container({ name, image: name, ports: ports.map((port, i) => ({ ...port, name: `p${i}` })) });

  test.each([
    ['different numbers', [container('a', { number: 80 }), container('b', { number: 81 })]],
    [
      'different protocols',
      [container('a', { number: 53, protocol: Protocol.TCP }), container('b', { number: 53, protocol: Protocol.UDP })],
    ],
    ['none', [container('a')]],
  ])('%s', (_, containers) => {
    expect(collisions(containers)).toEqual([]);
  });

  test.each([
    [
      'the default protocol and TCP',
      [container('a', { number: 80 }), container('b', { number: 80, protocol: Protocol.TCP })],
      '80/TCP',
    ],
    [
      'UDP twice',
      [container('a', { number: 53, protocol: Protocol.UDP }), container('b', { number: 53, protocol: Protocol.UDP })],
      '53/UDP',
    ],
    ['one that is added later', [container('a', { number: 80 }), later(container('b'), 80)], '80/TCP'],
  ])('not %s', (_, containers, port) => {
    expect(collisions(containers)).toEqual([
      `port ${port} of container 'b' collides with container 'a' of the same pod: give one of them another port`,
    ]);
  });

  test('all of them are told, one a line', () => {
    expect(
      collisions([container('a', { number: 80 }, { number: 81 }), container('b', { number: 81 }, { number: 80 })]),
    ).toHaveLength(2);
  });
});

function later(container: Container, number: number): Container {
  container.addPort({ number });
  return container;
}
