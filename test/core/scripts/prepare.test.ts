import { freePort, hear, Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

describe('prepare.sh', () => {
  test('with data there is nothing to do, and nothing is touched: the server may be running', async () => {
    sandbox = new Sandbox(0);
    sandbox.write('volume/current/rows', 'mine\n');
    sandbox.write('volume/incoming/rows', 'half a copy of the other container\n');
    expect(await sandbox.run('prepare.sh')).toMatchObject({ status: 0, log: [] });
    expect(sandbox.calls).toEqual(['prepare']);
    expect(sandbox.list('volume')).toEqual(['current', 'incoming']);
  });

  test('with data that only waits for its name, it gets it', async () => {
    sandbox = new Sandbox(1);
    sandbox.write('volume/current/rows', 'old\n');
    sandbox.write('volume/verified/rows', 'new\n');
    expect((await sandbox.run('prepare.sh')).status).toBe(0);
    expect(sandbox.read('volume/current/rows')).toBe('new\n');
    expect(sandbox.list('volume')).toEqual(['current', 'lock']);
  });

  test('half a copy is no data: ordinal 1 begins again', async () => {
    sandbox = new Sandbox(1, { port: String(await freePort()) });
    sandbox.write('volume/incoming/rows', 'half');
    sandbox.peer(0, { identity: 'a', rows: 'of 0' });
    expect((await sandbox.run('prepare.sh')).status).toBe(0);
    expect(sandbox.read('volume/current/rows')).toBe('of 0\n');
    expect(sandbox.list('volume')).toEqual(['current', 'lock']);
  });

  test('ordinal 0 of a single pod makes a new database', async () => {
    sandbox = new Sandbox(0);
    sandbox.write('config/replicas', '1\n');
    expect(await sandbox.run('prepare.sh')).toMatchObject({
      status: 0,
      log: ['no ordinal holds data: initialising a new database', 'initialised'],
    });
    expect(sandbox.calls).toEqual(['prepare', 'initialise']);
  });

  test('ordinal 0 of several asks the others first', async () => {
    sandbox = new Sandbox(0, { port: String(await freePort()) });
    const script = sandbox.start('prepare.sh');
    await script.logs('waiting for orders-1 orders-2 to report whether it has data');
    expect(sandbox.calls).toEqual(['prepare']);
  });

  test('an ordinal above, while it waits, tells who asks that it is empty; and no longer when it has its copy', async () => {
    const port = await freePort();
    sandbox = new Sandbox(1, { port: String(port) });
    const script = sandbox.start('prepare.sh');
    await script.logs('waiting for orders-0 to accept connections');
    // It is started next to the waiting, so it may not listen yet.
    const ask = await sandbox.run(
      '. "$scripts/bootstrap.sh"; core_host_of() { echo 127.0.0.1; }; until [ "$(core_peer_state 1)" = empty ]; do pause 0.1; done; core_peer_state 1',
    );
    expect(ask.out).toBe('empty\n');
    expect(await hear(port)).toBe('empty orders\n');

    sandbox.peer(0, { identity: 'a', rows: 'of 0' });
    expect((await script.ended).status).toBe(0);
    await expect(hear(port)).rejects.toThrow('ECONNREFUSED');
  });

  test.each<[string, number, string]>([
    ['waits for others', 0, ''],
    ['waits for the primary', 1, ''],
    ['copies', 1, 'engine_copy() { log copies; sleep 1000; }'],
    ['initialises', 0, 'engine_initialise() { log initialises; sleep 1000; }'],
  ])('told to stop while it %s, it ends at once with all that it started', async (_, ordinal, engine) => {
    const port = await freePort();
    sandbox = new Sandbox(ordinal, { port: String(port) }, engine);
    if (engine.includes('copy')) sandbox.peer(0, { identity: 'a' });
    if (engine.includes('initialise')) sandbox.write('config/replicas', '1\n');
    const script = sandbox.start('prepare.sh');
    await script.logs(/log (\w+)/.exec(engine)?.[1] ?? 'waiting for');
    script.tell('SIGTERM');
    const { status, log } = await script.ended; // and so have all who could write to its log
    expect(status).toBe(143);
    expect(log.at(-1)).toBe('told to stop');
    expect(sandbox.has('volume/current')).toBe(false);
    await expect(hear(port)).rejects.toThrow('ECONNREFUSED');
  });

  test('killed while it copies, the next one begins again', async () => {
    sandbox = new Sandbox(
      1,
      { port: String(await freePort()) },
      `
      engine_copy() {
        mkdir "$2" && echo half >"$2/rows"
        if [ "$(next "$STUB/outcome")" = hang ]; then log copies; sleep 1000; fi
        peer "$1" rows >"$2/rows"
      }`,
    );
    sandbox.write('stub/outcome', 'hang\ngo on\n');
    sandbox.peer(0, { identity: 'a', rows: 'of 0' });
    const first = sandbox.start('prepare.sh');
    await first.logs('copies');
    first.kill('SIGKILL');
    await first.ended;
    expect(sandbox.read('volume/incoming/rows')).toBe('half\n');
    expect(sandbox.has('volume/current')).toBe(false);
    expect((await sandbox.run('prepare.sh')).status).toBe(0);
    expect(sandbox.read('volume/current/rows')).toBe('of 0\n');
  });
});
