import { Size } from 'cdk8s';
import fc from 'fast-check';
import {
  checkParameters,
  defaultParameters,
  postgresqlConf,
} from '../../../lib/engines/postgres/private/postgres-parameters';

/** Of a set of three. */
const check = (parameters: { [name: string]: string }): { [name: string]: string } => checkParameters(parameters, 3);

describe('what the library owns is refused, with what to do', () => {
  test.each([
    ['port', "use the prop 'port'"],
    ['listen_addresses', 'the server listens on all addresses, as replicas and probes need it'],
    ['unix_socket_directories', 'the sidecar connects there'],
    ['data_directory', "the volume is mounted by the prop 'storage'"],
    ['config_file', "use the prop 'parameters'"],
    ['include', "use the prop 'parameters'"],
    ['include_dir', "use the prop 'parameters'"],
    ['include_if_exists', "use the prop 'parameters'"],
    ['hba_file', 'passwords are required by scram-sha-256 from everywhere; restrict addresses by a NetworkPolicy'],
    ['ident_file', 'it is not used'],
    ['cluster_name', "use the prop 'name'"],
    ['hot_standby', 'replicas are there to be read'],
    ['primary_conninfo', 'the ordinal decides whom a pod follows'],
    ['primary_slot_name', 'the ordinal decides whom a pod follows'],
    ['restore_command', 'a replica whose log is gone copies again by itself'],
    ...['', '_action', '_inclusive', '_lsn', '_name', '_time', '_timeline', '_xid'].map((end) => [
      `recovery_target${end}`,
      'ordinal 0 is the primary; restore into a set of another name',
    ]),
    ['fsync', 'an acknowledged write must survive the node'],
    ['full_page_writes', 'an acknowledged write must survive the node'],
    ['logging_collector', "the log goes to the container's output: use 'kubectl logs'"],
    [
      'synchronous_standby_names',
      "use the prop 'synchronousReplicas', which names the replicas as they are called at run time: '*' would count a copy that is half made",
    ],
    ['log_destination', "the log goes to the container's output: use 'kubectl logs'"],
  ])('%s', (name, why) => {
    expect(() => check({ work_mem: '4MB', [name]: 'x' })).toThrow(`parameters must not set '${name}', got 'x': ${why}`);
  });
});

describe('values that would break a promise', () => {
  test.each([
    ['wal_level', 'minimal', 'replicas need replica or logical'],
    ['wal_level', ' Minimal', 'replicas need replica or logical'],
    ['max_slot_wal_keep_size', '-1', "a replica that is gone would fill the primary's disk: give a size"],
    ['max_slot_wal_keep_size', '-1MB', "a replica that is gone would fill the primary's disk: give a size"],
    ['wal_sender_timeout', '0', 'a pod whose node died would be waited for until the network gives up: give a time'],
    [
      'wal_receiver_timeout',
      '0 s',
      'a pod whose node died would be waited for until the network gives up: give a time',
    ],
    ['recovery_min_apply_delay', '5min', 'a replica that is behind on purpose is never in step, and so never ready'],
  ])('%s = %s', (name, value, why) => {
    expect(() => check({ [name]: value })).toThrow(`parameters must not set '${name}', got '${value}': ${why}`);
  });

  const switches = ['on', 'ON', 'true', 'tr', 'yes', '1', 'x'];
  test.each([
    [
      'synchronous_commit',
      ['off', 'OFF', 'no', 'false', '0', 'of'],
      ['on', 'local', 'remote_write', 'Remote_Apply', 'true', '1'],
      'an acknowledged write must survive a crash: a session, or a role by ALTER ROLE, can set it off for what may be lost',
    ],
    ...['zero_damaged_pages', 'ignore_checksum_failure', 'ignore_invalid_pages'].map(
      (name): [string, string[], string[], string] => [
        name,
        switches,
        ['off', 'Off', 'false', 'no', '0'],
        'damaged data would be taken for right, and copied to the replicas: recover from a replica',
      ],
    ),
    [
      'data_sync_retry',
      switches,
      ['off', '0'],
      'after an error of the disk what was to be written may be lost: the server must recover from its log',
    ],
  ])('%s, however it is spelled', (name, refused, allowed, why) => {
    for (const value of refused)
      expect(() => check({ [name]: value })).toThrow(`parameters must not set '${name}', got '${value}': ${why}`);
    for (const value of allowed) expect(check({ [name]: value })).toEqual({ [name]: value });
  });

  test.each([
    ['wal_level', 'logical'],
    ['max_slot_wal_keep_size', '10GB'],
    ['max_wal_senders', '7'],
    ['max_replication_slots', '40'],
  ])('not %s = %s', (name, value) => {
    expect(check({ [name]: value })).toEqual({ [name]: value });
  });
});

describe('connections that are kept for the pods themselves', () => {
  test('are kept by default', () => {
    expect(defaultParameters({ memory: Size.gibibytes(1), volume: undefined }, 5432, 3)).toMatchObject({
      reserved_connections: '5',
      tcp_user_timeout: '20s',
      huge_pages: 'off',
    });
  });

  test.each(['0', '4', 'x', '-1'])('are no fewer: not %s', (value) => {
    expect(() => check({ reserved_connections: value })).toThrow(
      `parameters must set 'reserved_connections' to at least 5, by which the pods reach one another when an ` +
        `application has used up the rest, or not at all, got '${value}'`,
    );
  });

  test('leave some for the application, or the server would not start', () => {
    expect(() => check({ max_connections: '8' })).toThrow(
      "parameters must set 'max_connections' to more than the 8 that are reserved for superusers and the pods themselves, got '8'",
    );
    expect(() => check({ max_connections: '20', reserved_connections: '17' })).toThrow('more than the 20');
    const enough = { max_connections: '9' };
    expect(check(enough)).toBe(enough);
  });
});

describe('what the primary uses one of for each replica, and four more', () => {
  test.each(['max_wal_senders', 'max_replication_slots'])('%s', (name) => {
    for (const value of ['0', '4', '06', '-1', '', 'x']) {
      expect(() => check({ [name]: value })).toThrow(
        `parameters must set '${name}' to at least 7 with 3 replicas, or not at all, got '${value}'`,
      );
    }
    expect(() => checkParameters({ [name]: '23' }, 20)).toThrow('to at least 24 with 20 replicas');
    expect(checkParameters({ [name]: '24' }, 20)).toEqual({ [name]: '24' });
  });

  test('is enough by default, and not another number for each more: the pods restart for it', () => {
    const senders = (replicas: number): string | undefined =>
      defaultParameters({ memory: Size.gibibytes(1), volume: undefined }, 5432, replicas).max_wal_senders;
    expect([1, 4].map(senders)).toEqual([undefined, undefined]); // PostgreSQL's own are ten
    expect([5, 12, 13, 28, 29, 1000].map(senders)).toEqual(['16', '16', '32', '32', '64', '1024']);
    for (let replicas = 1; replicas <= 1000; replicas++) {
      expect(Number(senders(replicas) ?? 10)).toBeGreaterThanOrEqual(replicas + 4);
    }
  });
});

test.each(['Work_Mem', 'work mem', '1st', '', 'a.b.c', 'a=b', 'work_mem\n'])('%j is no name of a parameter', (name) => {
  expect(() => check({ [name]: 'x' })).toThrow(
    `parameters must have names in lower case (a-z, 0-9, '_', and one '.' in an extension's), got '${name}'`,
  );
});

test.each(['constructor', '__proto__'])(
  '%s, which every object of JavaScript has, is not taken for a name that the library owns',
  (name) => {
    const parameters = Object.fromEntries([[name, 'x']]);
    expect(check(parameters)).toBe(parameters);
  },
);

test.each(['a\nport = 1', 'a\rb', 'a\0b'])('%j is not one line', (value) => {
  expect(() => check({ search_path: value })).toThrow(
    `parameters must have values of one line, got ${JSON.stringify(value)} for 'search_path'`,
  );
});

describe('defaults', () => {
  const bytes: { [unit: string]: number } = { MB: 1 };
  const mebibytes = (value: string): number => {
    const [, amount, unit] = /^(\d+)(MB)$/.exec(value) ?? [];
    return Number(amount) * bytes[unit];
  };

  test.each([
    [
      128,
      1024,
      {
        shared_buffers: '32MB',
        effective_cache_size: '96MB',
        max_wal_size: '102MB',
        wal_keep_size: '51MB',
        max_slot_wal_keep_size: '205MB',
      },
    ],
    [
      32,
      100,
      {
        shared_buffers: '16MB',
        effective_cache_size: '32MB',
        max_wal_size: '64MB',
        wal_keep_size: '32MB',
        max_slot_wal_keep_size: '64MB',
      },
    ],
    [
      65536,
      1048576,
      {
        shared_buffers: '16384MB',
        effective_cache_size: '49152MB',
        max_wal_size: '16384MB',
        wal_keep_size: '16384MB',
        max_slot_wal_keep_size: '209715MB',
      },
    ],
  ])('for %i MiB of memory and %i MiB of volume', (memory, volume, expected) => {
    expect(
      defaultParameters({ memory: Size.mebibytes(memory), volume: Size.mebibytes(volume) }, 5432, 3),
    ).toMatchObject(expected);
  });

  test('the log that is kept for others leaves most of the volume to the data, from a gibibyte on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 32, max: 2 ** 21 }), fc.integer({ min: 1024, max: 2 ** 26 }), (memory, volume) => {
        const defaults = defaultParameters({ memory: Size.mebibytes(memory), volume: Size.mebibytes(volume) }, 5432, 3);
        const [kept, slots, wal] = [defaults.wal_keep_size, defaults.max_slot_wal_keep_size, defaults.max_wal_size].map(
          mebibytes,
        );
        expect(Math.max(kept, slots) + wal).toBeLessThanOrEqual(volume * 0.31);
        expect(mebibytes(defaults.shared_buffers)).toBeLessThanOrEqual(memory / 2);
      }),
    );
  });

  test('are ones that a user may set, but for the three that the library owns', () => {
    const owned = ['listen_addresses', 'port', 'hba_file'];
    const defaults = defaultParameters({ memory: Size.gibibytes(1), volume: undefined }, 5432, 3);
    expect(Object.keys(defaults)).toEqual(expect.arrayContaining(owned));
    const rest = Object.fromEntries(Object.entries(defaults).filter(([name]) => !owned.includes(name)));
    expect(check(rest)).toBe(rest);
  });
});

describe('postgresql.conf', () => {
  test.each([
    ['on', 'on'],
    ['16MB', '16MB'],
    ['200', '200'],
    ['9f86', "'9f86'"],
    ['', "''"],
    ['a, b', "'a, b'"],
    ["it's", "'it''s'"],
    ['a\\b', "'a\\\\b'"],
    ['*', "'*'"],
  ])('%j is written as %s', (value, written) => {
    expect(postgresqlConf({ work_mem: value })).toBe(`work_mem = ${written}\n`);
  });

  test('reads back as it was given, whatever the values', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom("'", '\\', 'n', '0', '#', ' ', '=') }),
      fc.stringMatching(/^[0-9a-fx]{1,4}$/),
    );
    const parameters = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}$/),
      value.filter((text) => !/[\r\n\0]/.test(text)),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(parameters, (given) => {
        expect(read(postgresqlConf(check(given)))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });
});

/**
 * As PostgreSQL reads the file: its scanner `guc-file.l`, where digits may end in letters only, and
 * `DeescapeQuotedString` for quotes.
 */
function read(conf: string): { [name: string]: string } {
  return Object.fromEntries(
    conf
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [, name, plain, quoted] =
          /^([a-z_.]+) = (?:([A-Za-z][A-Za-z0-9]*|(?:0x[0-9A-Fa-f]+|\d+)[A-Za-z]*)|'((?:[^'\\]|\\.|'')*)')$/u.exec(
            line,
          ) ?? [];
        expect({ line, name }).toEqual({ line, name: expect.any(String) as string });
        return [
          name,
          plain ??
            quoted.replace(/''|\\([0-7]{1,3}|.)/gu, (_, escape: string | undefined) =>
              escape === undefined ? "'" : unescape(escape),
            ),
        ];
      }),
  );
}

function unescape(escape: string): string {
  const letters: { [letter: string]: string } = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
  return /^[0-7]/.test(escape) ? String.fromCharCode(parseInt(escape, 8)) : (letters[escape] ?? escape);
}
