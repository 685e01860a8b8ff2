import { Result, Sandbox } from '../scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What engine-sync.sh concludes from what the databases say. Their answers are the test's; time is what the test says.
const PREPARED = `
  bin=$STUB
  . "$scripts/engine-sync.sh"
  unset SECONDS
  SECONDS=100 role='' synced='' lag='' copy_anew='' receiving='' receiver_now='' replayed='' idle_slots='' roles_checked=yes session_pid=1`;

function run(script: string, ordinal = 2, settings: { [name: string]: string } = {}): Promise<Result> {
  sandbox = new Sandbox(ordinal, { replication_user: 'replicator', user: 'app', database: 'app', read_only: 'no', ...settings }, { scriptsOf: 'postgres' });
  return sandbox.run(`${PREPARED}\n${script}`, { PG_MAJOR: '17' });
}

describe('comes_before', () => {
  // As TIMELINE_HISTORY answers: the file's name, and its text, of which each line is a timeline and where it ended.
  const history = 'bin=; /psql() { printf "00000003.history|1\\t0/50\\tno recovery target specified\\n2\\t0/90\\tno recovery target specified\\n"; }';

  test.each([
    ['on the same timeline, before', '3 0/20 3 0/30', true],
    ['on the same timeline, the same', '3 0/30 3 0/30', true],
    ['on the same timeline, beyond', '3 0/31 3 0/30', false],
    ['before the timelines part', '1 0/50 3 0/99', true],
    ['beyond where they part', '1 0/51 3 0/99', false],
    ['of the timeline between', '2 0/90 3 0/99', true],
    ['beyond the timeline between', '2 0/91 3 0/99', false],
    ['of a later timeline', '4 0/10 3 0/99', false],
    ['of a timeline that is not in the primary\'s past', '0 0/10 3 0/99', false],
  ])('%s', async (_, points, expected) => {
    expect(await run(`${history}; if comes_before ${points}; then echo yes; else echo no; fi`)).toMatchObject({ out: expected ? 'yes\n' : 'no\n', log: [] });
  });

  test('not where the history cannot be had', async () => {
    expect((await run('bin=; /psql() { return 1; }; if comes_before 1 0/10 2 0/20; then echo yes; else echo no; fi')).out).toBe('no\n');
  });
});

describe('release_slots', () => {
  // Of the primary, orders-0. The pods whose names there are stand in `there`.
  const release = `
    resolves() { [[ " $there " == *" \${1%%.*} "* ]]; }
    session_ask() { [[ $1 =~ slot_name\\ =\\ \\'([a-z_0-9]+)\\'\\ AND\\ NOT\\ active ]] && log "dropped \${BASH_REMATCH[1]}"; }
    at() { SECONDS=$1; release_slots; }
    there='orders-0 orders-1'`;
  const gone = (ordinal: number): string[] => [
    `dropped replica_${ordinal}`, `released what was kept for orders-${ordinal}, which is gone (slot replica_${ordinal})`,
  ];

  test('drops what nobody uses, when its pod\'s name is gone for half a minute', async () => {
    expect((await run(`${release}; idle_slots='replica_1 replica_2 replica_3'; at 100; at 129; log now; at 130`, 0)).log)
      .toEqual(['now', ...gone(2), ...gone(3)]);
  });

  test('keeps that of a pod that was away, and counts anew', async () => {
    expect((await run(`${release}; idle_slots=replica_2; at 100; there+=' orders-2'; at 120; there='orders-0'; at 140; at 169; log now; at 170`, 0)).log)
      .toEqual(['now', ...gone(2)]);
  });

  test('keeps all while the primary\'s own name is gone: then DNS says nothing', async () => {
    expect((await run(`${release}; there=''; idle_slots=replica_2; at 100; at 200; at 300`, 0)).log).toEqual([]);
  });

  test('keeps what could not be dropped, and tries again', async () => {
    expect((await run(`${release}; idle_slots=replica_2; at 100; session_ask() { return 1; }; at 130; session_ask() { :; }; log again; at 131`, 0)).log)
      .toEqual(['again', gone(2)[1]]);
  });
});

describe('engine_observe', () => {
  // One row each: role, state and process of the receiver, end of the primary's log, replayed, whether the mark is reached, idle slots.
  const observe = 'session_ask() { answer=("$row"); }; at() { SECONDS=$1 row=$2; engine_observe; echo "$role/$synced/$lag"; }';
  const row = (end: string, reached: boolean, state = 'streaming'): string => `'replica|${state}|77|${end}|0/10|${reached ? 't' : 'f'}|'`;

  test('of a primary: its role, and slots that nobody uses', async () => {
    expect((await run(`${observe}; at 100 'primary|none|0|0/0|0/0||replica_1 replica_2'; echo "$idle_slots"`, 0)).out).toBe('primary//\nreplica_1 replica_2\n');
  });

  test('of a replica: the lag is how long ago the primary\'s log ended where it is now', async () => {
    const { out } = await run(`${observe}
      at 100 ${row('0/10', true)}; at 101 ${row('0/20', false)}; at 102 ${row('0/30', true)}
      at 105 ${row('0/40', false)}; at 106 ${row('0/50', true)}; at 107 ${row('0/60', true)}`);
    expect(out.split('\n')).toEqual([
      'replica/just connected to orders-0/', 'replica/catching up with orders-0/',
      'replica/yes/2', // what was marked at 100
      'replica/yes/5', 'replica/yes/4', // what was marked at 102
      'replica/yes/1', '',
    ]);
  });

  test('of a replica that lost its connection: not in step, and when it is back the lag is since it last reached the end', async () => {
    const { out } = await run(`${observe}
      at 100 ${row('0/10', true)}; at 101 ${row('0/10', true)}; at 102 ${row('0/10', false, 'none')}
      at 110 ${row('0/20', true)}; at 111 ${row('0/20', false)}; at 112 ${row('0/20', true)}`);
    expect(out.split('\n').map((line) => line.replace(/^replica\//, ''))).toEqual([
      'just connected to orders-0/', 'yes/1', 'not connected to orders-0/1', 'just connected to orders-0/1', 'yes/11', 'yes/2', '',
    ]);
  });

  test.each([['no row', 'answer=()'], ['two', 'answer=(a b)'], ['no answer', 'return 1']])('fails where there is %s', async (_, answers) => {
    expect((await run(`session_ask() { ${answers}; }; engine_observe || exit 9`)).status).toBe(9);
  });
});

describe('diagnose: a replica that does not follow', () => {
  // Here: database 7, timeline 2, log 0/50. At the primary: what identify says, the slot's state, the oldest file and the one that is needed.
  const diagnose = (primary: string, log = 'extended|0000000000000001|0000000000000001', before = 'true'): string => `
    identity=7 replayed=0/50 synced='not connected'
    identify() { ${primary}; }
    comes_before() { echo "$*" >&2; ${before}; }
    ask_sql() { if [[ $2 == *create_physical* ]]; then echo "makes the slot" >&2; else echo '${log}'; fi; }
    bin=; /psql() { echo '7|2|0/50|'; }
    diagnose
    echo "\${synced%% (*}|$copy_anew"`;

  test('because the primary does not answer: it waits', async () => {
    expect((await run(diagnose('return 1'))).out).toBe('orders-0 does not answer|\n');
  });

  test('because the primary refuses the password, as its client says: it waits, and says what to do', async () => {
    const client = 'echo "psql: error: connection to server at \\"x\\" failed: FATAL:  password authentication failed for user \\"replicator\\"" >"$complaint"; return 2';
    expect((await run(diagnose(client))).out).toMatch(/^orders-0 refuses the replication password: give this pod's Secret the passwords .*\|\n$/);
  });

  test('because the primary holds another database: nothing is overwritten', async () => {
    expect(await run(diagnose('echo "8|1|0/99|"'))).toMatchObject({ out: 'NOT FOLLOWING: orders-0 holds another database|\n', log: [] });
  });

  test('because it has what the primary has not: nothing is overwritten, though the log is gone, too', async () => {
    const log = 'lost|0000000000000009|0000000000000001';
    expect(await run(diagnose('echo "7|3|0/40|"', log, 'false'))).toMatchObject({
      out: 'NOT FOLLOWING: this replica has what orders-0 has not|\n', log: ['2 0/50 3 0/40'],
    });
  });

  test('because the log is gone: a new copy', async () => {
    const { out } = await run(diagnose('echo "7|2|0/99|"', 'lost|0000000000000002|0000000000000001'));
    expect(out).toBe('not connected|orders-0 no longer has the log from 0/50 on\n');
  });

  test.each(['none', 'lost'])('because its slot is %s, while the log is there: a new slot', async (slot) => {
    const { out, log } = await run(diagnose('echo "7|2|0/99|"', `${slot}|0000000000000001|0000000000000001`));
    expect(out).toBe('not connected|\n');
    expect(log.slice(1)).toEqual(['makes the slot', 'made the slot replica_2 on orders-0']);
  });

  test('for no reason that can be mended: it is left to itself', async () => {
    expect(await run(diagnose('echo "7|2|0/99|"'))).toMatchObject({ out: 'not connected|\n', log: ['2 0/50 2 0/99'] });
  });

  test('where an answer is missing nothing is concluded', async () => {
    expect(await run(diagnose('echo "7|||"'))).toMatchObject({ out: 'not connected|\n', log: [] });
    expect(await run(`${diagnose('echo "7|2|0/99|"').replace('echo \'7|2|0/50|\'', 'return 1')}`)).toMatchObject({ out: 'not connected|\n', log: [] });
  });
});

test('ordinal 0 that runs as a replica is promoted', async () => {
  const { log } = await run('session_ask() { log "$1"; }; role=replica; engine_mend', 0);
  expect(log).toEqual(['ordinal 0 is the primary: promoting', 'SELECT pg_promote(false)']);
});

describe('engine_show_leaving', () => {
  const shows = 'session_open() { log "${@: -1}"; }; session_ask() { log "$1"; }; connection() { echo "$*"; }';

  test('by a session at the primary\'s address, in place of the one by which this pod was ready', async () => {
    expect((await run(`${shows}; primary_address=10.0.0.1; engine_show_leaving`)).log).toEqual(['10.0.0.1 leaving-2', 'SELECT 1']);
    expect((await run(`${shows}; primary_address=; engine_show_leaving || exit 9`)).status).toBe(9);
  });

  test('at ordinal 0 by being ready no more', async () => {
    expect((await run(`${shows}; engine_show_leaving`, 0)).log).toEqual(['SET application_name = \'stateful\'']);
    expect((await run('session_ask() { return 1; }; engine_show_leaving || exit 9', 0)).status).toBe(9);
  });
});

describe('read-only', () => {
  const readOnly = { read_only: 'yes' };
  const look = `
    session_ask() { note "asks \${1%%(*}"; answer=("$role_there|none|0|0/0|0/10|f|replica_1"); }
    note() { echo "$*"; }; mend_roles() { note roles; }; release_slots() { note slots; }
    credentials=$STUB
    tick() { engine_observe >/dev/null; engine_mend; echo "$role"; }`;

  test('ordinal 0 in recovery is the primary, is not promoted, and no role is changed; slots can be released', async () => {
    const { out, log } = await run(`${look}; role_there=replica; tick; tick`, 0, readOnly);
    expect(out).toBe('slots\nprimary\n'.repeat(2));
    expect(log).toEqual(['read-only: nobody can write here, until \'readOnly\' is taken back']);
  });

  test('one that cannot be says so, and is mended as ever', async () => {
    const { out, log } = await run(`${look}; role_there=primary; tick; tick`, 0, readOnly);
    expect(out).toBe('roles\nslots\nprimary\n'.repeat(2));
    expect(log).toEqual([expect.stringMatching(/^NOT READ-ONLY: there are unlogged tables .* delete this pod$/)]);
  });

  test('when it is taken back, ordinal 0 is promoted', async () => {
    const { out, log } = await run(`${look}; role_there=replica; tick`, 0);
    expect(out).toBe('asks SELECT pg_promote\nreplica\n');
    expect(log).toEqual(['ordinal 0 is the primary: promoting']);
  });

  test('a replica stays one', async () => {
    expect((await run(`${look}; diagnose() { :; }; role_there=replica; tick`, 1, readOnly)).out).toBe('replica\n');
  });
});
