import { createHash } from 'node:crypto';
import { PUT_SECRET, Result, Sandbox } from '../../core/scripts/sandbox';
import { statements } from '../mysql-common/statements';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What engine-sync.sh concludes from what the servers say. Their answers are the test's; time is what the test says.
// This pod's server is asked by core_session_ask, which here logs the question; the others by query.
const PREPARED = `
  copy_scratch=$state/copies && mkdir -p "$copy_scratch" "$state/certificates" && echo ${'AB'.repeat(32)} >"$state/certificates/stretched"
  . "$scripts/engine-sync.sh"
  . "$scripts/former.sh"
  core_clock() { :; }
  core_now=100 role=replica synced='' lag='' recopy_reason='' recopy_source='' session_pid=1 identity=7f receiving=Yes applying=Yes io_error=0 sql_error=0 strayed=0 changed=0 received='' applied='' connected_to=10.0.0.1
  core_session_close() { session_pid=''; log closed; }
  core_session_ask() { log "$1"; core_answer=(); }
  give() { :; }; serve_copies() { give; }
  core_addresses_of() { echo 10.0.0.1; }`;

function pod(ordinal = 2): void {
  sandbox = new Sandbox(
    ordinal,
    { replication_user: 'replicator', user: 'app', database: 'app', copy_port: '4444' },
    { scriptsOf: 'mariadb', and: 'mysql-common' },
  );
  ['superuser-password', 'replication-password', 'password'].forEach((file) =>
    sandbox.write(`credentials/${file}`, file),
  );
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

describe('engine_observe', () => {
  const observe =
    'core_session_ask() { core_answer=("$row"); }; at() { core_now=$1 row=$2; engine_observe; echo "$role/$synced/$lag"; }';
  /** What the server says of a replica that has received, and applied, so many transactions. */
  const row = (received: number, applied: number, threads = 'Yes|Yes'): string =>
    `'1|0-1-${applied}|${threads}|0-1-${received}|0|0|10.0.0.1|0|0||'`;
  const states = (out: string): string[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => line.replace(/^replica\//, ''));

  test.each([
    ['0', 'primary'],
    ['OFF', 'primary'],
    ['1', 'replica'],
    ['ON', 'replica'],
  ])('where read_only is %s it is the %s', async (readOnly, role) => {
    expect(
      (await run(`${observe}; at 100 '${readOnly}|0-1-9|No|No||0|0||0|0||' >/dev/null; echo "$role"`, 0)).out,
    ).toBe(`${role}\n`);
  });

  test('of a replica: the lag is how long ago it received what it has applied now', async () => {
    const { out } = await run(`${observe}
      at 100 ${row(10, 10)}; at 101 ${row(20, 9)}; at 102 ${row(30, 10)}; at 105 ${row(40, 29)}; at 106 ${row(100, 30)}; at 107 ${row(100, 100)}`);
    expect(states(out)).toEqual([
      'just connected to orders-0/',
      'catching up with orders-0/',
      'yes/2',
      'yes/5', // what was received at 100
      'yes/4', // at 102
      'yes/1',
    ]);
  });

  test('of an idle one there is none', async () => {
    expect(
      states((await run(`${observe}; at 100 ${row(10, 10)}; at 101 ${row(10, 10)}; at 102 ${row(10, 10)}`)).out),
    ).toEqual(['just connected to orders-0/', 'yes/1', 'yes/1']);
  });

  test('of one that lost its connection: not in step, and when it is back the lag is since it last had all', async () => {
    const { out } = await run(`${observe}
      at 100 ${row(10, 10)}; at 101 ${row(10, 10)}; at 102 ${row(10, 10, 'Connecting|Yes')}; at 110 ${row(20, 20)}; at 111 ${row(30, 19)}; at 112 ${row(30, 20)}`);
    expect(states(out)).toEqual([
      'just connected to orders-0/',
      'yes/1',
      'not following orders-0 yet/1',
      'just connected to orders-0/1',
      'yes/11',
      'yes/2',
    ]);
  });

  test.each(['No|No', 'Yes|No', 'No|Yes', 'Connecting|Yes', 'Preparing|Yes', 'Yes|Connecting'])(
    'of one with the threads %s: it does not follow',
    async (threads) => {
      expect(states((await run(`${observe}; at 100 ${row(10, 10, threads)}`)).out)).toEqual([
        'not following orders-0 yet/',
      ]);
    },
  );

  test('of one that has an error, with what there is to say of it', async () => {
    const { out } = await run(
      `${observe}; at 100 '1|0-1-9|Yes|No|0-1-9|0|1032|10.0.0.7|0|0||Could not|find a row'; echo "$io_error $sql_error $connected_to $strayed $message"`,
    );
    expect(out).toMatch(/\n0 1032 10.0.0.7 0 \|Could not\|find a row\n$/);
  });

  test('of one that has nothing yet', async () => {
    expect(
      await run(`${observe}; at 100 '1||Yes|Yes|0-1-3|0|0|x|0|0||'; at 101 '1||Yes|Yes|0-1-3|0|0|x|0|0||'`),
    ).toMatchObject({
      out: 'replica/just connected to orders-0/\nreplica/catching up with orders-0/\n',
      log: [],
    });
  });

  test('gives copies from then on', async () => {
    expect((await run(`${observe}; give() { log gives; }; at 100 '0|0-1-9|No|No||0|0||0|0||'`)).log).toEqual(['gives']);
  });

  test('fails where there is no answer', async () => {
    expect((await run('core_session_ask() { return 1; }; engine_observe || exit 9')).status).toBe(9);
    expect(
      await run('session_pid=; open_local() { return 1; }; give() { log gives; }; engine_observe || exit 9'),
    ).toMatchObject({ status: 9, log: [] });
  });

  test.each([
    ['no row', '', []],
    ['two', 'a b', []],
    [
      'an error',
      '"--------------" "SELECT secret" "--------------" "ERROR 1290 (HY000) at line 1: no"',
      ['the server says: ERROR 1290 (HY000) at line 1: no'],
    ],
    ['numbers that are none', '"1|0-1-9|No|No||a[$(id)]|0||0|0||"', []],
  ])('fails where there is %s, and begins with another client', async (_, answer, said) => {
    expect(await run(`core_session_ask() { core_answer=(${answer}); }; engine_observe || exit 9`)).toMatchObject({
      status: 9,
      log: [...said, 'closed'],
    });
  });
});

describe('engine_reconcile', () => {
  const mend =
    'reconcile_roles() { log roles; }; end_dead_followers() { log releases; }; core_follow_primary() { log decides; return 1; }';

  test('ordinal 0 that is read only accepts writes', async () => {
    expect((await run(`${mend}; role=replica; engine_reconcile`, 0)).log).toEqual([
      'ordinal 0 is the primary: it accepts writes',
      'SET GLOBAL read_only = 0;',
    ]);
  });

  test('ordinal 0 that is the primary looks after its users and followers', async () => {
    expect((await run(`${mend}; role=primary; engine_reconcile`, 0)).log).toEqual(['roles', 'releases']);
  });

  test('a replica that follows keeps the address that its server is connected to: the name may lead elsewhere by now', async () => {
    const { out, log } = await run(
      `${mend}; connected_to=10.0.0.7; engine_reconcile; engine_reconcile; echo "$primary_address"`,
    );
    expect({ out, log }).toEqual({ out: '10.0.0.7\n', log: [] });
  });

  test.each([
    ['No', 'Yes'],
    ['Yes', 'No'],
    ['Connecting', 'Yes'],
  ])('a replica with the threads %s and %s is looked into', async (receiving, applying) => {
    expect((await run(`${mend}; receiving=${receiving} applying=${applying}; engine_reconcile`)).log).toEqual([
      'decides',
    ]);
  });

  test('one that has transactions of its own is looked into, though it is connected', async () => {
    expect((await run(`${mend}; strayed=1; engine_reconcile`)).log).toEqual(['decides']);
  });

  test.each([0, 2])(
    'on ordinal %i, what acknowledged writes rest on is set back where somebody changed it',
    async (ordinal) => {
      const { log } = await run(
        `${mend}; reset_settings() { log back; }; changed=1 role=${ordinal === 0 ? 'primary' : 'replica'}; engine_reconcile`,
        ordinal,
      );
      expect(log[0]).toBe('back');
    },
  );

  test('one that is back takes its address again', async () => {
    expect(
      (
        await run(
          `${mend}; engine_reconcile; receiving=No; engine_reconcile; receiving=Yes connected_to=10.0.0.7; engine_reconcile; echo "$primary_address"`,
        )
      ).out,
    ).toBe('10.0.0.7\n');
  });

  const REVOKES = /^SET SESSION sql_log_bin = 0; REVOKE READ ONLY ADMIN .* FROM root@'%'; .* KILL USER root;$/;
  /** The server says whether root has the right. */
  const says = 'core_session_ask() { log "$1"; core_answer=("$has"); }';
  const ASKS = /^SELECT COUNT.* FROM information_schema.user_privileges .*'READ ONLY ADMIN';$/;

  test('a replica that accepts writes does not any more', async () => {
    const { log, out } = await run(
      `${mend}; ${says}; has=0; role=primary; engine_reconcile; echo "$role/$synced/$unfenced"`,
    );
    expect(log).toEqual([
      'ordinal 2 is a replica, but it was made writable by hand: it is read-only again',
      'SET GLOBAL read_only = 1;',
      expect.stringMatching(REVOKES),
      expect.stringMatching(ASKS),
    ]);
    expect(out).toBe('replica/it accepted writes until now/\n');
  });

  test('as long as root has the right to write on, it is taken away again, though the server reads only', async () => {
    const { log, out } = await run(
      `${mend}; ${says}; has=1; role=primary; engine_reconcile; role=replica; engine_reconcile; has=0; engine_reconcile; echo "$unfenced"`,
    );
    expect(log.filter((line) => REVOKES.test(line))).toHaveLength(3);
    expect(log.filter((line) => line.includes('is a replica'))).toHaveLength(1);
    expect(out).toBe('\n');
  });

  test('where that cannot be taken from it, it is none', async () => {
    expect(
      (await run(`${mend}; core_session_ask() { return 1; }; role=primary; engine_reconcile; echo "$role"`)).out,
    ).toBe('primary\n');
  });

  test('a Secret that has changed is taken over: other keys, another server of copies, passwords that are looked at again', async () => {
    const { log, out } = await run(
      `${mend}; ${PUT_SECRET}; put one a; core_hold_secret; engine_prepare() { log prepares; }; kill() { echo "kill $1"; }
      role=primary copy_server=77 roles_checked=yes; put two b; touch -d 2020-01-01 "$credentials/two"; engine_reconcile; echo "$copy_server$roles_checked"; engine_reconcile`,
      0,
    );
    expect({ log, out }).toEqual({ log: ['prepares', 'roles', 'releases', 'roles', 'releases'], out: 'kill 77\n\n' });
  });

  test('one that has an empty key is not', async () => {
    const { log } = await run(
      `${mend}; ${PUT_SECRET}; put one a; core_hold_secret; engine_prepare() { log prepares; }; role=primary; put two '' password; engine_reconcile; engine_reconcile`,
      0,
    );
    expect(log).toEqual([
      'the Secret has no password, or an empty one: give it a value',
      'roles',
      'releases',
      'roles',
      'releases',
    ]);
  });
});

test('a replica that leaves its primary applies what it received', async () => {
  expect((await run('engine_detach')).log).toEqual(['STOP SLAVE IO_THREAD;']);
});

describe('a replica that does not follow', () => {
  // Here: database 7f, 50 transactions.
  const diagnose = (
    primary: string,
    known = ':',
    own = 'core_answer=(0-1-50)',
    below = 'printf "7f\\tYes\\tYes\\n"',
  ): string => `
    query() { if [[ $1 == ${host(0)} ]]; then ${primary}; else ${below}; fi; }
    core_session_ask() { log "$1"; core_answer=(); if [[ $1 == *current_pos* ]]; then ${own}; fi; }
    follow_sql() { echo connects; }
    core_leads_to_former_primary() { [[ -n \${former:-} ]] && synced=former; }
    synced='not yet' message='' receives_from=10.0.0.1 receiving=No; ${known}
    engine_reconcile
    echo "\${synced%%. *}|$recopy_reason"`;
  const says = (id: string, position: string): string => `printf '%s\\t%s\\n' ${id} ${position}`;
  const ASKS = 'SELECT @@gtid_current_pos;';

  test.each([
    ['does not answer', 'return 1'],
    ['has no row', ':'],
  ])('because the primary %s: it waits', async (_, primary) => {
    expect(await run(diagnose(primary, 'io_error=1236'))).toMatchObject({
      out: 'orders-0 does not answer|\n',
      log: [ASKS],
    });
  });

  test('because the primary refuses the password: it waits, and says what to do', async () => {
    const { out } = await run(
      diagnose('echo "ERROR 1045 (28000): Access denied for user" >"$last_error_file"; return 1'),
    );
    expect(out).toMatch(/^orders-0 refuses the replication password: give this pod's Secret the passwords /);
  });

  test('because the primary holds another database: it stays as it is, though the log is gone, too', async () => {
    expect(await run(diagnose(says('8e', '0-1-99'), 'io_error=1236'))).toMatchObject({
      out: 'NOT FOLLOWING: orders-0 holds another database (8e; this one is 7f)|\n',
      log: [ASKS, 'STOP SLAVE IO_THREAD;'],
    });
  });

  test('because it has what the primary has not: it stays as it is, though the log is gone, too', async () => {
    expect(await run(diagnose(says('7f', '0-1-49'), 'io_error=1236'))).toMatchObject({
      out: 'NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not (0-1-50 here, 0-1-49 there)|\n',
      log: [ASKS, 'STOP SLAVE IO_THREAD;'],
    });
  });

  test('because somebody ran FLUSH on it: that is dropped, and it follows', async () => {
    expect((await run(diagnose(says('7f', '0-1-49'), 'drop_local_flushes() { log "drops $1"; }'))).log).toEqual([
      ASKS,
      'drops 0-1-50',
    ]);
  });

  test('nor is it copied over where the primary has no transaction at all', async () => {
    expect((await run(diagnose(says('7f', "''"), 'io_error=1236'))).out).toMatch(
      /^NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not \(0-1-50 here, .*\|\n$/,
    );
  });

  test('because the log is gone: a new copy', async () => {
    expect(await run(diagnose(says('7f', '0-1-99'), 'io_error=1236 message="... have been purged."'))).toMatchObject({
      out: 'not yet|orders-0 no longer has the log from 0-1-50 on\n',
      log: [ASKS],
    });
    await sandbox.dispose();
    expect(
      (
        await run(
          `${diagnose(says('7f', '0-1-99'), 'io_error=1236 message="... have been purged."')}; echo "$recopy_source"`,
        )
      ).out,
    ).toMatch(/\n1\n$/);
  });

  test.each([
    ['does not answer', 'return 1'],
    ['does not receive', 'printf "7f\\tNo\\tYes\\n"'],
    ['does not apply', 'printf "7f\\tYes\\tNo\\n"'],
    ['holds another database', 'printf "8e\\tYes\\tYes\\n"'],
  ])(
    'because the log is gone: it waits a minute for an ordinal below that %s, and then copies from 0',
    async (_, below) => {
      const gone = diagnose(
        says('7f', '0-1-99'),
        'io_error=1236 message="... have been purged."',
        'core_answer=(0-1-50)',
        below,
      );
      expect((await run(`${gone}; core_now=160; engine_reconcile; echo "$recopy_source $recopy_reason"`)).out).toBe(
        'orders-0 no longer has the log from 0-1-50 on: waiting for orders-1, to copy from it|\n' +
          '0 orders-0 no longer has the log from 0-1-50 on, and orders-1 cannot give a copy\n',
      );
    },
  );

  test('because a transaction cannot be applied: it says which, and tries again', async () => {
    expect(await run(diagnose(says('7f', '0-1-99'), 'sql_error=1032 message="no such row"'))).toMatchObject({
      out: 'NOT FOLLOWING: no such row|\n',
      log: [ASKS, 'connects'],
    });
  });

  test('because it left a former primary, and DNS still leads there: no one is asked', async () => {
    expect(await run(diagnose(says('7f', '0-1-99'), 'former=yes'))).toMatchObject({ out: 'former|\n', log: [] });
  });

  test('what it received is applied first, anyone who it came from', async () => {
    const stopped = 'receiving=No applying=No received=0-1-50 applied=0-1-49';
    expect((await run(diagnose('return 1', stopped))).log).toEqual(['START SLAVE SQL_THREAD;', ASKS]);
    expect((await run(diagnose(says('7f', '0-1-99'), `former=yes ${stopped}`))).log).toEqual([
      'START SLAVE SQL_THREAD;',
    ]);
    for (const not of ['applied=0-1-50', 'sql_error=1032', 'received=', 'applying=Yes', 'receiving=Connecting']) {
      expect((await run(diagnose('return 1', `${stopped} ${not}`))).log).toEqual([ASKS]);
    }
  });

  test.each([
    ['7f', '0-1-a[$(id)]'],
    ['7f', '0-1-99;'],
    ["7f';", '0-1-99'],
  ])('the answer %s %s makes no sense, and nothing is done', async (id, position) => {
    expect(
      await run(diagnose(`printf '%s\\t%s\\n' "${id}" '${position}'`, 'io_error=1236 message=purged')),
    ).toMatchObject({ out: 'orders-0 gives an invalid answer|\n', log: [ASKS] });
  });

  test('because it was stopped: it connects', async () => {
    expect(await run(diagnose(says('7f', '0-1-50')))).toMatchObject({ out: 'not yet|\n', log: [ASKS, 'connects'] });
  });

  test.each([1045, 1236, 2003, 2013])('because of the error %i: it says which, and connects', async (error) => {
    expect(await run(diagnose(says('7f', '0-1-50'), `io_error=${error} message="too big"`))).toMatchObject({
      out: 'NOT FOLLOWING: too big|\n',
      log: [ASKS, 'connects'],
    });
  });

  test('because its position is of several domains: it says so, and waits', async () => {
    expect(await run(diagnose(says('7f', '0-1-99'), ':', 'core_answer=(0-1-50,1-1-3)'))).toMatchObject({
      out: expect.stringMatching(/^NOT FOLLOWING: the position 0-1-50,1-1-3 is of several domains/) as string,
      log: [ASKS],
    });
  });

  test.each(['ERROR 1317 (70100) at line 3: interrupted', '', 'NULL'])(
    'where its own server answers %j nothing is concluded',
    async (answer) => {
      expect(
        await run(diagnose(says('7f', '0-1-9'), 'io_error=1236 message=purged', `core_answer=('${answer}')`)),
      ).toMatchObject({ out: 'not yet|\n', log: [ASKS] });
    },
  );

  test.each([
    ['has it all', '0-1-50', '0-1-50', true],
    ['has more', '0-1-50', '0-1-51', true],
    ['has less', '0-1-50', '0-1-49', false],
    ['was recovered after it', '0-1-50', '0-1-50,0-1048577-60', true],
    ['was recovered before it', '0-1-50', '0-1-49,0-1048577-60', false],
    ['of the same era has more', '0-1048577-60', '0-1-49,0-1048577-61', true],
    ['does not know who wrote it', '0-1048578-60', '0-1-49,0-1048577-61', false],
  ])('is in the past of a primary that %s: %s, %s', async (_, own, theirs, expected) => {
    expect((await run(`if contains ${theirs} ${own}; then echo yes; else echo no; fi`)).out).toBe(
      expected ? 'yes\n' : 'no\n',
    );
  });

  test('where its own server does not answer nothing is concluded', async () => {
    expect(await run(diagnose(says('8e', '0-1-9'), 'io_error=1236', 'return 1'))).toMatchObject({
      out: 'not yet|\n',
      log: [ASKS],
    });
  });
});

describe('follow_sql', () => {
  const derived = createHash('sha256')
    .update(`follower:${'AB'.repeat(32)}`)
    .digest('hex');

  test("with the identity, a password that is not the Secret's, from the position of the data, and by an address: what the name leads to later is not followed", async () => {
    const { log } = await run('connect_to_primary');
    expect(log.map((line) => line.trim()).join(' ')).toBe(
      "STOP SLAVE; CHANGE MASTER TO MASTER_HOST = '10.0.0.1', MASTER_PORT = 1, MASTER_USER = 'follower-7f', " +
        `MASTER_PASSWORD = '${derived}', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 5, ` +
        'MASTER_SSL = 1, MASTER_SSL_VERIFY_SERVER_CERT = 1; START SLAVE;',
    );
    expect(derived.length).toBeLessThanOrEqual(96); // MariaDB takes no more
  });

  test('by the name where DNS does not answer', async () => {
    expect((await run('core_addresses_of() { :; }; connect_to_primary')).log.join()).toContain(
      `MASTER_HOST = '${host(0)}',`,
    );
  });
});

describe('serve_copies', () => {
  /** A listener of the test's, which says how it was called, and then stays or ends. */
  const give = (script: string, does = 'exec sleep 60'): Promise<Result> => {
    pod();
    sandbox.write('stub/socat', `#!/usr/bin/env bash\necho "$*" >>"$STUB/calls"\n${does}\n`);
    return sandbox.run(`${PREPARED}
      unset -f serve_copies; . "$scripts/engine-sync.sh"; chmod +x "$STUB/socat"; PATH=$STUB:$PATH
      ${script}; kill "$copy_server" 2>/dev/null; exit 0`);
  };
  const called = async (): Promise<string> => {
    await sandbox.until('it was called', () => sandbox.calls.length > 0);
    return sandbox.calls[0];
  };

  test.each([
    ['both families where the kernel has IPv6', '', 'pf=ip6,ipv6only=0'],
    ['IPv4 where it has not', 'ipv6_addresses=/nowhere;', 'pf=ip4'],
  ])('listens on %s, whichever version of socat', async (_, kernel, option) => {
    await give(
      `: >"$STUB/if_inet6"; ipv6_addresses="$STUB/if_inet6"; ${kernel} serve_copies; until [[ -s $STUB/calls ]]; do pause 0.01; done`,
    );
    expect(await called()).toContain(`OPENSSL-LISTEN:4444,${option},`);
  });

  test('cuts off who says nothing, and gives to others meanwhile; no one keeps a copy for ever', async () => {
    await give('serve_copies; until [[ -s $STUB/calls ]]; do pause 0.01; done');
    expect(await called()).toMatch(
      /^-T 21600 OPENSSL-LISTEN:\S+,fork,max-children=16,rcvtimeo=5,cert=\S+\/own.pem,cafile=\S+\/ca.pem,verify=1,/,
    );
  });

  test('stays, once it is there', async () => {
    await give('serve_copies; serve_copies; until [[ -s $STUB/calls ]]; do pause 0.01; done; serve_copies');
    expect(sandbox.calls).toHaveLength(1);
  });

  test('where it ends at once that is said, with its reason, and tried again', async () => {
    const { log } = await give(
      'serve_copies; wait "$copy_server" || true; serve_copies; wait "$copy_server" || true',
      'echo "2026/11/29 16:54:32 socat[7] E socket(10, 1, 6): Address family not supported" >&2; exit 1',
    );
    expect(log).toEqual([
      "port 4444, where this set's pods get copies: socket(10, 1, 6): Address family not supported",
      'what serves copies on port 4444 has ended: restarting it',
    ]);
    expect(sandbox.calls).toHaveLength(2);
  });

  test('what strangers do there is said once a minute, without what they could forge', async () => {
    const complain = (words: string): string =>
      `printf '%s\\n' '2026/11/29 16:54:32 socat[7] W no matter' '2026/11/29 16:54:32 socat[7] E ${words}' >>"$copy_server_log"; log_copy_server_errors`;
    const { log } = await give(
      `log_copy_server_errors; ${complain('one')}; ${complain('two')}; core_now=160; ${complain('th\u0007ree')}; log_copy_server_errors`,
    );
    expect(log.map((line) => line.replace(/.*get copies: /, ''))).toEqual(['one', 'th?ree']);
  });
});

describe('a session', () => {
  test.each([
    ["ERROR 2002 (HY000): Can't connect to local server", 'broken'],
    ['ERROR 2006 (HY000) at line 1: Server has gone away', 'broken'],
    ['ERROR 2013 (HY000) at line 5: Lost connection to server during query', 'broken'],
    ['ERROR 1064 (42000) at line 1: You have an error', 'answer'],
    ['ERROR 1200 (HY000) at line 1: Misconfigured slave', 'answer'],
    ['ERROR', 'answer'],
  ])('that says %j has %s', async (line, expected) => {
    pod();
    sandbox.write('line', line);
    expect(
      (await go(`if [[ $(<"${sandbox.folder}/line") == $session_broken ]]; then echo broken; else echo answer; fi`))
        .out,
    ).toBe(`${expected}\n`);
  });
});

test('who leaves, and who follows, above it alone', async () => {
  const { log } = await run('engine_list_higher_ordinals');
  expect(log.map((line) => line.trim()).join(' ')).toBe(
    "SELECT CONCAT('leaving-', l.ordinal) FROM (SELECT o.ordinal, IS_USED_LOCK(CONCAT('leaving-', o.ordinal, '-7f')) AS holder " +
      'FROM (WITH RECURSIVE n (ordinal) AS (SELECT 3 UNION ALL SELECT ordinal + 1 FROM n WHERE ordinal < 999) SELECT ordinal FROM n) AS o LIMIT 1000) AS l JOIN information_schema.processlist AS p ON p.id = l.holder ' +
      "WHERE p.user IN ('replicator', 'mysql') AND p.time < 10; SHOW SLAVE HOSTS;",
  );
});
