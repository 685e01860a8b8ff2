import { Size } from 'cdk8s';
import fc from 'fast-check';
import { checkParameters, defaultParameters, serverConf } from '../../../lib/engines/redis/private/redis-parameters';

/** With a gibibyte of memory, and ten of volume. */
const roomy = { memory: Size.gibibytes(1), volume: Size.gibibytes(10) };
const check = (parameters: { [name: string]: string }): { [name: string]: string } =>
  checkParameters(parameters, roomy, false);

const OWNED: { readonly [why: string]: string[] } = {
  "use the prop 'port'": ['port'],
  'the server listens on all addresses, as replicas and probes need it': ['bind'],
  'everybody gives a password': ['protected-mode'],
  'the sidecar connects there': ['unixsocket', 'unixsocketperm', 'unixsocketgroup'],
  "use the prop 'parameters'": ['include'],
  "users and passwords come from the prop 'credentials'": [
    'user',
    'aclfile',
    'requirepass',
    'masteruser',
    'masterauth',
    'primaryuser',
    'primaryauth',
  ],
  'the ordinal decides whom a pod follows, and who may write': [
    'replicaof',
    'slaveof',
    'replica-read-only',
    'slave-read-only',
    'replica-announce-ip',
    'replica-announce-port',
    'slave-announce-ip',
    'slave-announce-port',
  ],
  'a replica is read while the primary restarts': ['replica-serve-stale-data', 'slave-serve-stale-data'],
  'ordinal 0 is the primary of all keys; for shards make several sets': ['cluster-enabled'],
  'no replica can join before the first write, which says whose data it is: use WAIT in the application': [
    'min-replicas-to-write',
    'min-slaves-to-write',
  ],
  "the volume's layout is the library's: use the prop 'storage'": [
    'dir',
    'dbfilename',
    'appendfilename',
    'appenddirname',
  ],
  'what is acknowledged is on the volume': ['appendonly'],
  'what is acknowledged is on the volume, also while the log is rewritten': ['no-appendfsync-on-rewrite'],
  'a command that fails on a replica must not end its server: an application could end them all': [
    'propagation-error-behavior',
  ],
  'modules of the image, as that for searches, do not start without': ['aof-use-rdb-preamble'],
  'a primary whose node died starts again, without the half of a write that no one was told of': ['aof-load-truncated'],
  'a damaged log is a matter for a person: delete the pod and PVC, and the data comes from a replica': [
    'aof-load-corrupt-tail-max-size',
  ],
  'the volume has room for one log and its successor': ['aof-disable-auto-gc'],
  'a replica must have on its volume what it says it has': ['replica-ignore-disk-write-errors'],
  "by it, and 'min-replicas-to-write', a replica that was made a primary refuses writes": [
    'min-replicas-max-lag',
    'min-slaves-max-lag',
  ],
  'the append-only file keeps the data, and snapshots are taken as the replication needs them': [
    'save',
    'shutdown-on-sigterm',
    'rdb-del-sync-files',
  ],
  'replicas go on from where they were, however long they were away': ['repl-backlog-ttl'],
  'a copy is checked by it': ['rdbchecksum'],
  'the scripts use the commands by their names': ['rename-command'],
  "the server is the container's process, and its log the container's output": [
    'daemonize',
    'supervised',
    'pidfile',
    'logfile',
  ],
  'there is no encryption between pods yet: use a mesh or a network that encrypts': ['tls-port', 'tls-replication'],
};

describe('what the library owns is refused, with what to do', () => {
  test.each(Object.entries(OWNED).flatMap(([why, names]) => names.map((name) => [name, why])))('%s', (name, why) => {
    expect(() => check({ timeout: '0', [name]: 'x' })).toThrow(`parameters must not set '${name}', got 'x': ${why}`);
  });
});

test.each([
  ['appendfsync', 'always'],
  ['maxmemory-policy', 'allkeys-lru'],
  ['notify-keyspace-events', ''],
  ['repl-backlog-size', '1gb'],
  ['maxclients', '64'],
  ['repl-timeout', '10'],
  ['repl-ping-replica-period', '15'],
  ['auto-aof-rewrite-percentage', '1'],
  ['auto-aof-rewrite-min-size', '2560mb'],
])('%s may be set, to %j', (name, value) => {
  expect(check({ [name]: value })).toEqual({ [name]: value });
});

test.each(['Maxmemory', 'max memory', 'max_memory', '1st', '-a', '', 'a=b', 'timeout\n', '__proto__'])(
  '%j is no name of a parameter',
  (name) => {
    expect(() => check(Object.fromEntries([[name, 'x']]))).toThrow(
      `parameters must have names in lower case (a-z, 0-9 and '-'), got '${name}'`,
    );
  },
);

test('a name that every object of JavaScript has is not taken for one that the library owns', () => {
  expect(check({ constructor: 'x' })).toEqual({ constructor: 'x' });
});

test.each(['0\nport 1', 'a\rb', 'a\0b'])('%j is not one line', (value) => {
  expect(() => check({ timeout: value })).toThrow(
    `parameters must have values of one line, got ${JSON.stringify(value)} for 'timeout'`,
  );
});

test.each(['"a"', "it's", 'a\\b'])('%j would be read as something else', (value) => {
  expect(() => check({ timeout: value })).toThrow(
    `parameters must have values without quotes and backslashes, got '${value}' for 'timeout'`,
  );
});

describe('what an acknowledged write is', () => {
  const may = (appendfsync: string, mayLoseLastSecond: boolean): { [name: string]: string } =>
    checkParameters({ appendfsync }, roomy, mayLoseLastSecond);

  test('is said by the prop alone', () => {
    expect([may('always', false), may('ALWAYS', false), may('everysec', true)]).toEqual([
      { appendfsync: 'always' },
      { appendfsync: 'always' },
      { appendfsync: 'everysec' },
    ]);
    expect([false, true].map((may) => defaultParameters(roomy, 1, may).appendfsync)).toEqual(['always', 'everysec']);
  });

  test.each([
    ['no', false],
    ['no', true],
    ['everysec', false],
    ['always', true],
    ['', false],
  ])('%j is refused where mayLoseLastSecond is %p', (value, lose) => {
    expect(() => may(value, lose)).toThrow(
      `parameters must not set 'appendfsync', got '${value}': with the prop 'mayLoseLastSecond' it is 'everysec', without it 'always', and never less`,
    );
  });
});

test.each([
  ['maxclients', '63', '64 to 1000000', '16 are for the set itself'],
  ['maxclients', '1e3', '64 to 1000000', '16 are for the set itself'],
  ['auto-aof-rewrite-percentage', '0', '1 to 100', 'the volume has room for a log that doubles'],
  ['auto-aof-rewrite-percentage', '101', '1 to 100', 'the volume has room for a log that doubles'],
  [
    'repl-timeout',
    '9',
    '10 to 600',
    "a replica must hear from the primary at least twice in that time ('repl-ping-replica-period')",
  ],
  [
    'repl-ping-replica-period',
    '16',
    '1 to 15',
    "a replica must hear from the primary at least twice in 'repl-timeout'",
  ],
  ['repl-ping-slave-period', '16', '1 to 15', "a replica must hear from the primary at least twice in 'repl-timeout'"],
])('%s may not be %s', (name, value, range, why) => {
  expect(() => check({ [name]: value })).toThrow(
    `parameters must set '${name}' to a number from ${range}, or not at all, got '${value}': ${why}`,
  );
});

test('the log is rewritten before it is larger than the volume has room for', () => {
  expect(() => check({ 'auto-aof-rewrite-min-size': '2561mb' })).toThrow(
    "parameters must set 'auto-aof-rewrite-min-size' to a size of at most 2560mb, or not at all, got '2561mb': the volume has room for no larger log",
  );
  expect(() => check({ 'auto-aof-rewrite-min-size': 'much' })).toThrow('at most 2560mb');
});

test("what a replica's buffer may take is said also where others are limited, and can be changed", () => {
  expect(check({ 'client-output-buffer-limit': 'normal 10mb 5mb 60' })).toEqual({
    'client-output-buffer-limit': 'replica 128mb 128mb 60 normal 10mb 5mb 60',
  });
});

describe('maxmemory', () => {
  const MEBIBYTE = 1024 ** 2;

  test.each(['768mb', '768MB', '786432kb', String(768 * MEBIBYTE), '805m', '805306k', '1kb'])(
    'may be %s of a gibibyte, which is three quarters of it at most',
    (maxmemory) => {
      expect(check({ maxmemory })).toEqual({ maxmemory });
    },
  );

  test.each([
    '1gb',
    '769mb',
    '786433kb',
    String(768 * MEBIBYTE + 1),
    '1g',
    '806m',
    '805307k',
    '0',
    '0mb',
    '',
    '-1',
    '1.5gb',
    '1 gb',
    '50%',
    '1tb',
    '1constructor',
  ])('may not be %j of it', (maxmemory) => {
    expect(() => check({ maxmemory })).toThrow(
      `parameters must set 'maxmemory' to a size of at most 768mb, or not at all, got '${maxmemory}': more does not fit the memory, or 4 times on the volume`,
    );
  });

  test('fits four times on the volume', () => {
    const sizes = { memory: Size.gibibytes(1), volume: Size.mebibytes(2047) };
    expect(checkParameters({ maxmemory: '511mb' }, sizes, false)).toEqual({ maxmemory: '511mb' });
    expect(() => checkParameters({ maxmemory: '512mb' }, sizes, false)).toThrow(
      "to a size of at most 511mb, or not at all, got '512mb'",
    );
  });

  test('fits the memory where the volume has no limit', () => {
    const sizes = { memory: Size.gibibytes(4), volume: undefined };
    expect(checkParameters({ maxmemory: '3gb' }, sizes, false)).toEqual({ maxmemory: '3gb' });
    expect(() => checkParameters({ maxmemory: '3073mb' }, sizes, false)).toThrow('at most 3072mb');
  });
});

describe('defaults', () => {
  const sizes = (memory: number, volume?: number): { memory: Size; volume: Size | undefined } => ({
    memory: Size.mebibytes(memory),
    volume: volume === undefined ? undefined : Size.mebibytes(volume),
  });

  test.each([
    [1024, 10240, '410mb', '64mb'],
    [128, 10240, '51mb', '8mb'], // a log of less is none
    [1024, 1024, '256mb', '64mb'], // a quarter of the volume
    [1024, undefined, '410mb', '64mb'],
    [131072, undefined, '52429mb', '4096mb'],
  ])('for %i MiB of memory and %p of volume', (memory, volume, maxmemory, backlog) => {
    expect(defaultParameters(sizes(memory, volume), 6379, false)).toMatchObject({
      maxmemory,
      'repl-backlog-size': backlog,
    });
  });

  test('leave memory for the log and more, and room on the volume', () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 2 ** 21 }), fc.integer({ min: 4, max: 2 ** 26 }), (memory, volume) => {
        const {
          maxmemory,
          'repl-backlog-size': backlog,
          'client-output-buffer-limit': limit,
        } = defaultParameters(sizes(memory, volume), 6379, false);
        const [data, log] = [maxmemory, backlog].map((value) => Number(/^(\d+)mb$/.exec(value)?.[1]));
        const buffers = Number(/^replica (\d+)mb/.exec(limit)?.[1]);
        expect(buffers).toBeGreaterThanOrEqual(log); // less would not count
        expect(data).toBeGreaterThan(0); // 0 would be no limit
        expect(data * 4).toBeLessThanOrEqual(volume);
        // All is written again while a snapshot is taken.
        expect(2 * data + Math.max(log, buffers)).toBeLessThanOrEqual(memory * 0.94);
      }),
    );
  });

  test('are ones that a user may set, but for those that the library owns', () => {
    const owned = ['bind', 'protected-mode', 'port', 'save', 'repl-backlog-ttl'];
    const defaults = defaultParameters(roomy, 7000, false);
    expect(defaults).toMatchObject({ port: '7000', save: '', 'repl-backlog-ttl': '0' });
    const rest = Object.fromEntries(Object.entries(defaults).filter(([name]) => !owned.includes(name)));
    expect(Object.keys(rest)).toHaveLength(Object.keys(defaults).length - owned.length);
    expect(check(rest)).toEqual({
      ...rest,
      'client-output-buffer-limit': 'replica 128mb 128mb 60 replica 128mb 128mb 60',
    });
  });
});

test('the configuration is one line a parameter, and what is empty is in quotes', () => {
  expect(serverConf({ port: '6379', save: '', bind: '* -::*' })).toBe('port 6379\nsave ""\nbind * -::*\n');
});
