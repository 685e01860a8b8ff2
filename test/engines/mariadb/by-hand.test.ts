import { Result, Sandbox } from '../../core/scripts/sandbox';
import { statements } from '../mysql-common/statements';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What mariadb-binlog prints of the transactions that a replica wrote itself, as it was seen; cut short where nothing
// depends on it.
const HEAD = `/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;
DELIMITER /*!*/;
# at 4
#261129 17:36:31 server id 3  end_log_pos 256 CRC32 0x7b9319f7 \tStart: binlog v 4, server v 11.8.9-MariaDB-log created 261129 17:36:31 at startup
# Warning: this binlog is either in use or was not closed properly.
ROLLBACK/*!*/;
BINLOG '
n2IMaw8DAAAA/AAAAAABAAABAAQAMTEuOC45LU1hcmlhREItMCtkZWIxM3UxIGZyb20gRGViaWFu
AAAAAAAAAAAEEwQADQgICAoKCgH3GZN7
'/*!*/;
# at 256
#261129 17:36:31 server id 3  end_log_pos 331 CRC32 0xc39624d3 \tGtid list [0-1-21,
# 0-1120624-29]
#261129 17:36:31 server id 3  end_log_pos 371 CRC32 0x97a77cd1 \tBinlog checkpoint binlog.000002
`;
const query = (sql: string): string => `# at 371
#261129 17:37:17 server id 3  end_log_pos 413 CRC32 0x2edfafa2 \tGTID 0-3-31 ddl thread_id=12
/*M!100001 SET @@session.gtid_seq_no=31*//*!*/;
#261129 17:37:17 server id 3  end_log_pos 488 CRC32 0x65941d3f \tQuery\tthread_id=12\texec_time=0\terror_code=0\txid=0
SET TIMESTAMP=1795973837/*!*/;
SET @@session.sql_mode=1411383296/*!*/;
${sql}
/*!*/;
`;
const ROWS = `#261129 17:37:17 server id 3  end_log_pos 413 CRC32 0x2edfafa2 \tGTID 0-3-31 trans thread_id=12
BEGIN
/*!*/;
#261129 17:37:17 server id 3  end_log_pos 488 CRC32 0x65941d3f \tTable_map: \`app\`.\`t\` mapped to number 30
#261129 17:37:17 server id 3  end_log_pos 522 CRC32 0x65941d3f \tWrite_rows: table id 30 flags: STMT_END_F

BINLOG '
AAAAAAAAAAAEEwQADQgICAoKCgH3GZN7
'/*!*/;
#261129 17:37:17 server id 3  end_log_pos 560 CRC32 0x65941d3f \tXid = 55
COMMIT/*!*/;
`;
const TAIL =
  'DELIMITER ;\n# End of log file\nROLLBACK /* added by mysqlbinlog */;\n/*!50003 SET COMPLETION_TYPE=@OLD_COMPLETION_TYPE*/;\n';

/** What comes of a replica, ordinal 2, whose last transaction is 0-3-32, by what is in its log. */
async function drop(log: string, more = ''): Promise<Result> {
  sandbox = new Sandbox(2, {}, { scriptsOf: 'mariadb', and: 'mysql-common' });
  sandbox.write('binlog', log);
  sandbox.write('stub/mariadb-binlog', '#!/usr/bin/env bash\necho "$*" >>"$STUB/calls"\ncat "${STUB%/*}/binlog"\n');
  return sandbox.run(`. "$scripts/by-hand.sh"; chmod +x "$STUB/mariadb-binlog"; PATH=$STUB:$PATH
    log_errors() { :; }
    core_session_ask() {
      case $1 in
        *'SHOW BINARY LOGS'*) core_answer=($'binlog.000001\\t394' $'binlog.000002\\t609') ;;
        *'SELECT @@gtid_binlog_state'*) core_answer=(0-1-21,0-3-32,0-1120624-30) ;;
        *) log "$1" ;;
      esac
    }
    ${more}
    if drop_local_flushes 0-3-32; then echo dropped; else echo kept; fi`);
}

describe('a replica that wrote to its own log', () => {
  test.each([['FLUSH TABLES'], ['flush privileges'], ['FLUSH TABLES app.t']])(
    'nothing but %s: that is taken out, and it follows on',
    async (statement) => {
      const { out, log } = await drop(HEAD + query(statement) + query('FLUSH STATUS') + TAIL);
      expect(out).toBe('dropped\n');
      expect(log).toEqual([
        "STOP SLAVE; RESET MASTER; SET GLOBAL gtid_binlog_state = '0-1-21,0-1120624-30';",
        "removed 0-3-32 from this replica's log: a FLUSH by hand, which changes no data. FLUSH LOCAL is not written there",
      ]);
      const files = ['binlog.000001', 'binlog.000002']
        .map((name) => `${sandbox.folder}/volume/current/${name}`)
        .join(' ');
      expect(sandbox.calls).toEqual([`--no-defaults --server-id=3 ${files}`]);
    },
  );

  test.each([
    ['rows', ROWS],
    ['a table', query('CREATE TABLE app.t (i INT)')],
    ['a password', query("SET PASSWORD FOR app@'%'='*0B8'")],
    ['a statement of several lines', query('DROP\nTABLE app.t')],
    ['what begins with FLUSH and goes on', query('FLUSH TABLES;\nDROP TABLE app.t')],
  ])('%s: all is left as it is', async (_, other) => {
    for (const log of [
      HEAD + other + TAIL,
      HEAD + query('FLUSH TABLES') + other + TAIL,
      HEAD + other + query('FLUSH TABLES') + TAIL,
    ]) {
      expect(await drop(log)).toMatchObject({ out: 'kept\n', log: [] });
      await sandbox.dispose();
    }
  });

  test('it is judged once, as its log may be long', async () => {
    await drop(HEAD + ROWS + TAIL, 'drop_local_flushes 0-3-32 || true');
    expect(sandbox.calls).toHaveLength(1);
  });

  test.each([
    ["another server's transaction", 'drop_local_flushes 0-1-99 && exit 9', 'dropped\n'],
    ['a log that cannot be read', 'mariadb-binlog() { return 1; }; timeout() { return 1; }', 'kept\n'],
    ['no answer', 'core_session_ask() { return 1; }', 'kept\n'],
    ['a file of another name', 'core_session_ask() { core_answer=("../x 1"); }', 'kept\n'],
  ])('%s is none', async (_, more, out) => {
    expect((await drop(HEAD + query('FLUSH TABLES') + TAIL, more)).out).toBe(out);
  });
});

test('what acknowledged writes rest on is set back', async () => {
  sandbox = new Sandbox(0, {}, { scriptsOf: 'mariadb', and: 'mysql-common' });
  const { log } = await sandbox.run(
    '. "$scripts/by-hand.sh"; log_errors() { :; }; core_session_ask() { log "$1"; }; reset_settings',
  );
  expect(statements(log)[1]).toBe(
    'SET GLOBAL innodb_flush_log_at_trx_commit = 1, GLOBAL sync_binlog = 1, GLOBAL gtid_strict_mode = 1, GLOBAL slave_exec_mode = STRICT;',
  );
});
