import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// The functions of engine.sh that decide something. What the servers say, and their programs, are the test's; whether they would say so,
// only the end-to-end tests can tell.

const PASSWORDS = { 'superuser-password': 'super-secret', 'replication-password': 'replication-secret', password: 'app-secret' };

function pod(ordinal = 2, user = 'app', passwords: { [file: string]: string } = PASSWORDS): void {
  sandbox = new Sandbox(ordinal, { replication_user: 'replicator', user, program: 'redis' }, { scriptsOf: 'redis' });
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
  const cases = Object.entries(hosts).map(([host, rows]) => `${host}) info=(${Object.entries(rows).map(([name, value]) => `[${name}]='${value}'`).join(' ')}) ;;`);
  return `info_of() { case $1 in ${cases.join(' ')} *) return 1 ;; esac; }\n`;
}
const hash = (password: string): string => `#${createHash('sha256').update(password).digest('hex')}`;
const mode = (path: string): number => statSync(join(sandbox.folder, path)).mode & 0o777;

describe('query', () => {
  test('is asked by the replication user, whose password is no argument, and loses its carriage returns', async () => {
    const { out } = await run(`${program('redis-cli', 'echo "$REDISCLI_AUTH"; printf "%s\\r\\n" "$*"')} query orders-1 INFO replication`);
    expect(out).toBe('replication-secret\n-e -t 3 -h orders-1 -p 1 --user replicator INFO replication\n');
  });

  test('fails where the client does', async () => {
    expect(await run(`${program('redis-cli', 'echo "NOPERM x"; echo gone >&2; exit 1')} query orders-1 PING || exit 9`)).toMatchObject({ status: 9, log: [] });
  });
});

describe('the users\' file', () => {
  const APP = `user app on ${hash('app-secret')} ~* &* +@all -@admin -function|flush -function|delete -function|restore`;
  const usual = [
    'user default off',
    `user superuser on ${hash('super-secret')} ~* &* +@all`,
    APP,
    `user replicator on ${hash('replication-secret')} resetchannels -@all +ping +echo +sync +psync +replconf +info +fcall_ro +client|list +client|setname`,
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
    expect(await go('engine_prepare')).toMatchObject({ status: 1, log: [`the Secret has no ${key}, or an empty one: give it a value`] });
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

  test('switches the user default off, unless it is the application\'s', async () => {
    pod(2, 'default');
    expect(await lines()).toEqual([usual[1], APP.replace('user app', 'user default'), usual[3]]);
  });

  test('lets replicas connect by the identity of the data, once there is one', async () => {
    pod();
    sandbox.write('state/identity', '7f\n');
    expect(await lines()).toEqual([...usual, `user follower-7f on ${hash('replication-secret')} resetchannels -@all +ping +psync +replconf`]);
  });

  test('has the sidecar\'s own user, once there is a token', async () => {
    pod();
    sandbox.write('state/token', 'token-secret\n');
    expect(await lines()).toEqual([...usual, `user stateful on ${hash('token-secret')} ~* &* +@all`]);
  });

  test.each(['it\'s "$HOME"', '\\ %s *', '-n', ' a ', 'ü', 'a#b'])('has the hash of the password %s', async (password) => {
    pod(2, 'app', { ...PASSWORDS, password });
    expect((await lines())[2]).toContain(` on ${hash(password)} `);
  });

  test('a new line at a password\'s end is none of it', async () => {
    pod(2, 'app', { ...PASSWORDS, password: 'app-secret\n' });
    expect((await lines())[2]).toBe(APP);
  });
});

describe('engine_identity', () => {
  test('is the first word of the position', async () => {
    expect((await run('query() { [[ $* == "orders-1 FCALL_RO stateful_position 0" ]] && echo "7f 1 2 3 R"; }; engine_identity orders-1')).out).toBe('7f\n');
  });

  test('is none of one that does not answer', async () => {
    expect(await run('query() { return 1; }; engine_identity orders-1 || exit 9')).toMatchObject({ status: 9, out: '' });
  });
});

test('engine_size is the memory in use', async () => {
  expect((await run(`${says({ 'orders-1': { used_memory: '4096' } })} engine_size orders-1; engine_size orders-2 || echo failed`)).out).toBe('4096\nfailed\n');
});

describe('engine_is_ahead', () => {
  test.each([
    ['by its mark', '7f 1 11 0', '7f 1 10 0', true],
    ['by its offset, at the same mark', '7f 1 10 900', '7f 1 10 80', true],
    ['not by its offset, at an earlier mark', '7f 1 9 900', '7f 1 10 80', false],
    ['not where it is equal', '7f 1 10 80', '7f 1 10 80', false],
    ['not where it is behind', '7f 1 9 80', '7f 1 10 80', false],
    ['by its era, whatever the mark', '7f 10 1 0', '7f 9 500 900', true],
    ['not by an earlier era', '7f 9 500 900', '7f 10 1 0', false],
  ])('%s', async (_, one, other, expected) => {
    expect(await holds(`engine_is_ahead '${one}' '${other}'`)).toBe(expected);
  });
});

describe('engine_settled_position', () => {
  const known = 'echo "7f 2 30 20 R"';
  const ask = (rows: { [name: string]: string }, position = known): string => (
    `${says({ 'orders-1': rows })} query() { ${position}; }; engine_settled_position orders-1 || exit 9`);
  const replica = { role: 'slave', master_link_status: 'down', aof_enabled: '1', slave_repl_offset: '4000' };

  test('of a replica: identity, era, mark and offset', async () => {
    expect(await run(ask(replica))).toMatchObject({ status: 0, out: '7f 2 30 4000\n' });
  });

  test('of one that was made a primary: it receives nothing more', async () => {
    expect(await run(ask({ role: 'master', aof_enabled: '1' }))).toMatchObject({ status: 0, out: '7f 2 30 0\n' });
  });

  test.each<[string, { [name: string]: string }, string]>([
    ['still receives', { ...replica, master_link_status: 'up' }, known],
    ['started from its last snapshot, and has not all', { ...replica, aof_enabled: '0' }, known],
    ['does not say its position', replica, 'return 1'],
  ])('is none of one that %s', async (_, rows, position) => {
    expect(await run(ask(rows, position))).toMatchObject({ status: 9, out: '' });
  });

  test('is none of one that does not answer', async () => {
    expect(await run(`${says({})} query() { ${known}; }; engine_settled_position orders-1 || exit 9`)).toMatchObject({ status: 9, out: '' });
  });
});

describe('follows', () => {
  const primary = { role: 'master', master_replid: 'aa' };
  const replica = { role: 'slave', master_link_status: 'up', master_replid: 'aa' };

  test.each<[string, { [host: string]: { [name: string]: string } }, boolean]>([
    ['a replica with its history', { 'orders-0': primary, 'orders-1': replica }, true],
    ['not one with the history of before', { 'orders-0': { ...primary, master_replid: 'bb' }, 'orders-1': replica }, false],
    ['not one without connection', { 'orders-0': primary, 'orders-1': { ...replica, master_link_status: 'down' } }, false],
    ['not another primary', { 'orders-0': primary, 'orders-1': primary }, false],
    ['not one that does not answer', { 'orders-0': primary }, false],
    ['none, where the primary does not answer', { 'orders-1': replica }, false],
  ])('%s', async (_, hosts, expected) => {
    expect(await holds('follows orders-1 orders-0', says(hosts))).toBe(expected);
  });
});

describe('engine_reserve', () => {
  const reserve = (source: string, until: number): string => `
    pause() { :; }
    asked=0
    follows() { asked=$((asked + 1)); [[ $* == "orders-1 orders-0" ]] && ((asked >= ${until})); }
    if engine_reserve orders-0 ${source}; then echo "after $asked"; else echo "not after $asked"; fi`;

  test('returns when the source follows the primary', async () => {
    expect((await run(reserve('orders-1', 3))).out).toBe('after 3\n');
  });

  test('asks none where the source is the primary', async () => {
    expect((await run(reserve('orders-0', 3))).out).toBe('after 0\n');
  });

  test('gives up, and so looks at the source anew', async () => {
    expect((await run(reserve('orders-1', 601))).out).toBe('not after 600\n');
  });
});

describe('engine_copy', () => {
  // A client that writes what it was asked, and with which password, in place of a snapshot.
  const client = 'for file; do :; done; echo "$REDISCLI_AUTH $* of ${file##*/}" >"$file"';
  const copy = (download = client, check = 'cp "$1" "$STUB/checked"', more = ''): string => `
    ${program('redis-cli', download)} ${program('redis-check-rdb', check)}
    engine_identity() { [[ $1 == orders-1 ]] && echo 7f; }
    ${more}
    if engine_copy orders-1 "$volume/incoming"; then echo copied; else echo failed; fi`;

  test('is a snapshot, which is the base of the append-only file too, and who it is', async () => {
    expect((await run(copy())).out).toBe('copied\n');
    const folder = `${sandbox.folder}/volume/incoming`;
    expect(sandbox.list('volume/incoming')).toEqual(['appendonlydir', 'dump.rdb', 'identity']);
    expect(sandbox.list('volume/incoming/appendonlydir')).toEqual(['appendonly.aof.1.base.rdb', 'appendonly.aof.manifest']);
    expect(sandbox.read('volume/incoming/appendonlydir/appendonly.aof.manifest')).toBe('file appendonly.aof.1.base.rdb seq 1 type b\n');
    expect(sandbox.read('volume/incoming/identity')).toBe('7f\n');
    expect(sandbox.read('volume/incoming/dump.rdb')).toBe(
      `replication-secret -t 3 -h orders-1 -p 1 --user replicator --rdb ${folder}/dump.rdb of dump.rdb\n`);
    const [one, other] = ['dump.rdb', 'appendonlydir/appendonly.aof.1.base.rdb'].map((file) => statSync(`${folder}/${file}`).ino);
    expect(one).toBe(other); // and takes no more room
    expect(sandbox.read('stub/checked')).toBe(sandbox.read('volume/incoming/dump.rdb'));
  });

  test.each([
    ['which broke off', copy(`${client}; exit 1`)],
    ['of which nothing came', copy('true', 'test -e "$1"')],
    ['which the check refuses', copy(client, 'exit 1')],
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
    const pause = 'pause() { if [[ -z ${once:-} ]]; then once=yes; read -r _ <"$STUB/half"; else echo >"$STUB/said"; read -r -u "$bed" _; fi; }';
    const slow = 'for file; do :; done; printf 12345 >"$file"; echo >"$STUB/half"; read -r _ <"$STUB/said"';
    expect(await run(`mkfifo "$STUB/half" "$STUB/said"; ${copy(slow, 'true', pause)}`)).toMatchObject({ out: 'copied\n', log: ['5 bytes so far'] });
  });
});

test('engine_initialise makes who it is, another one each time, and nothing else', async () => {
  await run('engine_initialise "$volume/a"; engine_initialise "$volume/b"');
  expect(sandbox.list('volume/a')).toEqual(['identity']);
  expect(sandbox.read('volume/a/identity')).toMatch(/^[0-9a-f]{32}\n$/);
  expect(sandbox.read('volume/b/identity')).not.toBe(sandbox.read('volume/a/identity'));
});

describe('engine_recover', () => {
  const recover = (role: string, status = 0): string => `
    ${program('redis-cli', `echo "$REDISCLI_AUTH $*" >&2; exit ${status}`)} ${says({ 'orders-1': { role } })}
    engine_copy() { log "copy \${1} to \${2##*/}"; }
    engine_recover orders-1 "$volume/incoming" || exit 9`;
  const promotion = 'super-secret -e -t 3 -h orders-1 -p 1 --user superuser REPLICAOF NO ONE';

  test('makes the replica a primary, which gives a copy', async () => {
    expect(await run(recover('slave'))).toMatchObject({ status: 0, log: [promotion, 'copy orders-1 to incoming'] });
  });

  test('takes it of one that is a primary by now', async () => {
    expect(await run(recover('master'))).toMatchObject({ status: 0, log: ['copy orders-1 to incoming'] });
  });

  test('fails where the replica refuses, or does not answer', async () => {
    expect(await run(recover('slave', 1))).toMatchObject({ status: 9, log: [promotion] });
    expect(await run(`${says({})} engine_copy() { log copied; }; engine_recover orders-1 x || exit 9`)).toMatchObject({ status: 9, log: [] });
  });
});

describe('the server\'s configuration', () => {
  const conf = (from = 'return 1'): string => `continues_from_snapshot() { log "from $*"; ${from}; }; server_conf /data/current 7f`;
  const common = (appendonly: string, ordinal: number): string[] => [
    `include ${sandbox.folder}/config/redis.conf`, 'dir /data/current', `unixsocket ${sandbox.folder}/state/server.sock`, 'unixsocketperm 700',
    `aclfile ${sandbox.folder}/state/users.acl`, 'masteruser follower-7f', 'masterauth "replication-secret"',
    `replica-announce-ip orders-${ordinal}.orders.shop.svc.cluster.local`, `appendonly ${appendonly}`,
  ];
  const alone = ['replicaof 127.0.0.1 1', 'shutdown-on-sigterm save', 'min-replicas-to-write 1000'];

  test('of ordinal 0: it follows nobody, and has the whole log whatever its snapshot', async () => {
    const { out, log } = await run(conf('return 0'), 0);
    expect({ lines: out.split('\n'), log }).toEqual({ lines: [...common('yes', 0), ''], log: [] });
  });

  test('of any other: it follows none that is there, and never takes writes', async () => {
    const { out, log } = await run(conf());
    expect({ lines: out.split('\n'), log }).toEqual({ lines: [...common('yes', 2), ...alone, ''], log: ['from /data/current 7f'] });
  });

  test('of one that goes on from its last snapshot: without its log', async () => {
    const { out } = await run(conf('return 0'));
    expect(out.split('\n')).toEqual([...common('no', 2), ...alone, '']);
  });

  test.each([
    ['a"b', '"a\\"b"'], ['a\\b', '"a\\\\b"'], ['\\"', '"\\\\\\""'], ['\\', '"\\\\"'], ['it\'s "$HOME" %s & *', '"it\'s \\"$HOME\\" %s & *"'], ['-n', '"-n"'],
  ])('the password %s is in quotes', async (password, written) => {
    pod(2, 'app', { ...PASSWORDS, 'replication-password': password });
    expect((await go(conf())).out).toContain(`\nmasterauth ${written}\n`);
  });
});

describe('continues_from_snapshot', () => {
  const ask = (snapshot = 'echo "aa 150"', identity = 'echo 7f', log = 'true'): string => `
    perl() { [[ $* == "$scripts/rdb-position.pl /data/current/dump.rdb" ]] && ${snapshot}; }
    engine_identity() { [[ $1 == "$(host_of 0)" ]] && ${identity}; }
    info_of() { [[ $* == "$(host_of 0) replication" ]]; }
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
    expect(sandbox.read('state/users.acl')).toContain(`\nuser stateful on ${hash(sandbox.read('state/token').trim())} `);
    expect(['server.conf', 'token', 'users.acl'].map((file) => mode(`state/${file}`))).toEqual([0o600, 0o600, 0o600]);
  });

  test('keeps the token of its sidecar', async () => {
    pod(0);
    sandbox.write('state/token', 'token-secret\n');
    await go(become);
    expect(sandbox.read('state/token')).toBe('token-secret\n');
  });
});
