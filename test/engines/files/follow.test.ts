import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FilesPod, WITH_PRIMARY } from './pod';
import { quoted, treeOf } from './tree';

// How a replica follows: whom, from where, and what it says where it does not.

jest.setTimeout(120_000);
let pod: FilesPod;
afterEach(() => pod.dispose());

const FOLLOW = `${WITH_PRIMARY}
  attempts=3 pauses=0
  pause() { sleep 0.05; }
  # go: one round, after which it says how it stands
  go() { follow; cut -d ' ' -f 3- "$state/observed"; }
  begin() { begin_following 2>/dev/null; }
`;
function replica(ordinal = 1): void {
  pod = new FilesPod(ordinal);
  pod.patience = 60_000;
  pod.served(0);
}
const lines = (out: string): string[] => out.split('\n').slice(0, -1);
const tree = (): string[] => treeOf(join(pod.folder, 'volume', 'files'));
const primaryTree = (): string[] => treeOf(join(pod.folder, 'stub', 'pods', 'orders-0', 'files'));
const md5 = (line: string): string => createHash('md5').update(`${line}\n`).digest('hex');
const first = (path: string): string => pod.read(path).split('\n')[0];
const position = (): string => first('volume/published/position');
const theirs = (): string => first('stub/pods/orders-0/published/position');

test('a replica comes to where the primary is, by its manifest, and says so', async () => {
  replica();
  const { out } = await pod.does(`${FOLLOW}blank; change 'mkdir a; echo 1 >a/b'; publish_all; begin; go`);
  expect(lines(out)).toEqual(['yes']);
  expect(tree()).toEqual(['folder 755 "a"', 'file 644 "a/b": 1\n']);
  expect(pod.read('volume/published/position')).toBe(pod.read('stub/pods/orders-0/published/position'));
  expect(first('volume/published/manifest')).toBe(`${theirs()} 2`);
  expect(pod.has('volume/pending')).toBe(false);
});

test('then takes one change after the other, without the manifest', async () => {
  replica();
  const { out } = await pod.does(`${FOLLOW}blank; publish_all; begin; go; : >"$STUB/calls"
    publish_more() { read_position "$published/position"; history=$(tail -n +2 "$published/position") oldest=$mark; unpack "$published/manifest" >"$work/own"; scan; publish; }
    change 'echo 1 >a'; at_primary publish_more; change 'echo 2 >b'; at_primary publish_more
    wait_for_change "$(core_host_of 0)"; wait_for_change "$(core_host_of 0)"; ! wait_for_change "$(core_host_of 0)"; echo "$mark"`);
  expect(lines(out)).toEqual(['yes', '3']);
  expect(tree()).toEqual(['file 644 "a": 1\n', 'file 644 "b": 2\n']);
  expect(position()).toBe(theirs());
  expect(pod.calls.filter((call) => call.includes('manifest'))).toEqual([]);
  expect(pod.calls.filter((call) => call.includes('published'))).toHaveLength(3);
});

describe('changes that came while a replica was at something else', () => {
  const MORE = `publish_more() { read_position "$published/position"; history=$(tail -n +2 "$published/position") oldest=$mark; unpack "$published/manifest" >"$work/own"; scan; publish; }
    more() { change "$1"; at_primary publish_more; }`;

  test('are taken at once, with the small files that came with them, and without the manifest', async () => {
    replica();
    const { out } =
      await pod.does(`${FOLLOW}${MORE}; blank; change 'echo 5 >old'; publish_all; begin; go; : >"$STUB/calls"
      more 'echo 1 >a; mkdir d; echo 1 >d/b'; more 'echo 2 >a'; more 'mv old new; rm d/b'; more ':'; go`);
    expect(lines(out)).toEqual(['yes', 'yes']);
    expect(tree()).toEqual(['file 644 "a": 2\n', 'folder 755 "d"', 'file 644 "new": 5\n']);
    expect(tree()).toEqual(primaryTree());
    expect(position()).toBe(theirs());
    expect(pod.calls.filter((call) => call.includes('manifest') || call.includes(':files'))).toEqual([]);
  });

  test('what came otherwise than the list says is copied', async () => {
    replica();
    const { out } = await pod.does(`${FOLLOW}${MORE}; blank; publish_all; begin; go
      more 'echo 1 >a; echo 2 >b'; (mkdir "$state/other"; cd "$state/other"; echo 3 >a; echo 2 >b; echo 4 >c; tar -c -f "$primary/published/2/files.tar" ./a ./b ./c); go`);
    expect(lines(out)).toEqual(['yes', 'yes']);
    expect(tree()).toEqual(['file 644 "a": 1\n', 'file 644 "b": 2\n']);
  });

  test('lead nowhere else, where one brings a link instead of a file', async () => {
    replica();
    const { out } =
      await pod.does(`${FOLLOW}${MORE}; blank; publish_all; begin; go; mkdir "$STUB/outside"; more 'echo 2 >d'; more 'rm d; mkdir d; echo 1 >d/x'
      mkdir "$state/a" "$state/a/d"; echo 1 >"$state/a/d/x"; tar -c -C "$state/a" -f "$primary/published/3/files.tar" ./d/x
      mkdir "$state/b"; ln -s "$STUB/outside" "$state/b/d"; tar -c -C "$state/b" -f "$primary/published/2/files.tar" ./d; go; ls "$STUB/outside"`);
    expect(lines(out)).toEqual(['yes', 'yes']);
    expect(tree()).toEqual(['folder 755 "d"', 'file 644 "d/x": 1\n']);
  });

  test('tell what could not be copied before, too', async () => {
    replica();
    pod.program('tar', 'cat >/dev/null; exit 137'); // no small files come with a change
    pod.executable('stub/before-copy', 'echo torn >"$STUB/pods/orders-0/files/a"');
    const { out } =
      await pod.does(`${FOLLOW}${MORE}; blank; publish_all; begin; go; mv "$STUB/before-copy" "$STUB/later"
      mv "$STUB/later" "$STUB/before-copy"; more 'echo 1 >a; echo 1 >b'; go; rm "$STUB/before-copy"; : >"$STUB/calls"; more 'echo 2 >c'; go`);
    expect(lines(out)).toEqual(['yes', 'catching up with orders-0', 'yes']);
    expect(tree()).toEqual(primaryTree());
    expect(pod.calls.filter((call) => call.includes('manifest'))).toEqual([]);
    expect(pod.has('volume/pending')).toBe(false);
  });
});

test('of a manifest that has not come whole, as of one that has grown since rclone listed it, nothing is taken', async () => {
  replica();
  const { out } = await pod.does(`${FOLLOW}blank; change 'echo 1 >a; echo 2 >b'; publish_all; begin; go
    change 'mkdir c; echo 3 >c/d'; publish_all; cp "$primary/published/manifest" "$state/whole"
    for bytes in 1 20 100; do head -c -$bytes "$state/whole" >"$primary/published/manifest"; go; ls "$files"; done
    cp "$state/whole" "$primary/published/manifest"; go; ls "$files"`);
  expect(lines(out)).toEqual([
    'yes',
    ...Array<string[]>(3).fill(['catching up with orders-0', 'a', 'b']).flat(),
    'yes',
    'a',
    'b',
    'c',
  ]);
});

test('a manifest that is later than the position is taken when its own position is there, and not before: a crash could take it back', async () => {
  replica();
  const { out } = await pod.does(`${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; go; their=$work/their
    publish_more() { read_position "$published/position"; history=$(tail -n +2 "$published/position") oldest=$mark; unpack "$published/manifest" >"$work/own"; scan; publish; }
    change 'echo 2 >b'; at_primary publish_more; cp "$primary/published/position" "$state/former"
    change 'echo 3 >c'; at_primary publish_more; cp "$primary/published/position" "$state/later"
    for position in former later; do
      cp "$state/former" "$their"; cp "$state/$position" "$primary/published/position"; come_to "$(core_host_of 0)" "$their" || echo "not yet: $mark"; ls "$files"
    done; head -n 1 "$published/position" | cut -d ' ' -f 2`);
  expect(lines(out)).toEqual(['yes', 'not yet: 1', 'a', 'a', 'b', 'c', '3']);
  expect(position()).toBe(theirs());
});

test.each(['position', 'manifest'])(
  'a %s that could not be written is written the next time, and until then this is not said to be in step',
  async (file) => {
    replica();
    const { out } =
      await pod.does(`${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; go; change 'echo 2 >b'; publish_all
    really() { cat >"$published/$1.new" && mv "$published/$1.new" "$published/$1"; }
    put() { if [ "$1" = ${file} ]; then cat >/dev/null; return 1; fi; really "$1"; }; go; go
    put() { really "$1"; }; go`);
    expect(lines(out)).toEqual(['yes', ...Array<string>(2).fill('catching up with orders-0'), 'yes']);
    expect(position()).toBe(theirs());
    expect(first('volume/published/manifest')).toBe(`${theirs()} 2`);
  },
);

test('rclone is told once of each change that is here, and not where nothing is new', async () => {
  replica();
  await pod.does(`${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; go; go; go; echo then >>"$state/renewed"
    rm -rf "$primary/published"/[0-9]*; change 'echo 2 >a'; publish_all; go; go; go`);
  const [first, second] = pod.read('state/renewed').split('then\n');
  expect([first, second]).toEqual(['1\n', '2\n']);
});

describe('of what another pod says nothing is taken that leads out of the tree, and that is said:', () => {
  const FILE = `f 644 1:2:2020-01-01T00:00:00.0:2020-01-01T00:00:00.0 ${'0'.repeat(32)}`;
  test.each([
    ['a path upward', `${FILE} ../../x`],
    ['a path upward in the middle', `d 755 1 - a\\n${FILE} a/../../x`],
    ['an absolute path', `${FILE} /etc/x`],
    ['an empty name', `${FILE} `],
    ['a file in a link', `l 777 /etc - a\\n${FILE} a/x`],
    ['a file in no folder', `${FILE} a/x`],
    ['a path that is there twice', `${FILE} x\\nl 777 /etc - x`],
    ['a mode that is none', `${FILE.replace('644', '4755')} x`],
    ['a mode that is no number', `${FILE.replace('644', '$(id)')} x`],
    ['a size that is no number', `${FILE.replace(':2:', ':x[$(id)]:')} x`],
    ['a checksum that is none', `${FILE.slice(0, -1)}g x`],
    ['another kind', 'p 644 1 - x'],
    ['nothing', ''],
  ])('%s', async (_, entry) => {
    replica();
    const { out, log } = await pod.does(`${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; go
      poison() { printf '${entry}\\n' >"$state/entries"; }
      poison; read -r first <"$primary/published/position"; read -r identity_there mark_there run_there <"$primary/published/position"
      mkdir "$primary/published/$((mark_there + 1))"
      { echo "$identity_there $((mark_there + 1)) $run_there $(wc -l <"$state/entries")"; sed 's/^/+ /' "$state/entries"; } >"$primary/published/$((mark_there + 1))/changes"
      (! wait_for_change "$(core_host_of 0)") 2>"$state/by-change"; ls "$files"; cat "$state/by-change" >&2
      { echo "$first $(wc -l <"$state/entries")"; cat "$state/entries"; } >"$primary/published/manifest"; echo a | ended >"$data/pending"; go; ls "$files"`);
    expect(lines(out)).toEqual(['yes', 'a', 'catching up with orders-0', 'a']);
    expect(log.filter((line) => line.startsWith('NOT TAKEN: the list of orders-0'))).toHaveLength(2);
  });
});

test('a primary whose address is gone is not waited for longer than one that publishes nothing, and what a change needs may take longer', async () => {
  replica();
  pod.program('timeout', 'echo "within $1: $*" >>"$STUB/bounds"; shift; exec "$@"');
  pod.program('tar', 'cat >/dev/null; exit 137'); // no small files come with a change
  await pod.does(`${FOLLOW}blank; publish_all; begin; go; attempts=40; change 'echo 1 >a'
    publish_more() { read_position "$published/position"; history=$(tail -n +2 "$published/position") oldest=$mark; unpack "$published/manifest" >"$work/own"; scan; publish; }
    at_primary publish_more; : >"$STUB/bounds"; wait_for_change "$(core_host_of 0)" || true`);
  const bounds = lines(pod.read('stub/bounds'));
  expect(bounds.filter((line) => line.includes(' copy '))).toEqual([
    expect.stringMatching(/^within 16: .*published\/2/),
  ]);
});

test('a change of another run is not taken', async () => {
  replica();
  await pod.does(`${FOLLOW}blank; publish_all; begin; go
    mkdir "$primary/published/2"; printf 'documents 2 another\\n+ f 644 1:1:1:1 - a\\n' >"$primary/published/2/changes"; ! wait_for_change "$(core_host_of 0)"`);
  expect(tree()).toEqual([]);
  expect(position()).toBe(theirs());
});

test('a primary that does not answer is said, and followed when it does', async () => {
  replica();
  const { out } = await pod.does(
    `${FOLLOW}blank; publish_all; begin; mv "$primary" "$STUB/away"; go; mv "$STUB/away" "$primary"; rm "$primary/published/position"; go`,
  );
  expect(lines(out)).toEqual(['orders-0 does not answer', 'orders-0 does not answer']);
});

test('a pod that is told to stop does not wait until a large file is copied', async () => {
  replica();
  await pod.does(`${FOLLOW}blank; change 'echo 1 >a'; publish_all`);
  pod.executable('stub/before-copy', ': >"$STUB/copying"; exec sleep 60');
  const script = pod.start('try_lock "$state/running"; engine_run "$volume"', { POD_INDEX: '1', HOSTNAME: 'orders-1' });
  await pod.until('it copies', () => pod.has('stub/copying'), script);
  script.tell('SIGTERM');
  const { status, log } = await script.ended; // which is when the last process has closed its output
  expect(status).toBe(0);
  expect(log.slice(-2)).toEqual(['told to stop', 'stopped']);
  expect(tree()).toEqual([]);
});

describe('not followed, and nothing overwritten:', () => {
  const HELD = `${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; go >/dev/null`;

  test('a primary of another identity', async () => {
    replica();
    const { out } = await pod.does(
      `${HELD}; change 'echo 2 >a'; sed -i 's/^documents/pictures/' "$primary/published/position"; go`,
    );
    expect(lines(out)).toEqual([
      'NOT FOLLOWING: orders-0 holds other files (pictures; here is documents). Nothing is overwritten. Compare both first; then delete the pod and PVC of the one that no one needs',
    ]);
    expect(tree()).toEqual(['file 644 "a": 1\n']);
  });

  test.each([
    [
      'that is in the past of this replica',
      'change "echo 2 >a"; cp -r "$primary" "$STUB/old"; publish_all; go >/dev/null; rm -r "$primary"; mv "$STUB/old" "$primary"; go',
      2,
    ],
    [
      'that went on from the past of this replica',
      'change "echo 2 >a"; cp -r "$primary" "$STUB/old"; publish_all; go >/dev/null; rm -r "$primary"; mv "$STUB/old" "$primary"; change "echo 3 >a"; publish_all; publish_all; publish_all; go',
      2,
    ],
  ])('a primary %s', async (_, script, content) => {
    replica();
    const { out } = await pod.does(`${HELD}; ${script}`);
    expect(lines(out)).toEqual([
      expect.stringMatching(
        /^NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not \(\d+ of [-0-9a-f]+ here\)\. Nothing is overwritten\. Was an old volume put under orders-0\? Only this replica may have those changes: .*$/,
      ),
    ]);
    expect(tree()).toEqual([`file 644 "a": ${content}\n`]);
  });
});

test('a primary that began again from what is here is followed', async () => {
  replica();
  const { out } = await pod.does(
    `${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; go; change 'echo 2 >a'; publish_all; publish_all; go`,
  );
  expect(lines(out)).toEqual(['yes', 'yes']);
  expect(tree()).toEqual(['file 644 "a": 2\n']);
  expect(position()).toBe(theirs());
});

describe('a primary whose volume was lost, and recovered from what is here,', () => {
  // On the new volume folders have other inodes than before, and here those of one another, which looks as if they had
  // been renamed.
  const RECOVERED = `${FOLLOW}blank; change 'mkdir a b; echo 1 >a/f; echo 2 >b/f'; publish_all; begin; go; : >"$STUB/calls"
    inodes() { stat -c %i "$files/a" "$files/b"; }; inodes >"$state/before"
    change 'mv a c; mv b a; mv c b; mv a/f f; mv b/f a/f; mv f b/f'`;
  const untouched = 'inodes | cmp - "$state/before" && echo untouched';
  const copied = (): boolean => pod.calls.some((call) => call.startsWith('copy ') && call.includes(':files'));
  const there = ['folder 755 "a"', 'file 644 "a/f": 1\n', 'folder 755 "b"', 'file 644 "b/f": 2\n'];

  test('is followed, and nothing is renamed or copied', async () => {
    replica();
    const { out } = await pod.does(`${RECOVERED}; recover; publish_all; go; ${untouched}`);
    expect(lines(out)).toEqual(['yes', 'yes', 'untouched']);
    expect(copied()).toBe(false);
    expect(tree()).toEqual(there);
    expect(position()).toBe(theirs());
  });

  test('also before it publishes anything, and by one that compares all, as a crash has left a change undone', async () => {
    replica();
    const inPlaces = (letter: string): string => `sed "s/^d 755 [0-9]* - ${letter}\$/d 755 $1 - ${letter}/"`;
    const { out } =
      await pod.does(`${FOLLOW}blank; change 'mkdir a b; echo 1 >a/f; echo 2 >b/f'; publish_all; begin; go; : >"$STUB/calls"
      inodes() { stat -c %i "$files/a" "$files/b"; }; inodes >"$state/before"
      set -- $(stat -c %i "$primary/files/b" "$primary/files/a")
      ${inPlaces('a')} "$primary/published/manifest" | (shift; ${inPlaces('b')}) >"$state/other"; cat "$state/other" >"$primary/published/manifest"
      recover; echo a/f | ended >"$data/pending"; begin; go; ${untouched}`);
    expect(lines(out)).toEqual(['yes', 'yes', 'untouched']);
    expect(copied()).toBe(false);
    expect(tree()).toEqual(there);
  });

  test('also where it has begun once more since', async () => {
    replica();
    const { out } = await pod.does(`${RECOVERED}; recover; publish_all; publish_all; go; ${untouched}`);
    expect(lines(out)).toEqual(['yes', 'yes', 'untouched']);
    expect(copied()).toBe(false);
  });

  test('and then renames folders', async () => {
    replica();
    const { out } = await pod.does(`${RECOVERED}; recover; publish_all; go; change 'mv a c'; publish_all; go
      cat "$files/c/f"`);
    expect(lines(out)).toEqual(['yes', 'yes', 'yes', '1']);
    expect(copied()).toBe(false);
  });
});

test('a copy from a pod that is gone ends, and does not try each of its files in turn', async () => {
  replica();
  pod.program('getent', 'case $2 in orders-0.*) echo "10.0.0.8 $2" ;; *) exit 2 ;; esac');
  pod.executable(
    'stub/before-copy',
    `for i in 1 2 3; do
    echo "2026/01/01 00:00:00 ERROR : $i: Failed to copy: failed to open source object: Open: couldn't connect SSH: dial tcp 10.0.0.8:8022: i/o timeout" >&2; done
    sleep 30 >"$STUB/slept" 2>&1; : >"$STUB/finished"`,
  );
  const { out, log } =
    await pod.does(`${FOLLOW}pause() { sleep "$1"; }; blank; change 'echo 1 >a; echo 2 >b'; publish_all; ln -s orders-0 "$STUB/pods/10.0.0.8"; begin; go
    ! ls "$STUB/finished"`);
  expect(lines(out)).toEqual(['catching up with orders-0']);
  expect(log).toContainEqual(
    expect.stringMatching(/^2 of 2 files could not be copied from orders-0, '[ab]' for one: .*couldn't connect SSH/),
  );
});

test('where not all could be copied it has not come there, and comes there the next time', async () => {
  replica();
  pod.executable('stub/before-copy', 'echo torn >"$STUB/pods/orders-0/files/a"; rm "$0"');
  const { out } = await pod.does(
    `${FOLLOW}blank; change 'echo 1 >a; echo 1 >b'; publish_all; begin; go; head -n 1 "$published/position"; publish_all; go`,
  );
  expect(lines(out)).toEqual(['catching up with orders-0', 'documents 0 first', 'yes']);
  expect(tree()).toEqual(['file 644 "a": torn\n', 'file 644 "b": 1\n']);
});

test('what was renamed, and is not here under its former name, is copied', async () => {
  replica();
  const { out } = await pod.does(
    `${FOLLOW}blank; change 'mkdir a; echo 1 >a/b'; publish_all; begin; go; change 'mv a c'; publish_all; rm "$files/a/b"; go; go`,
  );
  expect(lines(out)).toEqual(['yes', 'catching up with orders-0', 'yes']);
  expect(tree()).toEqual(['folder 755 "c"', 'file 644 "c/b": 1\n']);
});

test('what could not be copied is told as what is here: others can copy from this pod', async () => {
  replica();
  pod.executable('stub/before-copy', 'echo torn >"$STUB/pods/orders-0/files/a"');
  await pod.does(`${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; mv "$STUB/before-copy" "$STUB/later"; go; change 'echo 2 >a'; publish_all
    mv "$STUB/later" "$STUB/before-copy"; go`);
  expect(pod.read('volume/published/manifest')).toContain(`f 644 ? ${md5('1')} a\n`);
  expect(tree()).toEqual(['file 644 "a": 1\n']);
});

test('where the list of steps cannot be written nothing is changed', async () => {
  replica();
  const { out } =
    await pod.does(`${FOLLOW}blank; change 'echo 1 >a; echo 2 >b'; publish_all; begin; go; change 'rm a'; publish_all
    on_manifests() { case $1 in differ.awk) echo b >"$steps/files"; return 2 ;; *) program=$1; shift; awk -f "$scripts/lines.awk" -f "$scripts/$program" -f "$scripts/end.awk" "$@" ;; esac; }; go`);
  expect(lines(out)).toEqual(['yes', 'catching up with orders-0']);
  expect(tree()).toEqual(['file 644 "a": 1\n', 'file 644 "b": 2\n']);
});

test('what was being changed stays noted until the manifest tells what came of it', async () => {
  replica();
  await pod.does(`${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; go; change 'echo 2 >a'; publish_all
    put() { case $data in "$volume") cat >/dev/null; return 1 ;; esac; cat >"$published/$1"; }; go >/dev/null; change 'echo 3 >b'; publish_all; go >/dev/null`);
  expect(pod.read('volume/pending').split('\n')).toContain('a');
});

describe('a replica that missed so much that its changes are gone', () => {
  // Both had the first state; the one below has a later one; the primary is in the same run, far beyond.
  const FAR = `${FOLLOW}blank; change 'echo 1 >a'; publish_all; begin; go >/dev/null
    more() { read_position "$published/position"; history=$(tail -n +2 "$published/position") oldest=$mark; unpack "$published/manifest" >"$work/own"; scan; publish; rm -rf "$published"/[0-9]*; }
    change 'echo 2 >b'; at_primary more
    below=$STUB/pods/orders-1; mkdir -p "$below"; cp -r "$primary/files" "$primary/published" "$below"
    change 'echo 3 >c'; at_primary more; : >"$STUB/calls"`;

  test('copies again from the one below, and then follows', async () => {
    replica(2);
    const { out, log } = await pod.does(`${FAR}; go; go`);
    expect(log).toContain('copying again from orders-1: orders-0 no longer has the changes from 1 on');
    expect(lines(out)).toEqual(['copying again: orders-0 no longer has the changes from 1 on', 'yes']);
    const copies = pod.calls.filter((call) => call.startsWith('copy ') && call.includes('files'));
    expect(copies).toEqual([
      expect.stringMatching(/orders-1.*files as copy-\d+$/),
      expect.stringMatching(/orders-0.*files as follow$/),
    ]);
    expect(tree()).toEqual(['file 644 "a": 1\n', 'file 644 "b": 2\n', 'file 644 "c": 3\n']);
  });

  test('not where the primary does not say that it has them no more', async () => {
    replica(2);
    const { out } = await pod.does(`${FAR}; cp "$primary/published/position" "$work/theirs"
      missed() { if has_missed_too_much "$(core_host_of 0)" "$work/theirs"; then echo missed; else echo perhaps; fi; }
      missed; mv "$primary" "$STUB/away"; missed`);
    expect(lines(out)).toEqual(['missed', 'perhaps']);
  });

  test.each([
    ['does not answer', 'rm -r "$below"'],
    ['holds others', 'sed -i "1s/.*/pictures 2 x/" "$below/published/position"'],
    ['is no further', 'cp "$published/position" "$below/published/position"'],
    ['has what the primary has not', 'sed -i "1s/ 2 / 9 /" "$below/published/position"'],
  ])('takes it from the primary if the one below %s', async (_, script) => {
    replica(2);
    const { out } = await pod.does(`${FAR}; ${script}; go`);
    expect(lines(out)).toEqual(['yes']);
    expect(pod.calls.filter((call) => call.startsWith('copy ') && call.includes('files'))).toEqual([
      expect.stringMatching(/orders-0.*files as follow$/),
    ]);
    expect(tree()).toEqual(['file 644 "a": 1\n', 'file 644 "b": 2\n', 'file 644 "c": 3\n']);
  });

  test('at ordinal 1 that is the primary', async () => {
    replica(1);
    expect(lines((await pod.does(`${FAR}; go`)).out)).toEqual(['yes']);
    expect(pod.calls.some((call) => call.includes('copy-'))).toBe(false);
  });
});

describe('what a replica knows of its files when it starts', () => {
  test('is its manifest, but for what was being changed, and for what is not there', async () => {
    replica();
    const { out } =
      await pod.does(`${FOLLOW}blank; change 'mkdir d; echo 1 >a; echo 2 >d/b; echo 3 >c; echo 4 >gone; ln -s a l'; publish_all; begin; go >/dev/null
      printf 'd\\nc\\n' | ended >"$data/pending"; rm "$files/gone"; echo 5 >"$files/new"; begin
      sed 's/^\\(.\\) \\([^ ]*\\) [^ ?]* [^ ?]* /\\1 \\2 known known /' "$work/own" | sed '$d' | sort`);
    expect(lines(out)).toEqual(
      [
        'd 755 ? ? d',
        `f 644 ? ${md5('3')} c`,
        `f 644 ? ${md5('2')} d/b`,
        `f 644 ? ${md5('5')} new`,
        'f 644 known known a',
        'l 777 known known l',
      ].sort(),
    );
  });

  test('so it copies that again, also where the primary has not changed', async () => {
    replica();
    const { out } = await pod.does(
      `${FOLLOW}blank; change 'echo 1 >a; echo 2 >b'; publish_all; begin; go; echo damaged >"$files/a"; echo a | ended >"$data/pending"; begin; go`,
    );
    expect(lines(out)).toEqual(['yes', 'yes']);
    expect(tree()).toEqual(['file 644 "a": 1\n', 'file 644 "b": 2\n']);
  });

  test('and gets back what is missing, though the primary has not changed', async () => {
    replica();
    await pod.does(
      `${FOLLOW}blank; change ${quoted('mkdir d; echo 1 >d/a; ln -s d l')}; publish_all; begin; go; rm -r "$files/d" "$files/l"; begin; go`,
    );
    expect(tree()).toEqual(['folder 755 "d"', 'file 644 "d/a": 1\n', 'link "l" to "d"']);
  });
});

describe('a replica that a crash has left within a change, and the primary with it', () => {
  // It has come to the first tree; a crash left it on the way to the second, which only the primary had. Then another
  // pod copies from it (`copied`).
  const CRASHED = `${FOLLOW}blank; change 'mkdir a b; echo 1 >a/1; echo 2 >b/2; echo 3 >c; echo 4 >d; ln -s c l'; publish_all; begin; go >/dev/null
    copied() (mkdir -p "$STUB/pods"; ln -sfnT "$volume" "$STUB/pods/orders-1"; pause() { sleep 0.05; }; ordinal=0; engine_copy "$(core_host_of 1)" "$volume/incoming")
    lost() { mv "$primary" "$STUB/lost"; }`;
  const incoming = (): string[] => treeOf(join(pod.folder, 'volume', 'incoming', 'files'));

  test.each([
    [
      'new files, and old ones changed',
      'echo new >"$files/a/new"; echo 5 >"$files/c"; printf \'a/new\\nc\\nd\\n\' | ended >"$data/pending"',
    ],
    ['a file that is gone', 'rm "$files/d"; echo d | ended >"$data/pending"'],
    ['a file that is gone, which nothing tells', 'rm "$files/d"'],
    ['a folder that was renamed', 'mv "$files/a" "$files/z"; printf \'a\\nz\\n\' | ended >"$data/pending"'],
    ['a link that leads elsewhere', 'ln -sfn d "$files/l"; echo l | ended >"$data/pending"'],
    ['the next manifest, and the former position', 'sed -i "1s/ 1 / 2 /" "$published/manifest"'],
  ])('can be copied: %s', async (_, crash) => {
    replica();
    await pod.does(`${CRASHED}; ${crash}; lost; begin; go; copied`);
    expect(incoming()).toEqual(tree());
  });

  test('can be copied on the way of two folders that change places, with all that was in them', async () => {
    replica();
    pod.program('mv', `PATH='${process.env.PATH}'; mv "$@"; case $* in */files/./a\\ *) kill -9 0 ;; esac`);
    await pod.does(`${CRASHED}; change 'mv a t; mv b a; mv t b'; publish_all; go`).catch(() => undefined);
    pod.program('mv', `PATH='${process.env.PATH}'; exec mv "$@"`);
    expect(tree()).not.toEqual(primaryTree());
    await pod.does(`${FOLLOW}mv "$primary" "$STUB/away"; begin; go; ln -sT "$volume" "$STUB/pods/orders-1"; (engine_copy "$(core_host_of 1)" "$volume/incoming")
      mv "$STUB/away" "$primary"; go`);
    for (const content of [1, 2]) expect(incoming().some((line) => line.endsWith(`: ${content}\n`))).toBe(true);
    expect(tree()).toEqual(primaryTree());
  });

  test('knows also after a second crash that it is not in step', async () => {
    replica();
    const { log, out } =
      await pod.does(`${CRASHED}; rm "$files/d"; echo 5 >"$files/c"; echo c | ended >"$data/pending"; mv "$primary" "$STUB/away"
      begin_following; go; begin_following; go; mv "$STUB/away" "$primary"; go; begin_following`);
    expect(log.slice(-5)).toEqual([
      ...Array<string[]>(2)
        .fill([
          'a change was interrupted here, of 2 paths: all is compared with orders-0 again',
          'serving, as replica, from 1 on',
        ])
        .flat(),
      'serving, as replica, from 1 on',
    ]);
    expect(lines(out)).toEqual(['orders-0 does not answer', 'orders-0 does not answer', 'yes']);
    expect(tree()).toEqual(primaryTree());
  });

  test('and who has copied from it has what the primary has before that is said of it, though its mark is the same', async () => {
    replica();
    const { out } = await pod.does(
      `${CRASHED}; rm "$files/d"; begin; copied; rm -r "$volume/files" "$volume/published" "$volume/staging" "$volume/pending"; mv "$volume"/incoming/* "$volume"; begin; go`,
    );
    expect(lines(out)).toEqual(['yes']);
    expect(tree()).toEqual(primaryTree());
  });

  test.each(['manifest', 'pending'])('goes on where its volume takes no %s', async (file) => {
    replica();
    const { log, out } = await pod.does(`${CRASHED}; rm "$files/d"; full=yes
      put_pending() { [ "$full ${file}" != 'yes pending' ] && command cp "$1" "$data/pending"; }
      put() { if [ "$full $1 ${file}" = 'yes manifest manifest' ]; then cat >/dev/null; return 1; fi; cat >"$published/$1"; }; begin_following; full=no; go`);
    expect(log).toContain(
      'this volume takes no manifest: no one can copy from here before this pod has followed orders-0',
    );
    expect(lines(out)).toEqual(['yes']);
    expect(tree()).toEqual(primaryTree());
  });

  test('tells no copy of a file that its disk does not give', async () => {
    replica();
    pod.program(
      'md5sum',
      `for path; do if [ "$path" != -- ] && [ "$PWD/$path" != "${join(pod.folder, 'volume', 'files', 'c')}" ]; then command -p md5sum -- "$path"; fi; done`,
    );
    const { log } = await pod.does(`${CRASHED}; echo c | ended >"$data/pending"; lost; begin; ! copied`);
    expect(log.at(-1)).toMatch(/^1 of \d files could not be copied from orders-1, 'c' for one/);
    expect(pod.has('volume/incoming/published/position')).toBe(false);
  });
});

test('what could not be copied stays noted, and that alone', async () => {
  replica();
  pod.executable('stub/before-copy', 'rm "$STUB/pods/orders-0/files/a"');
  await pod.does(`${FOLLOW}blank; change 'echo 1 >a; echo 2 >b'; publish_all; begin; go`);
  expect(pod.read('volume/pending')).toBe('a\n/1\n');
});

test('a link that is to become a file, which could not be copied, is told as the link that it is', async () => {
  replica();
  await pod.does(
    `${FOLLOW}blank; change 'echo 1 >b; ln -s b a'; publish_all; begin; go; change 'rm a; echo 2 >a'; publish_all; mv "$primary/files/a" "$primary/files/c"; go`,
  );
  expect(pod.read('volume/published/manifest')).toContain('l 777 b - a\n');
});

test('a mode that a crash has left otherwise is not taken for what the manifest says', async () => {
  replica();
  await pod
    .does(
      `${FOLLOW}blank; change 'echo 1 >a; chmod 600 a'; publish_all; begin; go; change 'chmod 644 a'; publish_all
    sync() { case $1 in -f) kill -9 $$ ;; *) command sync "$@" ;; esac; }; go`,
    )
    .catch(() => undefined);
  expect(tree()).toEqual(['file 644 "a": 1\n']);
  await pod.does(`${FOLLOW}change 'chmod 600 a'; publish_all; begin; go`);
  expect(tree()).toEqual(['file 600 "a": 1\n']);
});
