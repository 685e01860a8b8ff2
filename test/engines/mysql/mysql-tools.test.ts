import { Sandbox, Script } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
beforeEach(() => (sandbox = new Sandbox(1, {}, { scriptsOf: 'mysql', and: 'mysql-common' })));
afterEach(() => sandbox.dispose());

const LOCK = '"$volume/lock"';
const holding = (then: string): string => `try_lock ${LOCK} || { log waits; wait_lock; }; log has; ${then}`;

/** Numbers of the pipes that there are. */
const pipes = (): string[] => sandbox.list('volume/lock');

describe('a lock', () => {
  test('is had by one at a time, in the order in which they came', async () => {
    const first = sandbox.start(holding('sleep 1000'));
    await first.logs('has');
    const second = sandbox.start(holding('read -r _ <>"$STUB/never"'));
    await second.logs('waits');
    const third = sandbox.start(holding('exit 0'));
    await third.logs('waits');
    expect(pipes()).toEqual(['1', '2', '3']);
    first.kill('SIGKILL');
    await second.logs('has');
    expect(third.log).toEqual(['waits']);
    second.kill('SIGKILL');
    expect((await third.ended).log).toEqual(['waits', 'has']);
  });

  test('is not to be had by another, and is free when its process was killed', async () => {
    const first = sandbox.start(holding('sleep 1000'));
    await first.logs('has');
    expect((await sandbox.run(`try_lock ${LOCK} || exit 9`)).status).toBe(9);
    first.kill('SIGKILL');
    await first.ended;
    expect((await sandbox.run(`try_lock ${LOCK} || exit 9`)).status).toBe(0);
  });

  test('files of odd names in its folder are no numbers, and no code', async () => {
    const { status, log } = await sandbox.run(
      `mkdir -p ${LOCK}; touch ${LOCK}/'1a[$(id >&2)]' ${LOCK}/9x; ${holding('exit 0')}`,
    );
    expect({ status, log }).toEqual({ status: 0, log: ['has'] });
  });

  test('is held by what inherited it, for as long as that lives', async () => {
    const starter = await sandbox.run(holding('setsid sleep 1000 >/dev/null 2>&1 & echo $!'));
    expect(starter.status).toBe(0);
    expect((await sandbox.run(`try_lock ${LOCK} || exit 9`)).status).toBe(9);
    process.kill(Number(starter.out));
    expect((await sandbox.run(`try_lock ${LOCK} || wait_lock`)).status).toBe(0);
  });

  test('lets go of those who gave up, and keeps no more than the pipe of who has it', async () => {
    for (let i = 0; i < 5; i++) await sandbox.run(`try_lock ${LOCK}`);
    expect(pipes()).toEqual(['5']);
  });

  test('is never had by two, however many try at once', async () => {
    const work = `for ((i = 0; i < 15; i++)); do (try_lock ${LOCK} || wait_lock; mkdir "$STUB/inside" || log VIOLATION; rmdir "$STUB/inside"); done`;
    const scripts: Script[] = Array.from({ length: 4 }, () => sandbox.start(work));
    for (const { ended } of scripts) expect(await ended).toMatchObject({ status: 0, log: [] });
  });

  test('whose number was counted from an old list is taken again', async () => {
    // It counts 4 as the highest, and by the time it makes 5 there is 7, whose process has the lock, and no 5 any more.
    sandbox.write('volume/lock/4', '');
    const late =
      'eval "$(declare -f highest_in | sed s/highest_in/really/)"; highest_in() { if [[ ! -e $STUB/late ]]; then : >"$STUB/late"; mv "$1/4" "$1/7"; echo 4; else really "$1"; fi; }';
    expect((await sandbox.run(`${late}; try_lock ${LOCK}; echo "$lock_number"`)).out).toBe('8\n');
  });

  test('says so where it cannot be made', async () => {
    sandbox.write('volume/lock', 'a file');
    expect(await sandbox.run(`try_lock ${LOCK}`)).toMatchObject({
      status: 1,
      log: [expect.stringContaining('File exists'), expect.stringMatching(/lock cannot be made$/)],
    });
  });

  test('that no one has is not waited for, and one that somebody has is', async () => {
    expect((await sandbox.run('await_unlocked "$state/running"')).status).toBe(0);
    const server = sandbox.start('try_lock "$state/running"; log has; sleep 1000');
    await server.logs('has');
    const waiter = sandbox.start('log waits; await_unlocked "$state/running"; log free');
    await waiter.logs('waits');
    await sandbox.run('pause 0.3');
    expect(waiter.log).toEqual(['waits']);
    server.kill('SIGKILL');
    expect((await waiter.ended).log).toEqual(['waits', 'free']);
  });
});

// That gawk answers is shown by every end-to-end row: it is in the image, and need not be on this machine.
test('answer becomes gawk, with the port and the line', async () => {
  sandbox.write('stub/gawk', '#!/usr/bin/env bash\nprintf "%s\\n" "$PPID" "$@"\n');
  const { out } = await sandbox.run(
    'chmod +x "$STUB/gawk"; PATH=$STUB:$PATH; echo "$PPID"; serve_status "empty orders"',
  );
  const [parent, ...called] = out.split('\n').slice(0, -1);
  expect(called).toEqual([
    parent,
    '-v',
    'port=1',
    '-v',
    'line=empty orders',
    '-f',
    `${sandbox.folder}/scripts/serve-status.awk`,
  ]);
});
