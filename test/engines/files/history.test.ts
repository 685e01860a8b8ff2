import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesPod } from './pod';

// What tells one state of the files from another: runs and marks, and changes from one manifest to the next.

const SCRIPTS = join(__dirname, '..', '..', '..', 'lib', 'engines', 'files', 'scripts');
const folder = mkdtempSync(join(tmpdir(), 'history-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('whether what is here is in the past of the primary', () => {
  // The primary began its run A at mark 1, B at 5, C at 9, and has come to 12.
  const primary = ['documents 12 C', 'A 1', 'B 5', 'C 9', ''].join('\n');
  let pod: FilesPod;
  afterEach(() => pod.dispose());

  test.each([
    ['the same', 'C', 12, true],
    ['an earlier mark of its run', 'C', 10, true],
    ['what its run began with', 'C', 9, true],
    ['a later mark of its run: an older volume is under the primary', 'C', 13, false],
    ['the last mark of a former run', 'B', 9, true],
    ['a mark of a former run from before the next began', 'B', 6, true],
    ["a mark of a former run from after the next began: it was written by no one's past", 'B', 10, false],
    ['one of the first run', 'A', 2, true],
    ['a later one of the first run', 'A', 6, false],
    ['a run that it does not know', 'D', 2, false],
    ['the run of nothing at all', 'none', 0, false],
    ['a run whose name only begins so', 'AB', 2, false],
  ])('%s', async (_, run, mark, expected) => {
    pod = new FilesPod(1);
    pod.write('state/position', primary);
    const { out } = await pod.run(
      `run=${run} mark=${mark}; if in_the_past_of "$state/position"; then echo yes; else echo no; fi`,
    );
    expect(out).toBe(expected ? 'yes\n' : 'no\n');
  });
});

describe('changes', () => {
  const awkOf = (script: string, ...lists: string[][]): string[] => {
    const write = (name: string, lines: string[]): string => {
      writeFileSync(join(folder, name), [...lines, `/${lines.length}`].map((line) => `${line}\n`).join(''));
      return join(folder, name);
    };
    const args = [
      '-f',
      join(SCRIPTS, 'lines.awk'),
      '-f',
      join(SCRIPTS, script),
      '-f',
      join(SCRIPTS, 'end.awk'),
      ...lists.map((list, i) => write(`list-${i}`, list)),
    ];
    const { status, stdout, stderr } = spawnSync('awk', args, { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.split('\n').slice(0, -2);
    expect(stdout.endsWith(`/${lines.length}\n`)).toBe(true);
    return lines;
  };
  const name = fc.constantFrom(
    'a',
    ' a',
    'a ',
    'a  b',
    '1',
    '01',
    '1.0',
    '-',
    '+ a',
    '- a',
    '$1',
    '"',
    '\\',
    'f 644 1 - a',
  );
  const entry = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('644', '600'),
        fc.nat(3),
        fc.constantFrom(`0e1${'0'.repeat(29)}`, `0e2${'0'.repeat(29)}`, '?'),
      )
      .map(([mode, version, sum]) => `f ${mode} ${version}:0:0:0 ${sum}`),
    fc.nat(3).map((inode) => `d 755 ${inode} -`),
    fc.constantFrom('1.1', '1.10', 'a%20b').map((target) => `l 777 ${target} -`),
  );
  const manifest = fc
    .dictionary(
      fc.array(name, { minLength: 1, maxLength: 2 }).map((names) => names.join('/')),
      entry,
      { maxKeys: 8, noNullPrototype: true },
    )
    .map((entries) => Object.entries(entries).map(([path, what]) => `${what} ${path}`))
    .map((entries) => {
      // All that is in a folder, has one.
      const folders = new Set(
        entries.filter((line) => line.startsWith('d')).map((line) => line.replace(/^\S+ \S+ \S+ \S+ /, '')),
      );
      return entries.filter((line) => {
        const path = line.replace(/^\S+ \S+ \S+ \S+ /, '');
        return !path.includes('/') || folders.has(path.slice(0, path.lastIndexOf('/')));
      });
    });

  test('lead from one manifest to the other, up to its order', () => {
    fc.assert(
      fc.property(manifest, manifest, (old, next) => {
        const delta = awkOf('delta.awk', old, next);
        expect(awkOf('apply-delta.awk', delta, old).sort()).toEqual([...next].sort());
      }),
      { numRuns: 60 },
    );
  });

  test('several lead as one where they lead one after the other', () => {
    fc.assert(
      fc.property(manifest, manifest, manifest, manifest, (old, one, other, next) => {
        const deltas = [awkOf('delta.awk', old, one), awkOf('delta.awk', one, other), awkOf('delta.awk', other, next)];
        expect(awkOf('apply-delta.awk', awkOf('compose.awk', ...deltas), old).sort()).toEqual([...next].sort());
      }),
      { numRuns: 40 },
    );
  });

  test('are none where there are none, in whatever order', () => {
    fc.assert(
      fc.property(manifest, (old) => expect(awkOf('delta.awk', old, [...old].reverse())).toEqual([])),
      { numRuns: 20 },
    );
  });

  test('lead from nothing, and to nothing', () => {
    const lines = ['d 755 1 - a', `f 644 2:0:0:0 ${'0'.repeat(32)} a/b`];
    expect(awkOf('delta.awk', [], lines)).toEqual(lines.map((line) => `+ ${line}`));
    expect(
      awkOf(
        'apply-delta.awk',
        lines.map((line) => `+ ${line}`),
        [],
      ),
    ).toEqual(lines);
    expect(awkOf('delta.awk', lines, []).sort()).toEqual(['- a', '- a/b']);
  });
});
