import { once } from 'node:events';
import { AddressInfo, createServer } from 'node:net';
import { PUT_SECRET, Result } from '../../core/scripts/sandbox';
import { FOLLOW_NOBODY, FOLLOW_PRIMARY, go, host, info, pod, run, sandbox } from './pod';

/** The rest of what INFO says. */
const REST =
  'master_replid2:00 master_repl_offset:0 second_repl_offset:-1 repl_backlog_active:1 repl_backlog_size:100 repl_backlog_first_byte_offset:1 ' +
  'repl_backlog_histlen:0 aof_enabled:1 rdb_changes_since_last_save:0 rdb_bgsave_in_progress:0 rdb_last_bgsave_status:ok master_port:1 master_sync_in_progress:0';

describe('engine_observe', () => {
  const observe = `
    core_session_ask() { log "$1"; core_answer=("\${rows[@]/%/$'\\r'}"); core_answer[0]=\${name:-stateful-ready}; }
    offset_of_primary() { log 'asks the primary'; [[ -n $theirs ]] && echo "$theirs"; }
    at() { # TIME OWN-OFFSET PRIMARY'S-OFFSET LINK HOST
      SECONDS=$1 theirs=$3
      rows=(name '# Replication' loading:0 role:slave ${REST} "master_host:\${5:-$core_primary_host}" "master_link_status:\${4:-up}" "slave_repl_offset:$2" "master_replid:\${replid:-aa}")
      engine_observe
      echo "$role/$synced/$lag"
    }`;
  const states = (out: string): string[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => line.replace(/^replica\//, ''));
  const asked = (log: string[]): number => log.filter((line) => line === 'asks the primary').length;

  test.each([
    ['of the primary: its role', 0, 'master', 'primary/'],
    ['of ordinal 0 that is not yet the primary: its role', 0, 'slave', 'replica/'],
    [
      'of a replica that was made a primary: that it will follow again, as it takes no writes',
      2,
      'master',
      'replica/following again when orders-0 serves, which lost its data; or this replica was promoted by hand',
    ],
  ])('%s', async (_, ordinal, role, expected) => {
    expect(
      await run(
        `${observe}; rows=(name loading:0 role:${role} master_replid:aa master_host:x master_link_status:down slave_repl_offset:1 ${REST}); engine_observe; echo "$role/$synced"`,
        ordinal,
      ),
    ).toMatchObject({
      out: `${expected}\n`,
      log: ['CLIENT GETNAME', 'INFO replication persistence clients', expect.stringMatching(/^CONFIG GET /)],
    });
  });

  test('of a replica: the lag is how long ago the primary was where it is now', async () => {
    const { out, log } = await run(
      `${observe}; at 100 10 10; at 101 10 -; at 106 10 50; at 107 30 -; at 110 50 -; at 112 60 70; at 113 60 -`,
    );
    expect(states(out)).toEqual([
      'catching up with orders-0/',
      'yes/1',
      'yes/6',
      'yes/7', // what was marked at 100
      'yes/4',
      'yes/6', // at 106
      'yes/7', // as it has not yet what was marked at 112
    ]);
    expect(asked(log)).toBe(3); // and not at each look
  });

  test('of a replica that lost its connection: not in step, and when it is back the lag is since it last had all', async () => {
    const { out } = await run(`${observe}; at 100 10 10; at 101 10 -; at 102 10 - down; at 110 10 20; at 111 20 -`);
    expect(states(out)).toEqual([
      'catching up with orders-0/',
      'yes/1',
      'following no primary yet/1',
      'yes/10',
      'yes/1',
    ]);
  });

  test('of a replica whose primary was restarted between two looks: it counts again', async () => {
    const { out } = await run(`${observe}; at 100 90 90; at 101 90 -; at 107 90 95; replid=bb; at 108 7 8; at 109 8 -`);
    expect(states(out)).toEqual(['catching up with orders-0/', 'yes/1', 'yes/7', 'yes/8', 'yes/1']);
  });

  test('of a replica that follows another than the primary: not in step', async () => {
    expect(states((await run(`${observe}; at 100 10 10 up ${host(1)}`)).out)).toEqual(['following no primary yet/']);
  });

  test('of a replica whose primary does not say where it is: the lag grows', async () => {
    const { out, log } = await run(`${observe}; at 100 10 ''; at 101 10 10; at 102 10 -; at 107 10 ''; at 120 10 ''`);
    expect(states(out)).toEqual([
      'catching up with orders-0/',
      'catching up with orders-0/',
      'yes/1',
      'yes/6',
      'yes/19',
    ]);
    expect(asked(log)).toBe(4);
  });

  const there = `loading:0 role:master master_replid:aa ${REST}`;
  test.each([
    ['gives no answer', 'core_session_ask() { return 1; }', []],
    [
      'still loads its data',
      `core_session_ask() { core_answer=(stateful ${there.replace('loading:0', 'loading:1')}); }`,
      [],
    ],
    ['has an error for an answer', 'core_session_ask() { core_answer=(stateful "ERR x"); }', []],
    [
      'leaves out what is needed',
      `core_session_ask() { core_answer=(stateful ${there.replace('aof_enabled:1', '')}); }`,
      [],
    ],
    [
      'says what is no number',
      `core_session_ask() { core_answer=(stateful ${there.replace('aof_enabled:1', 'aof_enabled:a[x]')}); }`,
      [],
    ],
  ])('fails where it %s', async (_, stub, logged) => {
    expect(await run(`open_local() { return 1; }; ${stub}; engine_observe || exit 9`)).toMatchObject({
      status: 9,
      log: logged,
    });
  });

  test('fails where a script of the application occupies the server, and says so once', async () => {
    const busy =
      'core_session_ask() { core_session_error="BUSY Redis is busy running a script"; session_pid=; return 1; }; open_local() { log opens; session_pid=1; }; engine_observe || engine_observe || exit 9';
    expect(await run(busy)).toMatchObject({
      status: 9,
      log: [
        'the server is blocked by a script of the application: SCRIPT KILL ends it, or SHUTDOWN NOSAVE if it has already written',
        'opens',
      ],
    });
  });

  test('connects again at once where the server closed an idle connection, but not where it took long to find out', async () => {
    const lost = (takes: number): string => `
      open_local() { log opens; name=stateful session_pid=2; }
      core_session_ask() { SECONDS=$((SECONDS + ${takes})); core_answer=("\${name:-}" ${there}); }
      engine_observe || exit 9`;
    expect(await run(lost(0), 0)).toMatchObject({ status: 0, log: ['closed', 'opens'] });
    expect(await run(lost(3), 0)).toMatchObject({ status: 9, log: ['closed'] });
    expect(await run(`core_leaving=yes; ${lost(0)}`, 0)).toMatchObject({ status: 9, log: ['closed'] });
  });

  test('all questions to other pods in one look get four seconds together', async () => {
    const { out } = await run('query_began=100; for SECONDS in 100 101 103 109; do set_time_limit; echo "$left"; done');
    expect(out).toBe('4\n3\n1\n1\n');
  });
});

describe('open_local', () => {
  // The client is none; the server is one that accepts connections.
  const open =
    'connect() { session_pid=5; }; core_session_ask() { log "${1%%$\'\\n\'*}"; core_answer=("$says" "$says" "run_id:$its_run"); }';
  const serving = async <T>(use: (port: string) => Promise<T>): Promise<T> => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      return await use(String((server.address() as AddressInfo).port));
    } finally {
      server.close();
    }
  };
  const opened = (script: string): Promise<Result> =>
    serving((port) => {
      pod(0, { port });
      sandbox.write('state/token', 'token\n');
      return go(`${open}\n${script}`);
    });
  const state = 'echo "$run ${#position[@]} $asked_to $lag_reached_at $lag_probe"';

  test('names itself, and knows the server that it knew', async () => {
    expect(
      await opened(`position=(1 2 3) asked_to=7 lag_reached_at=8 lag_probe=9 says=OK its_run=R; open_local; ${state}`),
    ).toMatchObject({
      out: 'R 3 7 8 9\n',
      log: ['CLIENT NO-EVICT ON'],
    });
  });

  test('forgets what it knew of a server that was restarted', async () => {
    expect(
      (await opened(`position=(1 2 3) asked_to=7 lag_reached_at=8 lag_probe=9 says=OK its_run=S; open_local; ${state}`))
        .out,
    ).toBe('S 0   \n');
  });

  test('fails where the client is refused', async () => {
    expect(await opened('says="NOPERM x" its_run=R; open_local || exit 9')).toMatchObject({
      status: 9,
      log: ['CLIENT NO-EVICT ON', 'closed'],
    });
  });

  test('starts no client where no one listens', async () => {
    expect(await run('connect() { log connects; }; open_local || exit 9')).toMatchObject({ status: 9, log: [] });
  });
});

describe('engine_reconcile', () => {
  const mend = (role: string, rows: { [name: string]: string }, more = ':'): string => `
    mark_position() { log marks; }; guard_connections() { :; }; guard_settings() { :; }; connected() { log connected; }; disconnected() { log disconnected; }
    ${info(rows)}; role=${role}; ${more}; engine_reconcile`;

  test.each<[string, number, string, { [name: string]: string }, string[]]>([
    [
      'ordinal 0 that runs as a replica is promoted',
      0,
      'replica',
      { role: 'slave' },
      ['ordinal 0 is the primary: promoting', 'REPLICAOF NO ONE'],
    ],
    ['ordinal 0 as the primary marks the position', 0, 'primary', { role: 'master' }, ['marks']],
    ['a replica with a connection', 2, 'replica', { role: 'slave', master_link_status: 'up' }, ['connected']],
    ['a replica without', 2, 'replica', { role: 'slave', master_link_status: 'down' }, ['disconnected']],
  ])('%s', async (_, ordinal, role, rows, logged) => {
    expect((await run(mend(role, rows), ordinal)).log).toEqual(logged);
  });

  test('a replica that was made a primary follows again, as soon as ordinal 0 serves', async () => {
    const primary = (role: string): string =>
      `engine_identity() { [[ $1 == ${host(0)} ]] && echo 7f; }; info_of() { [[ $* == "${host(0)} replication" ]] && info=([role]=${role}); }`;
    expect((await run(mend('replica', { role: 'master' }, 'engine_identity() { return 1; }'))).log).toEqual([]);
    expect((await run(mend('replica', { role: 'master' }, primary('slave')))).log).toEqual([]);
    expect((await run(mend('replica', { role: 'master' }, `${primary('master')}; old_dns=yes`))).log).toEqual([]);
    expect((await run(mend('replica', { role: 'master' }, primary('master')))).log).toEqual([
      'following again: orders-0 serves',
      FOLLOW_NOBODY,
    ]);
  });

  test.each(['up', 'down'])(
    'a replica whose connection is %s follows no one as long as its name leads to a former primary',
    async (status) => {
      expect((await run(mend('replica', { role: 'slave', master_link_status: status }, 'old_dns=yes'))).log).toEqual(
        [],
      );
    },
  );

  test('nothing more is done in a look whose server was changed meanwhile', async () => {
    expect(
      (await run(mend('replica', { role: 'slave', master_link_status: 'up' }, 'guard_settings() { return 1; }'))).log,
    ).toEqual([]);
  });

  describe('a Secret that has changed', () => {
    const change = (then: string): Promise<Result> =>
      run(`${PUT_SECRET}; put one 'a"b\\c'; core_hold_secret; says=OK; core_session_ask() { log "$1"; core_answer=("$says"); }
      ${mend('replica', { role: 'slave', master_link_status: 'up' }, 'digest_of_secret >"$passwords_set"')}; ${then}`);
    const changed = ['setting passwords to what the Secret says', 'CONFIG SET masterauth "a\\"b\\\\d"', 'ACL LOAD'];

    test('is taken over, the users last: they may end this connection', async () => {
      const { log } = await change(
        `log -; put two 'a"b\\d'; touch -d 2020-01-01 "$credentials/two"; engine_reconcile; engine_reconcile`,
      );
      expect(log).toEqual(['connected', '-', ...changed, 'connected', 'connected']);
    });

    test('is taken over again where the server refused, until it does not', async () => {
      const { log } = await change(
        `log -; put two 'a"b\\d'; says=ERR; engine_reconcile; says=OK; engine_reconcile; engine_reconcile`,
      );
      expect(log).toEqual([
        'connected',
        '-',
        ...changed.slice(0, 2),
        'connected',
        ...changed,
        'connected',
        'connected',
      ]);
    });

    test('and again while it is taken over is taken over again', async () => {
      const { log } = await change(
        `log -; put two b; core_session_ask() { core_answer=(OK); if [[ $1 == "ACL LOAD" && ! -e $credentials/three ]]; then put three c; fi; }; engine_reconcile; engine_reconcile; engine_reconcile`,
      );
      expect(log).toEqual([
        'connected',
        '-',
        'setting passwords to what the Secret says',
        'connected',
        'setting passwords to what the Secret says',
        'connected',
        'connected',
      ]);
    });

    test('while this sidecar was away is taken over; not what the server was told as it started', async () => {
      expect((await change('log -; echo former >"$passwords_set"; secret_looked_at=; engine_reconcile')).log).toContain(
        'ACL LOAD',
      );
      await sandbox.dispose();
      expect((await change('log -; put two b; digest_of_secret >"$passwords_set"; engine_reconcile')).log).toEqual([
        'connected',
        '-',
        'connected',
      ]);
    });

    test('with an empty key is not, which is said once', async () => {
      expect((await change('log -; put two "" password; engine_reconcile; engine_reconcile')).log).toEqual([
        'connected',
        '-',
        'the Secret has no password, or an empty one: give it a value',
        'connected',
        'connected',
      ]);
    });
  });
});

describe('engine_detach', () => {
  const detach = (rows: object, more = ''): string =>
    `${info({ role: 'slave', aof_enabled: 1, ...rows })}; ${more} engine_detach; echo "$detaching"`;

  test('makes a primary of it, which refuses writes: so it receives from no one, and can be copied', async () => {
    expect((await run(detach({}))).log).toEqual(['following no primary until orders-0 serves', 'REPLICAOF NO ONE']);
  });

  test('one that has its last snapshot only starts again, with all that it received', async () => {
    expect((await run(detach({ aof_enabled: 0 }))).log.at(-1)).toBe('SHUTDOWN NOSAVE');
  });

  test('goes on in the next looks until it is so', async () => {
    const mend = 'guard_connections() { :; }; guard_settings() { :; }; connected() { log connected; };';
    expect(
      await run(
        `${mend} open_local() { return 1; }; session_pid=''; ${detach({ master_link_status: 'up' })}; session_pid=1; engine_reconcile; echo "$synced"`,
      ),
    ).toMatchObject({
      out: 'yes\nfollowing no primary until orders-0 serves\n',
      log: ['following no primary until orders-0 serves', 'REPLICAOF NO ONE'],
    });
    expect(
      (
        await run(
          `detaching=yes; core_session_ask() { core_answer=(stateful loading:0 role:master master_replid:aa ${REST}); }; engine_observe; echo "/$detaching"`,
        )
      ).out,
    ).toBe('/\n');
  });
});

describe('connected', () => {
  const replica = {
    role: 'slave',
    master_link_status: 'up',
    master_host: host(0),
    aof_enabled: 1,
    slave_repl_offset: 1000,
    repl_backlog_size: 100,
  };
  const connected = (rows: object = {}, known = 'saved=1000'): string =>
    `${info({ ...replica, ...rows })}; ${known}; connected`;

  test('from the ordinal below, of which it has a copy, it goes on at the primary', async () => {
    expect(await run(`${connected({ master_host: host(1) })}`)).toMatchObject({
      log: ['copied from orders-1: following orders-0', FOLLOW_PRIMARY],
    });
  });

  test('where the ordinal below is the primary it stays', async () => {
    expect((await run(connected({ master_host: host(0) }), 1)).log).toEqual([]);
  });

  test("keeps the primary's address, which outlives its name", async () => {
    expect(
      await run(`${connected()}; getent() { log asked; return 1; }; connected; echo "$primary_address"`),
    ).toMatchObject({ out: '10.0.0.1\n', log: [] });
  });

  test('what started from its last snapshot keeps a log again', async () => {
    expect((await run(connected({ aof_enabled: 0 }))).log).toEqual([
      'continuing from the last snapshot',
      'CONFIG SET appendonly yes',
    ]);
  });

  describe("takes a snapshot when half of the primary's log has come since the last", () => {
    const takes = `core_session_ask() { log "$1"; core_answer=("$says"); }; says='Background saving started'
      at() { SECONDS=$1 core_now=$1 info[slave_repl_offset]=$2 info[rdb_bgsave_in_progress]=\${3:-0} info[rdb_last_bgsave_status]=\${4:-ok}; connected; }
      ${connected({ slave_repl_offset: 1050 })}`;

    test('but not all the time', async () => {
      expect(
        (await run(`${takes}; log -; at 101 1051; at 102 1051; log -; at 161 1200; log -; at 162 1200`)).log,
      ).toEqual(['-', 'BGSAVE', '-', '-', 'BGSAVE']);
    });

    test('and counts from it when the server says that it is done', async () => {
      expect((await run(`${takes}; at 101 1060; at 102 1061 1; echo "$saved"; at 103 1062; echo "$saved"`)).out).toBe(
        '1000\n1060\n',
      );
    });

    test('but not where it failed, or was not begun', async () => {
      expect((await run(`${takes}; at 101 1060; at 102 1061 0 err; echo "$saved"; at 162 1061`)).log).toEqual([
        'BGSAVE',
        'BGSAVE',
      ]);
      expect((await run(`${takes}; says='ERR in progress'; at 101 1060; at 102 1061; echo "$saved"`)).out).toBe(
        '1000\n',
      );
    });

    test('and where the sidecar knows of none', async () => {
      expect((await run(connected({}, ':'))).log).toEqual(['BGSAVE']);
    });
  });
});

describe('disconnected', () => {
  const disconnected = (rows: object, known = ':', identity = 'echo 7f'): string => `
    engine_identity() { [[ $1 == ${host(0)} ]] && ${identity}; }
    core_follow_primary() { synced=chosen; }
    ${info({ role: 'slave', master_host: host(0), master_port: 1, master_sync_in_progress: 0, aof_enabled: 1, ...rows })}
    ${known}; disconnected; echo "$synced"`;
  const nowhere = { master_host: '127.0.0.1', master_port: 1 };
  const lost = { out: 'waiting for the connection\n', log: ['no connection to orders-0', FOLLOW_NOBODY] };

  test('is left to copy', async () => {
    expect(await run(disconnected({ master_sync_in_progress: 1 }))).toMatchObject({
      out: 'copying from orders-0\n',
      log: [],
    });
  });

  test('is left to connect, for a minute', async () => {
    expect(await run(disconnected({}, 'asked_to=41'))).toMatchObject({ out: 'connecting to orders-0\n', log: [] });
    expect(await run(disconnected({}, 'asked_to=40'))).toMatchObject(lost);
  });

  test.each([
    ['it was connected', 'asked_to=99 was_up=yes', 'echo 7f'],
    ['the other does not answer', 'asked_to=99', 'return 1'],
  ])('follows no one where %s', async (_, known, identity) => {
    expect(await run(disconnected({}, known, identity))).toMatchObject(lost);
  });

  test('chooses whom to follow when it follows no one', async () => {
    expect(await run(disconnected(nowhere))).toMatchObject({ out: 'chosen\n', log: [] });
  });

  test('without its log it starts again, with all that it had, when there was no one to follow for ten seconds', async () => {
    const { log } = await run(
      `${disconnected({ ...nowhere, aof_enabled: 0 })}; SECONDS=110 core_now=110; disconnected; log -; SECONDS=111 core_now=111; disconnected`,
    );
    expect(log).toEqual([
      '-',
      'orders-0 is gone: restarting, to load all that was received instead of the last snapshot',
      'SHUTDOWN NOSAVE',
    ]);
    expect((await run(`${disconnected(nowhere)}; SECONDS=200 core_now=200; disconnected`)).log).toEqual([]);
  });

  test('not when it was just told whom to follow', async () => {
    const { log } = await run(
      `${disconnected({ ...nowhere, aof_enabled: 0 }, 'core_follow_primary() { follow "x 1" chosen; }; alone_since=1')}`,
    );
    expect(log).toEqual(['chosen', 'REPLICAOF x 1']);
  });
});

describe('whom a replica follows that follows no one', () => {
  /** This replica, the primary, and the ordinal below. */
  interface Given {
    readonly own?: string;
    readonly theirs?: string;
    readonly history?: string;
    readonly primary?: string;
    /** What a pod without a database tells everybody. */
    readonly heard?: string;
    readonly log?: boolean;
    readonly below?: boolean;
  }
  const choose = ({
    own = '7f 2 30 20 P',
    theirs = 'echo "7f 2 31 20 P"',
    history = ':',
    primary = 'info=([role]=master [run_id]=P)',
    log = true,
    below = true,
    heard = 'return 1',
  }: Given = {}): string => `
    query() {
      case $* in
        "${host(0)} FCALL_RO stateful_position 0") ${theirs} ;;
        "${host(0)} FCALL_RO stateful_history 0") ${history} ;;
        *) return 1 ;;
      esac
    }
    probe_peer() { [[ $1 == ${host(0)} ]] && ${heard}; }
    info_of() { [[ $* == "${host(0)} server replication" ]] && ${primary}; }
    core_session_ask() { log "$1"; core_answer=('${own}'); }
    has_log_from() { [[ $* == 'aa 500' && \${info[role]} == master ]] && ${log}; }
    follows() { [[ $* == "$previous_host $core_primary_host" ]] && ${below}; }
    ${info({ role: 'slave', master_replid: 'aa', slave_repl_offset: 500, aof_enabled: 1 })}
    core_follow_primary || true; echo "$synced"`;
  const OWN = 'FCALL_RO stateful_position 0';
  const nothing = (synced: string | RegExp, log: string[] = [OWN]): object => ({
    out: expect.stringMatching(synced) as string,
    log,
  });

  test.each([
    ['does not say its position', { theirs: 'return 1' }],
    ['does not say its history', { history: 'echo refused >"$last_error_file"; return 1' }],
    ['says a history that is none', { history: 'echo "P a[x]"' }],
    ['does not say its role', { primary: 'return 1' }],
    ['is not yet the primary', { primary: 'info=([role]=slave)' }],
  ])('waits where ordinal 0 %s', async (_, given) => {
    expect(await run(choose(given))).toMatchObject(nothing(/^orders-0 does not answer\n$/));
  });

  test('waits where ordinal 0 says a position that is none', async () => {
    expect(await run(choose({ theirs: 'echo "7f 2 a[x] 20 P"' }))).toMatchObject(
      nothing(/^orders-0 gives an invalid answer\n$/),
    );
  });

  test.each([
    'AUTH failed: WRONGPASS invalid username-password pair or user is disabled.',
    'NOAUTH Authentication required.',
  ])('waits where ordinal 0 refuses the password, and says what to do: %s', async (line) => {
    const { out } = await run(choose({ theirs: `{ echo '${line}' >"$last_error_file"; return 1; }` }));
    expect(out).toMatch(/^orders-0 refuses the replication password: give this pod's Secret the passwords /);
  });

  test('waits where the data of ordinal 0 still speaks for a former run: it may be an old volume', async () => {
    const given = { own: '7f 2 900 20 Q', theirs: 'echo "7f 2 30 20 Q"' };
    expect(await run(choose(given))).toMatchObject(nothing(/^orders-0 has not reported its position yet\n$/));
  });

  test('concludes nothing without its own position', async () => {
    expect(await run(`${choose().replace('core_answer=(', 'return 1; core_answer=(')}`)).toMatchObject(nothing(/^\n$/));
  });

  test.each(['BUSY Redis is busy running a script', 'NOPERM no permissions', ''])(
    'nor from the answer %j',
    async (own) => {
      expect(await run(choose({ own }))).toMatchObject(nothing(/^\n$/));
    },
  );

  test("takes data without a position for the primary's very beginning", async () => {
    expect((await run(choose({ own: 'ERR Function not found' }))).log).toContain('following orders-0 from 500 on');
  });

  test('follows no other database, though its log would fit', async () => {
    expect(await run(choose({ theirs: 'echo "8e 2 31 20 P"' }))).toMatchObject(
      nothing(
        /^NOT FOLLOWING: orders-0 holds another database \(8e; this one is 7f\)\. Nothing is overwritten\. .*\n$/,
      ),
    );
  });

  test('gives up nothing that only it has, though the primary was marked more often since', async () => {
    expect(
      await run(choose({ own: '7f 2 500 20 Q', theirs: 'echo "7f 4 9000 8000 P"', history: 'echo "N 8000 Q 400"' })),
    ).toMatchObject(
      nothing(
        /^NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not \(2 500 20 Q here, 4 9000 8000 P there\)\. /,
      ),
    );
    expect(
      (await run(choose({ own: '7f 2 500 20 Q', theirs: 'echo "7f 4 9000 8000 P"', history: 'echo "N 8000 Q 500"' })))
        .log,
    ).toContain('following orders-0 from 500 on');
  });

  test('copies again what strayed, though the log would fit', async () => {
    expect((await run(choose({ own: '7f 2 30 20 P strayed' }))).log).toEqual([
      OWN,
      'copying again from orders-1: orders-0 no longer has the log from 500 on',
      `REPLICAOF ${host(1)} 1`,
    ]);
  });

  test.each([
    ['connected recovering orders', true],
    ['connected recovering other', false],
    ['connected empty orders', false],
    ['connected', false],
  ])('where ordinal 0 says %j instead of a position it can be copied: %p', async (line, detaches) => {
    const { out, log } = await run(choose({ theirs: 'return 1', heard: `echo '${line}'` }));
    expect(log).toEqual([OWN, ...(detaches ? ['following no primary until orders-0 serves', 'REPLICAOF NO ONE'] : [])]);
    expect(out).toBe(
      detaches ? 'orders-0 has lost its data, and looks for the most complete copy\n' : 'orders-0 does not answer\n',
    );
  });

  test('does not listen to one that let its time pass: there is none left', async () => {
    expect((await run(choose({ theirs: 'return 124', heard: 'log hears' }))).log).toEqual([OWN]);
  });

  test('gives up nothing that only it has', async () => {
    expect(await run(choose({ own: '7f 2 30 20 Q' }))).toMatchObject(
      nothing(
        /^NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not \(2 30 20 Q here, 2 31 20 P there\)\. Nothing is overwritten\. .*\n$/,
      ),
    );
  });

  test('goes on from where it is, where the primary has the log', async () => {
    expect(await run(`saved=300; ${choose()}; echo "$saved"`)).toMatchObject({
      out: 'waiting for the connection\n300\n',
      log: [OWN, 'following orders-0 from 500 on', FOLLOW_PRIMARY],
    });
  });

  test('and knows its last snapshot where it started from that', async () => {
    expect(
      (
        await run(
          `${choose().replace("[aof_enabled]='1'", "[aof_enabled]='0'").replace('[aof_enabled]=1', '[aof_enabled]=0')}; echo "$saved"`,
        )
      ).out,
    ).toMatch(/\n500\n$/);
  });

  test('else it copies from the ordinal below, if that follows the primary', async () => {
    expect(await run(`saved=300; ${choose({ log: false })}; echo "$saved"`)).toMatchObject({
      out: 'waiting for the connection\n0\n',
      log: [OWN, 'copying again from orders-1: orders-0 no longer has the log from 500 on', `REPLICAOF ${host(1)} 1`],
    });
  });

  test('which may be the primary', async () => {
    expect((await run(choose({ log: false, below: false }), 1)).log).toEqual([
      OWN,
      'copying again from orders-0: orders-0 no longer has the log from 500 on',
      FOLLOW_PRIMARY,
    ]);
  });

  test('waits a minute for that, and then copies from the primary', async () => {
    const script = `${choose({ log: false, below: false })}; SECONDS=159 core_now=159; core_follow_primary || true; log -; SECONDS=160 core_now=160; core_follow_primary || true`;
    expect(await run(script)).toMatchObject({
      out: 'orders-0 no longer has the log from 500 on: waiting for orders-1, to copy from it\n',
      log: [
        OWN,
        OWN,
        '-',
        OWN,
        'copying again from orders-0: orders-0 no longer has the log from 500 on, and orders-1 cannot give a copy',
        FOLLOW_PRIMARY,
      ],
    });
  });
});

test('a client that cannot connect, or lost its connection, has no answer', async () => {
  const { out } =
    await run(`for line in 'Could not connect to Redis at x: Connection refused' 'Error: Server closed the connection' 'BUSY x' 'LOADING x' 'ERR x' 'Error' 'BUSYKEY x'; do
    if [[ $line == $session_broken ]]; then echo broken; else echo answer; fi; done`);
  expect(out).toBe('broken\nbroken\nbroken\nbroken\nanswer\nanswer\nanswer\n');
});
