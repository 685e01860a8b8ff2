import { Size } from 'cdk8s';
import fc from 'fast-check';
import {
  checkParameters,
  defaultParameters,
  logMebibytes,
  mySqlConf,
  withDefaults,
} from '../../../lib/engines/mysql/private/mysql-parameters';

const ORDINAL = 'the ordinal decides whom a pod follows, and who may write';
const SURVIVES = 'an acknowledged write must survive the node';
const FOLLOWS = 'replicas follow by it';

describe('what the library owns is refused, with what to do', () => {
  test.each([
    ['port', "use the prop 'port'"],
    ['skip_networking', 'the server listens on all addresses'],
    ['socket', 'the sidecar connects there'],
    ['performance_schema', "the sidecar reads the replicas' state there"],
    ['datadir', "the volume is mounted by the prop 'storage'"],
    ['log_error', "the log goes to the container's output"],
    ['persisted_globals_load', 'what is set by SET PERSIST would come before what the ordinal demands'],
    ...['server_id', 'report_host', 'read_only', 'super_read_only', 'skip_replica_start', 'skip_slave_start'].map(
      (name) => [name, ORDINAL],
    ),
    ...[
      'gtid_mode',
      'enforce_gtid_consistency',
      'log_bin',
      'skip_log_bin',
      'disable_log_bin',
      'log_replica_updates',
      'skip_log_replica_updates',
      'binlog_format',
      'relay_log',
      'relay_log_recovery',
      'replicate_do_db',
      'replica_skip_errors',
      'replica_exec_mode',
    ].map((name) => [name, FOLLOWS]),
    ...['innodb_flush_log_at_trx_commit', 'sync_binlog', 'innodb_doublewrite', 'loose_sync_binlog'].map((name) => [
      name,
      SURVIVES,
    ]),
    ['skip_grant_tables', 'everybody gives a password'],
    ['plugin_load', "copies need the plugin 'clone': use 'plugin_load_add'"],
  ])('%s', (name, why) => {
    expect(() => checkParameters({ max_connections: '200', [name]: '1' })).toThrow(
      `parameters must not set '${name}', got '1': ${why}`,
    );
  });

  // The server takes numbers and abbreviations too.
  test.each(['nosync', 'littlesync', 'O_DIRECT_NO_FSYNC', 'o_direct_no_fsync', '3', 'nos', '5', ' nosync '])(
    'writing without flushing: %s',
    (value) => {
      expect(() => checkParameters({ innodb_flush_method: value })).toThrow(SURVIVES);
    },
  );

  test.each([
    ['loose_innodb_flush_method', 'nosync'],
    ['innodb_flush_metho', '3'],
    ['sync_binlo', '0'],
    ['innodb_flush_log_at_trx', '0'],
  ])('%s, which may be taken for what must not be set', (name, value) => {
    expect(() => checkParameters({ [name]: value })).toThrow(SURVIVES);
  });

  test.each([
    ['default_storage_engine', 'MyISAM', 'copies hold InnoDB tables only'],
    ['relay_log_purge', '0', 'the log would fill the disk'],
    ['protocol_compression_algorithms', 'zstd,zlib', 'name that one too'],
    ['transaction_read_only', 'ON', 'does not load then'],
    ['replica_net_timeout', '4', 'give at least 10'],
    ['tls_version', '', 'pods talk by TLS only'],
    ['thread_handling', 'no-threads', 'keep connections'],
    ['ssl_cert', '/x', 'pods know one another by certificates'],
    ['skip_ssl', '', 'pods know one another by certificates'],
    ['init_file', '/x.sql', "use 'initScripts'"],
    ['clone', 'OFF', 'copies need it'],
    ['auth_socket', 'OFF', 'the sidecar connects by it'],
  ])('%s = %j', (name, value, why) => {
    expect(() => checkParameters({ [name]: value })).toThrow(why);
  });

  test.each(['0', 'OFF', 'false'])('a log that never ages: %s', (value) => {
    expect(() => checkParameters({ binlog_expire_logs_auto_purge: value })).toThrow('the log would fill the disk');
  });
});

test.each([
  ['max_connections', '200'],
  ['sql_mode', ''],
  ['innodb_flush_method', 'O_DIRECT'],
  ['binlog_expire_logs_seconds', '3600'],
  ['plugin_load_add', 'thread_pool.so'],
  ['mysqlx', 'ON'],
  ['innodb_flush_method', 'fsync'],
  ['default_storage_engine', 'InnoDB'],
  ['protocol_compression_algorithms', 'zstd,uncompressed'],
  ['tls_version', 'TLSv1.3'],
  ['server_id_bits', '16'],
])('%s may be set, to %j', (name, value) => {
  expect(checkParameters({ [name]: value })).toEqual({ [name]: value });
});

test.each(['Max_Connections', 'max connections', 'server-id', '1st', '', 'a=b', 'port\n'])(
  '%j is no name of a parameter',
  (name) => {
    expect(() => checkParameters({ [name]: 'x' })).toThrow(
      `parameters must have names in lower case (a-z, 0-9 and '_'), got '${name}'`,
    );
  },
);

describe('the log that is kept', () => {
  test.each<[Size | undefined, number]>([
    [Size.gibibytes(100), 20480],
    [Size.gibibytes(1), 205],
    [Size.mebibytes(10), 64],
    [undefined, 2048],
  ])('of %p is a fifth', (volume, mebibytes) => {
    expect(logMebibytes(undefined, volume)).toBe(mebibytes);
  });

  test('is what the user says, up to half of the volume', () => {
    expect(logMebibytes(Size.gibibytes(2), Size.gibibytes(4))).toBe(2048);
    expect(() => logMebibytes(Size.mebibytes(2049), Size.gibibytes(4))).toThrow(
      "maxLogSize must be a whole number of mebibytes, from 64 to half of the volume's 4096, got 2049 mebibytes",
    );
    expect(() => logMebibytes(Size.mebibytes(63), Size.gibibytes(4))).toThrow('got 63 mebibytes');
    expect(() => logMebibytes(Size.kibibytes(100_000), Size.gibibytes(4))).toThrow('got 97.65625 mebibytes');
  });
});

describe('defaults', () => {
  const defaults = (memory: number, volume: number | undefined, logMiB: number): { [name: string]: string } =>
    defaultParameters(
      { memory: Size.mebibytes(memory), volume: volume === undefined ? undefined : Size.mebibytes(volume) },
      logMiB,
      3306,
    );

  test.each<[number, number | undefined, number, string, string, string]>([
    [1024, 102400, 20480, '384M', '5120M', '1024M'],
    [8192, undefined, 2048, '4685M', '512M', '205M'],
    [128, 100, 64, '64M', '32M', '6M'],
  ])('for %i MiB of memory, %p of volume and %i of log', (memory, volume, log, pool, redo, file) => {
    expect(defaults(memory, volume, log)).toMatchObject({
      innodb_buffer_pool_size: pool,
      innodb_redo_log_capacity: redo,
      max_binlog_size: file,
      relay_log_space_limit: `${log}M`,
    });
  });

  test('temporary files are on the volume, whose size is known, and no table is made that copies would not have', () => {
    const { tmpdir, disabled_storage_engines: disabled } = defaults(1024, 1024, 205);
    expect(tmpdir).toBe('/var/lib/mysql/temporary');
    expect(disabled).toContain('MyISAM');
  });

  test.each([
    [undefined, '136'],
    ['20', '18'],
    ['500', '480'],
    ['2', '1'],
    ['1', '0'],
    ['x', '0'],
  ])('of max_connections %p no user takes all: %s', (given, most) => {
    expect(withDefaults(given === undefined ? {} : { max_connections: given }, { a: 'b' })).toMatchObject({
      a: 'b',
      max_user_connections: most,
    });
    expect(withDefaults({ max_user_connections: '7' }, {})).toEqual({ max_user_connections: '7' });
  });

  test('a write that was acknowledged survives the node, and replicas follow by GTID', () => {
    expect(defaults(1024, 1024, 205)).toMatchObject({
      innodb_flush_log_at_trx_commit: '1',
      sync_binlog: '1',
      gtid_mode: 'ON',
      enforce_gtid_consistency: 'ON',
      skip_replica_start: 'ON',
      relay_log_recovery: 'ON',
      persisted_globals_load: 'OFF',
    });
  });
});

describe('mysql.cnf', () => {
  test("is one section, with the plugins that copies and the sidecar need next to the user's", () => {
    expect(mySqlConf({ port: '3306', plugin_load_add: 'x.so', sql_mode: 'A B' })).toBe(
      '[mysqld]\nplugin_load_add = clone=mysql_clone.so\nplugin_load_add = auth_socket=auth_socket.so\nport = 3306\nplugin_load_add = x.so\nsql_mode = "A B"\n',
    );
  });

  test('has one line a parameter, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n\0]/.test(text)),
        (value) => {
          const line = mySqlConf(checkParameters({ x: value })).split('\n')[3];
          const [, quoted] = /^x = "(.*)"$/su.exec(line) ?? [];
          expect(quoted === undefined ? line.slice(4) : quoted.replace(/\\(.)/gsu, '$1')).toBe(value);
        },
      ),
    );
  });
});
