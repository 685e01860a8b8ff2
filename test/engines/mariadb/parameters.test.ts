import { Size } from 'cdk8s';
import fc from 'fast-check';
import {
  checkParameters,
  defaultParameters,
  mariaDbConf,
} from '../../../lib/engines/mariadb/private/mariadb-parameters';

const ORDINAL = 'the ordinal decides whom a pod follows, and who may write';
const FOLLOWS = 'replicas follow by it';
const LISTENS = 'the server listens on all addresses, as replicas and probes need it';
const VOLUME = "the volume is mounted by the prop 'storage'";

const OWNED: { readonly [why: string]: string[] } = {
  "use the prop 'port'": ['port'],
  [LISTENS]: ['bind_address', 'skip_networking'],
  'the sidecar connects there': ['socket'],
  [VOLUME]: [
    'datadir',
    'innodb_data_home_dir',
    'innodb_log_group_home_dir',
    'innodb_undo_directory',
    'innodb_tmpdir',
    'tmpdir',
    'slave_load_tmpdir',
    'aria_log_dir_path',
  ],
  "the container's user is the server's": ['user'],
  'it is not used': ['pid_file'],
  "the log goes to the container's output: use 'kubectl logs'": ['log_error'],
  [ORDINAL]: [
    'server_id',
    'report_host',
    'report_port',
    'read_only',
    'skip_slave_start',
    'init_rpl_role',
    'innodb_read_only',
  ],
  [FOLLOWS]: [
    'gtid_domain_id',
    'gtid_strict_mode',
    'log_bin',
    'log_slave_updates',
    'binlog_format',
    'sql_log_bin',
    'replicate_do_db',
    'replicate_ignore_db',
    'binlog_do_db',
    'binlog_ignore_db',
    'replicate_do_table',
    'replicate_ignore_table',
    'replicate_wild_do_table',
    'replicate_wild_ignore_table',
    'replicate_rewrite_db',
    'relay_log',
    'relay_log_index',
    'relay_log_info_file',
    'log_bin_index',
    'gtid_ignore_duplicates',
    'replicate_same_server_id',
    'replicate_events_marked_for_skip',
    'slave_skip_errors',
    'slave_exec_mode',
    'slave_run_triggers_for_rbr',
    'skip_ssl',
    'ssl',
  ],
  'everybody gives a password': ['skip_grant_tables'],
  "a replica that is gone would fill the primary's disk": ['slave_connections_needed_for_purge'],
  'an acknowledged write must survive the node': [
    'innodb_doublewrite',
    'innodb_flush_log_at_trx_commit',
    'loose_innodb_flush_log_at_trx_commit',
    'sync_binlog',
    'skip_sync_frm',
    'debug_no_sync',
    'tc_heuristic_recover',
  ],
  'relay logs would fill the disk': ['relay_log_purge'],
  'the password in it stays in memory': ['master_info_file'],
  'the sidecar looks at the primary before a replica is connected again': ['master_retry_count'],
  'Galera replicates in another way': ['wsrep_on', 'wsrep_provider', 'wsrep_cluster_address'],
  "the pod's users and signs rest on it": ['skip_unix_socket', 'unix_socket', 'skip_sequence'],
  'a name is written in full': ['getopt_prefix_matching'],
};

describe('what the library owns is refused, with what to do', () => {
  test.each(Object.entries(OWNED).flatMap(([why, names]) => names.map((name) => [name, why])))('%s', (name, why) => {
    expect(() => checkParameters({ max_connections: '200', [name]: 'x' })).toThrow(
      `parameters must not set '${name}', got 'x': ${why}`,
    );
  });
});

test.each([
  'loose_read_only',
  'skip_log_bin',
  'loose_skip_gtid_strict_mode',
  'disable_log_slave_updates',
  'maximum_server_id',
])('nor by its other name %s', (name) => {
  expect(() => checkParameters({ [name]: '1' })).toThrow(`parameters must not set '${name}'`);
});

describe('the log has a limit', () => {
  describe.each(['max_binlog_total_size', 'binlog_space_limit', 'loose_binlog_space_limit'])('%s', (name) => {
    test.each(['0', '000', ' 0 ', '', '0M', '+0', '00g'])('%j is none', (value) => {
      expect(() => checkParameters({ [name]: value })).toThrow(
        `parameters must not set '${name}', got '${value}': the log would fill the disk: give a size`,
      );
    });

    test.each(['10G', '1073741824', '01', '100M'])('%s is one', (value) => {
      expect(checkParameters({ [name]: value })).toEqual({ [name]: value });
    });
  });
});

describe('a write that was acknowledged survives the node', () => {
  test.each(['nosync', 'littlesync', 'O_DIRECT_NO_FSYNC', 'NoSync', ' nosync ', '2', '3', '5'])(
    'innodb_flush_method %s is refused',
    (value) => {
      expect(() => checkParameters({ innodb_flush_method: value })).toThrow(
        `parameters must not set 'innodb_flush_method', got '${value}': an acknowledged write must survive the node`,
      );
    },
  );

  test.each(['fsync', 'O_DSYNC', 'O_DIRECT', '0', '4'])('%s may be set', (value) => {
    expect(checkParameters({ innodb_flush_method: value })).toEqual({ innodb_flush_method: value });
  });

  test.each(['MyISAM', 'Aria', 'memory', 'BLACKHOLE', ''])('no table is one of %j unasked', (value) => {
    for (const name of ['default_storage_engine', 'enforce_storage_engine', 'loose_default_storage_engine']) {
      expect(() => checkParameters({ [name]: value })).toThrow(
        `parameters must not set '${name}', got '${value}': an acknowledged write to another engine's table need not survive the node`,
      );
    }
    expect(checkParameters({ default_storage_engine: 'InnoDB', enforce_storage_engine: 'innodb' })).toEqual({
      default_storage_engine: 'InnoDB',
      enforce_storage_engine: 'innodb',
    });
  });
});

test.each([
  ['max_connections', '200'],
  ['sql_mode', ''],
  ['max_binlog_size', '0'],
  ['slave_parallel_threads', '0'],
])('%s may be set, to %j', (name, value) => {
  expect(checkParameters({ [name]: value })).toEqual({ [name]: value });
});

test.each(['Max_Connections', 'max connections', 'server-id', '1st', '_a', '', 'a=b', 'a.b', 'port\n', '__proto__'])(
  '%j is no name of a parameter',
  (name) => {
    expect(() => checkParameters(Object.fromEntries([[name, 'x']]))).toThrow(
      `parameters must have names in lower case (a-z, 0-9 and '_'), got '${name}'`,
    );
  },
);

test('a name that every object of JavaScript has is not taken for one that the library owns', () => {
  expect(checkParameters({ constructor: 'x' })).toEqual({ constructor: 'x' });
});

test.each(['a\nport = 1', 'a\rb', 'a\0b'])('%j is not one line', (value) => {
  expect(() => checkParameters({ init_connect: value })).toThrow(
    `parameters must have values of one line, got ${JSON.stringify(value)} for 'init_connect'`,
  );
});

describe('defaults', () => {
  const defaults = (memory: number, volume?: number): { [name: string]: string } =>
    defaultParameters(
      { memory: Size.mebibytes(memory), volume: volume === undefined ? undefined : Size.mebibytes(volume) },
      3306,
    );

  test.each<[number, number | undefined, string, string, string, string]>([
    [1024, 102400, '512M', '5120M', '1024M', '20480M'],
    [1024, 10240, '512M', '512M', '205M', '2048M'],
    [1024, undefined, '512M', '512M', '205M', '2048M'], // as if it were ten gibibytes
    [100, 100, '64M', '32M', '4M', '64M'],
    [65536, 1048576, '32768M', '8192M', '1024M', '209715M'],
  ])('for %i MiB of memory and %p of volume', (memory, volume, pool, redo, file, log) => {
    expect(defaults(memory, volume)).toMatchObject({
      innodb_buffer_pool_size: pool,
      innodb_log_file_size: redo,
      max_binlog_size: file,
      max_binlog_total_size: log,
    });
  });

  test('leave half of the memory, and most of the volume to the data, from a gibibyte on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 2 ** 21 }), fc.integer({ min: 1024, max: 2 ** 26 }), (memory, volume) => {
        const given = defaults(memory, volume);
        const [pool, redo, file, log] = [
          'innodb_buffer_pool_size',
          'innodb_log_file_size',
          'max_binlog_size',
          'max_binlog_total_size',
        ].map((name) => Number(/^(\d+)M$/.exec(given[name])?.[1]));
        expect(pool).toBeLessThanOrEqual(Math.ceil(memory / 2));
        expect(redo + log).toBeLessThanOrEqual(volume * 0.26);
        expect(file).toBeLessThan(log); // what is written to is never removed
      }),
    );
  });

  test("a write that was acknowledged survives the node, and a connection that broke is the sidecar's", () => {
    expect(defaults(1024)).toMatchObject({
      innodb_flush_log_at_trx_commit: '1',
      sync_binlog: '1',
      log_bin: 'binlog',
      gtid_strict_mode: '1',
      master_retry_count: '1',
    });
  });

  // An application that used up all connections kept replicas from following, and pods from starting and stopping in
  // their order.
  test.each([
    [undefined, '135'],
    ['200', '184'],
    ['33', '17'],
    ['32', undefined],
    ['10', undefined],
    ['1K', undefined],
  ])('of %s connections no user alone gets all', (connections, most) => {
    expect(
      defaultParameters({ memory: Size.mebibytes(1024), volume: undefined }, 3306, connections).max_user_connections,
    ).toBe(most);
  });

  test('are ones that a user may set, but for those that the library owns', () => {
    const owned = Object.values(OWNED).flat();
    const given = defaults(1024);
    const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !owned.includes(name)));
    expect(Object.keys(given).filter((name) => owned.includes(name))).toEqual([
      'port',
      'bind_address',
      'innodb_flush_log_at_trx_commit',
      'sync_binlog',
      'log_bin',
      'log_slave_updates',
      'binlog_format',
      'gtid_strict_mode',
      'skip_slave_start',
      'master_retry_count',
      'relay_log',
      'slave_connections_needed_for_purge',
    ]);
    expect(checkParameters(rest)).toBe(rest);
  });
});

describe('mariadb.cnf', () => {
  test('is one section, one line a parameter', () => {
    expect(mariaDbConf({ port: '3306', bind_address: '*' })).toBe(
      '[mariadbd]\ngetopt_prefix_matching = 0\nport = 3306\nbind_address = *\n',
    );
  });

  test.each([
    ['ON', 'ON'],
    ['16M', '16M'],
    ['-1', '-1'],
    ['0.5', '0.5'],
    ['/a/b:c', '/a/b:c'],
    ['A,B', 'A,B'],
    ['', '""'],
    ['a b', '"a b"'],
    ['a#b', '"a#b"'],
    ["it's", '"it\'s"'],
    ['a"b', '"a\\"b"'],
    ['a\\nb', '"a\\\\nb"'],
    ['\\', '"\\\\"'],
    ['"', '"\\""'],
    ['ü', '"ü"'],
  ])('%j is written as %s', (value, written) => {
    expect(mariaDbConf({ x: value })).toBe(`[mariadbd]\ngetopt_prefix_matching = 0\nx = ${written}\n`);
  });

  test('reads back as it was given, whatever the values', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom("'", '"', '\\', 'n', 's', '#', ' ', '=') }),
    );
    const parameters = fc.dictionary(
      fc.stringMatching(/^x[a-z]{1,7}$/),
      value.filter((text) => !/[\r\n\0]/.test(text)),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(parameters, (given) => {
        expect(read(mariaDbConf(checkParameters(given)))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });
});

/** As MariaDB reads the file: `find_end_comment` and `search_default_file_with_ext` of its my_default.c. */
function read(conf: string): { [name: string]: string } {
  const escapes: { [letter: string]: string } = {
    n: '\n',
    t: '\t',
    r: '\r',
    b: '\b',
    s: ' ',
    '"': '"',
    "'": "'",
    '\\': '\\',
  };
  return Object.fromEntries(
    conf
      .split('\n')
      .slice(2, -1)
      .map((line) => {
        let [quote, escape, end] = ['', false, line.length];
        for (let i = 0; i < end; i++) {
          if (/['"]/.test(line[i]) && !escape) quote = quote === '' ? line[i] : quote === line[i] ? '' : quote;
          if (quote === '' && line[i] === '#') end = i;
          escape = quote !== '' && line[i] === '\\' && !escape;
        }
        const [, name, text] = /^(\w+) = (.*?)[ \t]*$/su.exec(line.slice(0, end)) ?? [];
        const bare = /^(['"]).*\1$/su.test(text) && text.length > 1 ? text.slice(1, -1) : text;
        return [name, bare.replace(/\\(.)/gsu, (all, letter: string) => escapes[letter] ?? all)];
      }),
  );
}
