import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';
import { mariadbLog, mysqlLog, taggedLog, Transaction } from './binary-log';

// What the scripts see in a file of the binary log.

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

const A = 'aaaaaaaa-0000-1111-2222-333333333333';
const B = 'bbbbbbbb-0000-1111-2222-333333333333';
const BEGUN = 1764500000;
const at = (second: number): number => (BEGUN + second) * 1_000_000 + 123_456;
const of = (server: string | number, first: number, count: number, bytes?: number): Transaction[] =>
  Array.from({ length: count }, (_, i) => ({ server, number: first + i, at: at(i), bytes }));

function read(file: Buffer, options: string): Promise<Result> {
  sandbox = new Sandbox(
    0,
    { replication_user: 'replicator', user: 'app', database: 'shop' },
    { scriptsOf: 'mysql', and: 'mysql-common' },
  );
  writeFileSync(join(sandbox.folder, 'log'), file);
  return sandbox.run(`. "$scripts/log-parts.sh"; read_log "$STUB/../log" ${options}`);
}

test.each([
  ["MySQL's first", mysqlLog({ begun: BEGUN }), `${BEGUN} 0 `],
  [
    "MySQL's later",
    mysqlLog(
      { begun: BEGUN, transactions: of(A, 9, 2) },
      {
        [B]: [
          [1, 4],
          [7, 7],
        ],
        [A]: [[1, 8]],
      },
    ),
    `${BEGUN} 13 ${A}:1-8,${B}:1-4:7`,
  ],
  ["MariaDB's first", mariadbLog({ begun: BEGUN }), `${BEGUN} 0 `],
  ["MariaDB's later", mariadbLog({ begun: BEGUN }, { 1: 20, 1048577: 27 }), `${BEGUN} 27 0-1-20,0-1048577-27`],
])('how %s file begins', async (_, file, head) => {
  expect(await read(file, '-v read=head')).toMatchObject({ status: 0, out: `${head}\n`, log: [] });
});

test.each([
  ['nothing', mysqlLog({ begun: BEGUN }), ''],
  ['a transaction', mysqlLog({ begun: BEGUN, transactions: of(A, 1, 1) }), 'yes\n'],
  ["one of MariaDB's", mariadbLog({ begun: BEGUN, transactions: of(1, 1, 1) }), 'yes\n'],
])('whether there is something in it: %s', async (_, file, out) => {
  expect(await read(file, '-v read=any')).toMatchObject({ status: 0, out });
});

describe('all that is in it', () => {
  const file = mysqlLog({ begun: BEGUN, transactions: of(A, 5, 40, 3000), ended: BEGUN + 60 }, { [A]: [[1, 4]] });
  const end = (count: number): number => 4 + 119 + 19 + 48 + count * (19 + 60 + 19 + 3000);

  test('to its end', async () => {
    expect((await read(file, '-v read=all')).out).toBe(
      `cut no\nend ${file.length}\ntransactions 40\nlast ${at(39)}\nclosed ${BEGUN + 60}\ncount 44\nset ${A}:1-44\n`,
    );
  });

  test.each([
    [0, 0],
    [7, 8],
    [38, 39],
  ])('up to the time of the transaction %i, that included', async (second, count) => {
    const { out } = await read(file, `-v read=all -v until=${at(second) - (count === 0 ? 1 : 0)}`);
    expect(out).toContain(`cut yes\nend ${end(count)}\ntransactions ${count}\n`);
    expect(out).toContain(`next ${at(count)}\ncount ${4 + count}\nset ${A}:1-${4 + count}\n`);
  });

  test('up to the first that is not in a set', async () => {
    expect((await read(file, `-v read=all -v limit=${A}:1-3:5-9,${B}:1`)).out).toContain(
      `cut yes\nend ${end(5)}\ntransactions 5\n`,
    );
  });

  test('a file of which the end is missing has what is whole', async () => {
    expect((await read(file.subarray(0, end(3) - 1), '-v read=all')).out).toContain(
      `cut no\nend ${end(3) - 3019}\ntransactions 3\n`,
    );
  });

  test('transactions that were written out of order are one interval', async () => {
    const mixed = [6, 5, 7, 9].map((number) => ({ server: A, number, at: at(0) }));
    expect(
      (await read(mysqlLog({ begun: BEGUN, transactions: mixed }, { [A]: [[1, 4]] }), '-v read=all')).out,
    ).toContain(`count 8\nset ${A}:1-7:9\n`);
  });

  test("of a replica the times are those of the primary's commits", async () => {
    const replicas = of(A, 1, 3).map((one) => ({ ...one, at: at(50), original: one.at }));
    expect(
      (await read(mysqlLog({ begun: BEGUN, transactions: replicas }), `-v read=all -v until=${at(1)}`)).out,
    ).toContain(`last ${at(1)}\nnext ${at(2)}\n`);
  });

  test.each([
    ['-v had=6', 2, 'set 0-1-6'],
    ['-v limit=0-1-7', 3, 'set 0-1-7'],
    ['-v limit=0-2-9', 0, 'set 0-1-4'],
    ['', 10, 'set 0-1-14'],
  ])('of MariaDB, with %j', async (option, count, set) => {
    const { out } = await read(
      mariadbLog({ begun: BEGUN, transactions: of(1, 5, 10), ended: BEGUN + 9 }, { 1: 4 }),
      `-v read=all ${option}`,
    );
    expect(out).toContain(`transactions ${count}\n`);
    expect(out).toContain(`${set}\n`);
  });
});

test.each([
  ['no log', Buffer.from('hello, world, this is no log at all'), 'it is no binary log'],
  ['nothing', Buffer.alloc(0), 'it is empty'],
  [
    'an encrypted one',
    Buffer.from([253, 0x62, 0x69, 0x6e, 0, 0]),
    'it is encrypted, and encrypted logs are not backed up',
  ],
  ['one with tags', taggedLog(BEGUN), 'there are transactions with tags in it, which are not backed up'],
])('%s is refused, and said', async (_, file, words) => {
  expect(await read(file, '-v read=all')).toMatchObject({ status: 1, out: '', log: [words] });
});
