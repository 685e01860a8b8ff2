import { PUT_SECRET, Result, Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/** What secret.sh sees of a Secret that is brought as the kubelet does it. */
function run(script: string): Promise<Result> {
  sandbox = new Sandbox(2);
  return sandbox.run(
    `. "$scripts/secret.sh"\n${PUT_SECRET}\nlook() { if core_secret_has_changed; then echo changed; else echo same; fi; }\n${script}`,
  );
}

test('one that is brought after the last was held is another, until that is held', async () => {
  expect(
    (await run('put one a; core_hold_secret; look; put two b; look; look; core_hold_secret; look; put three b; look'))
      .out,
  ).toBe('same\nchanged\nchanged\nsame\nchanged\n');
});

test('also one that was written before that was, and came into its place after it: times would not tell', async () => {
  expect((await run('put one a; core_hold_secret; put two b; touch -d 2020-01-01 "$credentials/two"; look')).out).toBe(
    'changed\n',
  );
});

test('and where the folder that was read is gone, and another has its number', async () => {
  expect(
    (
      await run(
        'put one a; core_hold_secret; put two b; rm -r "$credentials/one"; look; core_hold_secret; rm -r "$credentials/two"; put two c; look',
      )
    ).out,
  ).toBe('changed\nchanged\n');
});

test('a new one is taken once, and one that is refused is passed over, which is said once', async () => {
  const { out, log } = await run(
    'good() { [[ $(<"$credentials/password") != bad ]] || die "$1"; }; new() { if core_take_new_secret good no; then echo new; else echo -; fi; }; put one a; core_hold_secret; new; put two b; new; new; put three bad; new; new; put four c; new',
  );
  expect({ out, log }).toEqual({ out: '-\nnew\n-\n-\n-\nnew\n', log: ['no'] });
});

test('where none is mounted none changes', async () => {
  expect((await run('look; core_hold_secret; look')).out).toBe('same\nsame\n');
});

test('one folder at a time is held', async () => {
  const { out } = await run(
    'put one a; core_hold_secret; before=$(ls /proc/$$/fd | wc -l); for i in 1 2 3; do core_hold_secret; done; echo $(($(ls /proc/$$/fd | wc -l) - before))',
  );
  expect(out).toBe('0\n');
});
