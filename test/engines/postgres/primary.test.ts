import { Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What follow.sh decides by what primary.sh makes of the databases' answers: these are the test's. Here: database 7,
// timeline 2, log 0/50, a history; the primary is at 10.0.0.1.
const HISTORY = '00000002.history|1\\t0/40\\tno recovery target specified\\n';
function run(script: string, ordinal = 2): Promise<Result> {
  sandbox = new Sandbox(
    ordinal,
    { replication_user: 'replicator', user: 'app', database: 'app', read_only: 'no' },
    { scriptsOf: 'postgres' },
  );
  return sandbox.run(
    `
    . "$scripts/engine-sync.sh"
    core_clock() { core_now=$time; }
    core_leads_to_former_primary() { return 1; }
    time=100 role=replica synced='not connected' lag='' recopy_reason='' recopy_source='' synced_at=50 receiving=none receiver_now=0 replayed=0/50 receives_from='' session_pid=1
    core_addresses_of() { case $1 in orders-0.*) echo "$primary_is_at" ;; esac; }
    core_session_ask() { echo "local: \${1%%(*}" >&2; }
    primary_is_at=10.0.0.1 their_row='7|2|0/99|' their_lines='${HISTORY}' log='reserved|0000000000000001|0000000000000001|' own_row='7|2|0/50|'
    ask_by() {
      case $1-$2 in
        *host="$socket"*-IDENTIFY_SYSTEM) echo "$own_row" ;;
        *host="$socket"*-TIMELINE_HISTORY*) printf '${HISTORY}' ;;
        *host=10.0.0.1*-IDENTIFY_SYSTEM) [[ $their_row != none ]] && echo "$their_row" ;;
        *host=10.0.0.1*-TIMELINE_HISTORY*) [[ $their_lines != none ]] && printf "$their_lines" ;;
        *host=10.0.0.1*create_physical*) : >"$STUB/slot" ;;
        *host=10.0.0.1*) echo "$log" ;;
        *host=orders-1.*-IDENTIFY_SYSTEM) echo "$below_row" ;;
        *host=orders-1.*pg_stat_wal_receiver*) echo "$below_streams" ;;
      esac
    }
    below_row='7|2|0/70|' below_streams=t
    decide() { core_follow_primary || core_stop_receiving; }
    ${script}
    echo "\${synced%% (*}|$recopy_reason|$synced_at"
    if [[ -e $role_conf ]]; then grep -oE "hostaddr=[0-9.]+|^primary_conninfo = ''|slot_name = .*" "$role_conf"; fi`,
    { PG_MAJOR: '17' },
  );
}
const follows = ['hostaddr=10.0.0.1', "slot_name = 'replica_2'"];
const lines = ({ out }: Result): string[] => out.split('\n').slice(0, -1);

describe('a replica that is not connected', () => {
  test('follows the primary at the address that it asked', async () => {
    const result = await run('decide');
    expect(lines(result)).toEqual(['connecting to orders-0||50', ...follows]);
    expect(result.log).toEqual(['local: SELECT pg_reload_conf']);
  });

  test('is left to itself where it follows that one already', async () => {
    expect(await run('receives_from=10.0.0.1; decide')).toMatchObject({ out: 'connecting to orders-0||50\n', log: [] });
  });

  test('follows the new address of the primary', async () => {
    expect(lines(await run('receives_from=10.0.0.7; decide')).slice(1)).toEqual(follows);
  });

  test('follows no one where DNS still leads to one that was left', async () => {
    expect(await run('core_leads_to_former_primary() { synced=former; }; decide')).toMatchObject({
      out: 'former||50\n',
      log: [],
    });
  });

  test.each([
    ['the primary has no address', 'primary_is_at=', 'orders-0 does not answer'],
    ['its address is code', 'primary_is_at=\'a[$(touch "$state/pwned")]\'', 'orders-0 does not answer'],
    ['the primary does not answer', 'their_row=none', 'orders-0 does not answer'],
    [
      'it answers what is no position',
      'their_row=\'7|a[$(touch "$state/pwned")]|0/99|\'',
      'orders-0 gives an invalid answer',
    ],
    ['its history cannot be had', 'their_lines=none', 'orders-0 does not answer'],
    ['its log cannot be had', 'log=', 'not connected'],
    ['its log is code', 'log=\'reserved|a[$(touch "$state/pwned")]|0000000000000001|\'', 'not connected'],
  ])('follows no one, and no one any more, where %s', async (_, world, expected) => {
    const result = await run(`${world}; decide`);
    expect(result.out).toBe(`${expected}||50\n`);
    expect(sandbox.has('state/pwned')).toBe(false);
    await sandbox.dispose();
    expect(lines(await run(`${world}; receives_from=10.0.0.7; decide`)).slice(1)).toEqual([
      "primary_conninfo = ''",
      "slot_name = ''",
    ]);
  });

  test('says what to do where the primary refuses the password', async () => {
    const client =
      'ask_by() { echo "psql: error: FATAL:  password authentication failed for user \\"replicator\\"" >&2; return 2; }';
    expect(
      (await run(`${client}; engine_replica_position() { replica_position='7 2 0/50 1@0/40'; }; decide`)).out,
    ).toMatch(/^orders-0 refuses the replication password: give this pod's Secret the passwords /);
  });

  test('of another database: nothing is overwritten, and it is not ready from then on', async () => {
    expect(lines(await run('their_row="8|1|0/99|"; decide'))).toEqual([
      'NOT FOLLOWING: orders-0 holds another database||',
    ]);
  });

  test.each([
    ['more log', 'their_row="7|2|0/4F|"', ''],
    ['a later timeline: somebody promoted it', 'their_row="7|1|0/99|"', ''],
    [
      'a timeline of the same number, that began elsewhere',
      '',
      'their_lines="00000002.history|1\\\\t0/30\\\\tno reason\\\\n"',
    ],
    [
      "more of its timeline than led to the primary's",
      'their_row="7|3|0/99|"',
      'their_lines="00000003.history|1\\\\t0/40\\\\tno\\\\n2\\\\t0/48\\\\tno\\\\n"',
    ],
  ])(
    'with %s than the primary has: nothing is overwritten, though the log is gone too, and it is not ready from then on',
    async (_, theirs, history) => {
      const result = await run(
        `${theirs}; ${history}; log='lost|0000000000000009|0000000000000001|'; receives_from=10.0.0.1; decide`
          .replace(/(; )+/g, '; ')
          .replace(/^; /, ''),
      );
      expect(lines(result)).toEqual([
        'NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not||',
        "primary_conninfo = ''",
        "slot_name = ''",
      ]);
    },
  );

  test("on a timeline before the primary's follows it", async () => {
    expect(
      lines(
        await run(
          'their_row="7|3|0/99|" their_lines="00000003.history|1\\\\t0/40\\\\tno\\\\n2\\\\t0/50\\\\tno\\\\n"; decide',
        ),
      ).slice(1),
    ).toEqual(follows);
  });

  test('whose log is gone: a new copy', async () => {
    expect(lines(await run('log="lost|0000000000000002|0000000000000001|"; decide'))).toEqual([
      'not connected|orders-0 no longer has the log from 0/50 on|50',
    ]);
    expect(sandbox.has('stub/slot')).toBe(false);
  });

  test.each([
    ['of another database', 'below_row="8|2|0/70|"'],
    ['that receives from no one', 'below_streams=f'],
    ['that does not answer', 'below_row= below_streams='],
  ])('whose log is gone waits a minute for an ordinal below %s, and then copies from 0', async (_, below) => {
    const result = await run(
      `log="lost|0000000000000002|0000000000000001|"; ${below}; decide; echo "$synced/$recopy_source"; time=160; decide; echo "$recopy_source"`,
    );
    expect(lines(result)).toEqual([
      'orders-0 no longer has the log from 0/50 on: waiting for orders-1, to copy from it/',
      '0',
      expect.stringContaining('|orders-0 no longer has the log from 0/50 on, and orders-1 cannot give a copy|50'),
    ]);
  });

  test.each(['none', 'lost'])('whose slot is %s, while the log is there: a new slot', async (slot) => {
    const result = await run(`log="${slot}|0000000000000001|0000000000000001|"; decide`);
    expect(lines(result).slice(1)).toEqual(follows);
    expect(sandbox.has('stub/slot')).toBe(true);
    expect(result.log[0]).toBe('created the replication slot replica_2 on orders-0');
  });

  test('whose slot another pod uses says where that is; not where it is itself', async () => {
    for (const oldest of [1, 2]) {
      // also where the log is gone: a copy would not be followed either
      expect(lines(await run(`log="reserved|000000000000000${oldest}|0000000000000001|10.0.0.8"; decide`))[0]).toMatch(
        /^orders-0 still sends its log to another orders-2, at 10\.0\.0\.8: /,
      );
      await sandbox.dispose();
    }
    expect(lines(await run('log="reserved|0000000000000001|0000000000000001|10.0.0.9"; decide')).slice(1)).toEqual(
      follows,
    );
  });

  test('concludes nothing where its own server does not say where it is', async () => {
    expect(await run('own_row=; decide')).toMatchObject({ out: 'not connected||50\n', log: [] });
  });
});

describe('follow_before_accepting: a server that does not accept connections for long', () => {
  const unseen = 'echo "7 2 0/50 1@0/40" >"$state/at-rest"; at() { time=$1; follow_before_accepting; }';

  test('is made to follow: it may need more log for that', async () => {
    const result = await run(`${unseen}; at 100; at 109; echo "$(ls "$state")"; at 110; ls "$state"`);
    expect(lines(result)[0]).toBe('at-rest');
    expect(lines(result)).toEqual(expect.arrayContaining(['reload', ...follows]));
    await sandbox.dispose();
    expect((await run(`${unseen}; at 100; at 110; rm "$state/reload"; at 120; at 130`)).log).toHaveLength(1); // once will do
    expect(sandbox.has('state/reload')).toBe(false);
  });

  test.each([
    ['another database', 'their_row="8|2|0/99|"'],
    ['one that has less', 'their_row="7|2|0/10|"'],
    ['no one, as nothing is known of the data', 'rm "$state/at-rest"'],
  ])('but not %s', async (_, world) => {
    await run(`${unseen}; ${world}; at 100; at 110`);
    expect(sandbox.has('state/reload') || sandbox.has('state/role.conf')).toBe(false);
  });
});

describe('engine_detach', () => {
  test('has the server read that there is no one to follow, and ends what receives', async () => {
    const result = await run('core_session_ask() { echo "$1"; }; engine_detach');
    expect(result.out.replace(/\s+/g, ' ')).toMatch(
      /^SELECT pg_reload_conf\(\); .*backend_type = 'walreceiver'\) TO PROGRAM 'while read -r pid; do kill "\$pid"; done; true' /,
    );
    expect(lines(result).slice(-2)).toEqual(["primary_conninfo = ''", "slot_name = ''"]);
  });

  test('is repeated while the server goes on receiving, and by a sidecar that was restarted', async () => {
    const again =
      'receiving=streaming receives_from=10.0.0.7 receiver=0; core_session_ask() { echo again; return 1; }; engine_reconcile';
    expect((await run(`core_session_ask() { return 1; }; engine_detach; ${again}`)).out).toMatch(/^again\n/);
    await sandbox.dispose();
    expect(
      (await run(`core_session_ask() { return 1; }; engine_detach; detached=; . "$scripts/primary.sh"; ${again}`)).out,
    ).toMatch(/^again\n/);
  });

  test('ends with the next decision to follow', async () => {
    expect(
      lines(
        await run('engine_detach; receives_from=; decide; receiving=streaming; engine_reconcile; echo "[$detached]"'),
      ),
    ).toEqual(
      ['[]', 'not connected||50', ...follows].map((line) => line.replace('not connected', 'connecting to orders-0')),
    );
  });
});

test('the address of the primary that was asked is the one that is kept', async () => {
  expect(
    (await run('receives_from=10.0.0.1 receiving=streaming receiver_now=5; engine_reconcile; echo "$primary_address"'))
      .out,
  ).toMatch(/^10\.0\.0\.1\n/);
});
