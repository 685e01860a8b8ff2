import { Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

const clone = '. "$scripts/volume.sh"; . "$scripts/copy.sh"; core_copy_from $((ordinal - 1))';
const copied = (from: number): string[] => [
  `copying from orders-${from}`,
  expect.stringMatching(`^copied from orders-${from} and checked, \\d+ s$`) as string,
];
const failed = expect.stringMatching(/^the copy failed after \d+ s; retrying$/) as string;
const waitingForPrimary = 'waiting for orders-0 to accept connections: a copy needs its log position reserved there';

describe('core_copy_from', () => {
  test('copies from the ordinal below, after the log position is reserved at the primary', async () => {
    sandbox = new Sandbox(3);
    sandbox.peer(0, { identity: 'a', rows: 'of 0' });
    sandbox.peer(2, { identity: 'a', rows: 'of 2' });
    expect(await sandbox.run(`${clone} "" ""`)).toMatchObject({ status: 0, log: copied(2) });
    expect(sandbox.calls).toEqual(['reserve at orders-0 for a copy of orders-2', 'copy orders-2']);
    expect(sandbox.list('volume')).toEqual(['current']);
    expect(sandbox.read('volume/current/rows')).toBe('of 2\n');
  });

  test('ordinal 1 copies from the primary', async () => {
    sandbox = new Sandbox(1);
    sandbox.peer(0, { identity: 'a', rows: 'of 0' });
    await sandbox.run(`${clone} "" ""`);
    expect(sandbox.calls).toEqual(['reserve at orders-0 for a copy of orders-0', 'copy orders-0']);
  });

  test('waits for the primary, then for the source, and says so', async () => {
    sandbox = new Sandbox(2);
    const script = sandbox.start(`${clone} "" ""`);
    await script.logs(waitingForPrimary);
    sandbox.peer(0, { identity: 'a', rows: 'of 0' });
    await script.logs('waiting for orders-1 to accept connections as a copy of orders-0');
    expect(sandbox.calls).toEqual([]);
    sandbox.peer(1, { identity: 'a', rows: 'of 1' });
    expect((await script.ended).log).toEqual([
      waitingForPrimary,
      'waiting for orders-1 to accept connections as a copy of orders-0',
      ...copied(1),
    ]);
  });

  test('does not copy from one that holds another database', async () => {
    sandbox = new Sandbox(2);
    sandbox.peer(0, { identity: 'a' });
    sandbox.peer(1, { identity: 'b', rows: 'of another' });
    const script = sandbox.start(`${clone} "" ""`);
    await script.logs('waiting for orders-1 to accept connections as a copy of orders-0');
    sandbox.peer(1, { identity: 'a', rows: 'of 1' });
    await script.ended;
    expect(sandbox.calls).toEqual(['reserve at orders-0 for a copy of orders-1', 'copy orders-1']);
  });

  test('copies again from the beginning when a copy fails', async () => {
    sandbox = new Sandbox(
      1,
      {},
      `
      engine_copy() {
        note copy
        mkdir "$2"
        echo "$(next "$STUB/outcome")" >"$2/rows"
        [ "$(cat "$2/rows")" = whole ]
      }`,
    );
    sandbox.write('stub/outcome', 'half\nmore\nwhole\n');
    sandbox.peer(0, { identity: 'a' });
    const { log } = await sandbox.run(`${clone} "" ""`);
    expect(log).toEqual(['copying from orders-0', failed, 'copying from orders-0', failed, ...copied(0)]);
    expect(sandbox.calls.filter((call) => call === 'copy')).toHaveLength(3);
    expect(sandbox.calls.filter((call) => call.startsWith('reserve'))).toHaveLength(3);
    expect(sandbox.read('volume/current/rows')).toBe('whole\n');
  });

  test('tries again when nothing could be reserved, and copies nothing before', async () => {
    sandbox = new Sandbox(1, {}, 'engine_reserve_log() { [ "$(next "$STUB/outcome")" = yes ]; }');
    sandbox.write('stub/outcome', 'no\nno\nyes\n');
    sandbox.peer(0, { identity: 'a', rows: 'of 0' });
    expect((await sandbox.run(`${clone} "" ""`)).log).toEqual([
      'could not reserve the log position on orders-0; retrying',
      ...copied(0),
    ]);
    expect(sandbox.calls).toEqual(['copy orders-0']);
  });

  test('ends when a copy cannot get its place: it is not served, and not called copied', async () => {
    sandbox = new Sandbox(1);
    sandbox.peer(0, { identity: 'a', rows: 'of 0' });
    const { status, log } = await sandbox.run(`mv() { return 1; }; ${clone} "" ""`);
    expect(status).toBe(1);
    expect(log.join('\n')).not.toContain('copied from');
    expect(sandbox.has('volume/current')).toBe(false);
  });
});

describe('with data that is to be replaced', () => {
  beforeEach(() => {
    sandbox = new Sandbox(1);
    sandbox.write('volume/current/identity', 'a\n');
    sandbox.write('volume/current/rows', 'old\n');
  });
  const rows = (): string => sandbox.read('volume/current/rows');

  test('it is replaced by a copy of the same database', async () => {
    sandbox.peer(0, { identity: 'a', rows: 'new' });
    expect((await sandbox.run(`${clone} 20 a`)).status).toBe(0);
    expect(rows()).toBe('new\n');
    expect(sandbox.list('volume')).toEqual(['current']);
  });

  test('it is never replaced by another database', async () => {
    sandbox.peer(0, { identity: 'b', rows: 'new' });
    expect(await sandbox.run(`${clone} 20 a || exit $?`)).toMatchObject({
      status: 1,
      log: ["not replacing this volume's data: it belongs to a, orders-0 is b"],
    });
    expect(sandbox.calls).toEqual([]);
    expect(rows()).toBe('old\n');
  });

  test('it is not waited for longer than the patience, and all is left as it was', async () => {
    // Time passes as fast as it is waited, and not by itself.
    const script = await sandbox.run(
      `time=0; core_clock() { core_now=$time; }; pause() { time=$((time + 1)); }; ${clone} 20 a || { status=$?; log "$time s"; exit $status; }`,
    );
    expect(script).toMatchObject({ status: 1, log: [waitingForPrimary, '21 s'] });
    expect(rows()).toBe('old\n');
  });

  test('without patience it is waited without end', async () => {
    const script = sandbox.start(
      `time=0; core_clock() { core_now=$time; }; pause() { time=$((time + 100000)); sleep 0.01; }; ${clone} "" a`,
    );
    await script.logs(waitingForPrimary);
    sandbox.peer(0, { identity: 'a', rows: 'new' });
    expect((await script.ended).status).toBe(0);
  });
});
