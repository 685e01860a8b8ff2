import { once } from 'node:events';
import { AddressInfo, createServer } from 'node:net';
import { Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

const MARK = '0123456789abcdef0123456789abcdef01234567';

/** A server that knows these answers, by the beginning of what it is asked, and what it then was asked. */
async function fetch(answers: {
  readonly [question: string]: string | string[];
}): Promise<{ result: Result; asked: string[]; file: string }> {
  sandbox = new Sandbox(2, { replication_user: 'replicator', user: 'app', program: 'redis' }, { scriptsOf: 'redis' });
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .setEncoding('latin1')
      .on('data', (data: string) => {
        const words = data
          .split('\r\n')
          .filter((_, index) => index > 0 && index % 2 === 0)
          .join(' ')
          .trim();
        asked.push(words);
        const said = Object.entries(answers).find(([question]) => words.startsWith(question))?.[1] ?? '+OK\r\n';
        [said].flat().forEach((part, index) =>
          setTimeout(() => {
            if (part === 'END') socket.end();
            else socket.write(part, 'latin1');
          }, 30 * index),
        );
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const result = await sandbox.run(
    `REDISCLI_AUTH='it'"'"'s secret' perl "$scripts/fetch-snapshot.pl" 127.0.0.1 ${port} replicator 9.1.2 "$volume/dump.rdb" || exit 9`,
  );
  server.close();
  return { result, asked, file: sandbox.has('volume/dump.rdb') ? sandbox.read('volume/dump.rdb') : '' };
}

test('says its version, as there is no newer format without, and takes a stream up to its mark', async () => {
  const { result, asked, file } = await fetch({
    SYNC: ['\n\n', `$EOF:${MARK}\r\n`, 'REDIS', `a\r\nb${MARK.slice(0, 20)}`, `c${MARK.slice(0, 20)}`, MARK.slice(20)],
  });
  expect(result).toMatchObject({ status: 0, log: [] });
  expect(asked).toEqual([
    "AUTH replicator it's secret",
    'REPLCONF version 9.1.2',
    'REPLCONF capa eof',
    'REPLCONF rdb-only 1',
    'SYNC',
  ]);
  expect(file).toBe(`REDISa\r\nb${MARK.slice(0, 20)}c`);
});

test("takes a snapshot of a known length, made on the source's disk", async () => {
  expect((await fetch({ SYNC: ['\n', '$6\r\nabc', 'defgh'] })).file).toBe('abcdef');
});

test('goes on where the server knows no versions', async () => {
  expect(
    (await fetch({ 'REPLCONF version': '-ERR Unrecognized REPLCONF option: version\r\n', SYNC: '$1\r\nx' })).file,
  ).toBe('x');
});

test.each<[string, { readonly [question: string]: string | string[] }, string]>([
  ['the password is refused', { AUTH: '-WRONGPASS no\r\n' }, 'AUTH: -WRONGPASS no'],
  ['a snapshot alone is not given', { 'REPLCONF rdb-only': '-ERR no\r\n' }, 'REPLCONF rdb-only 1: -ERR no'],
  ['there is none', { SYNC: '-NOMASTERLINK\u0007 no\r\n' }, 'SYNC: -NOMASTERLINK? no'],
  [
    'it breaks off',
    { SYNC: [`$EOF:${MARK}\r\nabc`, 'END'] },
    'the connection was closed before the snapshot was complete',
  ],
  [
    'it breaks off, of a known length',
    { SYNC: ['$6\r\nabc', 'END'] },
    'the connection was closed before the snapshot was complete',
  ],
  ['the answer has no end', { SYNC: 'x'.repeat(5000) }, 'the answer is none'],
  ['another program answers', { AUTH: 'recovering orders\n' }, 'AUTH: recovering orders'],
])('fails where %s', async (_, answers, why) => {
  const { result } = await fetch(answers);
  expect(result).toMatchObject({ status: 9, log: [`fetch-snapshot: ${why}`] });
});
