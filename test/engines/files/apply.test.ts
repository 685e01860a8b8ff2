import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FilesPod, WITH_PRIMARY } from './pod';
import { change, quoted, treeOf } from './tree';

// A replica makes its tree that of the primary: `scan` at the primary says what there is, `plan` and `carry_out` at the
// replica make it so.

jest.setTimeout(600_000);

let pod: FilesPod;
beforeEach(() => begin());
afterEach(() => pod.dispose());

function begin(): void {
  pod = new FilesPod(1);
  pod.patience = 60_000;
  pod.served(0);
}
const primaryTree = (): string[] => treeOf(join(pod.folder, 'stub', 'pods', 'orders-0', 'files'));
const replicaTree = (): string[] => treeOf(join(pod.folder, 'volume', 'files'));
const copied = (): string[] => pod.calls.filter((call) => call.startsWith('copy '));
const changes = (each: string[]): string => each.map((text) => `change ${quoted(text)}`).join('\n');

// By the whole manifest, or by the change alone.
const WAYS = ['come', 'come_by_change'];

test.each(WAYS)('after any changes the replica has what the primary has, and knows it: %s', async (way) => {
  const steps = fc.array(fc.array(change, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      await pod.dispose();
      begin();
      const texts = given.map(
        (each) =>
          `${changes(each)}\nlook; ${way}\nsort "$seen" >"$state/sorted"; sort "$work/own" | cmp - "$state/sorted"`,
      );
      await pod.does(`${WITH_PRIMARY}\n${texts.join('\n')}`);
      expect(replicaTree()).toEqual(primaryTree());
    }),
    { numRuns: 30 },
  );
});

/** The replica has come to the first tree; how it comes to the second is under test. */
async function from(before: string, after: string, way = 'come'): Promise<void> {
  await pod.does(
    `${WITH_PRIMARY}\nchange ${quoted(before)}; look; come; : >"$STUB/calls"; change ${quoted(after)}; look; ${way}`,
  );
  expect(replicaTree()).toEqual(primaryTree());
}

describe.each(WAYS)('is not copied again: %s', (way) => {
  test.each([
    ['a file that was renamed', 'echo 1 >a', 'mv a b'],
    ['a folder that was renamed, with all that is in it', 'mkdir -p a/b/c; echo 1 >a/1; echo 2 >a/b/c/2', 'mv a d'],
    ['what came to be deeper', 'mkdir a; echo 1 >a/1', 'mkdir b; mv a b/c'],
    ['a folder in a new one of its own name', 'mkdir a; echo 1 >a/1', 'mv a t; mkdir a; mv t a/b'],
    ['a folder instead of the one it was in', 'mkdir -p a/b; echo 1 >a/b/1', 'mv a/b t; rmdir a; mv t a'],
    ['two folders that changed places', 'mkdir a b; echo 1 >a/1; echo 2 >b/2', 'mv a t; mv b a; mv t b'],
    ['what has another mode', 'echo 1 >a', 'chmod 755 a'],
    ['what has another time', 'echo 1 >a', 'touch -d 2020-01-01 a'],
  ])('%s', async (_, before, after) => {
    await from(before, after, way);
    expect(copied()).toEqual([]);
  });
});

describe.each(WAYS)('comes to the right content: %s', (way) => {
  test.each([
    ['files that change places', 'echo 1 >a; echo 2 >b', 'mv a t; mv b a; mv t b'],
    [
      'a log that is rotated',
      'echo 1 >log; echo 2 >log.1; echo 3 >log.2',
      'mv log.2 log.3; mv log.1 log.2; mv log log.1; echo 4 >log',
    ],
    ['what was in a folder that is a file now', 'mkdir -p a/b; echo 1 >a/b/1', 'mv a/b c; rm -r a; echo 2 >a'],
    ['a folder instead of a file', 'echo 1 >a', 'rm a; mkdir a; echo 2 >a/2'],
    ['a folder instead of a link to it', 'mkdir a; echo 1 >a/1; ln -s a b', 'rm b; mv a b'],
    ['a link to a number that is as large', 'ln -s 1.1 a', 'ln -sfn 1.10 a'],
    ['a link that leads to itself', 'ln -s a a', 'ln -sfn b a'],
    ['a file instead of a link that leads to itself', 'ln -s a a', 'rm a; echo 1 >a'],
    ['a link with blanks', 'ln -s "b  c %20 " " a "', 'ln -sfn "/ %2520" " a "'],
    [
      'another file of the same size, time and inode under another name',
      'echo 1 >a; touch -d 2020-01-01 a',
      'echo 2 >a; touch -d 2020-01-01 a; mv a b',
    ],
    ['a folder that only its group enters', 'mkdir a; echo 1 >a/1', 'chmod 750 a'],
    [
      'a link that stands in a folder as in the one that was there',
      'mkdir a; ln -s x a/l; echo 1 >a/1',
      'mv a b; mkdir a; ln -s x a/l',
    ],
    [
      'a link far below such a folder',
      'mkdir -p a/b/c; ln -s x a/b/c/l',
      'mv a d; mkdir -p e/b/c; ln -s x e/b/c/l; mv e a',
    ],
  ])('%s', async (_, before, after) => from(before, after, way));
});

test('no one but the copier writes on a replica; who may read and run is as on the primary', async () => {
  const modes = [
    '600',
    '640',
    '644',
    '660',
    '664',
    '666',
    '700',
    '740',
    '750',
    '755',
    '770',
    '777',
    '444',
    '400',
    '555',
    '4755',
    '2755',
  ];
  const { out } = await pod.does(modes.map((mode) => `mode_here ${mode.slice(-3)}`).join('\n'));
  expect(out.split('\n').slice(0, -1)).toEqual([
    '600',
    '640',
    '644',
    '640',
    '644',
    '644',
    '700',
    '740',
    '750',
    '755',
    '750',
    '755',
    '644',
    '600',
    '755',
    '755',
    '755',
  ]);
});

describe('a file that changes while it is copied', () => {
  const TORN = `
    change 'echo 1 >a; echo 1 >b'; look; come
    mv "$STUB/hook" "$STUB/before-copy"
    change 'echo 2 >a; echo 2 >b'; look`;

  test('is never visible, is not in the manifest as it would be, and is copied the next time', async () => {
    pod.executable('stub/hook', 'printf torn >"$STUB/pods/orders-0/files/a"');
    const { log } = await pod.does(
      `${WITH_PRIMARY}${TORN}\n! come; log once; ! come; cat "$work/own" >"$state/own-after"`,
    );
    expect(log).toEqual([
      'once',
      "1 of 1 files could not be copied from orders-0, 'a' for one: it was changed meanwhile",
    ]);
    expect(replicaTree()).toEqual(['file 644 "a": 1\n', 'file 644 "b": 2\n']);
    expect(
      pod
        .read('state/own-after')
        .split('\n')
        .filter((line) => line.endsWith(' a')),
    ).toEqual([`f 644 ? ${createHash('md5').update('1\n').digest('hex')} a`]);
  });

  test('and then is', async () => {
    pod.executable('stub/hook', 'printf torn >"$STUB/pods/orders-0/files/a"; rm "$0"');
    await pod.does(`${WITH_PRIMARY}${TORN}\n! come; look; come`);
    expect(replicaTree()).toEqual(primaryTree());
  });

  test('or goes', async () => {
    pod.executable('stub/hook', 'rm "$STUB/pods/orders-0/files/a" "$0"');
    await pod.does(`${WITH_PRIMARY}${TORN}\n! come; look; come`);
    expect(replicaTree()).toEqual(['file 644 "b": 2\n']);
  });

  test('new ones are not there at all meanwhile', async () => {
    pod.executable('stub/hook', 'printf torn >"$STUB/pods/orders-0/files/c"');
    await pod.does(`${WITH_PRIMARY}${TORN}\nchange 'echo 3 >c'; look; ! come; cat "$work/own" >"$state/own-after"`);
    expect(replicaTree()).toEqual(['file 644 "a": 2\n', 'file 644 "b": 2\n']);
    expect(pod.read('state/own-after')).not.toContain(' c\n');
  });
});

test('nothing is taken for there where the other pod does not answer', async () => {
  const { log } = await pod.does(
    `${WITH_PRIMARY}\nchange 'echo 1 >a; mkdir b'; look; mv "$primary" "$STUB/away"; ! come; ! grep ' a$' "$work/own"`,
  );
  expect(log).toEqual([expect.stringMatching(/^1 of 1 files could not be copied from orders-0, 'a' for one: /)]);
  expect(replicaTree()).toEqual(['folder 755 "b"']);
});

describe('a pod that dies meanwhile', () => {
  // Of each kind one, and enough of them for a copy that takes a while.
  const BEFORE =
    'mkdir a b c d; for i in 1 2 3 4 5 6 7 8 9; do echo $i >a/$i; echo b$i >b/$i; echo c$i >c/$i; done; ln -s a l; echo f >f; mkdir -p d/e; echo 1 >d/e/1';
  const AFTER =
    'mv a t; mv b a; mv t b; for i in 1 2 3; do echo new >c/$i; mv c/1$i c/$i-renamed; echo n >d/$i; done; rm c/7; ln -sfn b l; rm f; mkdir f; echo 1 >f/1; mv d/e e; rm -r d; echo d >d';

  test('gives what it has when it starts again, if the primary is lost, and comes to the right tree if not, wherever it was', async () => {
    for (let i = 0; i < 12; i++) {
      await pod.dispose();
      begin();
      const follow =
        'begin_following; read_from "$(core_host_of 0)" published/position >"$work/their"; come_to "$(core_host_of 0)" "$work/their"';
      await pod.does(`${WITH_PRIMARY}\nblank; change ${quoted(BEFORE)}; publish_all; ${follow}`);
      expect(replicaTree()).toEqual(primaryTree());
      await pod.does(`${WITH_PRIMARY}\nchange ${quoted(AFTER)}; publish_all`);
      const script = pod.start(`use_data "$volume"\n${WITH_PRIMARY}\n${follow}`);
      await script.logs('serving, as replica');
      await sleep(i * 12);
      script.kill('SIGKILL');
      await script.ended;
      await pod.does(
        `${WITH_PRIMARY}\nbegin_following; ln -s "$volume" "$STUB/pods/orders-1"; engine_copy "$(core_host_of 1)" "$volume/incoming"`,
      );
      const copy = treeOf(join(pod.folder, 'volume', 'incoming', 'files'));
      expect(copy).toEqual(replicaTree());
      const contents = new Set(copy.map((line) => line.replace(/^.*: /, '')));
      for (const kept of ['1', '9', 'b1', 'b9', 'c5']) expect(contents).toContain(`${kept}\n`);
      await pod.does(`${WITH_PRIMARY}\n${follow}`);
      expect(replicaTree()).toEqual(primaryTree());
    }
  });
});
