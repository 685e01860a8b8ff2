import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FilesPod } from './pod';

// What ordinal 0 publishes of its files.

let pod: FilesPod;
jest.setTimeout(600_000);
beforeEach(() => {
  pod = new FilesPod(0);
});
afterEach(() => pod.dispose());

const PRIMARY = `
  . "$scripts/publish.sh"
  renew_lists() { echo "renew lists" >>"$state/log"; } # there is no server
  new_data() { echo 'documents 0 none' | put position; echo 'documents 0 none 0' | put manifest; }
  begin() { begin_publishing; echo "$run" >"$state/run"; }
  # time passes only where a test says so
  time=0
  core_clock() { core_now=$time core_now_cs=$((time * 100)); }
  look() { publish_changes; echo "$mark"; }
`;
const published = (path: string): string => pod.read(`volume/published/${path}`);
const run = (): string => pod.read('state/run').trim();
const marks = (): number[] =>
  readdirSync(join(pod.folder, 'volume', 'published'))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
const lines = (out: string): string[] => out.split('\n').slice(0, -1);
const paths = (text: string): string[] =>
  text
    .split('\n')
    .slice(1, -1)
    .map((line) => line.replace(/^(\+ )?\S+ \S+ \S+ \S+ /, '$1'));

test('a run begins: with a mark of its own, which the history tells, and all that there is', async () => {
  const { log } = await pod.does(`${PRIMARY}new_data; echo 1 >"$files/a"; begin`);
  expect(log).toEqual(['serving, as primary, from 1 on']);
  expect(published('position')).toBe(`documents 1 ${run()}\n${run()} 0\n`);
  expect(paths(published('manifest'))).toEqual(['a']);
  expect(published('manifest')).toMatch(new RegExp(`^documents 1 ${run()} 1\n`));
  expect(paths(published('1/changes'))).toEqual(['+ a']);
});

test('the next run goes on from there, keeps the history, and no changes of the former', async () => {
  await pod.does(`${PRIMARY}new_data; begin; echo 1 >"$files/a"; look`);
  const former = run();
  await pod.does(`${PRIMARY}begin`);
  expect(published('position')).toBe(`documents 3 ${run()}\n${former} 0\n${run()} 2\n`);
  expect(run()).not.toBe(former);
  expect(marks()).toEqual([3]);
});

test('the changes of the former run are there until the position of the next is', async () => {
  await pod.does(`${PRIMARY}new_data; begin; echo 1 >"$files/a"; look`);
  await pod.does(
    `${PRIMARY}put() { cat >"$published/$1.new"; (cd "$published"; echo "put $1: $(echo [0-9]*)") >>"$state/log"; mv "$published/$1.new" "$published/$1"; }; rm "$state/log"; begin`,
  );
  expect(pod.read('state/log')).toBe('put manifest: 1 2\nput position: 1 2\nrenew lists\n');
  expect(marks()).toEqual([3]);
});

test('of a history no more than a thousand runs are kept, the last ones', async () => {
  await pod.does(
    `${PRIMARY}new_data; { cat "$published/position"; awk 'BEGIN { for (i = 1; i <= 1500; i++) print "run-" i " 0" }'; } | put position; begin`,
  );
  const lines = published('position').split('\n').slice(0, -1);
  expect(lines).toHaveLength(1001);
  expect([lines[1], lines[999], lines[1000]]).toEqual(['run-502 0', 'run-1500 0', `${run()} 0`]);
});

test('each change has the next mark, and what changed; nothing new has none', async () => {
  const { out } = await pod.does(
    `${PRIMARY}new_data; begin; look; echo 1 >"$files/a"; look; look; mkdir "$files/b"; echo 2 >"$files/b/c"; look; rm "$files/a"; look; look; look`,
  );
  // What is missed is published as missed only when it is missed again.
  expect(out.split('\n').slice(0, -1).map(Number)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  expect(marks()).toEqual([1, 2, 3, 4]);
  expect(paths(published('2/changes'))).toEqual(['+ a']);
  expect(paths(published('3/changes'))).toEqual(['+ b', '+ b/c']);
  expect(published('4/changes')).toBe(`documents 4 ${run()} 1\n- a\n`);
  expect(paths(published('manifest')).sort()).toEqual(['b', 'b/c']);
});

test('a mark is durable before anybody can see its change, and rclone is told of that once, when it is there', async () => {
  await pod.does(`${PRIMARY}new_data; begin; : >"$state/log"
    put() { cat >"$published/$1.new"; mv "$published/$1.new" "$published/$1"; echo "put $1" >>"$state/log"; }
    mv() { command mv "$@"; case $* in *"published/$mark") echo "show $mark" >>"$state/log" ;; esac; }
    echo 1 >"$files/a"; look`);
  expect(pod.read('state/log')).toBe('put manifest\nput position\nshow 2\nrenew lists\n');
});

test('put writes through: file and folder', async () => {
  await pod.does(
    `${PRIMARY}sync() { for each; do echo "sync \${each##*/}" >>"$state/log"; done; }; echo 1 | put position`,
  );
  expect(pod.read('state/log')).toBe('sync position.new\nsync published\n');
  expect(published('position')).toBe('1\n');
});

test('small files go with the change that brought them; large ones do not, nor what replicas have under another name', async () => {
  const { out } =
    await pod.does(`${PRIMARY}new_data; echo 1 >"$files/a"; begin; echo 2 >"$files/b"; echo 3 >"$files/ -c "; head -c 65536 /dev/zero >"$files/d"; head -c 65537 /dev/zero >"$files/e"
    mv "$files/a" "$files/f"; look; tar -t -f "$published/2/files.tar" | LC_ALL=C sort; look; mv "$files/b" "$files/g"; look; look; ls "$published/$mark"`);
  expect(lines(out)).toEqual(['2', './ -c ', './b', './d', '2', '3', '3', 'changes']);
});

test('of several names of one file only one goes with it: on a replica they are files of their own', async () => {
  const { out } = await pod.does(
    `${PRIMARY}new_data; begin; echo 2 >"$files/b"; ln "$files/b" "$files/c"; look; tar -t -f "$published/2/files.tar" | wc -l`,
  );
  expect(lines(out)).toEqual(['2', '1']);
});

test('of the last changes, as far as there is room, for replicas that are a while behind', async () => {
  pod.program('tar', 'cat >/dev/null; for last; do :; done; head -c 1000 /dev/zero >"$last"');
  await pod.does(
    `${PRIMARY}new_data; begin; most_bundled=3000; for i in 1 2 3 4 5 6 7 8 9 10; do echo $i >"$files/a"; look; done`,
  );
  expect(
    marks().filter((mark) => existsSync(join(pod.folder, 'volume', 'published', String(mark), 'files.tar'))),
  ).toEqual([8, 9, 10, 11]);
});

test.each([
  ['has ended early', 'cat >/dev/null; for last; do :; done; echo part >"$last"; exit 2', true],
  ['fails', 'cat >/dev/null; exit 137', false],
])('where the archive %s the change is published all the same', async (_, script, isThere) => {
  pod.program('tar', script);
  await pod.does(`${PRIMARY}new_data; begin; echo 1 >"$files/a"; look`);
  expect(paths(published('2/changes'))).toEqual(['+ a']);
  expect(existsSync(join(pod.folder, 'volume', 'published', '2', 'files.tar'))).toBe(isThere);
});

test('no more than sixty changes are kept, the last ones', async () => {
  pod.patience = 250_000; // seventy looks, of a second each where the machine is busy
  await pod.does(
    `${PRIMARY}new_data; begin; i=0; while [ $i -lt 70 ]; do i=$((i + 1)); echo $i >"$files/$i"; look >/dev/null; done`,
  );
  expect(marks()).toEqual(Array.from({ length: 60 }, (_, i) => 12 + i));
});

test('nor more bytes than the manifest has, or 64 kB', async () => {
  const name = 'x'.repeat(200);
  await pod.does(`${PRIMARY}new_data; mkdir "$files/d"; for i in $(seq 300); do : >"$files/d/${name}$i"; done; begin
    for to in a b c d; do mv "$files"/? "$files/t"; mv "$files/t" "$files/$to-"; mv "$files/$to-" "$files/$to"; look; look; time=$((time + 1)); done`);
  const kept = marks();
  const bytes = kept.reduce((sum, mark) => sum + published(`${mark}/changes`).length, 0);
  expect(kept.at(-1)).toBe(Number(published('position').split(' ')[1]));
  expect(kept.length).toBeLessThan(Number(published('position').split(' ')[1]));
  expect(kept.length === 1 || bytes <= Math.max(65536, published('manifest').length)).toBe(true);
});

test('after a change the next waits by the number of entries, but what comes after a while is published at once', async () => {
  const { out } = await pod.does(`${PRIMARY}new_data; core_clock() { core_now=0 core_now_cs=$at; }
    change() { at=$1; echo $at >"$files/a"; look; }
    at=0; (cd "$files" && seq 1000 | xargs touch); begin
    change 4; change 5; change 9; change 10; change 500; change 504; change 505`);
  expect(lines(out).map(Number)).toEqual([1, 2, 2, 3, 4, 4, 5]);
});

test.each([
  [60, 100_000, 500],
  [60, 300_000, 1500],
  [60, 1_000_000, 1500],
  [8, 1_000_000, 200],
])('with a maxLag of %i s and %i entries that is %i hundredths of a second', async (maxLag, entries, expected) => {
  const { out } = await pod.does(
    `${PRIMARY}max_lag=${maxLag}; time=7; seq ${entries} >"$work/own"; rest; echo $((rests_until - 700))`,
  );
  expect(lines(out)).toEqual([String(expected)]);
});

test('where the volume takes no file nothing is published, that is said, and the server goes on', async () => {
  const { out, log } = await pod.does(`${PRIMARY}new_data; begin; rm "$data/now"; mkdir "$data/now"; echo 1 >"$files/a"
    for time in 1 30; do publish_changes || echo "not published"; done; rmdir "$data/now"; look`);
  expect(lines(out)).toEqual(['not published', 'not published', '2']);
  expect(log.slice(1)).toEqual([
    'NOT PUBLISHED: what the files are cannot be told, and replicas keep what they have: no room for lists or on the volume?',
    'the files are published again',
  ]);
});

test('an idle tree is listed at every look, and nothing more, until its list is another one', async () => {
  const { out } =
    await pod.does(`${PRIMARY}new_data; echo 1 >"$files/a"; touch -d '1 hour ago' "$files/a"; begin; sleep 1.1; look; look
    scan() { echo "scan at $time"; no_entries "$work/delta" "$work/missed"; began=; }
    for time in 1 2 3; do publish_changes; done; echo 2 >"$files/a"; for time in 4 5; do publish_changes; done`);
  expect(lines(out)).toEqual(['1', '1', 'scan at 4', 'scan at 5']);
});

test('what has changed is looked at until a look has begun in a later second, as another change may have left the same time', async () => {
  const { out } = await pod.does(`${PRIMARY}new_data; begin; echo 1 >"$files/a"; second=$(stat -c %Z "$files/a")
    tell_time() { began=$((second + at)); }
    date() { echo never; }
    for at in 0 0 1 2 3 4; do : >"$work/to-read"; look; cat "$work/to-read"; done`);
  expect(lines(out)).toEqual(['2', 'a', '/1', '2', 'a', '/1', '2', 'a', '/1', '2', '2', '2']);
});

test('a file that cannot be read is noticed where nothing else has changed', async () => {
  const { log } =
    await pod.does(`${PRIMARY}new_data; id() { echo 12345; }; echo 1 >"$files/a"; begin; sleep 1.1; look; look; look
    (umask 077; echo 2 >"$files/b"); look`);
  expect(log.at(-1)).toMatch(/^NOT REPLICATED: 1 files .* 'b' for one/);
});

test('what is gone from the tree itself, where nothing else has changed, is missed', async () => {
  await pod.does(
    `${PRIMARY}new_data; echo 1 >"$files/a"; mkdir "$files/b"; begin; sleep 1.1; look; sleep 1.1; rm "$files/a"; look; look`,
  );
  expect(paths(published('manifest'))).toEqual(['b']);
  expect(published(`${marks().at(-1)}/changes`)).toMatch(/ 1\n- a\n$/);
});

test('what is there when a run begins and changed since the last one is in its first change', async () => {
  await pod.does(`${PRIMARY}new_data; begin; echo 1 >"$files/a"`);
  await pod.does(`${PRIMARY}begin`);
  expect(paths(published('2/changes'))).toEqual(['+ a']);
  expect(existsSync(join(pod.folder, 'volume', 'published', 'new'))).toBe(false);
});
