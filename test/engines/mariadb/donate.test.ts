import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';

const START = '0123456789abcdef0123456789abcdef';
/** Where the copy ends in InnoDB's log, as the program says it. */
const LSN = 'mkdir lsn; echo "to_lsn = 4711" >lsn/mariadb_backup_checkpoints';
const COMPLETE = `file complete: full ${START} 4711\n`;

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/** donate.sh as it is, but for its log, which goes to the output of the container's first process: a test has none. */
function donate(
  programs: { [name: string]: string } = {},
  peer = '10.0.0.2',
  asked = 'stateful-copy',
): Promise<Result> {
  const script = readFileSync(join(sandbox.folder, 'scripts/donate.sh'), 'utf8');
  expect(script.match(/>\/proc\/1\/fd\/2/g)).toHaveLength(1);
  sandbox.write('scripts/give.sh', script.replace('>/proc/1/fd/2', '>>"$STUB/log"'));
  const stubs = {
    'mariadb-backup': `echo "$*" >>"$STUB/calls"; ${LSN}; echo DATA`,
    mbstream: 'shift; echo "file $1: $(cat "$1")"',
    ...programs,
  };
  const make = Object.entries(stubs).map(
    ([name, does]) => `cat >"$STUB/${name}" <<'END'\n#!/usr/bin/env bash\n${does}\nEND\nchmod +x "$STUB/${name}"\n`,
  );
  return sandbox.run(`${make.join('')} PATH=$STUB:$PATH bash "$scripts/give.sh" || exit $?`, {
    SOCAT_PEERADDR: peer,
    SOCAT_OPENSSL_X509_COMMONNAME: asked,
  });
}
const log = (): string[] =>
  sandbox
    .read('stub/log')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^[-\d]+T[:\d]+Z copy: /, ''));

beforeEach(() => {
  sandbox = new Sandbox(1, {}, { scriptsOf: 'mariadb', and: 'mysql-common' });
  sandbox.write(
    'config/settings.sh',
    `${sandbox.read('config/settings.sh')}copy_scratch=${join(sandbox.folder, 'copies')}\n`,
  );
  ['copies/other', 'volume/current/ibdata1'].forEach((file) => sandbox.write(file, ''));
  sandbox.write('state/server-start', `${START}\n`);
});

test('gives the data, and says at the end that it was all', async () => {
  expect(await donate()).toMatchObject({ status: 0, out: `DATA\n${COMPLETE}`, log: [] });
  expect(log()).toEqual(['giving a copy to 10.0.0.2', 'gave a copy to 10.0.0.2']);
});

test("asks the pod's own server, and writes nothing to the volume", async () => {
  await donate();
  const scratch = join(sandbox.folder, 'copies');
  const [call, ...others] = sandbox.calls;
  const [, own] = /--tmpdir=\S+\/(\w+) /.exec(call) ?? [];
  expect([call, ...others]).toEqual([
    `--backup --stream=mbstream --datadir=${sandbox.folder}/volume/current --socket=/run/mysqld/mysqld.sock --user=mysql --skip-ssl --target-dir=${scratch}/${own}/target --tmpdir=${scratch}/${own} --extra-lsndir=${scratch}/${own}/lsn`,
  ]);
  expect(sandbox.list('copies')).toEqual(['other']);
  expect(sandbox.list('state')).toEqual(['server-start']);
  expect(sandbox.list('volume/current')).toEqual(['ibdata1']);
});

test("the password of the image's health check goes by another name, before the end", async () => {
  sandbox.write('volume/current/.my-healthcheck.cnf', 'secret');
  expect((await donate()).out).toBe(`DATA\nfile healthcheck.cnf: secret\n${COMPLETE}`);
});

test('a backup that fails is not complete, and the log says why', async () => {
  const { status, out } = await donate({ 'mariadb-backup': 'echo HALF; printf "%s\\n" one "no space" >&2; exit 1' });
  expect({ status, out }).toEqual({ status: 1, out: 'HALF\n' });
  expect(log()).toEqual(['giving a copy to 10.0.0.2', 'failed: no space']);
});

test("nor is one without the health check's password", async () => {
  sandbox.write('volume/current/.my-healthcheck.cnf', 'secret');
  const { status, out } = await donate({ mbstream: '[[ $2 != healthcheck.cnf ]] || exit 3; echo "$2"' });
  expect({ status, out }).toEqual({ status: 3, out: 'DATA\n' });
});

test('what a backup says is none of the stream', async () => {
  expect((await donate({ 'mariadb-backup': `${LSN}; echo "[00] all fine" >&2; echo DATA` })).out).toBe(
    `DATA\n${COMPLETE}`,
  );
});

test.each([
  ['[0000:0000:0000:0000:0000:ffff:0aca:0120]', '10.202.1.32'],
  ['[fd00:0000:0000:0000:0000:0000:0000:0007]', '[fd00:0000:0000:0000:0000:0000:0000:0007]'],
])('whom it gave to is said as people write it: %s', async (peer, said) => {
  await donate({}, peer);
  expect(log()).toEqual([`giving a copy to ${said}`, `gave a copy to ${said}`]);
});

describe('asked for what changed', () => {
  test('gives that, as long as the server is not started again', async () => {
    const { status, out } = await donate({}, '10.0.0.2', `since-4000-${START}`);
    expect({ status, out }).toEqual({ status: 0, out: `DATA\nfile complete: changes ${START} 4711\n` });
    expect(sandbox.calls[0]).toMatch(/ --incremental-lsn=4000$/);
    expect(log()).toEqual(['giving what changed to 10.0.0.2', 'gave what changed to 10.0.0.2']);
  });

  test('says of nothing that it is complete where the server was started again meanwhile', async () => {
    const again = `${LSN}; echo ffffffffffffffffffffffffffffffff >"$STATEFUL_STATE/server-start"; echo DATA`;
    const { status, out } = await donate({ 'mariadb-backup': again }, '10.0.0.2', `since-4000-${START}`);
    expect({ status, out }).toEqual({ status: 1, out: 'DATA\n' });
    expect(log().at(-1)).toBe('failed: the server was started again meanwhile');
    sandbox.write('state/server-start', `${START}\n`);
    expect((await donate({ 'mariadb-backup': again })).status).toBe(0);
  });

  test.each([
    ['another start', START.replace('0', 'f')],
    ['a start, where there is none', START, ''],
  ])('gives nothing for %s', async (_, start, own = START) => {
    sandbox.write('state/server-start', own);
    const { status, out } = await donate({}, '10.0.0.2', `since-4000-${start}`);
    expect({ status, out, calls: sandbox.calls }).toEqual({ status: 1, out: '', calls: [] });
    expect(log()).toEqual(['failed: 10.0.0.2 asks for what changed since an earlier start of the server']);
  });

  test('says which start it is, and nothing else', async () => {
    const { status, out } = await donate({}, '10.0.0.2', 'which-start');
    expect({ status, out, calls: sandbox.calls }).toEqual({ status: 0, out: `${START}\n`, calls: [] });
  });

  test.each(['since-x', `since-1;id-${START}`, `since-4000-${START} --datadir=/`])(
    'takes %s for no question: all data',
    async (asked) => {
      expect((await donate({}, '10.0.0.2', asked)).out).toBe(`DATA\n${COMPLETE}`);
      expect(sandbox.calls[0]).not.toContain('incremental');
    },
  );
});

test('a copy is one all the same where the program does not say how far it is', async () => {
  expect((await donate({ 'mariadb-backup': 'echo DATA' })).out).toBe(`DATA\nfile complete: full ${START} \n`);
});
