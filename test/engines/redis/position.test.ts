import { Result, Sandbox } from '../../core/scripts/sandbox';

const RUN = ['a', 'b', 'c'].map((letter) => letter.repeat(40));

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

function run(script: string): Promise<Result> {
  sandbox = new Sandbox(
    2,
    {
      replication_user: 'replicator',
      user: 'app',
      program: 'redis',
      append_fsync: 'always',
      unflushed: '5',
      max_memory: '409mb',
    },
    { scriptsOf: 'redis' },
  );
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
    const rows = `"# Replication"$'\\r' $'role:master\\r' master_replid:${RUN[0]} '' $'\\r' slave0:ip=orders-1,state=online:x master_host: other:1 master_repl_offset:12`;
    expect((await run(`declare -A info=(); read_info ${rows}; ${print}`)).out).toBe(
      `master_repl_offset=12\nmaster_replid=${RUN[0]}\nrole=master\n`,
    );
  });

  test.each([
    'loading:a[$(touch $STUB/pwned)]',
    'loading:08',
    'loading:-1',
    'loading:1234567890123456',
    'loading:0x1',
    'role:other',
    'master_replid:7f',
    `run_id:${'A'.repeat(40)}`,
    'master_host:x y',
    'second_repl_offset:--1',
    'a[$(touch $STUB/pwned)]:1',
    'loading:',
  ])('takes nothing that does not look as it must: %s', async (row) => {
    expect(
      (
        await run(
          `declare -A info=(); read_info '${row}'; ${print}; echo "\$((info[loading] + 0))"`.replace('\\$((', '$(('),
        )
      ).out,
    ).toBe('0\n');
    expect(sandbox.has('stub/pwned')).toBe(false);
  });

  test('forgets what was there before', async () => {
    expect((await run(`declare -A info=([role]=slave [old]=1); read_info role:master; ${print}`)).out).toBe(
      'role=master\n',
    );
  });

  test('takes no error for an answer', async () => {
    expect((await run(`declare -A info=(); read_info 'ERR wrong: x' 'Error: gone'; ${print}`)).out).toBe('');
  });
});

describe('info_of', () => {
  test('is of the host and the sections that are asked', async () => {
    expect(
      (
        await run(
          'declare -A info=(); query() { [[ $* == "orders-1 INFO memory server" ]] && echo used_memory:5; }; info_of orders-1 memory server; echo "${info[used_memory]}"',
        )
      ).out,
    ).toBe('5\n');
  });

  test.each([
    ['nothing', 'return 1'],
    ['an error', 'echo "ERR x"; return 1'],
  ])('fails where the answer is %s, and keeps none of before', async (_, query) => {
    expect(
      (
        await run(
          `declare -A info=([role]=master); query() { ${query}; }; info_of orders-1 replication || echo "failed \${#info[@]}"`,
        )
      ).out,
    ).toBe('failed 0\n');
  });
});

test('info_of fails where what is used of the replication is not all there', async () => {
  const rows = [
    'role:master',
    `master_replid:${RUN[0]}`,
    `master_replid2:${RUN[1]}`,
    'master_repl_offset:1',
    'second_repl_offset:-1',
    'repl_backlog_active:1',
    'repl_backlog_size:1',
    'repl_backlog_first_byte_offset:1',
    'repl_backlog_histlen:1',
  ];
  const asks = (given: string[]): Promise<boolean> =>
    holds('info_of orders-1 replication', `declare -A info=(); query() { printf '%s\\n' ${given.join(' ')}; }`);
  expect(await asks(rows)).toBe(true);
  for (const row of rows) expect(await asks(rows.filter((other) => other !== row))).toBe(false);
  expect(await asks(rows.map((row) => row.replace('role:master', 'role:slave')))).toBe(false); // of whom?
});

describe('has_log_from, as the server decides', () => {
  // What it has are the bytes 101 to 200, and of the history bb all that came before byte 150.
  const primary = `declare -A info=([role]=master [repl_backlog_active]=1 [master_replid]=${RUN[0]} [master_replid2]=${RUN[1]} [second_repl_offset]=150
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
    ['where no number is', "aa 'x[$(id)]'", false],
  ])('%s', async (_, place, expected) => {
    expect(
      await holds(`has_log_from ${place.replace('aa', RUN[0]).replace('bb', RUN[1]).replace('cc', RUN[2])}`, primary),
    ).toBe(expected);
  });

  test('not from a history of which it knows no end', async () => {
    expect(
      await holds(
        `has_log_from ${'0'.repeat(40)} 120`,
        `${primary}; info[master_replid2]=${'0'.repeat(40)} info[second_repl_offset]=-1`,
      ),
    ).toBe(false);
  });

  test.each([
    ['has no log', 'info[repl_backlog_active]=0'],
    ['is a replica itself', 'info[role]=slave'],
  ])('not of one that %s', async (_, but) => {
    expect(await holds(`has_log_from ${RUN[0]} 150`, `${primary}; ${but}`)).toBe(false);
  });
});

describe('is_ancestor_of', () => {
  // The primary's fourth era, of its run R4, began at mark 40; the second is the oldest that it knows.
  test.each([
    ["of the primary's own run", '7f 4 50 40 R4', true],
    ['of its own run, though it is ahead of what the primary said', '7f 4 53 40 R4', true],
    ['of an earlier run, before this one began', '7f 3 39 20 R3', true],
    ['of an earlier run, and all of it', '7f 3 40 20 R3', true],
    ['of an earlier run, with what the primary may not have flushed', '7f 3 45 20 R3', true],
    ['of an earlier run, with more than that', '7f 3 46 20 R3', false],
    ['of the run before that, which ended at 20', '7f 2 20 10 R2', true],
    ['of that run, with more: less than the primary has by now, and not the same', '7f 2 39 10 R2', false],
    ['of a run that the primary never was, though it would have known it', '7f 3 21 20 RX', false],
    ['of a later era, as before an old volume was restored', '7f 9 900 800 R9', false],
    ['of an era older than all that the primary knows, from before', '7f 1 20 0 R1', true],
    ['of such an era, with more than it had when that ended', '7f 1 26 0 R1', false],
    ['without any mark', '', true],
    ["of the primary's own run, and strayed: what it has more was not the primary's", '7f 4 50 40 R4 strayed', true],
  ])('%s', async (_, own, expected) => {
    expect(await holds(`is_ancestor_of '${own}' '7f 4 50 40 R4' 'R3 40 R2 20'`)).toBe(expected);
  });

  test('nothing more where each write is flushed before it is acknowledged', async () => {
    expect(await holds("is_ancestor_of '7f 3 41 20 R3' '7f 4 50 40 R4' 'R3 40'", 'unflushed=0')).toBe(false);
    expect(await holds("is_ancestor_of '7f 3 40 20 R3' '7f 4 50 40 R4' 'R3 40'", 'unflushed=0')).toBe(true);
  });

  test('where the primary was marked by earlier scripts, which kept no history: as they did', async () => {
    expect(await holds("is_ancestor_of '7f 3 40 20 R3' '7f 4 50 40 R4' ''")).toBe(true);
    expect(await holds("is_ancestor_of '7f 3 46 20 R3' '7f 4 50 40 R4' ''")).toBe(false);
  });
});
