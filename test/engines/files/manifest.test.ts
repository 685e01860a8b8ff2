import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FilesPod } from './pod';

// What `scan` says of a tree. The primary's is what every replica has to come to.

let pod: FilesPod;
const md5 = {
  one: 'f97c5d29941bfb1b2fdab0874906ab82',
  two: 'b8a9f715dbb64fd5c56e7783c6820a61',
  '': 'd41d8cd98f00b204e9800998ecf8427e',
};
const files = (path: string): string => join(pod.folder, 'volume', 'files', path);
const put = (path: string, text: keyof typeof md5, mode = 0o644): void => {
  writeFileSync(files(path), text);
  chmodSync(files(path), mode);
};
const inode = (path: string): number => lstatSync(files(path)).ino;
/** Without what differs from run to run: versions of files and folders. */
const entries = (text: string): string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^(f \d+) \S+/, '$1').replace(/^(d \d+) \S+/, '$1'));
/** As somebody who is neither the owner of the files nor of their group. */
const AS_OTHER = 'id() { echo 12345; }';

beforeEach(() => {
  pod = new FilesPod(0);
  mkdirSync(files('.'), { recursive: true });
});
afterEach(() => pod.dispose());

const scan = async (before = ''): Promise<string[]> => {
  const { out } = await pod.does(`no_entries "$work/own"; ${before}\nscan; entries "$work/scan" | LC_ALL=C sort -k 5`);
  return entries(out);
};

test('an empty tree', async () => {
  expect(await scan()).toEqual([]);
});

test('folders, files and links, with what they are', async () => {
  mkdirSync(files('a'));
  put('a/one', 'one', 0o640);
  put('two', 'two', 0o755);
  put('empty', '');
  symlinkSync('../no where', files('a/link'));
  expect(await scan()).toEqual([
    'd 755 - a',
    'l 777 ../no%20where - a/link',
    `f 640 ${md5.one} a/one`,
    `f 644 ${md5['']} empty`,
    `f 755 ${md5.two} two`,
  ]);
});

test('the version of a file has inode, size and both times, and that of a folder its inode', async () => {
  mkdirSync(files('d'));
  put('f', 'one');
  const { out } = await pod.does('no_entries "$work/own"; scan; entries "$work/scan" | sort');
  const time = String.raw`\d+\.\d{10}`;
  expect(out).toMatch(new RegExp(`^d 755 ${inode('d')} - d\nf 644 ${inode('f')}:3:${time}:${time} ${md5.one} f\n$`));
});

test.each([
  ' ',
  ' a',
  'a ',
  'a  b',
  '-rf',
  '--',
  '$HOME',
  '`id`',
  '$(id)',
  "'",
  '"',
  '"a" \'b\'',
  '\\',
  'a\\n',
  '\\\\',
  '*',
  '?',
  '[a]',
  '{}',
  ';',
  '&',
  '|',
  '#',
  '%s',
  '%20',
  '~',
  'é',
  '日本',
  '1e3',
  'x.partial',
])('a file, a folder and a link named %j', async (name) => {
  put(name, 'one');
  mkdirSync(files('in'));
  mkdirSync(files(`in/${name}`));
  symlinkSync(name, files('in/link'));
  expect((await scan()).sort()).toEqual(
    [
      `f 644 ${md5.one} ${name}`,
      'd 755 - in',
      `d 755 - in/${name}`,
      `l 777 ${name.replaceAll('%', '%25').replaceAll(' ', '%20')} - in/link`,
    ].sort(),
  );
});

test.each(['a\tb', 'a\nb', '\n', '\t', 'a\n'])(
  'what is named %j is left out, with what is in it, and the log says so',
  async (name) => {
    put(name, 'one');
    mkdirSync(files(`in${name}`));
    put(`in${name}/a`, 'one');
    put('b', 'two');
    const { out, log } = await pod.does('no_entries "$work/own"; scan; tell_unreadable; entries "$work/scan"');
    expect(entries(out)).toEqual([`f 644 ${md5.two} b`]);
    expect(log).toEqual([
      expect.stringMatching(/^NOT REPLICATED: 2 files or folders .* '\(a name with a tab or a line break\)'/),
    ]);
  },
);

test('so is a link to such a name', async () => {
  symlinkSync('a\nb', files('link'));
  put('b', 'two');
  const { out, log } = await pod.does('no_entries "$work/own"; scan; tell_unreadable; entries "$work/scan"');
  expect(entries(out)).toEqual([`f 644 ${md5.two} b`]);
  expect(log).toEqual([expect.stringContaining("'(a link to a name with a line break)'")]);
});

test('what cannot be read for another reason is not taken for gone', async () => {
  put('a', 'one');
  pod.program('find', `PATH='${process.env.PATH}'; find "$@"; echo 'find: ./b: I/O error' >&2`);
  const { status, log } = await pod.run('use_data "$volume"; no_entries "$work/own"; scan; echo not reached');
  expect({ status, log }).toEqual({ status: 1, log: ['the files cannot be listed: find: ./b: I/O error'] });
});

test('what is missed in a list that ends early is kept, as it is there, and said when it is missed again', async () => {
  const { out, log } = await pod.does(`cd "$files"; mkdir d; echo 1 >d/a; echo 2 >b; cd /; no_entries "$work/own"
    look() { scan; tell_unreadable; mv "$work/scan" "$work/own"; entries "$work/own" | cut -d ' ' -f 5 | LC_ALL=C sort | tr '\\n' ' '; echo; }
    look; on_manifests() { case $1 in manifest.awk) echo /0; no_entries "$work/hidden" ;; *) program=$1; shift; awk -f "$scripts/lines.awk" -f "$scripts/$program" -f "$scripts/end.awk" "$@" ;; esac; }; look; look; look; look`);
  expect(out.split('\n').slice(0, -1)).toEqual(Array(5).fill('b d d/a '));
  expect(log).toEqual([expect.stringMatching(/^NOT REPLICATED: 3 files or folders that cannot be read/)]);
});

test('a file that a disk does not give is kept as it was, and said', async () => {
  const { out, log } = await pod.does(`printf one >"$files/a"; no_entries "$work/own"
    look() { scan; tell_unreadable; mv "$work/scan" "$work/own"; entries "$work/own" | cut -d ' ' -f 1-2,4-; }
    look; echo 2 >"$files/a"; sum_files() { no_entries "$3"; }; look; look; look; look`);
  expect(new Set(out.split('\n').slice(0, -1))).toEqual(new Set([`f 644 ${md5.one} a`]));
  expect(log).toEqual([expect.stringMatching(/^NOT REPLICATED: \d files or folders that cannot be read, 'a' for one/)]);
});

test('a pipe that came instead of a file, between a look at it and its being read, stops nothing, and is left out then', async () => {
  put('a', 'one');
  put('b', 'two');
  pod.patience = 30_000;
  const { out } =
    await pod.does(`no_entries "$work/own"; sed 's/^stalled=.*/stalled=1/' "$scripts/sum.sh" >"$state/sum.sh"; rm "$scripts/sum.sh"; mv "$state/sum.sh" "$scripts"
    list_files() { printf 'f 644 1:3:1577836800.0:1577836800.0 - a\\nf 644 2:3:1577836800.0:1577836800.0 - b\\n/2\\n'; no_entries "$work/hidden"; }
    rm "$files/a"; mkfifo "$files/a"; scan; entries "$work/scan"; rm "$files/a"; scan; entries "$work/scan"`);
  expect(out.split('\n').filter((line) => line.endsWith(' a'))).toEqual([]);
});

test('a folder that became a link to another, with what was in it under the same names', async () => {
  mkdirSync(files('a'));
  put('a/x', 'one');
  const { out } = await pod.does(`no_entries "$work/own"; look() { scan; mv "$work/scan" "$work/own"; }
    look; mv "$files/a" "$files/b"; ln -s b "$files/a"; look; look; entries "$work/own" | LC_ALL=C sort -k 5`);
  expect(entries(out)).toEqual(['l 777 b - a', 'd 755 - b', `f 644 ${md5.one} b/x`]);
});

test.each(['a\tb', '\t', 'a %09 \t'])('a link to a name with a tab: %j', async (target) => {
  symlinkSync(target, files('link'));
  put('b', 'two');
  expect(await scan()).toEqual([
    `f 644 ${md5.two} b`,
    `l 777 ${target.replaceAll('%', '%25').replaceAll(' ', '%20').replaceAll('\t', '%09')} - link`,
  ]);
});

test.each([
  ['find', 'exit 137'],
  ['xargs', 'exit 125'],
  ['stat', 'exit 0'],
  ['stat', 'for last; do :; done; exit 1'],
])('where %s ends early (%s) nothing is taken for gone', async (program, script) => {
  put('a', 'one');
  const { status } = await pod.run(`use_data "$volume"; no_entries "$work/own"; scan; mv "$work/scan" "$work/own"
    mkdir "$state/bin"; printf '#!/bin/sh\\n${script}\\n' >"$state/bin/${program}"; chmod +x "$state/bin/${program}"; PATH="$state/bin:$PATH"
    if scan; then entries "$work/scan" | grep ' a$'; fi`);
  expect(status).toBe(0);
});

test('what is neither file, folder nor link is left out', async () => {
  execFileSync('mkfifo', [files('pipe')]);
  put('b', 'two');
  expect(await scan()).toEqual([`f 644 ${md5.two} b`]);
  expect(existsSync(files('pipe'))).toBe(true);
});

test('what the application keeps from its group is left out, and said until it can be read', async () => {
  put('secret', 'one', 0o600);
  put('open', 'one');
  const { out, log } = await pod.does(`${AS_OTHER}; no_entries "$work/own"
    look() { scan; tell_unreadable; mv "$work/scan" "$work/own"; entries "$work/own" | cut -d ' ' -f 5; }
    look; look; chmod 644 "$files/secret"; look; look`);
  expect(out.split('\n').slice(0, -1)).toEqual([
    'open',
    'open',
    ...Array<string[]>(2).fill(out.split('\n').slice(2, 4)).flat(),
  ]);
  expect(out.split('\n').slice(2, 4).sort()).toEqual(['open', 'secret']);
  expect(log).toEqual([
    "NOT REPLICATED: 1 files or folders that cannot be read, 'secret' for one: give the group leave to read them (umask 0027), and it happens by itself",
    'all files can be read',
  ]);
});

test.each<[string, number, boolean]>([
  ['who owns it, by the first digit', 0o400, true],
  ['who owns it, not by the others', 0o044, false],
])('%s', async (_, mode, listed) => {
  put('a', 'one', mode);
  expect(await scan('id() { stat -c %u "$files/a"; }')).toHaveLength(listed ? 1 : 0);
});

test.each<[string, number, boolean]>([
  ['its group, by the second digit', 0o040, true],
  ['its group, not by the others', 0o404, false],
])('%s', async (_, mode, listed) => {
  put('a', 'one', mode);
  expect(await scan('id() { case $1 in -u) echo 12345 ;; -g) stat -c %g "$files/a" ;; esac; }')).toHaveLength(
    listed ? 1 : 0,
  );
});

test('a folder that cannot be listed', async () => {
  mkdirSync(files('closed'), 0o711);
  const { log } = await pod.does(`${AS_OTHER}; no_entries "$work/own"; scan; tell_unreadable`);
  expect(log).toEqual([expect.stringContaining("'closed' for one")]);
});

describe('only what has changed is read', () => {
  const read = async (change: string, scanned = '99999999999'): Promise<string[]> => {
    const { out } =
      await pod.does(`no_entries "$work/own"; scan; mv "$work/scan" "$work/own"; echo ${scanned} >"$data/scanned"
      cd "$files"; ${change}; scan; entries "$work/to-read"`);
    return out.split('\n').slice(0, -1).sort();
  };
  beforeEach(() => {
    mkdirSync(files('d'));
    put('d/a', 'one');
    put('b', 'one');
  });
  test.each([
    ['nothing', ':', []],
    ['what was written in place', 'printf two >b', ['b']],
    ['what was written in place, with its former time', 'touch -r b t; printf two >b; touch -r t b; rm t', ['b']],
    ['what was replaced', 'printf two >n; mv n b', ['b']],
    ['what is new', 'printf two >n', ['n']],
    ['what was renamed, as it could be another file', 'mv b c', ['c']],
    ['nothing of a folder that was renamed', 'mv d e', []],
  ])('%s', async (_, change, expected) => {
    expect(await read(change)).toEqual(expected);
  });
  test("and what was changed in the second in which it was read or later, for the clock's coarseness", async () => {
    expect(await read(':', '$(stat -c %Z "$files/d/a")')).toEqual(['b', 'd/a']); // d/a is older: b may be of the next second
  });
  test('which is that in which the scan began, not that in which it ended', async () => {
    pod.program('find', `PATH='${process.env.PATH}'; sleep 1.1; exec find "$@"`);
    const { out } = await pod.does('no_entries "$work/own"; date +%s; scan; note_scan; cat "$data/scanned"; date +%s');
    const [before, scanned, after] = out.split('\n');
    expect(scanned >= before && scanned < after ? 'when it began' : out).toBe('when it began');
  });
  test('but not what was changed in a second before', async () => {
    expect(await read(':', '$(($(stat -c %Z "$files/b") + 1))')).toEqual([]);
  });
});

test('what is missed for the first time is kept until it is missed again, unless it is seen elsewhere', async () => {
  mkdirSync(files('d'));
  put('d/a', 'one');
  put('b', 'one');
  put('c', 'one');
  const { out } = await pod.does(`no_entries "$work/own"; cd "$files"
    look() { scan; mv "$work/scan" "$work/own"; echo $(entries "$work/own" | cut -d ' ' -f 5 | LC_ALL=C sort); }
    look; rm b; mv c moved; look; look; rm -r d; look; look; printf two >d; look`);
  expect(out.split('\n').slice(0, -1)).toEqual([
    'b c d d/a',
    'b d d/a moved',
    'd d/a moved',
    'd d/a moved',
    'moved',
    'd moved',
  ]);
});

test('what is in a folder that is a file now is not kept', async () => {
  mkdirSync(files('d'));
  put('d/a', 'one');
  const { out } = await pod.does(
    'no_entries "$work/own"; scan; mv "$work/scan" "$work/own"; cd "$files"; rm -r d; printf one >d; scan; entries "$work/scan"',
  );
  expect(entries(out)).toEqual([`f 644 ${md5.one} d`]);
});
