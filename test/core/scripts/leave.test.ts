import { Sandbox, Script } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// Time is what the file says.
const leave = `. "$scripts/engine-sync.sh"; . "$scripts/leave.sh"
  core_clock() { core_now=$(cat "$STUB/time"); core_now_cs=$((core_now * 100)); }
  core_leave`;

const above = (words: { leaving?: string; connected?: string }): void =>
  (['leaving', 'connected'] as const).forEach((file) => sandbox.write(`stub/above/${file}`, `${words[file] ?? ''}\n`));
const time = (seconds: number): void => sandbox.write('stub/time', `${seconds}\n`);
const mayStop = (): boolean => sandbox.has('state/stop-allowed');

/** What is above, and a pod below that is told to stop. */
function start(
  words: { leaving?: string; connected?: string } | undefined,
  settings: { [name: string]: string } = {},
): Script {
  sandbox = new Sandbox(1, settings);
  time(100);
  if (words !== undefined) above(words);
  return sandbox.start(leave);
}

describe('core_leave', () => {
  test('waits for nothing where no one is above', async () => {
    expect(await start({}).ended).toMatchObject({ status: 0, log: ['told to stop', 'stopping', 'stopped'] });
    expect(sandbox.calls).toEqual(['show leaving']);
    expect(sandbox.list('state')).toEqual(['leaving', 'running', 'stop-allowed']);
  });

  test.each(['', '; return 1'])(
    'gives the engine the word before the server may stop, whatever comes of it: %j',
    async (end) => {
      sandbox = new Sandbox(1, {}, `engine_pre_stop() { [ -e "$state/stop-allowed" ] || note before; : ${end}; }`);
      time(100);
      above({});
      expect((await sandbox.run(leave)).log).toEqual(['told to stop', 'stopping', 'stopped']);
      expect(sandbox.calls).toEqual(['show leaving', 'before']);
    },
  );

  test('waits for those above that leave, until they have left', async () => {
    const script = start({ leaving: '2 3', connected: '2' });
    await script.logs('waiting for ordinal 2 3 to stop first');
    expect(mayStop()).toBe(false);
    time(106); // longer than one would look whether they leave
    above({ leaving: '2', connected: '2' });
    await script.logs('waiting for ordinal 2 to stop first');
    expect(mayStop()).toBe(false);
    above({});
    expect((await script.ended).log.slice(-2)).toEqual(['stopping', 'stopped']);
  });

  test('looks for five seconds whether those above that are connected leave too, and waits for none that stays', async () => {
    const script = start({ connected: '2' });
    await script.logs('told to stop');
    time(105);
    await sandbox.run('for i in 1 2 3 4 5; do pause; done');
    expect(mayStop()).toBe(false);
    time(106);
    expect((await script.ended).log).toEqual(['told to stop', 'stopping', 'stopped']);
  });

  test('does not wait for one that has left, though the primary takes it for connected still', async () => {
    const script = start({ leaving: '3 12', connected: '3 12' });
    await script.logs('waiting for ordinal 3 12 to stop first');
    above({ leaving: '3', connected: '3 12' });
    await script.logs('waiting for ordinal 3 to stop first');
    expect(mayStop()).toBe(false);
    above({ connected: '3 12' });
    expect((await script.ended).log.slice(-2)).toEqual(['stopping', 'stopped']);
  });

  test('but looks on for one that has not left', async () => {
    const script = start({ leaving: '12', connected: '2 12' });
    await script.logs('waiting for ordinal 12 to stop first');
    above({ connected: '2 12' });
    await sandbox.run('for i in 1 2 3 4 5; do pause; done');
    expect(mayStop()).toBe(false);
    time(106);
    expect((await script.ended).log.slice(-2)).toEqual(['stopping', 'stopped']);
  });

  test('takes a look that lasted as of the time when it began', async () => {
    sandbox = new Sandbox(1);
    time(100);
    above({});
    const { log } = await sandbox.run(
      leave.replace(
        'core_clock()',
        `looks=0
      engine_list_higher_ordinals() {
        looks=$((looks + 1)) higher_leaving='' higher_connected=''
        case $looks in 1) higher_connected=2; echo 110 >"$STUB/time" ;; 2) higher_leaving=2 ;; esac
      }
      core_clock()`,
      ),
    );
    expect(log).toEqual(['told to stop', 'waiting for ordinal 2 to stop first', 'stopping', 'stopped']);
  });

  test('waits for one that shows itself only then', async () => {
    const script = start({ connected: '2' });
    await script.logs('told to stop');
    above({ leaving: '2', connected: '2' });
    await script.logs('waiting for ordinal 2 to stop first');
    above({});
    expect((await script.ended).status).toBe(0);
  });

  test('waits no longer than it may', async () => {
    const script = start({ leaving: '2' }, { leave_timeout: '20' });
    await script.logs('waiting for ordinal 2');
    time(120);
    await sandbox.run('for i in 1 2 3 4 5; do pause; done');
    expect(mayStop()).toBe(false);
    time(121);
    expect((await script.ended).log.slice(-3)).toEqual(['no longer waiting for ordinal 2', 'stopping', 'stopped']);
  });

  test('goes at once where the primary does not answer', async () => {
    expect((await start(undefined).ended).log).toEqual([
      'told to stop',
      'the primary does not answer: stopping without waiting for other pods',
      'stopping',
      'stopped',
    ]);
  });

  test('goes when the primary no longer answers while it waits', async () => {
    const script = start({ leaving: '2' });
    await script.logs('waiting for ordinal 2');
    sandbox.remove('stub/above');
    expect((await script.ended).log.slice(-2)).toEqual(['stopping', 'stopped']);
  });

  test("ends only after the server's last process has", async () => {
    sandbox = new Sandbox(1);
    time(100);
    above({});
    const server = sandbox.start('exec 9>"$state/running"; flock 9; log runs; sleep 1000');
    await server.logs('runs');
    const script = sandbox.start(leave);
    await script.logs('stopping');
    await sandbox.until('the server may stop', mayStop, script);
    expect(script.log).not.toContain('stopped');
    server.kill('SIGKILL');
    expect((await script.ended).log.at(-1)).toBe('stopped');
  });
});

describe('pre-stop.sh', () => {
  test("returns when it is this ordinal's turn, and not before", async () => {
    sandbox = new Sandbox(1);
    const script = sandbox.start('pre-stop.sh');
    sandbox.write('state/leaving', '');
    await sandbox.run('for i in 1 2 3 4 5; do pause; done');
    expect(script.process.exitCode).toBeNull();
    sandbox.write('state/stop-allowed', '');
    expect(await script.ended).toMatchObject({ status: 0, log: [] });
  });

  test("returns where no one leaves: only the server's container is restarted", async () => {
    sandbox = new Sandbox(1);
    sandbox.write('scripts/pause.sh', 'pause() { :; }\n');
    expect(await sandbox.run('pre-stop.sh')).toMatchObject({ status: 0, log: [] });
  });

  test('returns a little after the time to leave is over, whatever the sidecar does', async () => {
    sandbox = new Sandbox(1, { leave_timeout: '-5' });
    sandbox.write('state/leaving', '');
    expect((await sandbox.run('pre-stop.sh')).status).toBe(0);
  });
});
