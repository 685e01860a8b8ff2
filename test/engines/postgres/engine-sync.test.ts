import { PUT_SECRET, Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What engine-sync.sh concludes from what the databases say. Their answers are the test's; time is what the test says.
const PREPARED = `
  bin=$STUB
  . "$scripts/engine-sync.sh"
  core_clock() { core_now=$time; }
  core_leads_to_former_primary() { return 1; }
  time=100 role='' synced='' lag='' recopy_reason='' synced_at=50 receiving='' receiver_now=0 replayed='' idle_slots='' receives_from='' session_pid=1
  roles_now='' synchronous=0`;

function run(script: string, ordinal = 2, settings: { [name: string]: string } = {}): Promise<Result> {
  sandbox = new Sandbox(
    ordinal,
    { replication_user: 'replicator', user: 'app', database: 'app', read_only: 'no', ...settings },
    { scriptsOf: 'postgres' },
  );
  return sandbox.run(`${PREPARED}\n${script}`, { PG_MAJOR: '17' });
}

describe('release_slots', () => {
  // Of the primary, orders-0. The pods whose names there are stand in `there`.
  const release = `
    core_resolves() { [[ " $there " == *" \${1%%.*} "* ]]; }
    core_session_ask() { [[ $1 =~ slot_name\\ =\\ \\'([a-z_0-9]+)\\'\\ AND\\ NOT\\ active ]] && log "dropped \${BASH_REMATCH[1]}"; }
    at() { time=$1; release_slots; }
    there='orders-0 orders-1'`;
  const gone = (ordinal: number): string[] => [
    `dropped replica_${ordinal}`,
    `dropped the replication slot of orders-${ordinal}, which is gone (slot replica_${ordinal})`,
  ];

  test("drops what no one uses, when its pod's name is gone for half a minute", async () => {
    expect(
      (await run(`${release}; idle_slots='replica_1 replica_2 replica_3'; at 100; at 129; log now; at 130`, 0)).log,
    ).toEqual(['now', ...gone(2), ...gone(3)]);
  });

  test('keeps that of a pod that was away, and counts again', async () => {
    expect(
      (
        await run(
          `${release}; idle_slots=replica_2; at 100; there+=' orders-2'; at 120; there='orders-0'; at 140; at 169; log now; at 170`,
          0,
        )
      ).log,
    ).toEqual(['now', ...gone(2)]);
  });

  test("keeps all while the primary's own name is gone: then DNS says nothing", async () => {
    expect((await run(`${release}; there=''; idle_slots=replica_2; at 100; at 200; at 300`, 0)).log).toEqual([]);
  });

  test('keeps what could not be dropped, and tries again', async () => {
    expect(
      (
        await run(
          `${release}; idle_slots=replica_2; at 100; core_session_ask() { return 1; }; at 130; core_session_ask() { :; }; log again; at 131`,
          0,
        )
      ).log,
    ).toEqual(['again', gone(2)[1]]);
  });
});

describe('engine_observe', () => {
  // One row each: role, state and process of the receiver, end of the primary's log, replayed, whether the mark is
  // reached, idle slots, whom it follows, the roles, and how many replicas commits wait for.
  const observe =
    'core_session_ask() { core_answer=("$row"); }; at() { time=$1 row=$2; engine_observe; echo "$role/$synced/$lag"; receiver=$receiver_now; }';
  const row = (end: string, reached: boolean, state = 'streaming', receiver = 77): string =>
    `'replica|${state}|${receiver}|${end}|0/10|${reached ? 't' : 'f'}||10.0.0.1|abc|0'`;

  test('of a primary: its role, slots that no one uses, and replicas that commits wait for', async () => {
    const { out } = await run(
      `${observe}; at 100 'primary|none|0|0/0|0/0||replica_1 replica_2||abc|2'; echo "$idle_slots, $roles_now, $synchronous"`,
      0,
    );
    expect(out).toBe('primary//\nreplica_1 replica_2, abc, 2\n');
  });

  test("of a replica: the lag is how long ago the primary's log ended where it is now", async () => {
    const { out } = await run(`${observe}
      at 100 ${row('0/10', true)}; at 101 ${row('0/20', false)}; at 102 ${row('0/30', true)}
      at 105 ${row('0/40', false)}; at 106 ${row('0/50', true)}; at 107 ${row('0/60', true)}`);
    expect(out.split('\n')).toEqual([
      'replica/just connected to orders-0/',
      'replica/catching up with orders-0/',
      'replica/yes/2', // what was marked at 100
      'replica/yes/5',
      'replica/yes/4', // what was marked at 102
      'replica/yes/1',
      '',
    ]);
  });

  test('of a replica that lost its connection: not in step, and when it is back the lag is since it last reached the end', async () => {
    const { out } = await run(`${observe}
      at 100 ${row('0/10', true)}; at 101 ${row('0/10', true)}; at 102 ${row('0/10', false, 'none', 0)}
      at 110 ${row('0/20', true)}; at 111 ${row('0/20', false)}; at 112 ${row('0/20', true)}`);
    expect(out.split('\n').map((line) => line.replace(/^replica\//, ''))).toEqual([
      'just connected to orders-0/',
      'yes/1',
      'not connected to orders-0/1',
      'just connected to orders-0/1',
      'yes/11',
      'yes/2',
      '',
    ]);
  });

  test('of one whose receiver is another at each look: never in step, though each says that it streams', async () => {
    const { out } = await run(
      `${observe}; at 100 ${row('0/10', true, 'streaming', 7)}; at 101 ${row('0/10', true, 'streaming', 8)}; at 102 ${row('0/10', true, 'streaming', 9)}`,
    );
    expect(out).toBe('replica/just connected to orders-0/\n'.repeat(3));
  });

  test.each([
    ['no row', 'core_answer=()'],
    ['two', 'core_answer=(a b)'],
    ['no answer', 'return 1'],
    ['an error', 'core_answer=("ERROR:  cannot use serializable mode in a hot standby")'],
    ['an end that is code', 'core_answer=(\'replica|streaming|77|x[$(touch "$state/pwned")]|0/10|t||10.0.0.1|abc|0\')'],
  ])('fails where there is %s', async (_, answers) => {
    expect(
      (await run(`core_session_ask() { ${answers}; }; follow_before_accepting() { :; }; engine_observe || exit 9`))
        .status,
    ).toBe(9);
    expect(sandbox.has('state/pwned')).toBe(false);
  });
});

test('ordinal 0 that runs as a replica is promoted', async () => {
  const { log } = await run('core_session_ask() { log "$1"; }; role=replica; engine_reconcile', 0);
  expect(log).toEqual(['ordinal 0 is the primary: promoting', 'SELECT pg_promote(false)']);
});

describe('engine_announce_leaving', () => {
  const shows =
    'core_session_open() { log "${@: -1}"; }; core_session_ask() { log "$1"; }; connection() { echo "$*"; }';

  test("by a session at the primary's address, instead of the one by which this pod was ready", async () => {
    expect((await run(`${shows}; primary_address=10.0.0.1; engine_announce_leaving`)).log).toEqual([
      '10.0.0.1 leaving-2',
      'SELECT 1',
    ]);
    expect((await run(`${shows}; primary_address=; engine_announce_leaving || exit 9`)).status).toBe(9);
  });

  test('at ordinal 0 by being ready no more', async () => {
    expect((await run(`${shows}; engine_announce_leaving`, 0)).log).toEqual(["SET application_name = 'stateful'"]);
    expect((await run('core_session_ask() { return 1; }; engine_announce_leaving || exit 9', 0)).status).toBe(9);
  });
});

describe('read-only', () => {
  const readOnly = { read_only: 'yes' };
  const look = `
    core_session_ask() { note "asks \${1%%(*}"; core_answer=("$role_there|none|0|0/0|0/10|f|replica_1||abc|0"); }
    note() { echo "$*"; }; reconcile_roles() { note roles; }; release_slots() { note slots; }
    tick() { engine_observe >/dev/null; engine_reconcile; echo "$role"; }`;

  test('ordinal 0 in recovery is the primary, is not promoted, and no role is changed; slots can be released', async () => {
    const { out, log } = await run(`${look}; role_there=replica; tick; tick`, 0, readOnly);
    expect(out).toBe('slots\nprimary\n'.repeat(2));
    expect(log).toEqual(["read-only: no writes are possible until 'readOnly' is removed"]);
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
    expect((await run(`${look}; core_follow_primary() { :; }; role_there=replica; tick`, 1, readOnly)).out).toBe(
      'replica\n',
    );
  });
});

describe('a replica that somebody promoted', () => {
  test('has its server stopped, which starts again as a replica, and is not ready meanwhile', async () => {
    const { out, log } = await run('engine_stop() { echo stop; }; role=primary; engine_reconcile; echo "[$synced_at]"');
    expect(out).toBe('stop\n[]\n');
    expect(log).toEqual([expect.stringMatching(/^this replica was promoted by hand: restarting its server/)]);
  });
});

describe('reconcile_roles', () => {
  // What the roles are at each look, and whether the passwords work then.
  const looks = (steps: string): Promise<Result> =>
    run(
      `
    works=yes
    passwords_work() { echo "tries $roles_now"; [[ $works == yes ]]; }
    printf '#!/bin/sh\\necho "sets them"\\n' >"$STUB/roles.sh"; chmod +x "$STUB/roles.sh"; scripts=$STUB
    at() { roles_now=$1; reconcile_roles; }
    ${steps}`,
      0,
    );

  test('tries the passwords once, and again whenever somebody changed a user', async () => {
    expect((await looks('at a; at a; at a; at b; at b')).out).toBe('tries a\ntries b\n');
  });

  test('sets what does not work, and does not try its own work again and again', async () => {
    const { out, log } = await looks('works=no; at a; at b; at b; at b; at c');
    expect(out).toBe('tries a\nsets them\ntries c\nsets them\n');
    expect(log).toEqual(Array(2).fill('setting users and passwords to what the Secret says'));
  });

  test('tries again where the users could not be set', async () => {
    expect((await looks('works=no; printf "#!/bin/sh\\nexit 1\\n" >"$STUB/roles.sh"; at a; at a')).out).toBe(
      'tries a\ntries a\n',
    );
  });
});

test("the application's password is tried in its own database, as others may be closed to it", async () => {
  const { out } = await run(
    'password_works() { echo "$*"; [[ $3 != postgres || $1 != app ]]; }; passwords_work && echo yes',
    0,
  );
  expect(out).toBe(
    'replicator replication-password postgres\npostgres superuser-password postgres\napp password app\nyes\n',
  );
});

describe('a Secret', () => {
  const secret = (change: string): Promise<Result> => {
    sandbox = new Sandbox(
      1,
      { replication_user: 'replicator', user: 'app', database: 'app', read_only: 'no' },
      { scriptsOf: 'postgres' },
    );
    return sandbox.run(
      `${PREPARED}
      ${PUT_SECRET}
      put one a; put first first replication-password
      role=replica receiving=streaming receiver=0
      engine_prepare
      ${change}
      engine_reconcile; engine_reconcile; cat "$PGPASSFILE"`,
      { PG_MAJOR: '17' },
    );
  };

  test('that was changed is read again, however soon after it was read', async () => {
    expect((await secret('put two second replication-password; touch -d "2020-01-01" "$credentials/two"')).out).toBe(
      '*:*:*:replicator:second\n',
    );
  });

  test.each([
    ['with an empty key', "''", /replication-password/],
    ['with a CR at the end of one', "$'second\\r'", /replication-password has a carriage return/],
  ])('%s is not taken, which is said once', async (_, value, why) => {
    const { out, log } = await secret(`put two ${value} replication-password`);
    expect(out).toBe('*:*:*:replicator:first\n');
    expect(log).toEqual([expect.stringMatching(why)]);
  });
});

describe('reconcile_synchronous_replicas', () => {
  // Of three declared pods, of which so many follow.
  const wait = (steps: string, synchronous = '1'): Promise<Result> =>
    run(
      `
    core_session_ask() { log "$1"; }
    at() { synchronous=$1; reconcile_synchronous_replicas; }
    ${steps}; cat "$role_conf" 2>/dev/null || true`,
      0,
      { synchronous_replicas: synchronous },
    );
  const names = (list: string): string => `synchronous_standby_names = 'ANY 1 (${list})'\n`;

  test('names the replicas as they are called here, and says how many are missing', async () => {
    const { out, log } = await wait('at 0; at 0; at 1; at 2');
    expect(out).toBe(names('"orders-1", "orders-2"'));
    expect(log).toEqual([
      'SELECT pg_reload_conf()',
      "COMMITS WAIT: 0 replicas follow, and 'synchronousReplicas' demands 1. Reads go on",
      'commits are acknowledged again: 1 replicas follow, of which 1 must have each',
    ]);
  });

  test('knows more of them as soon as they are declared', async () => {
    expect((await wait('at 1; echo 5 >"$config/replicas"; at 1; at 1')).out).toBe(
      names('"orders-1", "orders-2", "orders-3", "orders-4"'),
    );
  });

  test('tells the server again where it was not reached', async () => {
    expect(
      (await wait('core_session_ask() { log failed; return 1; }; at 1; core_session_ask() { log told; }; at 1; at 1'))
        .log,
    ).toEqual(['failed', 'told']);
  });

  test('does nothing where none is asked for', async () => {
    expect(await wait('at 0; at 1', '0')).toMatchObject({ out: '', log: [] });
  });
});

describe('signs are those of our own users', () => {
  const asks = 'core_session_ask() { echo "$1"; core_answer=("|"); }; ask_sql() { echo "$2"; }; connection() { :; }';

  test("ready: of the superuser on the pod's own socket", async () => {
    expect((await run(`ask_sql() { log "$2"; }; engine_peer_is_ready 1 || true`)).log.join(' ')).toMatch(
      /usename = 'postgres' AND client_addr IS NULL/,
    );
  });

  test('leaving: of the replication user, in use a moment ago, with an ordinal', async () => {
    const { out } = await run(`${asks}; engine_list_higher_ordinals`);
    expect(out).toContain("~ '^leaving-[0-9]{1,3}$'");
    expect(out).toContain("usename = 'replicator' AND state_change > clock_timestamp() - interval '10 s'");
  });

  test.each([
    ['no row', ''],
    ['an error', '"ERROR:  value out of range"'],
    ['code', '\'a[$(touch "$state/pwned")]|\''],
  ])('%s is no answer', async (_, answer) => {
    expect(
      (await run(`core_session_ask() { core_answer=(${answer}); }; engine_list_higher_ordinals || exit 9`)).status,
    ).toBe(9);
    expect(sandbox.has('state/pwned')).toBe(false);
  });
});

test('an image that orders text otherwise is told of', async () => {
  const { log } = await run(
    'core_session_ask() { core_answer=("app|2.36|2.41"); }; log_collation_changes; core_session_ask() { core_answer=(); }; log_collation_changes',
    0,
  );
  expect(log).toEqual([
    expect.stringMatching(
      /^COLLATION: database app was made with version 2\.36 .* this image has version 2\.41: .*REINDEX DATABASE app/,
    ),
  ]);
});
