import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'cdk8s-stateful-'));
afterAll(() => rmSync(folder, { recursive: true }));

const script = join(__dirname, '..', '..', '..', 'lib', 'engines', 'redis', 'scripts', 'rdb-head.pl');
const file = join(folder, 'dump.rdb');

// As the server writes it: rdbSaveAuxField, rdbSaveRawString and rdbEncodeInteger of rdb.c.
const ID = '8a37c5a60ff0e8e3b4a0bd4c2e7d3d9f5f0a1b2c';
const text = (value: string): Buffer =>
  Buffer.concat([
    Buffer.from(value.length < 64 ? [value.length] : [0x40 | (value.length >> 8), value.length & 0xff]),
    Buffer.from(value),
  ]);
const int8 = (value: number): Buffer => Buffer.from([0xc0, value & 0xff]);
const int16 = (value: number): Buffer => {
  const buffer = Buffer.from([0xc1, 0, 0]);
  buffer.writeInt16LE(value, 1);
  return buffer;
};
const int32 = (value: number): Buffer => {
  const buffer = Buffer.from([0xc2, 0, 0, 0, 0]);
  buffer.writeInt32LE(value, 1);
  return buffer;
};
const pair = (name: string, value: Buffer): Buffer => Buffer.concat([Buffer.from([0xfa]), text(name), value]);
const rest = Buffer.from([0xfe, 0x00, 0xfb, 0x01, 0x00, 0x00, 0x01, 0x6b, 0x01, 0x76, 0xff, 1, 2, 3, 4, 5, 6, 7, 8]);

function snapshot(offset: Buffer, header = 'REDIS0012'): Buffer {
  return Buffer.concat([
    Buffer.from(header),
    pair('redis-ver', text('8.2.1')),
    pair('redis-bits', int8(64)),
    pair('ctime', int32(1_764_000_000)),
    pair('used-mem', int32(1_000_000)),
    pair('repl-stream-db', int8(0)),
    pair('repl-id', text(ID)),
    pair('repl-offset', offset),
    pair('aof-base', int8(0)),
    rest,
  ]);
}

function positionIn(bytes: Buffer): { status: number | null; out: string; err: string } {
  writeFileSync(file, bytes);
  const { status, stdout, stderr } = spawnSync('perl', [script, file, 'repl-id', 'repl-offset'], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}
const found = (offset: string): object => ({ status: 0, out: `${ID} ${offset}\n`, err: '' });

test.each([
  ['in one byte', int8(0), '0'],
  ['in one byte', int8(127), '127'],
  ['in two bytes', int16(128), '128'],
  ['in two bytes', int16(32767), '32767'],
  ['in four bytes', int32(32768), '32768'],
  ['in four bytes', int32(2147483647), '2147483647'],
  ['as text', text('2147483648'), '2147483648'],
  ['as text', text('9223372036854775807'), '9223372036854775807'],
])('an offset %s', (_, bytes, offset) => {
  expect(positionIn(snapshot(bytes))).toEqual(found(offset));
});

test.each(['REDIS0011', 'REDIS0012', 'VALKEY080', 'VALKEY0800'])('after %s', (header) => {
  expect(positionIn(snapshot(int16(1000), header))).toEqual(found('1000'));
});

test('after a text of more than 63 bytes', () => {
  const bytes = snapshot(int16(1000));
  const longer = Buffer.concat([bytes.subarray(0, 9), pair('note', text('x'.repeat(300))), bytes.subarray(9)]);
  expect(positionIn(longer)).toEqual(found('1000'));
});

test('data that only looks like a position is none', () => {
  const bytes = Buffer.concat([snapshot(int16(1000)), pair('repl-offset', int16(2000))]);
  expect(positionIn(bytes)).toEqual(found('1000'));
});

test('a file that is cut off anywhere has its whole position, or none', () => {
  const whole = snapshot(int32(123_456));
  const end = whole.length - rest.length - pair('aof-base', int8(0)).length;
  for (let length = end - 1; length >= 0; length -= 6) {
    const { status, out } = positionIn(whole.subarray(0, length));
    expect({ length, failed: status !== 0, out }).toEqual({ length, failed: true, out: '' });
  }
  expect(positionIn(whole.subarray(0, end))).toEqual(found('123456'));
});

test.each([
  [
    'of a server that never had a replica',
    Buffer.concat([Buffer.from('REDIS0012'), pair('redis-ver', text('8.2.1')), rest]),
    'has no repl-id',
  ],
  [
    'with only half of a position',
    Buffer.concat([Buffer.from('REDIS0012'), pair('repl-id', text(ID)), rest]),
    'has no repl-offset',
  ],
  [
    'with a text that is compressed',
    Buffer.concat([Buffer.from('REDIS0012'), pair('repl-id', Buffer.from([0xc3, 1, 40, 0])), rest]),
    'a string of an unknown kind',
  ],
  ['cut off within a text', snapshot(int8(1)).subarray(0, 15), 'ends early'],
  ['that is none', Buffer.from('*2\r\n$6\r\nSELECT\r\n'), 'is no snapshot'],
  ['that is empty', Buffer.alloc(0), 'is no snapshot'],
])('a snapshot %s', (_, bytes, why) => {
  const { status, out, err } = positionIn(bytes);
  expect({ failed: status !== 0, out }).toEqual({ failed: true, out: '' });
  expect(err).toContain(why);
});

test('when a snapshot was begun stands before what cannot be read', () => {
  const bytes = Buffer.concat([
    Buffer.from('REDIS0012'),
    pair('ctime', int32(1_764_000_000)),
    pair('x', Buffer.from([0xc3, 1, 40, 0])),
    rest,
  ]);
  writeFileSync(file, bytes);
  expect(spawnSync('perl', [script, file, 'ctime'], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stdout: '1764000000\n',
  });
});

test('no file', () => {
  expect(spawnSync('perl', [script, join(folder, 'none'), 'ctime'], { encoding: 'utf8' })).toMatchObject({
    status: 2,
    stdout: '',
  });
});
