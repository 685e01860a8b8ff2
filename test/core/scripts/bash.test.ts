import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort, hear, Sandbox } from './sandbox';

// What only bash runs: tools.sh, pause.sh and what belongs to them.

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

test.each(['pod.sh', 'pre-stop.sh'])(
  '%s goes on where the end of its helper is no longer known: bash forgets it now and then',
  async (script) => {
    sandbox = new Sandbox(0);
    sandbox.write('state/leaving', '');
    sandbox.write('state/stop-allowed', '');
    const forgets = '() { builtin wait "$@" || true; return 255; }';
    expect(await sandbox.run(script, { 'BASH_FUNC_wait%%': forgets })).toMatchObject({ status: 0, log: [] });
  },
);

test('an error ends a script also at the head of a pipe', async () => {
  sandbox = new Sandbox(0);
  expect(await sandbox.run('false | true\necho went on')).toMatchObject({ status: 1, out: '' });
});

test('who writes into its pipe ends a pause, also one that only begins', async () => {
  sandbox = new Sandbox(0);
  const { out } = await sandbox.run(`. "$scripts/pause.sh" # not that of the stub
    echo >&"$core_pause_fd"; pause 1000; echo woken
    pause 0.01; echo over`);
  expect(out).toBe('woken\nover\n');
});

describe('serve-status.pl', () => {
  const answer = 'perl "$scripts/serve-status.pl" "$PORT" "empty orders"';
  const listening = '( until exec 3<>"/dev/tcp/127.0.0.1/$PORT"; do pause 0.01; done ) 2>/dev/null; log listening';

  test('tells everyone the line, as often as asked', async () => {
    const port = await freePort();
    sandbox = new Sandbox(1);
    const script = sandbox.start(`${answer} & ${listening}; wait`, { PORT: String(port) });
    await script.logs('listening');
    expect(await Promise.all([hear(port), hear(port), hear(port)])).toEqual([
      'empty orders\n',
      'empty orders\n',
      'empty orders\n',
    ]);
  });

  test('survives a caller who hangs up without listening', async () => {
    const port = await freePort();
    sandbox = new Sandbox(1);
    const script = sandbox.start(`${answer} & ${listening}; wait`, { PORT: String(port) });
    await script.logs('listening');
    for (let i = 0; i < 20; i++) {
      const rude = connect(port, '127.0.0.1');
      await once(rude, 'connect');
      rude.resetAndDestroy();
    }
    expect(await hear(port)).toBe('empty orders\n');
  });

  test('ends when told to', async () => {
    const port = await freePort();
    sandbox = new Sandbox(1);
    expect(await sandbox.run(`${answer} & ${listening}; kill $!; wait $!`, { PORT: String(port) })).toMatchObject({
      status: 0,
    });
    await expect(hear(port)).rejects.toThrow('ECONNREFUSED');
  });

  test('says why it cannot listen', async () => {
    sandbox = new Sandbox(1);
    const { status, log } = await sandbox.run(answer, { PORT: 'none' });
    expect(status).not.toBe(0);
    expect(log.join()).toContain('serve-status.pl: cannot listen on port none');
  });
});
