import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// The functions of engine.sh that decide something. What the servers say, and their programs, are the test's; whether
// they would say so, only the end-to-end tests can tell.

const PASSWORDS = {
  'superuser-password': 'super-secret',
  'replication-password': 'replication-secret',
  password: 'app-secret',
};

function pod(ordinal = 2, user = 'app', passwords: { [file: string]: string } = PASSWORDS): void {
  sandbox = new Sandbox(
    ordinal,
    {
      replication_user: 'replicator',
      user,
      program: 'redis',
      append_fsync: 'always',
      unflushed: '5',
      max_memory: '409mb',
    },
    { scriptsOf: 'redis' },
  );
  Object.entries(passwords).forEach(([file, password]) => sandbox.write(`credentials/${file}`, password));
}
function go(script: string): Promise<Result> {
  return sandbox.run(`PATH=$STUB:$PATH\n${script}`);
}
function run(script: string, ordinal = 2): Promise<Result> {
  pod(ordinal);
  return go(script);
}
/** Whether a condition of the shell holds. */
async function holds(condition: string, before = ''): Promise<boolean> {
  const { out, log } = await run(`${before}\nif ${condition}; then echo yes; else echo no; fi`);
  expect(log).toEqual([]);
  return out === 'yes\n';
}
/** A program that does this. */
function program(name: string, does: string): string {
  return `cat >"$STUB/${name}" <<'END'\n#!/usr/bin/env bash\n${does}\nEND\nchmod +x "$STUB/${name}"\n`;
}
/** What INFO says of a host, as a function that replaces the one that asks; of others it fails. */
function says(hosts: { [host: string]: { [name: string]: string } }): string {
  const cases = Object.entries(hosts).map(
    ([host, rows]) =>
      `${host}) info=(${Object.entries(rows)
        .map(([name, value]) => `[${name}]='${value}'`)
        .join(' ')}) ;;`,
  );
  return `info_of() { case $1 in ${cases.join(' ')} *) return 1 ;; esac; }\n`;
}
const hash = (password: string): string => `#${createHash('sha256').update(password).digest('hex')}`;
const mode = (path: string): number => statSync(join(sandbox.folder, path)).mode & 0o777;

describe('query', () => {
  test('is asked by the replication user, whose password is no argument, and loses its carriage returns', async () => {
    const { out } = await run(
      `${program('redis-cli', 'echo "$REDISCLI_AUTH"; printf "%s\\r\\n" "$*"')} query orders-1 INFO replication`,
    );
    expect(out).toBe('replication-secret\n-e -t 6 -h orders-1 -p 1 --user replicator INFO replication\n');
  });

  test('fails where the client does', async () => {
    expect(
      await run(`${program('redis-cli', 'echo "NOPERM x"; echo gone >&2; exit 1')} query orders-1 PING || exit 9`),
    ).toMatchObject({ status: 9, log: [] });
  });
});

test('a question is given up after five seconds, in a look of the sidecar after what is left of that', async () => {
  const { out } = await run(
    `timeout() { echo "$3"; }; query orders-1 INFO; set_time_limit() { left=2; }; query orders-1 INFO`,
  );
  expect(out).toBe('5\n2\n');
});

test('an answer that is longer than any is none', async () => {
  expect((await run(`${program('redis-cli', 'exec yes')} query orders-1 INFO >/dev/null || exit 9`)).status).toBe(9);
});

describe("the users' file", () => {
  const APP = `user app on ${hash('app-secret')} ~* &* +@all -@admin -function|load -function|flush -function|delete -function|restore -script|debug -migrate`;
  const usual = [
    'user default off ~* &* +@all', // the log is replayed as this user
    `user superuser on ${hash('super-secret')} ~* &* +@all`,
    APP,
    `user replicator on ${hash('replication-secret')} resetchannels -@all +ping +echo +sync +psync +replconf +info +fcall_ro +client|list +client|setname +client|no-evict`,
  ];
  const lines = async (): Promise<string[]> => {
    expect(await go('engine_prepare; engine_prepare')).toMatchObject({ status: 0, log: [] });
    return sandbox.read('state/users.acl').split('\n').slice(0, -1);
  };

  test('has hashes, never a password, and is for the server alone', async () => {
    pod();
    expect(await lines()).toEqual(usual);
    expect(sandbox.read('state/users.acl')).not.toMatch(/secret/);
    expect(mode('state/users.acl')).toBe(0o600);
    expect(sandbox.list('state')).toEqual(['users.acl', 'users.acl.lock']);
  });

  test.each(Object.keys(PASSWORDS))('is not written without %s', async (key) => {
    pod(2, 'app', { ...PASSWORDS, [key]: '' });
    expect(await go('engine_prepare')).toMatchObject({
      status: 1,
      log: [`the Secret has no ${key}, or an empty one: give it a value`],
    });
    expect(sandbox.list('state')).toEqual([]);
  });

  test('is complete, though the sidecar writes it while the server does', async () => {
    pod();
    const { log } = await go(`
      for ((round = 0; round < 20; round++)); do
        rm -f "$state"/{identity,token,users.acl}
        engine_prepare & sidecar=$!
        { echo 7f >"$state/identity"; echo t >"$state/token"; engine_prepare; } & server=$!
        wait "$sidecar" && wait "$server" || log "round $round: failed"
        [[ $(grep -cE 'user (follower-7f|stateful) ' "$users") == 2 ]] || log "round $round: $(wc -l <"$users") lines"
      done`);
    expect(log).toEqual([]);
  });

  test("switches the user default off, unless it is the application's", async () => {
    pod(2, 'default');
    expect(await lines()).toEqual([usual[1], APP.replace('user app', 'user default'), usual[3]]);
  });

  test('lets replicas connect by the identity of the data, once there is one', async () => {
    pod();
    sandbox.write('state/identity', '7f\n');
    expect(await lines()).toEqual([
      ...usual,
      `user follower-7f on ${hash('replication-secret')} resetchannels -@all +ping +sync +psync +replconf`,
    ]);
  });

  test("has the sidecar's own user, once there is a token", async () => {
    pod();
    sandbox.write('state/token', 'token-secret\n');
    expect(await lines()).toEqual([...usual, `user stateful on ${hash('token-secret')} ~* &* +@all`]);
  });

  test.each(['it\'s "$HOME"', '\\ %s *', '-n', ' a ', 'ü', 'a#b'])(
    'has the hash of the password %s',
    async (password) => {
      pod(2, 'app', { ...PASSWORDS, password });
      expect((await lines())[2]).toContain(` on ${hash(password)} `);
    },
  );

  test("a new line at a password's end is none of it", async () => {
    pod(2, 'app', { ...PASSWORDS, password: 'app-secret\n' });
    expect((await lines())[2]).toBe(APP);
  });
});

const RUN = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40));

describe('engine_identity', () => {
  const says = (position: string): string =>
    `query() { [[ $* == "orders-1 FCALL_RO stateful_position 0" ]] && printf '%s\\n' '${position}'; }; engine_identity orders-1`;

  test('is the first word of the position', async () => {
    expect((await run(says(`7f 1 2 3 ${RUN[0]}`))).out).toBe('7f\n');
  });

  test.each(['7f', '7f 1 2 3', 'x\ny 1 2 3 R', '../7f 1 2 3 R', '7f a[$(id)] 2 3 R', '7f 1 2 3 R more', 'ERR x'])(
    'is none of one that says %j',
    async (position) => {
      expect(await run(`${says(position.replace('R', RUN[0]))} || exit 9`)).toMatchObject({ status: 9, out: '' });
    },
  );

  test('is none of one that does not answer', async () => {
    expect(await run('query() { return 1; }; engine_identity orders-1 || exit 9')).toMatchObject({
      status: 9,
      out: '',
    });
  });
});

describe('engine_identity_of_files', () => {
  test.each([
    ['7f', 0],
    ['7f on nopass ~*', 1],
    ['', 1],
    ['x/y', 1],
  ])('%j', async (identity, status) => {
    pod();
    sandbox.write('volume/current/identity', `${identity}\n`);
    expect(await go('engine_identity_of_files "$volume/current" || exit 1')).toMatchObject({
      status,
      out: status === 0 ? '7f\n' : '',
    });
  });
});

test('engine_size is the memory in use', async () => {
  expect(
    (
      await run(
        `${says({ 'orders-1': { used_memory: '4096' } })} engine_size orders-1; engine_size orders-2 || echo failed`,
      )
    ).out,
  ).toBe('4096\nfailed\n');
});

describe('engine_has_all_of', () => {
  // Of the era of RUN[2], the third, which began at mark 40. The first ended at mark 20.
  const own = `7f 3 50 40 ${RUN[2]} ${RUN[3]} 900`;
  const all = (
    position: string,
    other: string,
    history = `echo "${RUN[1]} 40 ${RUN[0]} 20"`,
    unflushed = '0',
  ): Promise<Result> => {
    sandbox = new Sandbox(
      0,
      { replication_user: 'replicator', user: 'app', program: 'redis', unflushed },
      { scriptsOf: 'redis' },
    );
    return go(`query() { [[ $* == "orders-1 FCALL_RO stateful_history 0" ]] && { ${history}; }; }
      engine_has_all_of orders-1 '${position}' '${other}'`);
  };
  const other = (era: number, mark: number, run: number, stream = `${'e'.repeat(40)} 0`): string =>
    `7f ${era} ${mark} 1 ${RUN[run]} ${stream}`;

  test.each<[string, string, number]>([
    ['less of the same stream', other(3, 50, 2, `${RUN[3]} 900`), 0],
    ['as much of it, though its mark is behind', other(3, 49, 2, `${RUN[3]} 900`), 0],
    ['one byte more of it', other(3, 50, 2, `${RUN[3]} 901`), 1],
    ['less of the same era', other(3, 49, 2), 0],
    ['as much of it, as far as it is marked', other(3, 50, 2), 0],
    ['more of it', other(3, 51, 2), 1],
    ['all of the era before', other(2, 40, 1), 0],
    ['more of the era before, from before an old volume was put under ordinal 0', other(2, 41, 1), 1],
    ['of the first', other(1, 20, 0), 0],
    ['more of the first', other(1, 21, 0), 1],
    ['of an era that it never was in, though it is earlier', other(2, 3, 3), 1],
    ['of a later one', other(9, 3, 3), 1],
    ['of another database', other(3, 49, 2).replace('7f', '8e'), 1],
    [
      "what it has, and writes that were not the primary's, which do not count",
      `${other(3, 50, 2, `${RUN[3]} 900`)} strayed`,
      0,
    ],
  ])('of one with %s', async (_, position, status) => {
    expect(await all(own, position)).toMatchObject({ status, log: [] });
  });

  test('not where it strayed itself, though it has more than all', async () => {
    expect((await all(`${own} strayed`, other(3, 1, 2))).status).toBe(1);
  });

  test('is not known where the history is not said, or is none', async () => {
    expect((await all(own, other(2, 40, 1), 'return 1')).status).toBe(2);
    expect((await all(own, other(2, 40, 1), 'echo "x y"')).status).toBe(2);
  });

  test('of an era that is older than all it knows: not, as no one knows', async () => {
    expect((await all(own, other(1, 2, 0), `echo "${RUN[1]} 40"`)).status).toBe(1);
  });

  test('without history, as earlier scripts made it: of its own era', async () => {
    const none = 'echo "ERR Function not found" >"$last_error_file"; return 1';
    expect((await all(own, other(3, 49, 2), none)).status).toBe(0);
    expect((await all(own, other(2, 40, 1), none)).status).toBe(1);
  });

  test('what the primary of a former era may have lost with its node is given up, where it may', async () => {
    expect((await all(own, other(2, 45, 1), undefined, '5')).status).toBe(0);
    expect((await all(own, other(2, 46, 1), undefined, '5')).status).toBe(1);
    expect((await all(own, other(3, 51, 2), undefined, '5')).status).toBe(1);
  });
});

describe('engine_replayed_position', () => {
  const known = `echo "7f 2 30 20 ${RUN[0]}"`;
  const ask = (rows: { [name: string]: string }, position = known): string =>
    `${says({ 'orders-1': rows })} query() { ${position}; }; engine_replayed_position orders-1 || exit 9`;
  const settled = {
    loading: '0',
    aof_enabled: '1',
    role: 'master',
    master_replid: RUN[1],
    master_replid2: RUN[2],
    master_repl_offset: '4007',
    second_repl_offset: '4001',
  };
  const replica = {
    ...settled,
    role: 'slave',
    master_link_status: 'down',
    master_host: 'orders-0.orders.',
    slave_repl_offset: '4000',
  };

  test('of one that follows no one: its position, and where it was in the stream of its last primary', async () => {
    expect(await run(ask(settled))).toMatchObject({ status: 0, out: `7f 2 30 20 ${RUN[0]} ${RUN[2]} 4000\n` });
  });

  test('that it strayed comes last', async () => {
    expect((await run(ask(settled, `${known.slice(0, -1)} strayed"`))).out).toBe(
      `7f 2 30 20 ${RUN[0]} ${RUN[2]} 4000 strayed\n`,
    );
  });

  test('where it never had another primary', async () => {
    expect((await run(ask({ ...settled, second_repl_offset: '-1' }))).out).toBe(
      `7f 2 30 20 ${RUN[0]} ${RUN[1]} 4007\n`,
    );
  });

  test.each<[string, { [name: string]: string }, string, string]>([
    [
      'still receives',
      { ...replica, master_link_status: 'up' },
      '[[ $* == "orders-1 CLIENT LIST TYPE master" ]] && echo "id=7 addr=10.1.2.3:6379 laddr=10.0.0.1:4 fd=9"',
      'still receives from 10.1.2.3\n',
    ],
    [
      'still receives by IPv6',
      { ...replica, master_link_status: 'up' },
      'echo "id=7 addr=[fd00::3]:6379 laddr=x"',
      'still receives from [fd00::3]\n',
    ],
    [
      'still receives, from whom it does not say',
      { ...replica, master_link_status: 'up' },
      'echo "id=7 addr=a$(id):6379 laddr=x"',
      'still receives from orders-0.orders\n',
    ],
    [
      'started from its last snapshot, and has not all',
      { ...replica, aof_enabled: '0' },
      known,
      'still has its last snapshot only: it restarts, to load all that it received\n',
    ],
    ['may connect again', replica, known, 'has not noticed yet that orders-0 recovers\n'],
    ['loads', { ...replica, loading: '1' }, known, 'still loads its data\n'],
    ['does not say its position', settled, 'return 1', ''],
    ['says one that is none', settled, 'echo "7f a[x] 30 20 R"', ''],
  ])('is none of one that %s', async (_, rows, position, out) => {
    expect(await run(ask(rows, position))).toMatchObject({ status: 9, out });
  });

  test('is none of one that does not answer', async () => {
    expect(await run(`${says({})} query() { ${known}; }; engine_replayed_position orders-1 || exit 9`)).toMatchObject({
      status: 9,
      out: '',
    });
  });
});

describe('follows', () => {
  const primary = { role: 'master', master_replid: 'aa' };
  const replica = { role: 'slave', master_link_status: 'up', master_replid: 'aa' };

  test.each<[string, { [host: string]: { [name: string]: string } }, boolean]>([
    ['a replica with its history', { 'orders-0': primary, 'orders-1': replica }, true],
    [
      'not one with the history of before',
      { 'orders-0': { ...primary, master_replid: 'bb' }, 'orders-1': replica },
      false,
    ],
    [
      'not one without connection',
      { 'orders-0': primary, 'orders-1': { ...replica, master_link_status: 'down' } },
      false,
    ],
    ['not another primary', { 'orders-0': primary, 'orders-1': primary }, false],
    ['not one that does not answer', { 'orders-0': primary }, false],
    ['none, where the primary does not answer', { 'orders-1': replica }, false],
  ])('%s', async (_, hosts, expected) => {
    expect(await holds('follows orders-1 orders-0', says(hosts))).toBe(expected);
  });
});

describe('engine_reserve_log', () => {
  const reserve = (source: string, until: number): string => `
    SECONDS=0 asked=0
    core_clock() { core_now=$SECONDS; }; pause() { unset SECONDS; SECONDS=$((asked / 10)); }
    follows() { asked=$((asked + 1)); [[ $* == "orders-1 orders-0" ]] && ((asked >= ${until})); }
    if engine_reserve_log orders-0 ${source}; then echo "after $asked"; else echo "not after $asked"; fi`;

  test('returns when the source follows the primary', async () => {
    expect((await run(reserve('orders-1', 3))).out).toBe('after 3\n');
  });

  test('asks none where the source is the primary', async () => {
    expect((await run(reserve('orders-0', 3))).out).toBe('after 0\n');
  });

  test('gives up after a minute, and so looks at the source again', async () => {
    expect((await run(reserve('orders-1', 9999))).out).toBe('not after 600\n');
  });
});

describe('engine_copy', () => {
  // A client that writes what it was asked, and with which password, instead of a snapshot.
  const client = 'for file; do :; done; echo "$REDISCLI_AUTH $* of ${file##*/}" >"$file"';
  const copy = (download = client, check = 'cp "$1" "$STUB/checked"', more = ''): string => `
    ${program('perl', download)} ${program('redis-check-rdb', check)} ${program('redis-server', 'echo "Redis server v=8.6.3 sha=00000000:0 malloc=x"')}
    engine_identity() { [[ $1 == orders-1 ]] && echo 7f; }
    ${more}
    if engine_copy orders-1 "$volume/incoming"; then echo copied; else echo failed; fi`;

  test('is a snapshot, which is the base of the append-only file too, and who it is', async () => {
    expect((await run(copy())).out).toBe('copied\n');
    const folder = `${sandbox.folder}/volume/incoming`;
    expect(sandbox.list('volume/incoming')).toEqual(['appendonlydir', 'dump.rdb', 'identity']);
    expect(sandbox.list('volume/incoming/appendonlydir')).toEqual([
      'appendonly.aof.1.base.rdb',
      'appendonly.aof.manifest',
    ]);
    expect(sandbox.read('volume/incoming/appendonlydir/appendonly.aof.manifest')).toBe(
      'file appendonly.aof.1.base.rdb seq 1 type b\n',
    );
    expect(sandbox.read('volume/incoming/identity')).toBe('7f\n');
    expect(sandbox.read('volume/incoming/dump.rdb')).toBe(
      `replication-secret ${sandbox.folder}/scripts/fetch-snapshot.pl orders-1 1 replicator 8.6.3 ${folder}/dump.rdb of dump.rdb\n`,
    );
    const [one, other] = ['dump.rdb', 'appendonlydir/appendonly.aof.1.base.rdb'].map(
      (file) => statSync(`${folder}/${file}`).ino,
    );
    expect(one).toBe(other); // and takes no more room
    expect(sandbox.read('stub/checked')).toBe(sandbox.read('volume/incoming/dump.rdb'));
  });

  test.each([
    ['which broke off', copy(`${client}; exit 1`)],
    ['of which nothing came', copy('true', 'test -e "$1"')],
    ['which the check refuses', copy(client, 'exit 1')],
    ['whose own server says no version', copy(client, 'true', program('redis-server', 'echo x'))],
    ['of a source that does not say who it is', copy(client, 'true', 'engine_identity() { return 1; }')],
    ['which cannot be linked', copy(client, 'true', 'ln() { return 1; }')],
    ['which cannot be written out', copy(client, 'true', 'sync() { return 1; }')],
  ])('fails: one %s', async (_, script) => {
    expect((await run(script)).out).toBe('failed\n');
  });

  test('which the check refuses says why, by its last lines', async () => {
    const { log } = await run(copy(client, 'printf "%s\\n" 1 2 3 4 5 6 "bad checksum"; exit 1'));
    expect(log).toEqual(['3', '4', '5', '6', 'bad checksum']);
  });

  test('says how far it is, and no more when it has ended', async () => {
    const pause =
      'pause() { if [[ -z ${once:-} ]]; then once=yes; read -r _ <"$STUB/half"; else echo >"$STUB/said"; read -r -u "$core_pause_fd" _; fi; }';
    const slow = 'for file; do :; done; printf 12345 >"$file"; echo >"$STUB/half"; read -r _ <"$STUB/said"';
    expect(await run(`mkfifo "$STUB/half" "$STUB/said"; ${copy(slow, 'true', pause)}`)).toMatchObject({
      out: 'copied\n',
      log: ['5 bytes so far'],
    });
  });
});

test('engine_initialise makes who it is, another one each time, and nothing else', async () => {
  await run('engine_initialise "$volume/a"; engine_initialise "$volume/b"');
  expect(sandbox.list('volume/a')).toEqual(['identity']);
  expect(sandbox.read('volume/a/identity')).toMatch(/^[0-9a-f]{32}\n$/);
  expect(sandbox.read('volume/b/identity')).not.toBe(sandbox.read('volume/a/identity'));
});

test('engine_recover copies a replica that follows no one, as the replication user', async () => {
  expect(
    await run('engine_copy() { log "copy $1 to ${2##*/}"; }; engine_recover orders-1 "$volume/incoming"'),
  ).toMatchObject({
    status: 0,
    log: ['copy orders-1 to incoming'],
  });
});

describe("the server's configuration", () => {
  const conf = (from = 'return 1'): string =>
    `continues_from_snapshot() { log "from $*"; ${from}; }; server_conf /data/current 7f`;
  const common = (appendonly: string, ordinal: number): string[] => [
    `include ${sandbox.folder}/config/redis.conf`,
    'dir /data/current',
    `unixsocket ${sandbox.folder}/state/server.sock`,
    'unixsocketperm 700',
    `aclfile ${sandbox.folder}/state/users.acl`,
    'masteruser follower-7f',
    'masterauth "replication-secret"',
    `replica-announce-ip orders-${ordinal}.orders.shop.svc.cluster.local`,
    `appendonly ${appendonly}`,
  ];
  const alone = ['replicaof 127.0.0.1 1', 'shutdown-on-sigterm save', 'min-replicas-to-write 1000'];

  test('of ordinal 0: it follows no one, and has the whole log whatever its snapshot', async () => {
    const { out, log } = await run(conf('return 0'), 0);
    expect({ lines: out.split('\n'), log }).toEqual({ lines: [...common('yes', 0), ''], log: [] });
  });

  test('of any other: it follows none that is there, and never takes writes', async () => {
    const { out, log } = await run(conf());
    expect({ lines: out.split('\n'), log }).toEqual({
      lines: [...common('yes', 2), ...alone, ''],
      log: ['from /data/current 7f'],
    });
  });

  test('of one that goes on from its last snapshot: without its log', async () => {
    const { out } = await run(conf('return 0'));
    expect(out.split('\n')).toEqual([...common('no', 2), ...alone, '']);
  });

  test.each([
    ['a"b', '"a\\"b"'],
    ['a\\b', '"a\\\\b"'],
    ['\\"', '"\\\\\\""'],
    ['\\', '"\\\\"'],
    ['it\'s "$HOME" %s & *', '"it\'s \\"$HOME\\" %s & *"'],
    ['-n', '"-n"'],
  ])('the password %s is in quotes', async (password, written) => {
    pod(2, 'app', { ...PASSWORDS, 'replication-password': password });
    expect((await go(conf())).out).toContain(`\nmasterauth ${written}\n`);
  });
});

describe('continues_from_snapshot', () => {
  const ask = (snapshot = 'echo "aa 150"', identity = 'echo 7f', log = 'true'): string => `
    perl() { [[ $* == "$scripts/rdb-head.pl /data/current/dump.rdb repl-id repl-offset" ]] && ${snapshot}; }
    engine_identity() { [[ $1 == "$(core_host_of 0)" ]] && ${identity}; }
    info_of() { [[ $* == "$(core_host_of 0) replication" ]]; }
    has_log_from() { [[ $* == "aa 150" ]] && ${log}; }`;

  test.each([
    ['where the primary has the log from there', ask(), true],
    ['not where it has it no more', ask(undefined, undefined, 'false'), false],
    ['not where there is no position', ask('false'), false],
    ['not where the primary is another', ask(undefined, 'echo 8e'), false],
    ['not where it does not answer', ask(undefined, 'false'), false],
  ])('%s', async (_, before, expected) => {
    expect(await holds('continues_from_snapshot /data/current 7f', before)).toBe(expected);
  });
});

describe('engine_run', () => {
  const become = `
    docker-entrypoint.sh() { printf '%s\\n' "$@"; }
    exec() { "$@"; }
    mkdir -p "$volume/current" && echo 7f >"$volume/current/identity"
    engine_run "$volume/current"`;

  test('becomes the server, with its configuration and its users', async () => {
    expect((await run(become, 0)).out).toBe(`redis-server\n${sandbox.folder}/state/server.conf\n`);
    expect(sandbox.read('state/identity')).toBe('7f\n');
    expect(sandbox.read('state/server.conf')).toMatch(/^masteruser follower-7f$/m);
    expect(sandbox.read('state/users.acl')).toMatch(/^user follower-7f on #[0-9a-f]{64} /m);
    expect(sandbox.read('state/users.acl')).toContain(
      `\nuser stateful on ${hash(sandbox.read('state/token').trim())} `,
    );
    expect(['server.conf', 'token', 'users.acl'].map((file) => mode(`state/${file}`))).toEqual([0o600, 0o600, 0o600]);
  });

  test('keeps the token of its sidecar', async () => {
    pod(0);
    sandbox.write('state/token', 'token-secret\n');
    await go(become);
    expect(sandbox.read('state/token')).toBe('token-secret\n');
  });
});
