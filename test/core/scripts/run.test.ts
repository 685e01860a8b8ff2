import { freePort, Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/** A pod with data of database `a`. */
function podWithData(ordinal: number, settings: { [name: string]: string } = {}, engine = ''): void {
  sandbox = new Sandbox(ordinal, settings, engine);
  sandbox.write('volume/current/identity', 'a\n');
  sandbox.write('volume/current/rows', 'old\n');
}

const CROWDED = '\nstat() { echo "1099 * 1"; }\n'; // room for a copy of 1000 bytes would take 1100

test('the server runs on the data, holding the lock of the volume and the one that sync.sh waits on', async () => {
  podWithData(
    0,
    {},
    'engine_run() { note "run $1"; for lock in "$volume/lock" "$state/running"; do flock -n "$lock" true || note held; done; exit 3; }',
  );
  expect(await sandbox.run('run.sh')).toMatchObject({ status: 3, log: [] });
  expect(sandbox.calls).toEqual([`run ${sandbox.folder}/volume/current`, 'held', 'held']);
});

test('the server gets the signals, as it is the process itself', async () => {
  podWithData(
    0,
    {},
    'engine_run() { exec bash -c \'sleep 1000 & trap "echo told >&2; kill $!; exit 4" INT; echo serves >&2; wait\'; }',
  );
  const script = sandbox.start('run.sh');
  await script.logs('serves');
  script.tell('SIGINT');
  expect(await script.ended).toMatchObject({ status: 4, log: ['serves', 'told'] });
});

test('what a crash left is settled first', async () => {
  podWithData(1);
  sandbox.write('volume/verified/rows', 'new\n');
  sandbox.write('volume/outgoing/rows', 'older\n');
  await sandbox.run('run.sh');
  expect(sandbox.calls).toEqual(['run on new']);
  expect(sandbox.list('volume')).toEqual(['current', 'lock']);
});

test('told to stop while a predecessor is on the volume, it does not start the server', async () => {
  podWithData(0);
  await sandbox.start('. "$scripts/volume.sh"; core_lock_volume; sleep 1000 & log locked; wait').logs('locked');
  const script = sandbox.start('run.sh');
  await script.logs('waiting for the previous pod');
  script.tell('SIGTERM');
  expect((await script.ended).status).toBe(143);
  expect(sandbox.calls).toEqual([]);
});

describe('asked to copy again', () => {
  const ask = (): void => sandbox.write('state/recopy', '');

  test('it does, and is not asked twice', async () => {
    podWithData(1, { port: String(await freePort()) });
    ask();
    sandbox.peer(0, { identity: 'a', rows: 'new', size: '1' });
    expect((await sandbox.run('run.sh')).log).toEqual([
      'copying from orders-0',
      expect.stringMatching(/^copied from orders-0 and checked/),
    ]);
    expect(sandbox.calls.at(-1)).toBe('run on new');
    expect(sandbox.has('state/recopy')).toBe(false);
  });

  test('it copies from the ordinal that it is told', async () => {
    podWithData(2, { port: String(await freePort()) });
    sandbox.write('state/recopy', '0\n');
    sandbox.peer(0, { identity: 'a', rows: 'of the primary', size: '1' });
    expect((await sandbox.run('run.sh')).log).toEqual([
      'copying from orders-0',
      expect.stringMatching(/^copied from orders-0 and checked/),
    ]);
    expect(sandbox.calls.at(-1)).toBe('run on of the primary');
  });

  test('the primary never does', async () => {
    podWithData(0);
    ask();
    sandbox.peer(0, { identity: 'a', rows: 'new', size: '1' });
    await sandbox.run('run.sh');
    expect(sandbox.calls).toEqual(['run on old']);
  });

  test('it keeps its data where the source does not answer', async () => {
    podWithData(2);
    ask();
    sandbox.peer(0, { identity: 'a', rows: 'new', size: '1' });
    expect((await sandbox.run('run.sh')).log).toEqual(['orders-1 does not answer: not copying again now']);
    expect(sandbox.calls).toEqual(['run on old']);
  });

  test('it keeps its data where the primary is of another database', async () => {
    podWithData(1, { port: String(await freePort()) });
    ask();
    sandbox.peer(0, { identity: 'b', rows: 'new', size: '1' });
    expect((await sandbox.run('run.sh')).log).toEqual([
      "not replacing this volume's data: it belongs to a, orders-0 is b",
      'not copied again; starting with the existing data',
    ]);
    expect(sandbox.calls).toEqual(['run on old']);
  });

  test('it keeps its data where the source is not fit for 20 seconds', async () => {
    podWithData(
      2,
      { port: String(await freePort()) },
      'time=0; core_clock() { core_now=$time; }; pause() { time=$((time + 1)); }',
    );
    ask();
    sandbox.peer(0, { identity: 'a' });
    sandbox.peer(1, { identity: 'other', size: '1' });
    expect((await sandbox.run('run.sh')).log).toEqual([
      'waiting for orders-1 to accept connections as a copy of orders-0',
      'not copied again; starting with the existing data',
    ]);
    expect(sandbox.calls).toEqual(['run on old']);
  });

  const heard =
    'engine_copy() { note "while it copies: $(probe_peer 127.0.0.1)"; mkdir "$2"; peer "$1" rows >"$2/rows"; }';
  const listening = '\nengine_reserve_log() { await_port; }\n';

  test('it says that it holds old data, so that a blank primary waits for it', async () => {
    podWithData(1, { port: String(await freePort()) }, heard + listening);
    ask();
    sandbox.peer(0, { identity: 'a', rows: 'new', size: '1' });
    await sandbox.run('run.sh');
    expect(sandbox.calls).toEqual(['while it copies: connected copying orders', 'run on new']);
  });

  test('where there is no room for two it removes the old first, and then says that it is empty', async () => {
    podWithData(1, { port: String(await freePort()) }, heard + listening + CROWDED);
    ask();
    sandbox.peer(0, { identity: 'a', rows: 'new', size: '1000' });
    expect((await sandbox.run('run.sh')).log[0]).toBe(
      'no room for a second copy next to the old one (1000 bytes): removing the old one first',
    );
    expect(sandbox.calls).toEqual(['while it copies: connected empty orders', 'run on new']);
  });

  test('where there is no room for two it still copies from the ordinal that it is told', async () => {
    podWithData(2, { port: String(await freePort()) }, CROWDED);
    sandbox.write('state/recopy', '0\n');
    sandbox.peer(0, { identity: 'a', rows: 'of the primary', size: '1000' });
    await sandbox.run('run.sh');
    expect(sandbox.calls.slice(-2)).toEqual(['copy orders-0', 'run on of the primary']);
  });

  test('a copy that was interrupted after the old data was removed is finished when the container starts again', async () => {
    sandbox = new Sandbox(1, { port: String(await freePort()) }, heard + listening);
    sandbox.write('volume/incoming/rows', 'half\n');
    sandbox.peer(0, { identity: 'a', rows: 'new', size: '1000' });
    expect((await sandbox.run('run.sh')).status).toBe(0);
    expect(sandbox.calls).toEqual(['while it copies: connected empty orders', 'run on new']);
  });

  test.each<[string, { [ordinal: number]: string }]>([
    ['the primary', { 0: 'b', 1: 'a' }],
    ['the source', { 0: 'a', 1: 'b' }],
    ['both', { 0: 'b', 1: 'b' }],
  ])('but never where %s is of another database', async (_, identities) => {
    podWithData(2, { port: String(await freePort()) }, CROWDED);
    ask();
    for (const [ordinal, identity] of Object.entries(identities)) {
      sandbox.peer(Number(ordinal), { identity, rows: 'new', size: '1000' });
    }
    await sandbox.run('run.sh');
    expect(sandbox.calls).toEqual(['run on old']);
  });

  test('nor where the primary does not answer', async () => {
    podWithData(2, { port: String(await freePort()) }, CROWDED);
    ask();
    sandbox.peer(1, { identity: 'a', rows: 'new', size: '1000' });
    await sandbox.run('run.sh');
    expect(sandbox.calls).toEqual(['run on old']);
  });
});
