import { Result, Sandbox } from '../../core/scripts/sandbox';

// A copy as the sidecar of another pod streams it. What the programs say is the test's.

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/** The end of a stream: a file's last piece, and that it ended. */
const piece = (type: string, name: string, more = ''): string =>
  `XBSTCK01\\000${type}\\0${name.length.toString(8).padStart(2, '0')}\\000\\000\\000${name}${more}`;
const START = '0123456789abcdef0123456789abcdef';
const complete = (says: string): string =>
  `${piece('P', 'ibdata1', 'data')}${piece('E', 'ibdata1')}${piece('P', 'complete', says)}${piece('E', 'complete')}`;
const COMPLETE = complete(`full ${START} 4711\\n`);

function run(socat: string, script: string): Promise<Result> {
  sandbox = new Sandbox(
    0,
    { replication_user: 'replicator', user: 'app', database: 'shop', copy_port: '4444', copy_scratch: '/nowhere' },
    { scriptsOf: 'mariadb', and: 'mysql-common' },
  );
  return sandbox.run(`PATH=$STUB:$PATH
    mkdir -p "$state/copy"
    printf '%s\\n' '#!/usr/bin/env bash' ${JSON.stringify(socat)} >"$STUB/socat"
    chmod +x "$STUB/socat"
    . "$scripts/store.sh"
    facts=$STUB/facts stage=$STUB
    . "$scripts/engine-backup.sh"
    query() { echo 0-2-27,0-1-20; }
    ${script}`);
}

describe('engine_backup', () => {
  test('passes the stream on, and notes what is in it at least', async () => {
    const { status, out, log } = await run(
      `printf '${COMPLETE}'`,
      'engine_backup orders-1 | wc -c; cat "$facts" "$STUB/manifest"',
    );
    const facts = 'start 27\nposition 0-1-20,0-2-27\n';
    expect({ status, out, log }).toEqual({ status: 0, out: `133\n${facts}4711 ${START}\n`, log: [] });
  });

  test.each([
    ['a pod with former scripts gave', 'yes\\n'],
    ['does not say how far it is', `full ${START} \\n`],
    ['is of no known start', 'full  4711\\n'],
  ])('takes a copy that %s, on which nothing builds', async (_, says) => {
    const { status, out, log } = await run(
      `printf '${complete(says)}'`,
      'engine_backup orders-1 >/dev/null; cat "$STUB/manifest"',
    );
    expect({ status, log }).toEqual({ status: 0, log: [] });
    expect(out).toMatch(/^(0|4711) (-|[0-9a-f]{32})\n$/);
    expect(out).not.toMatch(/^[1-9][0-9]* [0-9a-f]{32}/);
  });

  test.each([
    ['ends in the middle of a file', `printf '${piece('P', 'ibdata1', 'da')}'`],
    [
      'ends before the file that says that it is complete',
      `printf '${piece('P', 'ibdata1', 'data')}${piece('E', 'ibdata1')}'`,
    ],
    ['ends before that file ends', `printf '${COMPLETE.slice(0, COMPLETE.lastIndexOf('XBSTCK'))}'`],
    ['breaks after it seems to be complete', `printf '${COMPLETE}'; echo 'connection reset' >&2; exit 1`],
    ['never begins', 'echo "connection refused" >&2; exit 1'],
  ])('fails where the stream %s', async (_, socat) => {
    const { status, log } = await run(socat, 'engine_backup orders-1 >/dev/null || exit 9');
    expect({ status, said: log[0] }).toEqual({
      status: 9,
      said: expect.stringMatching(
        /^the stream from orders-1, port 4444, ended before the backup was complete/,
      ) as string,
    });
  });

  test('fails where the source does not say what it has', async () => {
    expect((await run('exit 1', 'query() { return 1; }; engine_backup orders-1 || exit 9')).status).toBe(9);
  });
});

test("the primary's transactions are said as the log says them", async () => {
  expect((await run('', 'primary_transactions')).out).toBe('0-1-20,0-2-27\n');
});
