import { createHash } from 'node:crypto';
import { PUT_SECRET, Result, Sandbox } from '../../core/scripts/sandbox';
import { statements } from '../mysql-common/statements';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What engine-sync.sh concludes from what the servers say. Their answers are the test's; time is what the test says.
// This pod's server is asked by core_session_ask, which here logs the question; the others by query.
const PREPARED = `
  . "$scripts/engine-sync.sh"
  core_clock() { :; }
  core_leads_to_former_primary() { return 1; }
  session_settings=OWN local_session_settings=LOCAL stale_tls=
  core_now=100 role=replica synced='' lag='' recopy_reason='' recopy_source='' session_pid=1 identity=7f receiving=ON applying=ON io_error=0 sql_error=0 message=''
  core_session_close() { session_pid=''; log closed; }
  core_session_ask() { log "$1"; core_answer=(); }
  getent() { echo "10.0.0.1 STREAM $2"; }`;

function pod(ordinal = 2): void {
  sandbox = new Sandbox(
    ordinal,
    { replication_user: 'replicator', user: 'app', database: 'app', log_size: '1000' },
    { scriptsOf: 'mysql', and: 'mysql-common' },
  );
  ['superuser-password', 'replication-password', 'password'].forEach((file) =>
    sandbox.write(`credentials/${file}`, file),
  );
  sandbox.write('state/certificates/stretched', 'AB'.repeat(32));
}
/** A statement of several lines is one in its log. */
async function go(script: string): Promise<Result> {
  const result = await sandbox.run(`${PREPARED}\n${script}`);
  return { ...result, log: statements(result.log) };
}
function run(script: string, ordinal = 2): Promise<Result> {
  pod(ordinal);
  return go(script);
}
const host = (ordinal: number): string => `orders-${ordinal}.orders.shop.svc.cluster.local.`;
const derived = createHash('sha256')
  .update(`follower:${'AB'.repeat(32)}`)
  .digest('hex')
  .slice(0, 32);

describe('engine_observe', () => {
  const observe =
    'core_session_ask() { core_answer=("$row"); }; at() { core_now=$1 row=$2; engine_observe; echo "$synced/$lag"; }';
  /** What the server says of a replica: whether it has the mark, and what it has received. */
  const row = (hasMark: 0 | 1, received: string, states = 'ON|ON'): string =>
    `'1|${states}|${hasMark}|${received}|0|0|'`;
  const states = async (...looks: string[]): Promise<string[]> =>
    (await run(`${observe}; ${looks.join('; ')}`)).out.split('\n').slice(0, -1);

  test.each([
    ['0', 'primary'],
    ['1', 'replica'],
  ])('where super_read_only is %s it is the %s', async (readOnly, role) => {
    expect((await run(`${observe}; at 100 '${readOnly}|OFF|OFF|1||0|0|' >/dev/null; echo "$role"`, 0)).out).toBe(
      `${role}\n`,
    );
  });

  test('of a replica: the lag is how long ago the primary had what it has now', async () => {
    expect(
      await states(
        `at 100 ${row(1, 'a:1-10')}`,
        `at 101 ${row(0, 'a:1-20')}`,
        `at 102 ${row(1, 'a:1-30')}`,
        `at 105 ${row(0, 'a:1-40')}`,
        `at 106 ${row(1, 'a:1-40')}`,
      ),
    ).toEqual(['just connected to orders-0/', 'catching up with orders-0/', 'yes/2', 'yes/5', 'yes/4']);
  });

  test('it must have what the primary had when it was asked, and then what was received', async () => {
    const marks =
      'core_session_ask() { [[ $1 =~ GTID_SUBSET\\(.([^,]*).,\\ @@gtid_executed ]]; echo "${BASH_REMATCH[1]}"; core_answer=("$row"); }';
    const { out } = await run(
      `${observe}; ${marks}; primary_gtids=a:1-99; at 100 ${row(1, 'a:1-10')} ; at 101 ${row(1, 'a:1-11')}; at 102 ${row(0, 'a:1-12')}`,
    );
    expect(out.split('\n').filter((line) => !line.includes('/'))).toEqual(['', 'a:1-99', 'a:1-11', '']);
  });

  test('of an idle one, which has received nothing since it connected, there is none', async () => {
    expect(await states(`at 100 ${row(1, '')}`, `at 101 ${row(1, '')}`, `at 102 ${row(1, '')}`)).toEqual([
      'just connected to orders-0/',
      'yes/1',
      'yes/1',
    ]);
  });

  test('of one that lost its connection: not in step, and when it is back the lag is since it last had all', async () => {
    expect(
      await states(
        `at 100 ${row(1, 'a:1')}`,
        `at 101 ${row(1, 'a:1')}`,
        `at 102 ${row(1, 'a:1', 'CONNECTING|ON')}`,
        `at 110 ${row(1, 'a:1-9')}`,
        `at 111 ${row(0, 'a:1-9')}`,
        `at 112 ${row(1, 'a:1-9')}`,
      ),
    ).toEqual([
      'just connected to orders-0/',
      'yes/1',
      'not following orders-0 yet/1',
      'just connected to orders-0/1',
      'yes/11',
      'yes/2',
    ]);
  });

  test.each(['OFF|OFF', 'ON|OFF', 'OFF|ON', 'CONNECTING|ON'])(
    'of one with the threads %s: it does not follow',
    async (threads) => {
      expect(await states(`at 100 ${row(1, '', threads)}`)).toEqual(['not following orders-0 yet/']);
    },
  );

  test('of one that has an error, with what there is to say of it', async () => {
    const { out } = await run(
      `${observe}; at 100 '1|ON|OFF|0|a:1|0|1032|Could not|find a row'; echo "$io_error $sql_error $message"`,
    );
    expect(out).toMatch(/\n0 1032 Could not\|find a row\n$/);
  });

  test.each([
    ['no row', '', []],
    ['two', '"1|ON" "1|ON"', []],
    ['an error', '"ERROR 1290 (HY000) at line 1: no"', ['the server says: ERROR 1290 (HY000) at line 1: no']],
  ])('fails where there is %s, and begins with another client', async (_, answer, said) => {
    expect(await run(`core_session_ask() { core_answer=(${answer}); }; engine_observe || exit 9`)).toMatchObject({
      status: 9,
      log: [...said, 'closed'],
    });
  });

  test('fails where there is no answer', async () => {
    expect((await run('core_session_ask() { return 1; }; engine_observe || exit 9')).status).toBe(9);
    expect(await run('session_pid=; open_local() { return 1; }; engine_observe || exit 9')).toMatchObject({
      status: 9,
      log: [],
    });
  });
});

describe('engine_reconcile', () => {
  const mend =
    'received=; for f in reconcile_roles end_dead_followers detect_imports compare_again reset_durability core_follow_primary prune_log; do eval "$f() { log $f; }"; done';

  test('ordinal 0 that is read only accepts writes', async () => {
    expect((await run(`${mend}; role=replica; engine_reconcile`, 0)).log).toEqual([
      'prune_log',
      'reset_durability',
      'ordinal 0 is the primary: it accepts writes',
      'SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF;',
    ]);
  });

  test('ordinal 0 that is the primary looks after its log, users, followers, and what is imported', async () => {
    expect((await run(`${mend}; role=primary; engine_reconcile`, 0)).log).toEqual([
      'prune_log',
      'reset_durability',
      'reconcile_roles',
      'end_dead_followers',
      'detect_imports',
    ]);
  });

  test('a replica that somebody let accept writes does not any more', async () => {
    expect((await run(`${mend}; role=primary; engine_reconcile`)).log.slice(3)).toEqual([
      'SET GLOBAL super_read_only = ON;',
    ]);
  });

  test("a replica that follows keeps the primary's address, which outlives its name", async () => {
    const { out, log } = await run(
      `${mend}; engine_reconcile; getent() { log asked; return 1; }; engine_reconcile; echo "$primary_address"`,
    );
    expect({ out, log }).toEqual({
      out: '10.0.0.1\n',
      log: ['prune_log', 'reset_durability', 'compare_again', 'prune_log', 'reset_durability', 'compare_again'],
    });
  });

  test.each([
    ['OFF', 'ON'],
    ['ON', 'OFF'],
    ['CONNECTING', 'ON'],
  ])('a replica with the threads %s and %s is looked into', async (receiving, applying) => {
    expect((await run(`${mend}; receiving=${receiving} applying=${applying}; engine_reconcile`)).log).toEqual([
      'prune_log',
      'reset_durability',
      'core_follow_primary',
    ]);
  });

  test.each([
    [0, 'read_only'],
    [2, 'super_read_only'],
  ])('of ordinal %i %s is what counts', async (ordinal, flag) => {
    expect((await run('core_session_ask() { echo "$1"; return 1; }; engine_observe || true', ordinal)).out).toContain(
      `CONCAT_WS('|', @@${flag},`,
    );
  });

  test('a Secret that has changed is looked at again, once, and the server reads the new certificates', async () => {
    const { out, log } = await run(
      `${mend}; ${PUT_SECRET}; put one a; core_hold_secret; make_keys() { log made; }; reconcile_roles() { echo "[$roles_checked]"; roles_checked=yes; }
      role=primary roles_checked=yes; put two b; touch -d 2020-01-01 "$credentials/two"; engine_reconcile; engine_reconcile`,
      0,
    );
    expect({ out, log: log.slice(0, 2) }).toEqual({ out: '[]\n[yes]\n', log: ['made', 'ALTER INSTANCE RELOAD TLS;'] });
    expect(log.filter((line) => line === 'made')).toHaveLength(1);
  });

  test('one that MySQL does not take is not, which is said once', async () => {
    const { out, log } = await run(
      `${mend}; ${PUT_SECRET}; put one a; core_hold_secret; make_keys() { log made; }; reconcile_roles() { echo "[$roles_checked]"; }
      role=primary roles_checked=yes; put two '' password; engine_reconcile; put three "$(printf %257s x)" password; engine_reconcile; engine_reconcile`,
      0,
    );
    expect(out).toBe('[yes]\n'.repeat(3));
    expect(log.filter((line) => line.startsWith('the Secret'))).toEqual([
      expect.stringMatching(/has no password/),
      expect.stringMatching(/password has more than 256 bytes/),
    ]);
    expect(log).not.toContain('made');
  });

  test('certificates are made, and read by the server, until that has succeeded; and by that of a former sidecar', async () => {
    const { log } = await run(
      `${mend}; make_keys() { log made; [[ -z \${fails:-} ]]; }; role=primary stale_tls=yes; fails=yes; engine_reconcile; fails=; core_session_ask() { log "$1"; return 1; }; engine_reconcile; core_session_ask() { log "$1"; core_answer=(); }; engine_reconcile; engine_reconcile`,
      0,
    );
    expect(log.filter((line) => /made|TLS/.test(line))).toEqual([
      'made',
      'made',
      'ALTER INSTANCE RELOAD TLS;',
      'made',
      'ALTER INSTANCE RELOAD TLS;',
    ]);
    await sandbox.dispose();
    expect((await run('echo "$stale_tls"; exit', 0)).out).toBe('\n');
    expect((await sandbox.run('. "$scripts/engine-sync.sh"; echo "$stale_tls"')).out).toBe('yes\n');
  });
});

describe('prune_log', () => {
  /** What the server has before and after a purge; it may have a thousand bytes. */
  const prune = (before: string[], after: string[] = [], refusal = ''): string => {
    const rows = (files: string[]): string =>
      files.map((file) => `$'binlog.${file.replace(':', '\\t')}\\tNo'`).join(' ');
    return `purged=''; core_session_ask() {
        case $1 in
          SHOW*) if [[ -z $purged ]]; then core_answer=(${rows(before)}); else core_answer=(${rows(after)}); fi ;;
          PURGE*) log "$1"; core_answer=(${refusal}) purged=yes ;;
          *) log "$1"; core_answer=('7 10.0.0.3:60000') ;;
        esac
      }
      prune_log`;
  };
  const purge = (file: string): string => `PURGE BINARY LOGS TO 'binlog.${file}';`;

  test.each([
    ['one file', ['1:900']],
    ['several', ['1:300', '2:300', '3:400']],
    ['one that is larger than all may be', ['1:5000']],
  ])('leaves what there may be: %s', async (_, files) => {
    expect((await run(prune(files))).log).toEqual([]);
  });

  test.each([
    ['the oldest', ['1:300', '2:300', '3:300', '4:200'], '2'],
    ['several', ['1:900', '2:900', '3:900', '4:50'], '3'],
    ['all but the one that is written to', ['1:1', '2:1', '3:5000'], '3'],
  ])('removes what is beyond: %s', async (_, files, first) => {
    expect((await run(prune(files, [`${first}:1`]))).log).toEqual([purge(first)]);
  });

  test('waits for a replica that is still being sent some of it', async () => {
    expect((await run(prune(['1:900', '2:900', '3:50'], ['1:900', '2:900', '3:50']))).log).toEqual([purge('2')]);
  });

  test("ends the replicas' connections where that comes to as much again", async () => {
    expect((await run(prune(['1:1100', '2:900', '3:50'], ['1:1100', '2:900', '3:50']))).log).toEqual([
      purge('2'),
      expect.stringContaining('FROM performance_schema.processlist'),
      'KILL 7;',
      expect.stringContaining('ended the connection of the replica at 10.0.0.3:60000'),
    ]);
  });

  test('ends them once in ten seconds at most', async () => {
    const { log } = await run(
      `${prune(['1:1100', '2:900', '3:50'], ['1:1100', '2:900', '3:50'])}; core_now=109 purged=''; prune_log; core_now=110 purged=''; prune_log`,
    );
    expect(log.filter((line) => line === 'KILL 7;')).toHaveLength(2);
  });

  test('ends none where a backup has locked the instance: anyone who follows is not why', async () => {
    const refusal =
      'ERROR 4131 (HY000) at line 1: Could not purge binary logs since another session is executing LOCK INSTANCE FOR BACKUP';
    expect((await run(prune(['1:1100', '2:900', '3:50'], ['1:1100', '2:900', '3:50'], `'${refusal}'`))).log).toEqual([
      purge('2'),
      `the server says: ${refusal}`,
    ]);
  });

  test('does nothing where the server does not answer, or with an error', async () => {
    expect((await run('core_session_ask() { return 1; }; prune_log; log alive')).log).toEqual(['alive']);
    expect(
      (
        await run(
          'core_session_ask() { core_answer=("ERROR 1381 (HY000) at line 1: You are not using binary logging"); }; prune_log; log alive',
        )
      ).log.at(-1),
    ).toBe('alive');
  });
});

describe('a replica that does not follow', () => {
  // Here: database 7f. What the primary says, and what this pod's server says to: own position, what of it the primary
  // has not, is the log there.
  const OWN = "SELECT REPLACE(@@gtid_executed, CHAR(10), '');";
  const MISSING = "SELECT REPLACE(GTID_SUBTRACT('a:1-50', 'a:1-99'), CHAR(10), '');";
  const LOG = "SELECT GTID_SUBSET('a:1-9', @@gtid_executed);";
  const answers = (given: { ahead?: string; hasLog?: string; own?: string }): string => `
    core_session_ask() {
      log "$1"; core_answer=()
      case $1 in *GTID_SUBTRACT*) ${given.ahead ?? 'core_answer=("")'} ;; *GTID_SUBSET*) ${given.hasLog ?? 'core_answer=(1)'} ;; 'SELECT REPLACE(@@gtid_executed'*) ${given.own ?? 'core_answer=(a:1-50)'} ;; esac
    }`;
  const follow = (
    primary: string,
    given: { ahead?: string; hasLog?: string; own?: string } = {},
    known = ':',
    previous = 'printf "7f\\t1\\t1\\n"',
  ): string => `
    query() { if [[ $1 == ${host(0)} ]]; then ${primary}; else ${previous}; fi; }
    ${answers(given)}
    checked_at=$core_now # it was just told to connect
    synced='not yet' message='' receives_from=ON; ${known}
    if core_follow_primary; then follows=yes; else follows=no; fi
    echo "\${synced%%. *}|$recopy_reason|$follows"`;
  const says = (id: string): string => `echo '${id}|a:1-99|a:1-9'`;

  test.each([
    ['does not answer', 'return 1'],
    ['has no row', ':'],
  ])('because the primary %s: it waits', async (_, primary) => {
    expect(await run(follow(primary, { ahead: 'core_answer=(b:7)' }))).toMatchObject({
      out: 'orders-0 does not answer||no\n',
      log: [OWN],
    });
  });

  test('because the primary refuses the password: it waits, and says what to do', async () => {
    const { out } = await run(
      follow('echo "ERROR 1045 (28000): Access denied for user" >"$last_error_file"; return 1'),
    );
    expect(out).toMatch(/^orders-0 refuses the replication password: give this pod's Secret the passwords /);
  });

  test.each(["7f|a:1-99|'; DROP", '7f|a:1 OR 1|a', '7f|a:1-99|$(id)', '$(id)|a:1|', 'ERROR'])(
    'because the primary says %j, which makes no sense: it waits',
    async (answer) => {
      expect(await run(follow(`printf '%s\\n' "${answer.replace('$', '\\$')}"`))).toMatchObject({
        out: 'orders-0 gives an invalid answer||no\n',
        log: [OWN],
      });
    },
  );

  test('because the primary holds another database: it stays as it is, whatever the positions', async () => {
    expect(await run(follow(says('8e'), { hasLog: 'core_answer=(0)' }))).toMatchObject({
      out: 'NOT FOLLOWING: orders-0 holds another database (8e; this one is 7f)||no\n',
      log: [OWN, 'STOP REPLICA IO_THREAD;'],
    });
  });

  test('because it has what the primary has not: it stays as it is, though the log is gone, too', async () => {
    expect(await run(follow(says('7f'), { ahead: 'core_answer=(b:7)', hasLog: 'core_answer=(0)' }))).toMatchObject({
      out: 'NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not (b:7)||no\n',
      log: [OWN, MISSING, 'STOP REPLICA IO_THREAD;'],
    });
  });

  test('nor is it told again to receive from no one where it does', async () => {
    expect((await run(follow(says('8e'), {}, 'receives_from='))).log).toEqual([OWN]);
  });

  test('because the log is gone: a new copy', async () => {
    expect(await run(`${follow(says('7f'), { hasLog: 'core_answer=(0)' })}; echo "$recopy_source"`)).toMatchObject({
      out: 'not yet|orders-0 no longer has the log from a:1-50 on|no\n1\n',
      log: [OWN, MISSING, LOG],
    });
  });

  test.each([
    ['does not answer', 'return 1'],
    ['has not the log either', 'printf "7f\\t0\\t1\\n"'],
    ['holds another database', 'printf "8e\\t1\\t1\\n"'],
    ['does not get the rest', 'printf "7f\\t1\\t0\\n"'],
  ])('because the log is gone: it waits for an ordinal below that %s', async (_, previous) => {
    expect((await run(follow(says('7f'), { hasLog: 'core_answer=(0)' }, ':', previous))).out).toBe(
      'orders-0 no longer has the log from a:1-50 on: waiting for orders-1, to copy from it||no\n',
    );
  });

  test.each(['io_error=13114', 'sql_error=1032'])(
    'because of an error (%s): it says which, and tries again',
    async (error) => {
      expect(
        await run(
          follow(says('7f'), {}, `${error} message="no such row" checked_at=0; follow_sql() { echo connects; }`),
        ),
      ).toMatchObject({
        out: 'NOT FOLLOWING: no such row||yes\n',
        log: [OWN, MISSING, LOG, 'connects'],
      });
    },
  );

  test('because it was stopped: it connects, and remembers what the primary had', async () => {
    expect(
      await run(`${follow(says('7f'), {}, 'checked_at=0; follow_sql() { echo connects; }')}; echo "$primary_gtids"`),
    ).toMatchObject({ out: 'not yet||yes\na:1-99\n', log: [OWN, MISSING, LOG, 'connects'] });
  });

  test('of a database without a transaction: nothing is missing', async () => {
    expect(await run(follow('echo "7f||"', { own: 'core_answer=("")' }))).toMatchObject({
      out: 'not yet||yes\n',
      log: [OWN, "SELECT REPLACE(GTID_SUBTRACT('', ''), CHAR(10), '');", "SELECT GTID_SUBSET('', @@gtid_executed);"],
    });
  });

  test.each(['core_answer=("ERROR 1317 (70100) at line 3: interrupted")', 'core_answer=()', 'return 1'])(
    'where its own server says %s nothing is concluded',
    async (answer) => {
      for (const given of [{ own: answer }, { ahead: answer }, { hasLog: answer }]) {
        const { out } = await run(follow(says('7f'), given));
        expect(out).toBe('not yet||no\n');
        await sandbox.dispose();
      }
      await run(':');
    },
  );
});

describe('follow_sql', () => {
  test('with the identity, a password that is stored nowhere, and by GTID', async () => {
    const { log } = await run('connect_to_primary');
    expect(log.map((line) => line.trim()).join(' ')).toBe(
      `STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${host(0)}', SOURCE_PORT = 1, SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, ` +
        `SOURCE_SSL_CA = '${sandbox.folder}/state/certificates/ca.pem', SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 1, SOURCE_HEARTBEAT_PERIOD = 5; START REPLICA USER = 'follower-7f' PASSWORD = '${derived}';`,
    );
  });
});

test("ordinal 0 has its events end, and this client, before the server is told to stop; a replica's client shows others that it leaves", async () => {
  expect((await run('engine_pre_stop', 0)).log).toEqual(['SET GLOBAL event_scheduler = OFF;', 'closed']);
  expect((await run('engine_pre_stop')).log).toEqual([]);
});

describe('reset_durability: what an acknowledged write rests on', () => {
  const asked =
    'core_session_ask() { if [[ $1 == SELECT* ]]; then core_answer=("$flushes"); else log "$1"; core_answer=(); fi; }';

  test('is set back where it was changed by hand', async () => {
    expect((await run(`${asked}; flushes=0; reset_durability`)).log).toEqual([
      expect.stringMatching(/^sync_binlog, innodb_flush_log_at_trx_commit or the redo log was changed by hand/),
      'ALTER INSTANCE ENABLE INNODB REDO_LOG; SET GLOBAL sync_binlog = 1; SET GLOBAL innodb_flush_log_at_trx_commit = 1;',
    ]);
  });

  test.each(['1', '', 'NULL', '"ERROR 1193 (HY000): no"'])('is left alone where the server says %j', async (says) => {
    expect((await run(`${asked}; flushes=${says === '' ? '' : says}; reset_durability`)).log).toEqual([]);
  });

  test('is looked at every ten seconds', async () => {
    expect(
      (
        await run(
          'core_session_ask() { log "$core_now"; core_answer=(1); }; for ((core_now = 100; core_now < 125; core_now++)); do reset_durability; done',
        )
      ).log,
    ).toEqual(['100', '110', '120']);
  });
});

describe('detect_imports: transactions that came as done, in no log', () => {
  const own = '11111111-1111-1111-1111-111111111111';
  const other = '22222222-2222-2222-2222-222222222222';
  /** Look by look: what is purged that was not there before, and what there is. */
  const looks = (...seen: [string, string][]): string => `end_followers() { log "ends $1"; }
    ${seen.map(([added, executed]) => `core_session_ask() { log "$1"; core_answer=('${added}|${own}|${executed}'); }; detect_imports`).join('\n')}`;
  const ends = async (...seen: [string, string][]): Promise<string[]> =>
    (await run(looks(...seen), 0)).log.filter((line) => !line.startsWith('SELECT'));

  test('replicas are made to connect again, once, as they hear of it in no other way', async () => {
    const all = `${other}:1-77,${own}:1-9`;
    expect(await ends(['', `${own}:1-9`], [`${other}:1-77`, all], ['', all])).toEqual([
      `transactions were added that are in no log (${other}:1-77): replicas copy again`,
      'ends *',
    ]);
    expect((await run(looks(['', `${own}:1-9`], ['', '']), 0)).log.at(-1)).toContain(
      `GTID_SUBTRACT(@@gtid_purged, '${own}:1-9')`,
    );
  });

  test.each<[string, [string, string][]]>([
    ['at the first look all is new', [[`${other}:1-77`, `${other}:1-77`]]],
    [
      'log that grew old goes',
      [
        ['', `${own}:1-9`],
        ['', `${own}:1-900`],
      ],
    ],
    [
      'so much was written in a second that some of it is gone',
      [
        ['', `${own}:1-9`],
        [`${own}:10-20`, `${own}:1-900`],
      ],
    ],
  ])('they are left alone where %s', async (_, seen) => {
    expect(await ends(...seen)).toEqual([]);
  });

  test('nothing else than such sets goes into SQL', async () => {
    expect(await ends(['', 'x") OR (1'], [`${other}:1-77`, `${other}:1-77`])).toEqual([]);
  });
});

describe('compare_again: a replica that follows', () => {
  const again = (primary: string, own: string): string => `
    query() { ${primary}; }
    core_session_ask() { log "$1"; core_answer=(); if [[ $1 == *GTID_SUBTRACT* ]]; then core_answer=("$ahead"); elif [[ $1 == *GTID_SUBSET* ]]; then core_answer=("$has_log"); elif [[ $1 == SELECT* ]]; then core_answer=(a:1-50); fi; }
    synced=yes received=a:1-60 receives_from=ON ahead='' has_log=1; ${own}
    compare_again; echo "\${synced%% (*}|$recopy_reason|$compared_at"`;

  test('that may go on, does, and what it received counts', async () => {
    const { out, log } = await run(again('echo "7f|a:1-99|a:1-55"', 'has_log=1'));
    expect(out).toBe('yes||100\n');
    expect(log.at(-1)).toContain("GTID_SUBSET('a:1-55', CONCAT(@@gtid_executed, ',', 'a:1-60'))");
  });

  test('that wrote itself, stops, and is looked at again at once', async () => {
    const { out, log } = await run(again('echo "7f|a:1-99|a:1-9"', 'ahead=b:1'));
    expect({ out, last: log.at(-1) }).toEqual({
      out: 'NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not||\n',
      last: 'STOP REPLICA IO_THREAD;',
    });
  });

  test('that will never get what was imported, copies again', async () => {
    const { out } = await run(
      again('if [[ $1 == *-0.* ]]; then echo "7f|a:1-99,c:1-7|c:1-7"; else printf "7f\\t1\\t1\\n"; fi', 'has_log=0'),
    );
    expect(out).toBe('yes|orders-0 no longer has the log from a:1-50 on|\n');
  });

  test.each(['return 1', 'echo "7f|\'; DROP|a"', 'echo "$(id)|a:1|"'])(
    'that gets no sensible answer (%s), goes on',
    async (primary) => {
      expect((await run(again(primary, 'has_log=0'))).out).toBe('yes||100\n');
    },
  );
});

test('a replica leaves a former primary for good, and applies what it has', async () => {
  expect((await run('engine_detach')).log).toEqual(['STOP REPLICA IO_THREAD;']);
});

test('no one is followed while DNS leads to a former primary', async () => {
  expect(
    await run(
      'core_leads_to_former_primary() { synced=former; }; query() { log asked; }; core_follow_primary || echo "$synced"',
    ),
  ).toMatchObject({ out: 'former\n', log: [] });
});

test.each([
  ["ERROR 2002 (HY000): Can't connect to local server", 'broken'],
  ['ERROR 2013 (HY000) at line 5: Lost connection to server during query', 'broken'],
  ['ERROR 4031 (HY000) at line 1: The client was disconnected', 'broken'],
  ['ERROR 1064 (42000) at line 1: You have an error', 'answer'],
  ['ERROR 2100 x', 'answer'],
])('a session that says %j has %s', async (line, expected) => {
  pod();
  sandbox.write('line', line);
  expect(
    (await go(`if [[ $(<"${sandbox.folder}/line") == $session_broken ]]; then echo broken; else echo answer; fi`)).out,
  ).toBe(`${expected}\n`);
});
