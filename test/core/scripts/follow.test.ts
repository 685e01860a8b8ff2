import { Result, Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/**
 * What follow.sh decides over a stub engine, for ordinal 2 of a database `7f`; time is what the test says. The stub's
 * answers are variables that a test sets: `own`, `primary` (what ordinal 0 says; empty: nothing), `has`, `has_log`
 * (statuses), `gives` (the ordinals that can give a copy).
 */
function run(script: string, ordinal = 2): Promise<Result> {
  sandbox = new Sandbox(ordinal);
  return sandbox.run(`
    last_error_file=$STUB/complaint
    . "$scripts/follow.sh"
    core_now=100 synced=before synced_at=90 recopy_reason='' recopy_source='' position_pattern='^7[ef] [0-9]+$' refusal_pattern='^(WRONG|NO)PASS '
    own='7f 50' primary='7f 60' has=0 has_log=0 gives=' 1 ' receives_from=10.0.0.7
    core_clock() { :; }
    core_leads_to_former_primary() { [[ -n \${former:-} ]] && synced='DNS leads to a former one'; }
    engine_replica_position() { replica_position=$own && [[ -n $own ]]; }
    engine_primary_position() { log asked; primary_position=$primary && [[ -n $primary ]]; }
    engine_is_ancestor() { return "$has"; }
    engine_primary_has_log() { log_needed_from=\${replica_position#* }; return "$has_log"; }
    engine_can_give_copy() { log "can $1?"; [[ $gives == *" $1 "* ]]; }
    engine_follow() { log follows; synced=connecting; }
    engine_detach() { log detached; }
    decide() { if core_follow_primary; then log yes; else log no; fi; }
    tell() { echo "\${synced%%. *}|$recopy_source|$recopy_reason|$synced_at"; }
    ${script}
    tell`);
}
const says = (synced: string, { from = '', copy = '', at = '90' } = {}): string => `${synced}|${from}|${copy}|${at}\n`;
const GONE = 'orders-0 no longer has the log from 50 on';
const AHEAD = 'NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not (50 here, 60 there)';
const OTHER = 'NOT FOLLOWING: orders-0 holds another database (7e; this one is 7f)';

describe('the table: ordinal 0', () => {
  test.each<[string, string, string[], string]>([
    [
      'is said by DNS to be a former pod: waits, and asks no one',
      'former=yes',
      ['no'],
      says('DNS leads to a former one'),
    ],
    ['does not answer: waits', 'primary=', ['asked', 'no'], says('orders-0 does not answer')],
    ['makes no sense: waits', 'primary="7f x[\\$(id)]"', ['asked', 'no'], says('orders-0 gives an invalid answer')],
    [
      'makes no sense by who it is: waits',
      'primary="7f\'; 60"',
      ['asked', 'no'],
      says('orders-0 gives an invalid answer'),
    ],
    ['holds another database: stays', 'primary="7e 60"', ['asked', 'detached', 'no'], says(OTHER, { at: '' })],
    ['lacks what is here: stays', 'has=1', ['asked', 'detached', 'no'], says(AHEAD, { at: '' })],
    [
      'still sends its log to another pod of this ordinal: waits',
      'engine_primary_has_log() { synced="feeds another"; return 2; }',
      ['asked', 'no'],
      says('feeds another'),
    ],
    [
      'has no log, n-1 gives a copy: copies from there',
      'has_log=1',
      ['asked', 'can 1?', 'no'],
      says('before', { from: '1', copy: GONE }),
    ],
    [
      'has no log, n-1 cannot give a copy: waits',
      'has_log=1 gives=',
      ['asked', 'can 1?', 'no'],
      says(`${GONE}: waiting for orders-1, to copy from it`),
    ],
    ['has the log: follows', '', ['asked', 'follows', 'yes'], says('connecting')],
  ])('%s', async (_, given, log, out) => {
    expect(await run(`${given}\ndecide`)).toMatchObject({ log, out });
  });

  test.each(['WRONGPASS no', 'NOPASS no'])('refuses the password (%j): waits, and says what to do', async (line) => {
    expect(
      (
        await run(
          `engine_primary_position() { printf '%s\\n' Warning '${line}' >"$last_error_file"; return 1; }; decide`,
        )
      ).out,
    ).toBe(
      says(
        "orders-0 refuses the replication password: give this pod's Secret the passwords that the database has, and change them afterwards",
      ),
    );
  });

  test('has no log, for longer than a minute n-1 cannot give a copy: copies from 0', async () => {
    const { out } = await run('has_log=1 gives=; decide; core_now=159; decide; tell; core_now=160; decide');
    expect(out).toBe(
      says(`${GONE}: waiting for orders-1, to copy from it`) +
        says(`${GONE}: waiting for orders-1, to copy from it`, {
          from: '0',
          copy: `${GONE}, and orders-1 cannot give a copy`,
        }),
    );
  });

  test('has no log, and is n-1 itself: copies from 0, which has just answered', async () => {
    expect(await run('has_log=1 gives=; decide', 1)).toMatchObject({
      log: ['asked', 'no'],
      out: says('before', { from: '0', copy: GONE }),
    });
  });
});

test('the rows are asked in the order of the table: what is higher counts, whatever is lower', async () => {
  expect((await run('former=yes primary="7e 60" has=1 has_log=1; decide')).out).toBe(says('DNS leads to a former one'));
  await sandbox.dispose();
  expect((await run('primary="7e 60" has=1 has_log=1; decide')).out).toBe(says(OTHER, { at: '' }));
  await sandbox.dispose();
  expect((await run('has=1 has_log=1; decide')).out).toBe(says(AHEAD, { at: '' }));
});

describe('silence tells nothing', () => {
  test.each([
    ["this pod's server does not say where it is", 'own='],
    ['no one can say whether ordinal 0 has what is here', 'has=2 has_log=1'],
    ['or whether it has the log', 'has_log=2'],
    ['ordinal 0 must be waited for', 'engine_primary_position() { log asked; return 2; }'],
  ])('where %s, this replica waits, keeps its reason, and goes on receiving', async (_, given) => {
    expect(await run(`${given}; decide`)).toMatchObject({ log: ['asked', 'no'], out: says('before') });
  });

  test("that ordinal 0 does not answer is said although this pod's server does not either", async () => {
    expect((await run('own= primary=; decide')).out).toBe(says('orders-0 does not answer'));
  });

  test('an answer of a former question does not count', async () => {
    expect((await run('decide; engine_primary_position() { :; }; decide')).out).toBe(
      says('orders-0 gives an invalid answer'),
    );
  });

  test('nor does what the client complained of then', async () => {
    expect((await run('echo "NOPASS " >"$last_error_file"; primary=; decide')).out).toBe(
      says('orders-0 does not answer'),
    );
    await sandbox.dispose();
    expect((await run('unset last_error_file; primary=; decide')).out).toBe(says('orders-0 does not answer'));
  });
});

test("the own position is asked before the primary's, or what came in between would be missing there", async () => {
  expect((await run('engine_replica_position() { log own; replica_position=$own; }; decide')).log.slice(0, 2)).toEqual([
    'own',
    'asked',
  ]);
});

test('the minute without a source counts without a break: any other answer in between begins it again', async () => {
  for (const other of ['gives=" 1 "', 'primary=', 'has_log=0', 'has_log=2', 'has=1']) {
    const { out } = await run(
      `has_log=1 gives=; decide; core_now=150; ${other}; decide; gives='' primary='7f 60' has=0 has_log=1; core_now=165; recopy_reason='' recopy_source=''; decide`,
    );
    expect(out).toMatch(new RegExp(`^${GONE}: waiting for orders-1, to copy from it\\|\\|\\|`));
    await sandbox.dispose();
  }
  await run(':');
});

test('anyone who receives from no one is not detached again each second', async () => {
  expect((await run('receives_from=; has=1; decide; primary="7e 60"; decide')).log).toEqual([
    'asked',
    'no',
    'asked',
    'no',
  ]);
  await sandbox.dispose();
  expect((await run('engine_detach() { log fails; return 1; }; has=1; decide; log alive')).log).toEqual([
    'asked',
    'fails',
    'no',
    'alive',
  ]);
});

test("what ordinal 0 lacks is said in the engine's words, if it has any", async () => {
  expect((await run('engine_is_ancestor() { difference=b:7; return 1; }; decide')).out).toContain(
    'this replica has diverged: it holds writes that orders-0 does not (b:7)|',
  );
  await sandbox.dispose();
  expect(
    (
      await run(
        'engine_is_ancestor() { difference=b:7; return 1; }; decide; engine_is_ancestor() { return 1; }; decide',
      )
    ).out,
  ).toContain('(50 here, 60 there)');
});

test('an engine whose server copies while it runs does that itself', async () => {
  const { log, out } = await run(
    'engine_begin_copy() { log "copies from $1: $2"; }; has_log=1; decide; gives=; decide; core_now=160; decide',
  );
  expect(log.filter((line) => line.startsWith('copies'))).toEqual([
    `copies from 1: ${GONE}`,
    `copies from 0: ${GONE}, and orders-1 cannot give a copy`,
  ]);
  expect(out).toBe(says(`${GONE}: waiting for orders-1, to copy from it`));
});

test('one that cannot be made to follow does not follow', async () => {
  expect((await run('engine_follow() { return 1; }; decide')).log).toEqual(['asked', 'no']);
});

describe('core_may_follow_primary, of a replica that follows: somebody may have written here', () => {
  test.each([
    ['', 0],
    ['has=1', 1],
    ['has_log=1', 1],
    ['primary=', 2],
    ['has=2', 2],
  ])('with %j: %i', async (given, expected) => {
    expect(
      (await run(`${given}\nstatus=0; core_may_follow_primary || status=$?; echo "$status"`)).out.split('\n')[0],
    ).toBe(String(expected));
  });
});

describe('core_keep_primary_address', () => {
  test('is the first that the name has', async () => {
    expect(
      (
        await run(
          'getent() { printf "10.0.0.%s STREAM $2\\n" 7 8; }; core_keep_primary_address; echo "$primary_address"',
        )
      ).out,
    ).toMatch(/^10\.0\.0\.7\n/);
  });

  test('is none where the name has none', async () => {
    expect(
      (await run('primary_address=x; getent() { return 2; }; core_keep_primary_address; echo "[$primary_address]"'))
        .out,
    ).toMatch(/^\[\]\n/);
  });
});

describe('core_report_no_answer', () => {
  const answer = async (complaint: string): Promise<string> =>
    (await run(`${complaint}; core_report_no_answer "$refusal_pattern"; echo "$synced"; exit`)).out;

  test.each([
    ['nothing', ':'],
    ['nothing, not even to the file', 'rm -f "$last_error_file"'],
    ['something else', 'echo "Connection refused: NOPASS " >"$last_error_file"'],
  ])('says that the primary does not answer, where the client said %s', async (_, complaint) => {
    expect(await answer(complaint)).toBe('orders-0 does not answer\n');
  });
});

test('what keeps a replica from following ever, until somebody decides', async () => {
  expect(
    (
      await run(
        'core_report_other_database 8e 7f; echo "$synced"; core_report_diverged "20 here, 19 there"; echo "$synced"; exit',
      )
    ).out
      .split('\n')
      .slice(0, -1),
  ).toEqual([
    'NOT FOLLOWING: orders-0 holds another database (8e; this one is 7f). Nothing is overwritten. Compare both databases first, then delete the pod and PVC of the one that is not needed',
    'NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not (20 here, 19 there). Nothing is overwritten. Was an old volume put under orders-0, or a replica promoted by hand? ' +
      'Only this replica may have those changes: save them before you delete anything. To drop them, delete the pod and PVC of orders-2; to keep them, those of orders-0',
  ]);
});
