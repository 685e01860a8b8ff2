import { Result, Sandbox } from '../scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

function run(script: string): Promise<Result> {
  sandbox = new Sandbox(2, { replication_user: 'replicator', user: 'app', program: 'redis' }, { scriptsOf: 'redis' });
  return sandbox.run(script);
}
/** Whether a condition of the shell holds. */
async function holds(condition: string, before = ''): Promise<boolean> {
  const { out, log } = await run(`${before}\nif ${condition}; then echo yes; else echo no; fi`);
  expect(log).toEqual([]);
  return out === 'yes\n';
}

describe('read_info', () => {
  const print = 'for name in "${!info[@]}"; do echo "$name=${info[$name]}"; done | sort';

  test('takes the lines that have a name and a value, without their carriage return', async () => {
    const rows = '"# Replication"$\'\\r\' $\'role:master\\r\' master_replid:7f \'\' $\'\\r\' slave0:ip=orders-1,state=online:x master_host:';
    expect((await run(`declare -A info=(); read_info ${rows}; ${print}`)).out).toBe(
      'master_host=\nmaster_replid=7f\nrole=master\nslave0=ip=orders-1,state=online:x\n');
  });

  test('forgets what was there before', async () => {
    expect((await run(`declare -A info=([role]=slave [old]=1); read_info role:master; ${print}`)).out).toBe('role=master\n');
  });

  test('takes no error for an answer', async () => {
    expect((await run(`declare -A info=(); read_info 'ERR wrong: x' 'Error: gone'; ${print}`)).out).toBe('');
  });
});

describe('info_of', () => {
  test('is of the host and the sections that are asked', async () => {
    expect((await run('declare -A info=(); query() { echo "name:$*"; }; info_of orders-1 replication memory; echo "${info[name]}"')).out)
      .toBe('orders-1 INFO replication memory\n');
  });

  test.each([['nothing', 'return 1'], ['an error', 'echo "ERR x"; return 1']])('fails where the answer is %s, and keeps none of before', async (_, query) => {
    expect((await run(`declare -A info=([role]=master); query() { ${query}; }; info_of orders-1 replication || echo "failed \${#info[@]}"`)).out).toBe('failed 0\n');
  });
});

describe('has_log_from, as the server decides', () => {
  // What it has are the bytes 101 to 200, and of the history bb all that came before byte 150.
  const primary = `declare -A info=([role]=master [repl_backlog_active]=1 [master_replid]=aa [master_replid2]=bb [second_repl_offset]=150
    [repl_backlog_first_byte_offset]=101 [repl_backlog_histlen]=100)`;

  test.each([
    ['in the midst of it', 'aa 150', true],
    ['before its first byte', 'aa 100', true],
    ['one before that', 'aa 99', false],
    ['at its end', 'aa 200', true],
    ['one beyond', 'aa 201', false],
    ['in the history before', 'bb 120', true],
    ['where that history ended', 'bb 149', true],
    ['one beyond that', 'bb 150', false],
    ['in the history before, but before the log', 'bb 99', false],
    ['in another history', 'cc 150', false],
    ['in no history', '"" 150', false],
  ])('%s', async (_, place, expected) => {
    expect(await holds(`has_log_from ${place}`, primary)).toBe(expected);
  });

  test('not from a history of which it knows no end', async () => {
    expect(await holds('has_log_from 00 120', `${primary}; info[master_replid2]=00 info[second_repl_offset]=-1`)).toBe(false);
  });

  test.each([['has no log', 'info[repl_backlog_active]=0'], ['is a replica itself', 'info[role]=slave']])('not of one that %s', async (_, but) => {
    expect(await holds('has_log_from aa 150', `${primary}; ${but}`)).toBe(false);
  });
});

describe('in_the_past_of', () => {
  // The primary's third era, of its run R3, began at mark 40.
  test.each([
    ['of the primary\'s own run', '7f 3 50 40 R3', true],
    ['of its own run, though it is ahead of what the primary said', '7f 3 53 40 R3', true],
    ['of an earlier run, before this one began', '7f 2 39 20 R2', true],
    ['of an earlier run, and all of it', '7f 2 40 20 R2', true],
    ['of an earlier run, with what the primary may not have flushed', '7f 2 45 20 R2', true],
    ['of an earlier run, with more than that', '7f 2 46 20 R2', false],
    ['of a later era, as before an old volume was restored', '7f 9 900 800 R9', false],
    ['without any mark', '', true],
  ])('%s', async (_, own, expected) => {
    expect(await holds(`in_the_past_of '${own}' '7f 3 50 40 R3'`)).toBe(expected);
  });
});
