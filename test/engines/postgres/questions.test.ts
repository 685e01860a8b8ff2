import { Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

function run(script: string): Promise<Result> {
  sandbox = new Sandbox(
    2,
    { replication_user: 'replicator', user: 'app', database: 'app', read_only: 'no' },
    { scriptsOf: 'postgres' },
  );
  return sandbox.run(`bin=$STUB\n${script}`, { PG_MAJOR: '17' });
}
async function holds(condition: string): Promise<boolean> {
  const { out, log } = await run(`if ${condition}; then echo yes; else echo no; fi`);
  expect(log).toEqual([]);
  return out === 'yes\n';
}
/** Text that bash would run, were it to reckon with it. */
const CODE = 'x[$(touch "$state/pwned")]';

describe('reaches', () => {
  test.each([
    ['0/20', '0/1F', true],
    ['0/20', '0/20', true],
    ['0/1F', '0/20', false],
    ['2/0', '1/FFFFFFFF', true],
    ['FFFFFFF/0', 'A/0', true],
    ['', '0/0', false],
    ['0/20', '', false],
    ['0/20', CODE, false],
    [CODE, '0/0', false],
    [`0/${CODE}`, '0/0', false],
    ['0/123456789', '0/0', false],
  ])('%s, %s: %s', async (one, other, expected) => {
    expect(await holds(`reaches '${one}' '${other}'`)).toBe(expected);
    expect(sandbox.has('state/pwned')).toBe(false);
  });
});

describe('is_ancestor_of', () => {
  // Timelines: 1 until 0/50, 2 until 0/90, then 3.
  const there = '7 3 0/99 1@0/50,2@0/90';

  test.each([
    ['on the same timeline, before', '7 3 0/98 1@0/50,2@0/90', there, true],
    ['on the same timeline, the same', there, there, true],
    ['on the same timeline, beyond', '7 3 0/9A 1@0/50,2@0/90', there, false],
    ['before the timelines part', '7 1 0/50 -', there, true],
    ['beyond where they part', '7 1 0/51 -', there, false],
    ['of the timeline between', '7 2 0/90 1@0/50', there, true],
    ['beyond the timeline between', '7 2 0/91 1@0/50', there, false],
    ['of a later timeline', '7 4 0/99 1@0/50,2@0/90,3@0/98', there, false],
    ['of a timeline of the same number that began elsewhere', '7 3 0/98 1@0/50,2@0/80', there, false],
    ['of a timeline of a number between that began elsewhere', '7 2 0/50 1@0/40', there, false],
    ['of a timeline that is not in its history', '7 2 0/60 -', there, false],
    ['of another database', '8 1 0/10 -', there, false],
    ['of the first timeline both', '7 1 0/10 -', '7 1 0/20 -', true],
    ['of the first timeline, for the tenth', '7 1 0/10 -', '7 10 0/20 9@0/18', false],
    ['nothing', '', there, false],
    ['nothing of nothing', '', '', false],
    ['where neither has a place', '7 1  -', '7 1  -', false],
  ])('%s', async (_, one, other, expected) => {
    expect(await holds(`is_ancestor_of '${one}' '${other}'`)).toBe(expected);
    expect(await holds(`engine_has_all_of host '${other}' '${one}'`)).toBe(expected);
  });
});

test.each([
  ['00000003.history\t\n1\t0/50\tno recovery target specified\n\n2\t0/90\tat restore point "x"\n', '1@0/50,2@0/90\n'],
  ['1\t0/50\n', '1@0/50\n'],
  ['', ''],
  ['# nothing\n', ''],
  ['1\t0/5G\n', ''],
  [`${CODE}\t0/1\n`, ''],
])('the history that says %j is %j', async (text, expected) => {
  sandbox = new Sandbox(
    2,
    { replication_user: 'replicator', user: 'app', database: 'app', read_only: 'no' },
    { scriptsOf: 'postgres' },
  );
  sandbox.write('text', text);
  expect((await sandbox.run(`history_of_text <"${sandbox.folder}/text" || true`, { PG_MAJOR: '17' })).out).toBe(
    expected,
  );
});

test.each(['7|2|0/40|app', '18446744073709551615|4294967295|FFFFFFFF/FFFFFFFF|'])(
  'who says %s is believed',
  async (row) => {
    expect((await run(`ask_by() { echo '${row}'; }; identify host`)).out).toBe(`${row}\n`);
  },
);
test.each(['', '7|2||', CODE, `7|${CODE}|0/40|`, `7|2|${CODE}|`, '7;8|2|0/40|', '7|2|0/40', 'x'])(
  'who says %j is not',
  async (row) => {
    expect(await run(`ask_by() { echo '${row}'; }; identify host || exit 9`)).toMatchObject({ status: 9, out: '' });
    expect(sandbox.has('state/pwned')).toBe(false);
  },
);

test('our clients demand that the server proves to know the password, and set what they rely on', async () => {
  const { out } = await run('connection 10.0.0.1 name; echo; connection 10.0.0.1 name 0');
  for (const text of [
    'require_auth=scram-sha-256',
    'application_name=name ',
    'default_transaction_isolation=read\\\\ committed',
    '-c default_transaction_read_only=off',
    '-c role=none',
    '-c search_path=pg_catalog',
    '-c idle_session_timeout=0',
    '-c transaction_timeout=0',
    '-c lock_timeout=0',
    '-c synchronous_commit=local',
    "-c statement_timeout=5000'",
  ]) {
    expect(out.split('\n')[0]).toContain(text);
  }
  expect(out.split('\n')[1]).toContain("-c statement_timeout=0'");
});

test('a server that takes the call and says nothing is not waited for', async () => {
  const begin = Date.now();
  const { status } = await run(
    'printf "#!/bin/sh\\nexec sleep 60\\n" >"$STUB/psql"; chmod +x "$STUB/psql"; ask_sql 10.0.0.1 "SELECT 1" 0 || exit 9',
  );
  expect([status, Date.now() - begin < 10_000]).toEqual([9, true]);
});
