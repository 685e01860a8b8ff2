import { Result, Sandbox } from '../scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What engine-sync.sh concludes from what the servers say. Their answers are the test's; time is what the test says. This pod's server is
// asked by session_ask, which here logs the question; the others by query.
const PREPARED = `
  . "$scripts/engine-sync.sh"
  unset SECONDS
  SECONDS=100 role=replica synced='' lag='' copy_anew='' session_pid=1 identity=7f receiving=Yes applying=Yes io_error=0 sql_error=0 sql_message=''
  session_close() { session_pid=''; log closed; }
  session_ask() { log "$1"; answer=(); }
  give_copies() { :; }
  getent() { echo "10.0.0.1 STREAM $2"; }`;

function pod(ordinal = 2): void {
  sandbox = new Sandbox(ordinal, { replication_user: 'replicator', user: 'app', database: 'app', copy_port: '4444' }, { scriptsOf: 'mariadb', and: 'mysql-family' });
  ['superuser-password', 'replication-password', 'password'].forEach((file) => sandbox.write(`credentials/${file}`, file));
  sandbox.write('state/copy/own.pem', '');
}
function go(script: string): Promise<Result> {
  return sandbox.run(`${PREPARED}\n${script}`);
}
function run(script: string, ordinal = 2): Promise<Result> {
  pod(ordinal);
  return go(script);
}
const host = (ordinal: number): string => `orders-${ordinal}.orders.shop.svc.cluster.local.`;

describe('engine_observe', () => {
  const observe = 'session_ask() { answer=("$row"); }; at() { SECONDS=$1 row=$2; engine_observe; echo "$role/$synced/$lag"; }';
  /** What the server says of a replica that has received, and applied, so many transactions. */
  const row = (received: number, applied: number, threads = 'Yes|Yes'): string => `'1|0-1-${applied}|${threads}|0-1-${received}|0|0|'`;
  const states = (out: string): string[] => out.split('\n').slice(0, -1).map((line) => line.replace(/^replica\//, ''));

  test.each([['0', 'primary'], ['OFF', 'primary'], ['1', 'replica'], ['ON', 'replica']])('where read_only is %s it is the %s', async (readOnly, role) => {
    expect((await run(`${observe}; at 100 '${readOnly}|0-1-9|No|No||0|0|' >/dev/null; echo "$role"`, 0)).out).toBe(`${role}\n`);
  });

  test('of a replica: the lag is how long ago it received what it has applied now', async () => {
    const { out } = await run(`${observe}
      at 100 ${row(10, 10)}; at 101 ${row(20, 9)}; at 102 ${row(30, 10)}; at 105 ${row(40, 29)}; at 106 ${row(100, 30)}; at 107 ${row(100, 100)}`);
    expect(states(out)).toEqual([
      'just connected to orders-0/', 'catching up with orders-0/',
      'yes/2', 'yes/5', // what was received at 100
      'yes/4', // at 102
      'yes/1',
    ]);
  });

  test('of an idle one there is none', async () => {
    expect(states((await run(`${observe}; at 100 ${row(10, 10)}; at 101 ${row(10, 10)}; at 102 ${row(10, 10)}`)).out)).toEqual(['just connected to orders-0/', 'yes/1', 'yes/1']);
  });

  test('of one that lost its connection: not in step, and when it is back the lag is since it last had all', async () => {
    const { out } = await run(`${observe}
      at 100 ${row(10, 10)}; at 101 ${row(10, 10)}; at 102 ${row(10, 10, 'Connecting|Yes')}; at 110 ${row(20, 20)}; at 111 ${row(30, 19)}; at 112 ${row(30, 20)}`);
    expect(states(out)).toEqual(['just connected to orders-0/', 'yes/1', 'not following orders-0 yet/1', 'just connected to orders-0/1', 'yes/11', 'yes/2']);
  });

  test.each(['No|No', 'Yes|No', 'No|Yes', 'Connecting|Yes', 'Preparing|Yes', 'Yes|Connecting'])('of one with the threads %s: it does not follow', async (threads) => {
    expect(states((await run(`${observe}; at 100 ${row(10, 10, threads)}`)).out)).toEqual(['not following orders-0 yet/']);
  });

  test('of one that has an error, with what there is to say of it', async () => {
    const { out } = await run(`${observe}; at 100 '1|0-1-9|Yes|No|0-1-9|0|1032||Could not|find a row'; echo "$io_error $sql_error $message"`);
    expect(out).toMatch(/\n0 1032 \|Could not\|find a row\n$/);
  });

  test('of one that has nothing yet', async () => {
    expect(await run(`${observe}; at 100 '1||Yes|Yes|0-1-3|0|0|'; at 101 '1||Yes|Yes|0-1-3|0|0|'`)).toMatchObject({
      out: 'replica/just connected to orders-0/\nreplica/catching up with orders-0/\n', log: [],
    });
  });

  test('gives copies from then on', async () => {
    expect((await run(`${observe}; give_copies() { log gives; }; at 100 '0|0-1-9|No|No||0|0|'`)).log).toEqual(['gives']);
  });

  test('fails where there is no answer', async () => {
    expect((await run('session_ask() { return 1; }; engine_observe || exit 9')).status).toBe(9);
    expect((await run('session_pid=; open_local() { return 1; }; give_copies() { log gives; }; engine_observe || exit 9'))).toMatchObject({ status: 9, log: [] });
  });

  test.each([
    ['no row', '', []], ['two', 'a b', []],
    ['an error', '"--------------" "SELECT secret" "--------------" "ERROR 1290 (HY000) at line 1: no"', ['the server says: ERROR 1290 (HY000) at line 1: no']],
  ])('fails where there is %s, and begins with another client', async (_, answer, said) => {
    expect(await run(`session_ask() { answer=(${answer}); }; engine_observe || exit 9`)).toMatchObject({ status: 9, log: [...said, 'closed'] });
  });
});

describe('engine_mend', () => {
  const mend = 'mend_roles() { log roles; }; release_followers() { log releases; }; diagnose() { log diagnoses; }';

  test('ordinal 0 that is read only accepts writes', async () => {
    expect((await run(`${mend}; role=replica; engine_mend`, 0)).log).toEqual(['ordinal 0 is the primary: it accepts writes', 'SET GLOBAL read_only = 0;']);
  });

  test('ordinal 0 that is the primary looks after its users and followers', async () => {
    expect((await run(`${mend}; role=primary; engine_mend`, 0)).log).toEqual(['roles', 'releases']);
  });

  test('a replica that follows keeps the primary\'s address, which outlives its name', async () => {
    const { out, log } = await run(`${mend}; engine_mend; getent() { log asked; return 1; }; engine_mend; echo "$primary_address"`);
    expect({ out, log }).toEqual({ out: '10.0.0.1\n', log: [] });
  });

  test.each([['No', 'Yes'], ['Yes', 'No'], ['Connecting', 'Yes']])('a replica with the threads %s and %s is looked into', async (receiving, applying) => {
    expect((await run(`${mend}; receiving=${receiving} applying=${applying}; engine_mend`)).log).toEqual(['diagnoses']);
  });

  test('one that is back asks for the address anew', async () => {
    const { out } = await run(`${mend}; engine_mend; receiving=No; engine_mend; receiving=Yes; getent() { echo "10.0.0.7 STREAM x"; }; engine_mend; echo "$primary_address"`);
    expect(out).toBe('10.0.0.7\n');
  });

  test('a Secret that has changed is taken over: another certificate, and another server of copies', async () => {
    pod(0);
    sandbox.write('credentials/..data', '');
    const { log, out } = await go(`${mend}; engine_prepare() { log prepares; touch "$state/copy/own.pem"; }; kill() { echo "kill $1"; }
      touch -d '1 minute ago' "$state/copy/own.pem"; role=primary donor=77 roles_checked=yes; engine_mend; echo "$roles_checked"; engine_mend`);
    expect({ log, out }).toEqual({ log: ['prepares', 'roles', 'releases', 'roles', 'releases'], out: 'kill 77\n\n' });
  });
});

describe('diagnose: a replica that does not follow', () => {
  // Here: database 7f, 50 transactions.
  const diagnose = (primary: string, known = ':', own = 'answer=(0-1-50)'): string => `
    query() { [[ $1 == ${host(0)} ]] && { ${primary}; }; }
    session_ask() { log "$1"; answer=(); if [[ $1 == *current_pos* ]]; then ${own}; fi; }
    connect_to_primary() { log connects; }
    synced='not yet' message=; ${known}
    diagnose
    echo "\${synced%%. *}|$copy_anew"`;
  const says = (id: string, position: string): string => `printf '%s\\t%s\\n' ${id} ${position}`;
  const ASKS = 'SELECT @@gtid_current_pos;';

  test.each([['does not answer', 'return 1'], ['has no row', ':']])('because the primary %s: it waits', async (_, primary) => {
    expect(await run(diagnose(primary, 'io_error=1236'))).toMatchObject({ out: 'orders-0 does not answer|\n', log: [] });
  });

  test('because the primary holds another database: it stays as it is, though the log is gone, too', async () => {
    expect(await run(diagnose(says('8e', '0-1-99'), 'io_error=1236'))).toMatchObject({
      out: 'NOT FOLLOWING: orders-0 holds another database (8e; here is 7f)|\n', log: [ASKS, 'STOP SLAVE;'],
    });
  });

  test('because it has what the primary has not: it stays as it is, though the log is gone, too', async () => {
    expect(await run(diagnose(says('7f', '0-1-49'), 'io_error=1236'))).toMatchObject({
      out: 'NOT FOLLOWING: this replica has what orders-0 has not (0-1-50 here, 0-1-49 there)|\n', log: [ASKS, 'STOP SLAVE;'],
    });
  });

  test('nor is it copied over where the primary has no transaction at all', async () => {
    expect((await run(diagnose(says('7f', '\'\''), 'io_error=1236'))).out).toMatch(/^NOT FOLLOWING: this replica has what orders-0 has not \(0-1-50 here, .*\|\n$/);
  });

  test('because the log is gone: a new copy', async () => {
    expect(await run(diagnose(says('7f', '0-1-99'), 'io_error=1236 message="... have been purged."'))).toMatchObject({ out: 'not yet|orders-0 no longer has the log from 0-1-50 on\n', log: [ASKS] });
  });

  test('because a transaction cannot be applied: it says which, and tries again', async () => {
    expect(await run(diagnose(says('7f', '0-1-99'), 'sql_error=1032 message="no such row"'))).toMatchObject({
      out: 'NOT FOLLOWING: no such row|\n', log: [ASKS, 'connects'],
    });
  });

  test('because it was stopped: it connects', async () => {
    expect(await run(diagnose(says('7f', '0-1-50')))).toMatchObject({ out: 'not yet|\n', log: [ASKS, 'connects'] });
  });

  test.each([1045, 1236, 2003, 2013])('because of the error %i: it says which, and connects', async (error) => {
    expect(await run(diagnose(says('7f', '0-1-50'), `io_error=${error} message="too big"`))).toMatchObject({ out: 'NOT FOLLOWING: too big|\n', log: [ASKS, 'connects'] });
  });

  test.each(['ERROR 1317 (70100) at line 3: interrupted', '', 'NULL'])('where its own server answers %j nothing is concluded', async (answer) => {
    expect(await run(diagnose(says('7f', '0-1-9'), 'io_error=1236 message=purged', `answer=('${answer}')`))).toMatchObject({ out: 'not yet|\n', log: [ASKS] });
  });

  test.each([
    ['has it all', '0-1-50', '0-1-50', true], ['has more', '0-1-50', '0-1-51', true], ['has less', '0-1-50', '0-1-49', false],
    ['was recovered after it', '0-1-50', '0-1-50,0-1048577-60', true], ['was recovered before it', '0-1-50', '0-1-49,0-1048577-60', false],
    ['of the same era has more', '0-1048577-60', '0-1-49,0-1048577-61', true], ['does not know who wrote it', '0-1048578-60', '0-1-49,0-1048577-61', false],
  ])('is in the past of a primary that %s: %s, %s', async (_, own, theirs, expected) => {
    expect((await run(`if in_the_past_of ${own} ${theirs}; then echo yes; else echo no; fi`)).out).toBe(expected ? 'yes\n' : 'no\n');
  });

  test('where its own server does not answer nothing is concluded', async () => {
    expect(await run(diagnose(says('8e', '0-1-9'), 'io_error=1236', 'return 1'))).toMatchObject({ out: 'not yet|\n', log: [ASKS] });
  });
});

describe('follow_sql', () => {
  test('with the identity and the password, from the position of the data', async () => {
    pod();
    sandbox.write('credentials/replication-password', 'it\'s a\\b');
    const { log } = await go('connect_to_primary');
    expect(log.map((line) => line.trim()).join(' ')).toBe(`STOP SLAVE; CHANGE MASTER TO MASTER_HOST = '${host(0)}', MASTER_PORT = 1, MASTER_USER = 'follower-7f', `
      + 'MASTER_PASSWORD = \'it\'\'s a\\\\b\', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 5, '
      + 'MASTER_SSL = 1, MASTER_SSL_VERIFY_SERVER_CERT = 0; START SLAVE;');
  });
});

describe('a session', () => {
  test.each([
    ['ERROR 2002 (HY000): Can\'t connect to local server', 'broken'], ['ERROR 2006 (HY000) at line 1: Server has gone away', 'broken'],
    ['ERROR 2013 (HY000) at line 5: Lost connection to server during query', 'broken'], ['ERROR 1064 (42000) at line 1: You have an error', 'answer'],
    ['ERROR 1200 (HY000) at line 1: Misconfigured slave', 'answer'], ['ERROR', 'answer'],
  ])('that says %j has %s', async (line, expected) => {
    pod();
    sandbox.write('line', line);
    expect((await go(`if [[ $(<"${sandbox.folder}/line") == $session_broken ]]; then echo broken; else echo answer; fi`)).out).toBe(`${expected}\n`);
  });
});

test('who leaves, and who follows, above it alone', async () => {
  expect((await run('engine_look_above')).log).toEqual([
    'SELECT CONCAT(\'leaving-\', seq) FROM seq_1_to_1000 WHERE seq > 2 AND IS_USED_LOCK(CONCAT(\'leaving-\', seq)) IS NOT NULL; SHOW SLAVE HOSTS;',
  ]);
});
