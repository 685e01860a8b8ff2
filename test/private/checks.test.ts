import { Duration, Size } from 'cdk8s';
import { Container, Protocol } from 'cdk8s-plus-28';
import { Storage } from '../../lib';
import { checkDuration, checkPort, checkPorts, checkReplicas } from '../../lib/private/checks';

const size = Size.gibibytes(1);
const storages = {
  remote: Storage.remote({ storageClassName: 'remote', size }),
  local: Storage.localForDevelopmentOnlyDataDiesWithTheNode({ size }),
  ephemeral: Storage.ephemeral(),
};

test.each([[1, 'remote'], [7, 'remote'], [1, 'local'], [2, 'ephemeral']] as const)('%i replicas on %s storage', (replicas, kind) => {
  expect(checkReplicas(replicas, storages[kind])).toBe(replicas);
});

test.each([
  [0, 'remote'], [-1, 'local'], [1, 'ephemeral'], [1.5, 'remote'], [Number.NaN, 'remote'], [Number.POSITIVE_INFINITY, 'ephemeral'],
] as const)('not %d replicas on %s storage', (replicas, kind) => {
  expect(() => checkReplicas(replicas, storages[kind])).toThrow(/^replicas must be a whole number of at least [12].*, got /);
});

function titled(durations: Duration[]): [string, Duration][] {
  return durations.map((duration) => [`${duration.toMilliseconds({ integral: false })} ms`, duration]);
}

test.each(titled([Duration.seconds(5), Duration.minutes(1), Duration.days(1), Duration.millis(6000)]))('%s is long enough', (_, duration) => {
  expect(checkDuration('maxLag', duration, Duration.seconds(5))).toBe(duration);
});

test.each(titled([
  Duration.seconds(0), Duration.seconds(4), Duration.millis(5500), Duration.minutes(0.00001), Duration.seconds(Number.NaN), Duration.seconds(Number.POSITIVE_INFINITY),
]))('%s is not', (_, duration) => {
  expect(() => checkDuration('maxLag', duration, Duration.seconds(5))).toThrow(/^maxLag must be whole seconds, at least 5, got /);
});

test.each([1024, 5432, 65535])('port %d', (port) => {
  expect(checkPort('port', port)).toBe(port);
});

test.each([0, 1023, 65536, -5432, 5432.5, Number.NaN])('not port %d', (port) => {
  expect(() => checkPort('port', port)).toThrow(`port must be a whole number from 1024 to 65535 (the server is not root), got ${port}`);
});

describe('ports of one pod', () => {
  const container = (name: string, ...ports: { number: number; protocol?: Protocol }[]): Container => (
    new Container({ name, image: name, ports: ports.map((port, i) => ({ ...port, name: `p${i}` })) }));

  test.each([
    ['different numbers', [container('a', { number: 80 }), container('b', { number: 81 })]],
    ['different protocols', [container('a', { number: 53, protocol: Protocol.TCP }), container('b', { number: 53, protocol: Protocol.UDP })]],
    ['none', [container('a')]],
  ])('%s', (_, containers) => {
    expect(() => checkPorts(containers)).not.toThrow();
  });

  test.each([
    ['the default protocol and TCP', [container('a', { number: 80 }), container('b', { number: 80, protocol: Protocol.TCP })],
      'port 80/TCP of container \'b\' collides with container \'a\' of the same pod: give one of them another port'],
    ['UDP twice', [container('a', { number: 53, protocol: Protocol.UDP }), container('b', { number: 53, protocol: Protocol.UDP })], 'port 53/UDP of container \'b\''],
    ['one that is added later', [container('a', { number: 80 }), later(container('b'), 80)], 'port 80/TCP of container \'b\''],
  ])('not %s', (_, containers, message) => {
    expect(() => checkPorts(containers)).toThrow(message);
  });
});

function later(container: Container, number: number): Container {
  container.addPort({ number });
  return container;
}
