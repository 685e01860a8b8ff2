import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { AddressInfo, createServer } from 'node:net';
import { Result, Sandbox } from '../../core/scripts/sandbox';
import { statements } from './statements';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What mysql-common-sync.sh does next to a running server, as MySQL has it. What the servers say is the test's; time is
// what the test says. This pod's server is asked by core_session_ask, which here logs the question; the others by
// query.
const PREPARED = `
  . "$scripts/engine-sync.sh"
  core_clock() { :; }
  core_now=100 session_pid=1 identity=7f
  session_settings=OWN local_session_settings=LOCAL accounts=ACCOUNTS restore_account_sql=ACCOUNT
  core_session_close() { session_pid=''; log closed; }
  core_session_ask() { log "$1"; core_answer=(); }`;

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

describe('open_local', () => {
  const open = (answer: string): string =>
    `core_session_open() { log "\${*:5}"; }; core_session_ask() { core_answer=(${answer}); }; identity='' lag_probe_at=7 lag_reached_at=7; open_local || exit 9; echo "$identity/$lag_probe_at$lag_reached_at"`;
  /** While somebody listens on the pod's port. */
  const listening = async (script: string): Promise<Result> => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const result = await run(`port=${(server.address() as AddressInfo).port}\n${script}`);
    server.close();
    return result;
  };

  test('connects one client for as long as it lasts, which fails where its connection does, and asks who the database is', async () => {
    const id = '7f'.repeat(10);
    expect(await listening(open(id))).toMatchObject({
      out: `${id}/\n`,
      log: [
        'mysql --no-defaults --compression-algorithms=uncompressed,zlib,zstd -S /var/run/mysqld/mysqld.sock -u mysql -N -B --force --unbuffered --skip-reconnect --init-command=OWN',
      ],
    });
  });

  test.each([
    [0, '8e'.repeat(10)],
    [2, '7f'.repeat(10)],
  ])('ordinal %i believes the file next to its data, where it is the primary: %s', async (ordinal, expected) => {
    pod(ordinal);
    sandbox.write('state/identity', `${'8e'.repeat(10)}\n`);
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { out } = await go(`port=${(server.address() as AddressInfo).port}; roles_checked=yes
      core_session_open() { :; }; core_session_ask() { core_answer=(${'7f'.repeat(10)}); }; open_local; echo "$identity/$roles_checked"`);
    server.close();
    expect(out).toBe(`${expected}/${ordinal === 0 ? '' : 'yes'}\n`);
  });

  test.each(['"ERROR 1049 (42000): Unknown database \'cdk8s_stateful\'"', '', '7f'])(
    'fails where the server says it is %j, and lets the client go',
    async (answer) => {
      const { status, log } = await listening(open(answer));
      expect({ status, last: log.at(-1) }).toEqual({ status: 9, last: 'closed' });
    },
  );

  test('what somebody has locked makes a statement fail, and not the session', async () => {
    expect((await listening('core_session_open() { :; }; open_local || true')).log[0]).toBe(
      'LOCAL; SET SESSION lock_wait_timeout = 3; SELECT id FROM cdk8s_stateful.identity;',
    );
  });

  test('does not begin where no one listens', async () => {
    expect(await run('core_session_open() { log opens; }; open_local || exit 9')).toMatchObject({ status: 9, log: [] });
  });
});

describe('reconcile_roles', () => {
  // The passwords that are refused, by the user; and what the server has of our users, look by look.
  const mend = (refused: string, looks = 'reconcile_roles; reconcile_roles', users = ':'): string => `
    has=1
    core_session_ask() { if [[ $1 == ACCOUNTS ]]; then core_answer=("$has"); elif [[ $1 == *cdk8s_stateful.identity* ]]; then core_answer=("\${table-7f}"); else log "$1"; core_answer=(); fi; }
    password_refused() { [[ ' ${refused} ' == *" $1:$2 "* ]]; }
    rm "$scripts/users.sh"; printf '%s\\n' '#!/usr/bin/env bash' 'echo users >>"$STUB/calls"; ${users}' >"$scripts/users.sh"; chmod +x "$scripts/users.sh"
    ${looks}`;
  const derived = createHash('sha256')
    .update(`follower:${'AB'.repeat(32)}`)
    .digest('hex')
    .slice(0, 32);
  const all = ['replicator:replication-password', 'root:superuser-password', 'app:password', `follower-7f:${derived}`];
  const SETS = 'setting users and passwords to what the Secret says';

  test('leaves alone what works', async () => {
    expect(await run(mend('')).then(({ log }) => log)).toEqual([]);
    expect(sandbox.calls).toEqual([]);
  });

  test.each(all)('sets all where %s is refused', async (one) => {
    expect((await run(mend(one), 0)).log).toEqual([SETS]);
    expect(sandbox.calls).toEqual(['users']);
  });

  test('looks again after it has set them, and is content where they work', async () => {
    await run(
      mend(
        all.join(' '),
        'reconcile_roles; core_now=103; password_refused() { return 1; }; reconcile_roles; password_refused() { return 0; }; core_now=104; reconcile_roles',
      ),
      0,
    );
    expect(sandbox.calls).toEqual(['users']);
  });

  test('tries again where they cannot be set, less and less often: each try is in the binary log', async () => {
    const { status, log } = await run(
      mend(
        all.join(' '),
        'for ((core_now = 100; core_now < 3700; core_now++)); do reconcile_roles; done; log alive',
        'exit 1',
      ),
      0,
    );
    expect({ status, last: log.at(-1) }).toEqual({ status: 0, last: 'alive' });
    expect(sandbox.calls.length).toBeGreaterThan(10);
    expect(sandbox.calls.length).toBeLessThan(25);
  });

  test('where somebody changed our users while the server runs: what is in the tables counts, our own account comes back, and passwords are tried', async () => {
    const { log } = await run(
      mend(
        all.join(' '),
        'password_refused() { log tried; return 1; }; reconcile_roles; core_now=101; reconcile_roles; core_now=102 has=2; reconcile_roles; core_now=103; reconcile_roles',
      ),
      0,
    );
    expect(log).toEqual([...Array<string>(4).fill('tried'), 'ACCOUNT', ...Array<string>(4).fill('tried')]);
  });

  test.each(['8e', '', 'ERROR 1146 (42S02): no such table'])(
    "where somebody loaded another set's table (%j)",
    async (table) => {
      expect((await run(mend('', `table='${table}'; reconcile_roles`), 0)).log).toEqual([SETS]);
    },
  );

  test('a server that does not say is asked again, and not taken for content', async () => {
    const silent =
      'password_refused() { log asked; return 2; }; reconcile_roles; core_now=101; reconcile_roles; core_now=111; reconcile_roles; password_refused() { log fine; return 1; }; core_now=122; reconcile_roles; core_now=200; reconcile_roles';
    const { log } = await run(mend('', silent), 0);
    expect(log).toEqual([...Array<string>(8).fill('asked'), ...Array<string>(4).fill('fine')]);
    expect(sandbox.calls).toEqual([]);
  });

  test('who is told to stop meanwhile asks no further', async () => {
    expect(
      (await run(mend('', 'password_refused() { log asked; core_leaving=yes; return 2; }; reconcile_roles'), 0)).log,
    ).toEqual(['asked']);
  });

  test('what it set itself is no such change', async () => {
    const { log } = await run(
      mend(
        all.join(' '),
        'reconcile_roles; has=2; core_now=103; password_refused() { return 1; }; reconcile_roles; core_now=104; reconcile_roles',
      ),
      0,
    );
    expect(log).toEqual([SETS]);
  });
});

describe('password_refused', () => {
  const refused = async (does: string): Promise<string> => {
    pod();
    sandbox.write('stub/mysql', `#!/usr/bin/env bash\n${does}\n`);
    return (
      await go(
        'chmod +x "$STUB/mysql"; PATH=$STUB:$PATH; status=0; password_refused app secret || status=$?; echo "$status"',
      )
    ).out.trim();
  };

  test.each([
    '1045 (28000): Access denied',
    '1698 (28000): Access denied',
    '3118 (HY000): account is locked',
    '1820 (HY000): You must reset your password',
  ])('where the server says %s', async (error) => {
    expect(await refused(`echo "WARNING: x" >&2; echo "ERROR ${error}" >&2; exit 1`)).toBe('0');
  });

  test.each([
    '1040 (HY000): Too many connections',
    '2003 (HY000): Can not connect',
    '3032 (HY000): The server is currently in offline mode',
    "1226 (42000): User has exceeded the 'max_user_connections'",
  ])('nothing is said of it where it says %s', async (error) => {
    expect(await refused(`echo "ERROR ${error}" >&2; exit 1`)).toBe('2');
  });

  test('not where it works, and the password is no argument', async () => {
    expect(await refused('[[ $MYSQL_PWD == secret && $* != *secret* ]]')).toBe('1');
  });
});

describe('end_dead_followers', () => {
  // The primary's connections as the kernel has them (port, state, and how often the last packet was sent again), and
  // as the server has them.
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
  const socket = (remotePort: number, state: string, again = 0, localPort = 1): string =>
    `0: 0100000A:${hex(localPort, 4)} 0200000A:${hex(remotePort, 4)} ${state} 00000000:00000000 00:00000000 ${hex(again, 8)} 999 0 1`;
  const HEADER = 'sl local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode';
  const released = async (
    kernel: string[],
    more = ':',
    rows = ['7 10.0.0.3:60000', '8 10.0.0.2:50000'],
  ): Promise<string[]> => {
    pod(0);
    sandbox.write('tcp', `${[HEADER, ...kernel].join('\n')}\n`);
    return (
      await go(`
      core_session_ask() { if [[ $1 == KILL* ]]; then log "$1"; core_answer=(); else core_answer=(${rows.map((row) => `'${row}'`).join(' ')}); fi; }
      sockets=("${sandbox.folder}/tcp"); at() { core_now=$1; end_dead_followers; }
      ${more}; at 100`)
    ).log;
  };
  const gone = ['KILL 8;', 'ended the connection of the replica at 10.0.0.2:50000, which is gone'];

  test.each([
    ['its peer has closed', [socket(50000, '08')], gone],
    ['its peer has not acknowledged for long', [socket(50000, '01', 4)], gone],
    ['nor for longer', [socket(50000, '01', 16)], gone],
    [
      'both are gone',
      [socket(50000, '08'), socket(60000, '08')],
      ['KILL 7;', 'ended the connection of the replica at 10.0.0.3:60000, which is gone', ...gone],
    ],
    ['not one that is well', [socket(50000, '01')], []],
    ['not one that had to wait a little', [socket(50000, '01', 3)], []],
    ['not for another connection that is gone', [socket(5000, '08')], []],
    ["not for one that this pod has to another's port", [socket(50000, '08', 0, 2)], []],
    ['not for one to a port that only ends alike', [socket(50000, '08', 0, 0x1001)], []],
    ['none where there is none', [], []],
  ])('ends a connection: %s', async (_, kernel, log) => {
    expect(await released(kernel)).toEqual(log);
  });

  test('ends nothing of anybody else: the server names only followers', async () => {
    expect(await released([socket(50000, '08')], ':', ['7 10.0.0.3:60000'])).toEqual([]);
  });

  test('asks the server only where a connection is gone', async () => {
    const asks = 'core_session_ask() { log "$1"; core_answer=(); }';
    expect(await released([socket(50000, '01')], asks)).toEqual([]);
    expect(await released([socket(50000, '08')], asks)).toEqual([
      "SELECT CONCAT(id, ' ', host) FROM performance_schema.processlist WHERE command LIKE 'Binlog Dump%' AND user = 'follower-7f';",
    ]);
  });

  test('looks every two seconds', async () => {
    expect(
      await released(
        [socket(50000, '08')],
        'core_session_ask() { log "at $core_now"; core_answer=(); }; at 96; at 97; at 98; at 99',
      ),
    ).toEqual(['at 96', 'at 98', 'at 100']);
  });

  test('tries again what could not be ended', async () => {
    const fails =
      'core_session_ask() { core_answer=("8 10.0.0.2:50000"); [[ $1 != KILL* ]] || { log fails; return 1; }; }';
    expect(await released([socket(50000, '08')], `${fails}; at 96; at 98`)).toEqual(['fails', 'fails', 'fails']);
  });

  test('does nothing where the kernel does not say, or the server does not answer', async () => {
    expect(await released([], 'sockets=(/nowhere)')).toEqual([]);
    expect(await released([socket(50000, '08')], 'core_session_ask() { return 1; }')).toEqual([]);
  });
});

describe('connect_to_primary', () => {
  const at = 'io_error=0 sql_error=0; at() { core_now=$1; connect_to_primary; }; follow_sql() { echo follow; }';

  test('not more often than every five seconds', async () => {
    expect(
      (
        await run(
          `${at}; core_session_ask() { log "$1 at $core_now"; core_answer=(); }; at 100; at 101; at 104; at 105; at 106`,
        )
      ).log,
    ).toEqual(['follow at 100', 'follow at 105']);
  });

  test('says what the server refuses, once, and not the statement', async () => {
    const { log } = await run(
      `${at}; core_session_ask() { core_answer=(-------------- "PASSWORD = 'secret'" -------------- 'ERROR 1198 (HY000) at line 3: no'); }; at 100; at 105`,
    );
    expect(log).toEqual(['the server says: ERROR 1198 (HY000) at line 3: no']);
  });

  test('says nothing that may have the password in it', async () => {
    const { log } = await run(
      `${at}; core_session_ask() { core_answer=("ERROR 1470 (HY000) at line 3: String '\$(follower_password | cut -c1-20)...' is too long"); }; at 100`,
    );
    expect(log).toEqual([
      'the server says: ERROR 1470 (HY000) at line 3 (its text is left out: there is a password in it)',
    ]);
  });

  test.each(['io_error=13114', 'sql_error=1032'])(
    'says of what error it did not follow until now (%s)',
    async (error) => {
      expect(
        (await run(`${at}; ${error} message='no such row'; at 100; echo "$synced"; synced=; at 101; echo "$synced"`))
          .out,
      ).toBe('NOT FOLLOWING: no such row\n'.repeat(2));
    },
  );

  test('goes on where the server does not answer', async () => {
    expect(
      (await run('io_error=0 sql_error=0; core_session_ask() { return 1; }; connect_to_primary; log alive')).log,
    ).toEqual(['alive']);
  });
});

describe('what pods show each other', () => {
  test('that it is ready, or not', async () => {
    const { log } = await run(
      'core_session_ask() { log "$1"; core_answer=(1); }; engine_announce_ready; engine_withdraw_ready; engine_stop',
    );
    expect(log).toEqual([
      "SELECT GET_LOCK('stateful-ready-7f', 1);",
      "DO RELEASE_LOCK('stateful-ready-7f');",
      'SHUTDOWN;',
    ]);
  });

  test.each([
    ['has the lock', 'echo 1', 'yes'],
    ['has it not', 'echo 0', 'no'],
    ['does not answer', 'return 1', 'no'],
  ])('that the ordinal below is ready: one that %s', async (_, answer, expected) => {
    const script = `query() { [[ $1 == ${host(1)} && $2 == *"id = IS_USED_LOCK('stateful-ready-7f') AND user = 'mysql'"* ]] && ${answer}; }`;
    expect((await run(`${script}; if engine_peer_is_ready 1; then echo yes; else echo no; fi`)).out).toBe(
      `${expected}\n`,
    );
  });

  const open = 'core_session_open() { log "$MYSQL_PWD ${*:5}"; }; core_session_ask() { log "$1"; core_answer=(1); }';

  test("that it leaves: at the primary's address, as its name may be gone", async () => {
    expect((await run(`${open}; primary_address=10.0.0.1; engine_announce_leaving`)).log).toEqual([
      `replication-password mysql --no-defaults --ssl-mode=VERIFY_CA --ssl-ca=${sandbox.folder}/state/certificates/ca.pem --compression-algorithms=uncompressed,zlib,zstd --connect-timeout=3 -h 10.0.0.1 -P 1 -u replicator -N -B --force --unbuffered --skip-reconnect --init-command=OWN`,
      "SELECT GET_LOCK('leaving-2-7f', 1);",
    ]);
  });

  test('that it leaves: at ordinal 0 itself by the client that is there, which shows it ready no more', async () => {
    expect((await run(`${open}; engine_announce_leaving`, 0)).log).toEqual([
      "DO RELEASE_LOCK('stateful-ready-7f');",
      "SELECT GET_LOCK('leaving-0-7f', 1);",
    ]);
  });

  test.each([
    ['the address is not known', 'primary_address='],
    ['there is no answer', 'primary_address=x; core_session_ask() { return 1; }'],
    ['another has the lock', 'primary_address=x; core_session_ask() { core_answer=(0); }'],
    ['the answer is an error', 'primary_address=x; core_session_ask() { core_answer=("ERROR 1045 x"); }'],
    ['the answer is empty', 'primary_address=x; core_session_ask() { core_answer=(); }'],
  ])('not that it leaves where %s', async (_, known) => {
    expect((await run(`${open}; ${known}; engine_announce_leaving || exit 9`)).status).toBe(9);
  });

  test.each([
    ['a pod that is gone', 'leaving-2', 'engine_announce_leaving'],
    ['anybody else', 'stateful-ready', 'engine_announce_ready'],
  ])('%s does not keep the sign: anyone who has it is put off', async (_, name, show) => {
    const { log } = await run(`core_session_open() { :; }; primary_address=x; holder=77
      core_session_ask() { log "$1"; case $1 in *GET_LOCK*) core_answer=($((holder ? 0 : 1))) ;; *IS_USED*) core_answer=($holder) ;; KILL*) holder=0 core_answer=() ;; esac; }; ${show} || exit 9`);
    const lock = `SELECT GET_LOCK('${name}-7f', 1);`;
    expect(log).toEqual([lock, `SELECT IS_USED_LOCK('${name}-7f');`, 'KILL 77;', lock]);
  });

  test('a sign counts only if it is of our users, and its pod was heard of within ten seconds', async () => {
    const { log } = await run('engine_list_higher_ordinals');
    expect(log.join(' ')).toMatch(
      /IS_USED_LOCK\(CONCAT\('leaving-', o.ordinal, '-7f'\)\).* ON p.id = l.holder WHERE p.user IN \('replicator', 'mysql'\) AND p.time < 10; SHOW REPLICAS;$/,
    );
  });

  test('numbers that no ordinal has are none', async () => {
    expect(
      (
        await run(
          `core_session_ask() { core_answer=(leaving-99999999999 leaving-3x 'leaving-a[$(id)]' $'99999999999\\torders-9' leaving-7); }; engine_list_higher_ordinals && echo "$higher_leaving/$higher_connected"`,
        )
      ).out,
    ).toBe('7/\n');
  });

  test('an error is not taken for nobody, and is said', async () => {
    const { status, log } = await run(
      'core_session_ask() { core_answer=("ERROR 1046 (3D000) at line 3: No database selected"); }; engine_list_higher_ordinals || exit 9',
    );
    expect([status, log]).toEqual([9, ['the server says: ERROR 1046 (3D000) at line 3: No database selected']]);
  });

  test('higher ordinals that leave, and that follow the primary', async () => {
    const replica = (ordinal: number): string => `$'${ordinal + 1}\\torders-${ordinal}\\t3306\\t1'`;
    const look = (rows: string[]): string =>
      `core_session_ask() { core_answer=(${rows.join(' ')}); }; engine_list_higher_ordinals && echo "$higher_leaving/$higher_connected"`;
    expect(
      (
        await run(
          look(['leaving-3', 'leaving-1', 'leaving-2', 'leaving-12', replica(1), replica(2), replica(10), replica(3)]),
        )
      ).out,
    ).toBe('3 12/10 3\n');
    expect((await run(look([replica(1), replica(2)]))).out).toBe('/\n');
    expect((await run(look([]))).out).toBe('/\n');
    expect((await run('core_session_ask() { return 1; }; engine_list_higher_ordinals || exit 9')).status).toBe(9);
  });
});

test('its variables are not those of the scripts that share its shell', async () => {
  const script =
    '. "$scripts/former.sh"; before=$(declare -p | cut -d" " -f3 | cut -d= -f1 | sort); core_dns_checked_at=999999; released_at=90 core_now=100; core_session_ask() { log "$1"; core_answer=(); }; sockets=("$STUB/none"); end_dead_followers; echo "$released_at"';
  expect((await run(script, 0)).out).toBe('100\n');
});
