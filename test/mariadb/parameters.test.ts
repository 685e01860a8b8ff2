import { Size } from 'cdk8s';
import fc from 'fast-check';
import { checkParameters, defaultParameters, mariaDbConf } from '../../lib/mariadb/private/parameters';

const ORDINAL = 'the ordinal decides whom a pod follows, and who may write';
const FOLLOWS = 'replicas follow by it';
const LISTENS = 'the server listens on all addresses, as replicas and probes need it';
const VOLUME = 'the volume is mounted by the prop \'storage\'';

const OWNED: { readonly [why: string]: string[] } = {
  'use the prop \'port\'': ['port'],
  [LISTENS]: ['bind_address', 'skip_networking'],
  'the sidecar connects there': ['socket'],
  [VOLUME]: ['datadir', 'innodb_data_home_dir', 'innodb_log_group_home_dir'],
  'the container\'s user is the server\'s': ['user'],
  'it is not used': ['pid_file'],
  'the log goes to the container\'s output: use \'kubectl logs\'': ['log_error'],
  [ORDINAL]: ['server_id', 'report_host', 'read_only', 'skip_slave_start'],
  [FOLLOWS]: [
    'gtid_domain_id', 'gtid_strict_mode', 'log_bin', 'log_slave_updates', 'binlog_format', 'sql_log_bin', 'replicate_do_db', 'replicate_ignore_db',
    'binlog_do_db', 'binlog_ignore_db', 'replicate_do_table', 'replicate_ignore_table', 'replicate_wild_do_table', 'replicate_wild_ignore_table',
    'replicate_rewrite_db', 'relay_log',
  ],
  'everybody gives a password': ['skip_grant_tables'],
  'a replica that is gone would fill the primary\'s disk': ['slave_connections_needed_for_purge'],
  'an acknowledged write must survive the node': ['innodb_doublewrite'],
};

describe('what the library owns is refused, with what to do', () => {
  test.each(Object.entries(OWNED).flatMap(([why, names]) => names.map((name) => [name, why])))('%s', (name, why) => {
    expect(() => checkParameters({ max_connections: '200', [name]: 'x' })).toThrow(`parameters must not set '${name}', got 'x': ${why}`);
  });
});

test.each(['loose_read_only', 'skip_log_bin', 'loose_skip_gtid_strict_mode', 'disable_log_slave_updates', 'maximum_server_id'])('nor by its other name %s', (name) => {
  expect(() => checkParameters({ [name]: '1' })).toThrow(`parameters must not set '${name}'`);
});

describe('the log has a limit', () => {
  test.each(['0', '000', ' 0 ', '', '0M', '+0', '00g'])('%j is none', (value) => {
    expect(() => checkParameters({ max_binlog_total_size: value })).toThrow(
      `parameters must not set 'max_binlog_total_size', got '${value}': the log would fill the disk: give a size`);
  });

  test.each(['10G', '1073741824', '01', '100M'])('%s is one', (value) => {
    expect(checkParameters({ max_binlog_total_size: value })).toEqual({ max_binlog_total_size: value });
  });
});

test.each([['max_connections', '200'], ['sql_mode', ''], ['max_binlog_size', '0'], ['slave_parallel_threads', '0']])('%s may be set, to %j', (name, value) => {
  expect(checkParameters({ [name]: value })).toEqual({ [name]: value });
});

test.each(['Max_Connections', 'max connections', 'server-id', '1st', '_a', '', 'a=b', 'a.b', 'port\n', '__proto__'])('%j is no name of a parameter', (name) => {
  expect(() => checkParameters(Object.fromEntries([[name, 'x']]))).toThrow(`parameters must have names in lower case (a-z, 0-9 and '_'), got '${name}'`);
});

test('a name that every object of JavaScript has is not taken for one that the library owns', () => {
  expect(checkParameters({ constructor: 'x' })).toEqual({ constructor: 'x' });
});

test.each(['a\nport = 1', 'a\rb', 'a\0b'])('%j is not one line', (value) => {
  expect(() => checkParameters({ init_connect: value })).toThrow(`parameters must have values of one line, got ${JSON.stringify(value)} for 'init_connect'`);
});

describe('defaults', () => {
  const defaults = (memory: number, volume?: number): { [name: string]: string } => (
    defaultParameters({ memory: Size.mebibytes(memory), volume: volume === undefined ? undefined : Size.mebibytes(volume) }, 3306));

  test.each<[number, number | undefined, string, string, string, string]>([
    [1024, 102400, '512M', '5120M', '1024M', '20480M'],
    [1024, 10240, '512M', '512M', '205M', '2048M'],
    [1024, undefined, '512M', '512M', '205M', '2048M'], // as if it were ten gibibytes
    [100, 100, '64M', '32M', '4M', '64M'],
    [65536, 1048576, '32768M', '8192M', '1024M', '209715M'],
  ])('for %i MiB of memory and %p of volume', (memory, volume, pool, redo, file, log) => {
    expect(defaults(memory, volume)).toMatchObject({
      innodb_buffer_pool_size: pool, innodb_log_file_size: redo, max_binlog_size: file, max_binlog_total_size: log,
    });
  });

  test('leave half of the memory, and most of the volume to the data, from a gibibyte on', () => {
    fc.assert(fc.property(fc.integer({ min: 128, max: 2 ** 21 }), fc.integer({ min: 1024, max: 2 ** 26 }), (memory, volume) => {
      const given = defaults(memory, volume);
      const [pool, redo, file, log] = ['innodb_buffer_pool_size', 'innodb_log_file_size', 'max_binlog_size', 'max_binlog_total_size']
        .map((name) => Number(/^(\d+)M$/.exec(given[name])?.[1]));
      expect(pool).toBeLessThanOrEqual(Math.ceil(memory / 2));
      expect(redo + log).toBeLessThanOrEqual(volume * 0.26);
      expect(file).toBeLessThan(log); // what is written to is never removed
    }));
  });

  test('a write that was acknowledged survives the node', () => {
    expect(defaults(1024)).toMatchObject({ innodb_flush_log_at_trx_commit: '1', sync_binlog: '1', log_bin: 'binlog', gtid_strict_mode: '1' });
  });

  test('are ones that a user may set, but for those that the library owns', () => {
    const owned = Object.values(OWNED).flat();
    const given = defaults(1024);
    const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !owned.includes(name)));
    expect(Object.keys(given).filter((name) => owned.includes(name))).toEqual([
      'port', 'bind_address', 'log_bin', 'log_slave_updates', 'binlog_format', 'gtid_strict_mode', 'skip_slave_start', 'relay_log', 'slave_connections_needed_for_purge',
    ]);
    expect(checkParameters(rest)).toBe(rest);
  });
});

describe('mariadb.cnf', () => {
  test('is one section, one line a parameter', () => {
    expect(mariaDbConf({ port: '3306', bind_address: '*' })).toBe('[mariadbd]\nport = 3306\nbind_address = *\n');
  });

  test.each([
    ['ON', 'ON'], ['16M', '16M'], ['-1', '-1'], ['0.5', '0.5'], ['/a/b:c', '/a/b:c'], ['A,B', 'A,B'], ['', '""'], ['a b', '"a b"'], ['a#b', '"a#b"'], ['it\'s', '"it\'s"'],
    ['a"b', '"a\\"b"'], ['a\\nb', '"a\\\\nb"'], ['\\', '"\\\\"'], ['"', '"\\""'], ['ü', '"ü"'],
  ])('%j is written as %s', (value, written) => {
    expect(mariaDbConf({ x: value })).toBe(`[mariadbd]\nx = ${written}\n`);
  });

  test('reads back as it was given, whatever the values', () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('\'', '"', '\\', 'n', 's', '#', ' ', '=') }));
    const parameters = fc.dictionary(fc.stringMatching(/^x[a-z]{1,7}$/), value.filter((text) => !/[\r\n\0]/.test(text)), { noNullPrototype: true });
    fc.assert(fc.property(parameters, (given) => {
      expect(read(mariaDbConf(checkParameters(given)))).toEqual(given);
    }), { numRuns: 500 });
  });
});

/** As MariaDB reads the file: `find_end_comment` and `search_default_file_with_ext` of its my_default.c. */
function read(conf: string): { [name: string]: string } {
  const escapes: { [letter: string]: string } = { n: '\n', t: '\t', r: '\r', b: '\b', s: ' ', '"': '"', '\'': '\'', '\\': '\\' };
  return Object.fromEntries(conf.split('\n').slice(1, -1).map((line) => {
    let [quote, escape, end] = ['', false, line.length];
    for (let i = 0; i < end; i++) {
      if (/['"]/.test(line[i]) && !escape) quote = quote === '' ? line[i] : quote === line[i] ? '' : quote;
      if (quote === '' && line[i] === '#') end = i;
      escape = quote !== '' && line[i] === '\\' && !escape;
    }
    const [, name, text] = /^(\w+) = (.*?)[ \t]*$/su.exec(line.slice(0, end)) ?? [];
    const bare = /^(['"]).*\1$/su.test(text) && text.length > 1 ? text.slice(1, -1) : text;
    return [name, bare.replace(/\\(.)/gsu, (all, letter: string) => escapes[letter] ?? all)];
  }));
}
