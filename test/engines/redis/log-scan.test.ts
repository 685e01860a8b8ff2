import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'cdk8s-stateful-'));
afterAll(() => rmSync(folder, { recursive: true }));
const script = join(__dirname, '..', '..', '..', 'lib', 'engines', 'redis', 'backup-scripts', 'log-scan.pl');
const file = join(folder, 'incr.aof');

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
const at = (second: number): string => `#TS:${second}\r\n`;

interface Range {
  readonly from?: number;
  readonly to?: number;
  readonly soft?: number;
  readonly until?: number;
}
function scan(parts: readonly string[], { from = 0, to, soft = 0, until = 0 }: Range = {}): string {
  const text = parts.join('');
  writeFileSync(file, text, 'latin1');
  const { stdout, stderr } = spawnSync('perl', [script, file, from, to ?? text.length, soft, until].map(String), {
    encoding: 'utf8',
  });
  return (stdout + stderr).trim();
}
/** Where in the text so many parts end. */
const after = (parts: readonly string[], count: number): number => parts.slice(0, count).join('').length;

const LOG = [
  at(100),
  command('SELECT', '0'),
  command('SET', 'a', '1'),
  at(101),
  command('MULTI'),
  command('SET', 't1', 'x'),
  command('SET', 't2', 'y'),
  command('EXEC'),
  command('INCR', 'n'),
  at(103),
  command('SET', 'b', '#TS:1\r\n*1\r\n'),
];

test('all of it is whole', () => {
  expect(scan(LOG)).toBe(`${after(LOG, 11)} end 103`);
});

test('an empty one', () => {
  expect(scan([])).toBe('0 end 0');
});

test('cut off anywhere, it is whole up to a command that is not inside a transaction', () => {
  const ends = [0, 1, 2, 3, 4, 8, 9, 10, 11].map((count) => after(LOG, count));
  for (let to = 0; to <= after(LOG, 11); to++) {
    const whole = ends.filter((end) => end <= to).at(-1);
    expect({ to, end: Number(scan(LOG, { to }).split(' ')[0]) }).toEqual({ to, end: whole });
  }
});

test('cut off at the end of a command, nothing is open; inside a transaction something is', () => {
  expect(scan(LOG, { to: after(LOG, 3) })).toBe(`${after(LOG, 3)} end 100`);
  expect(scan(LOG, { to: after(LOG, 7) })).toBe(`${after(LOG, 4)} open 101`);
});

test.each([
  [99, 0, 0],
  [100, 0, 0],
  [101, 3, 100],
  [102, 9, 101],
  [103, 9, 101],
])('until the second %s: all that was run before it', (until, parts, last) => {
  expect(scan(LOG, { until })).toBe(`${after(LOG, parts)} until ${last}`);
});

test('until a second after all that is noted: that it has all is not known', () => {
  expect(scan(LOG, { until: 104 })).toBe(`${after(LOG, 11)} end 103`);
});

test('a second that is noted inside a transaction is that of all of it', () => {
  const log = [
    at(100),
    command('SET', 'a', '1'),
    command('MULTI'),
    at(101),
    command('SET', 'b', '1'),
    command('EXEC'),
    at(102),
  ];
  expect(scan(log, { until: 101 })).toBe(`${after(log, 2)} until 100`);
  expect(scan(log, { until: 102 })).toBe(`${after(log, 6)} until 101`);
});

test('from a command on, until the first that passes a size', () => {
  const from = after(LOG, 3);
  expect(scan(LOG, { from, soft: 1 })).toBe(`${after(LOG, 4)} full 101`);
  expect(scan(LOG, { from: after(LOG, 4), soft: 1 })).toBe(`${after(LOG, 8)} full 0`);
  expect(scan(LOG, { from: after(LOG, 8), soft: 10_000 })).toBe(`${after(LOG, 11)} end 103`);
});

test('values larger than what is read at once', () => {
  const large = 'v'.repeat(3 << 20);
  const log = [command('SET', 'a', large), command('SET', 'b', large), command('SET', 'c', '1')];
  expect(scan(log)).toBe(`${after(log, 3)} end 0`);
  expect(scan(log, { to: after(log, 2) - 1 })).toBe(`${after(log, 1)} open 0`);
  expect(scan(log, { soft: 100 })).toBe(`${after(log, 1)} full 0`);
});

test('a hundred thousand commands', () => {
  const log = Array.from({ length: 100_000 }, (_, n) => command('SET', `key:${n}`, String(n)));
  expect(scan(log)).toBe(`${after(log, 100_000)} end 0`);
});

test.each([
  ['no command', 'hello\r\n'],
  ['zeros', '\0\0\0\0\n'],
  ['a length that is none', '*1\r\n$x\r\n'],
  ['no texts', '*0\r\n'],
])('%s is damage', (_, text) => {
  const log = [command('SET', 'a', '1'), text];
  expect(scan(log)).toBe(`${after(log, 1)} damaged 0`);
});
