import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Record } from '../e2e/record/record';
import { refusalOf } from '../refusal';

const REPOSITORY = '/home/somebody/project';
const CELL = { engine: 'redis-8', name: 'sync' };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'record-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('keeps each run with its log, for the next process too', () => {
  const record = new Record(join(folder, 'new'), REPOSITORY);
  expect(record.runs(CELL)).toEqual([]);
  record.add(CELL, 'a', [], { outcome: 'FAILED', seconds: 12.5, why: 'two\nlines' }, 'what was told\n');
  record.add(CELL, 'b', [], { outcome: 'ok', seconds: 1 }, '');
  record.add({ engine: 'redis-8', name: 'identity' }, 'c', [], { outcome: 'ok', seconds: 1 }, '');
  const again = new Record(join(folder, 'new'), REPOSITORY).runs(CELL);
  expect(again).toMatchObject([
    { basis: 'a', outcome: 'FAILED', seconds: 12.5, why: 'two\nlines' },
    { basis: 'b', outcome: 'ok' },
  ]);
  expect(readFileSync(join(folder, 'new', again[0].log), 'utf8')).toBe('what was told\n');
});

test('forgets one cell and no other', () => {
  const record = new Record(folder, REPOSITORY);
  const other = { ...CELL, name: 'identity' };
  for (const cell of [CELL, other]) {
    record.add(cell, 'a', [], { outcome: 'ok', seconds: 1 }, '');
  }
  record.forget(CELL);
  record.forget({ ...CELL, name: 'never-ran' });
  expect(record.runs(CELL)).toEqual([]);
  expect(record.runs(other)).toHaveLength(1);
});

test('says which line it cannot read: half a record would show cells green that are not', () => {
  const record = new Record(folder, REPOSITORY);
  record.add(CELL, 'a', [], { outcome: 'ok', seconds: 1 }, '');
  appendFileSync(join(folder, 'redis-8', 'sync.jsonl'), '{"at":\n');
  expect(refusalOf(() => record.runs(CELL))).toBe(
    `${join(folder, 'redis-8', 'sync.jsonl')}, line 2: not a line of the record; remove it, or forget all with --fresh`,
  );
});

test('lies outside the repository', () => {
  for (const inside of [REPOSITORY, `${REPOSITORY}/record`, `${REPOSITORY}/..record`]) {
    expect(refusalOf(() => new Record(inside, REPOSITORY))).toContain('must be a folder outside the repository');
  }
  expect(() => new Record('/home/somebody/project-record', REPOSITORY)).not.toThrow();
  expect(() => new Record('/home/somebody', REPOSITORY)).not.toThrow();
});
