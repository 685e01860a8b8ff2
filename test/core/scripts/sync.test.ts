import { settingsFile } from '../../../lib/core/render/settings';
import { Sandbox, Script } from './sandbox';

let sandbox: Sandbox;
let script: Script;
afterEach(() => sandbox.dispose());

/** What the server reports: see stub/engine-sync.sh. */
interface Server {
  readonly role: string;
  readonly synced?: string;
  readonly lag?: number;
  /** Of another life another one, and none where the engine keeps no client connected. */
  readonly session?: number | 'none';
  readonly copying?: string;
  readonly from?: string;
  readonly time?: number;
}

const looks = (): number => (sandbox.has('stub/looks') ? sandbox.read('stub/looks').length : 0);
const isReady = (): boolean => sandbox.has('state/ready');
/** What the kubelet does: its readiness probe finds the pod ready, and leaves the sign. */
const probe = (): void => sandbox.write('state/seen-ready', '');
const logged = (line: string): Promise<void> => sandbox.until(line, () => script.log.at(-1) === line, script);

/** What the server reports from now on; resolves when sync.sh has looked at it, and done what follows. */
async function serve(server: Server): Promise<void> {
  sandbox.write(
    'stub/server',
    settingsFile(Object.fromEntries(Object.entries(server).map(([name, value]) => [name, String(value)]))),
  );
  await look();
}
/** Two looks begin: the second, after the first has ended. */
async function look(): Promise<void> {
  const before = looks();
  await sandbox.until('two looks', () => looks() >= before + 2 * 'look\n'.length, script);
}

/** A sidecar whose server has passed its startup probe. */
function start(ordinal: number, settings: { [name: string]: string } = {}): void {
  sandbox = new Sandbox(ordinal, settings);
  sandbox.write('state/port-open', '');
  script = sandbox.start('sync.sh');
}

describe('a pod that was replaced', () => {
  const replaced =
    'not ready: this pod was replaced: orders-0 is at 127.0.0.1 now. Stopping this server, so that nothing is written here';

  test('stops its server, is not ready, and does not start again', async () => {
    sandbox = new Sandbox(
      0,
      {},
      `
      probe_peer() { [ "$1" = 127.0.0.1 ] && echo "connected recovering orders"; }
      core_addresses_of() { if [ -e "$STUB/replaced" ]; then echo 127.0.0.1; else echo 10.0.0.9; fi; }`,
    );
    sandbox.write('state/port-open', '');
    sandbox.write('stub/server', settingsFile({ role: 'primary' }));
    script = sandbox.start('sync.sh');
    await logged('ready, as primary');
    sandbox.write('stub/replaced', '');
    sandbox.write('stub/server', settingsFile({ role: 'primary', time: '10' }));
    await logged(replaced);
    await sandbox.until('stopped', () => sandbox.calls.includes('stop'), script);
    expect(isReady()).toBe(false);
    expect(sandbox.read('state/replaced')).toBe('127.0.0.1\n');

    const restarted = sandbox.start('run.sh');
    await restarted.logs('NOT STARTING: this pod was replaced by another at 127.0.0.1');
    restarted.tell('SIGTERM');
    expect(await restarted.ended).toMatchObject({ status: 143 });
    expect(sandbox.calls).not.toContain('run on');
    script.tell('SIGTERM');
    expect((await script.ended).log).toContain('this pod was replaced: stopping without waiting for other pods');
  });
});

describe('the primary', () => {
  test('is ready when it is primary, and says so once; it shows itself when Kubernetes knows', async () => {
    start(0);
    await logged('not ready: the server does not answer');
    await serve({ role: 'primary' });
    await look();
    expect(script.log).toEqual(['not ready: the server does not answer', 'ready, as primary']);
    expect(isReady()).toBe(true);
    expect(sandbox.calls).toEqual(['prepare']);
    expect(sandbox.has('state/was-ready')).toBe(false);

    probe();
    await look();
    expect(sandbox.calls).toEqual(['prepare', 'show ready']);
    expect(sandbox.has('state/was-ready')).toBe(true);
  });

  test('is not ready while it is none, nor when it does not answer; what it showed is taken back', async () => {
    start(0);
    await serve({ role: 'replica' });
    await logged('not ready: not the primary yet');
    await serve({ role: 'primary' });
    probe();
    await look();
    sandbox.remove('stub/server');
    await logged('not ready: the server does not answer');
    await look();
    expect(isReady()).toBe(false);
    expect(sandbox.has('state/seen-ready')).toBe(false);
    expect(sandbox.calls).toEqual(['prepare', 'show ready', 'hide ready']);
  });

  test('is not ready before Kubernetes has seen its server, or it would not be for those who were told so', async () => {
    start(0);
    sandbox.remove('state/port-open');
    await serve({ role: 'primary' });
    await logged("not ready: waiting for the server's startup probe to pass");
    expect(isReady()).toBe(false);
    sandbox.write('state/port-open', '');
    await logged('ready, as primary');
  });

  test('is never judged by lag', async () => {
    start(0);
    await serve({ role: 'primary', synced: 'not connected', lag: 1000, time: 1000 });
    expect(isReady()).toBe(true);
  });

  test('shows itself again after its server was restarted', async () => {
    start(0);
    await serve({ role: 'primary', session: 1 });
    probe();
    await look();
    await serve({ role: 'primary', session: 2 });
    expect(sandbox.calls).toEqual(['prepare', 'show ready', 'show ready']);
  });

  test('shows itself once where its engine keeps no client connected, and again when it was not ready meanwhile', async () => {
    start(0);
    await serve({ role: 'primary', session: 'none' });
    probe();
    await look();
    await serve({ role: 'primary', session: 'none' });
    expect(sandbox.calls).toEqual(['prepare', 'show ready']);
    await serve({ role: 'replica', session: 'none' });
    await serve({ role: 'primary', session: 'none' });
    probe();
    await look();
    expect(sandbox.calls).toEqual(['prepare', 'show ready', 'hide ready', 'show ready']);
  });

  test('what a former life of the sidecar left is no sign of this one', async () => {
    sandbox = new Sandbox(0);
    for (const sign of ['ready', 'seen-ready', 'leaving', 'stop-allowed', 'was-ready', 'port-open'])
      sandbox.write(`state/${sign}`, '');
    script = sandbox.start('sync.sh');
    await logged('not ready: the server does not answer');
    expect(sandbox.list('state')).toEqual(['port-open', 'was-ready']);
  });
});

describe('a replica', () => {
  const below = (): void => sandbox.write('stub/peers/1/ready', '');

  test('becomes ready after the one below; when it has been ready once, that may be away', async () => {
    start(2);
    await serve({ role: 'replica' });
    await logged('not ready: waiting for orders-1 to be ready');
    expect(isReady()).toBe(false);
    below();
    await logged('ready, as replica');
    probe();
    await look();
    expect(sandbox.calls).toEqual(['prepare', 'show ready']);
    sandbox.remove('stub/peers');
    await look();
    expect(isReady()).toBe(true);
  });

  test('that accepts writes is never ready', async () => {
    start(2);
    below();
    await serve({ role: 'primary' });
    await logged('not ready: NOT A REPLICA: ordinal 2 accepts writes; its data was not made by this set');
  });

  test('is ready below half of the lag that takes it away, and stays until that', async () => {
    start(2, { max_lag: '60' });
    below();
    const tooFar = 'not ready: 60 s or more behind orders-0; ready again below half of that';
    await serve({ role: 'replica', lag: 31, time: 100 });
    await logged(tooFar);
    await serve({ role: 'replica', lag: 30, time: 100 });
    await logged('ready, as replica');
    await serve({ role: 'replica', lag: 59, time: 100 });
    expect(isReady()).toBe(true);
    await serve({ role: 'replica', lag: 60, time: 100 });
    await logged(tooFar);
    await serve({ role: 'replica', lag: 31, time: 100 });
    expect(isReady()).toBe(false);
  });

  test('that loses the primary stays ready for as long as it may lag, and then says why it is not', async () => {
    start(2, { max_lag: '60' });
    below();
    await serve({ role: 'replica', lag: 5, time: 100 });
    expect(isReady()).toBe(true);
    await serve({ role: 'replica', synced: 'orders-0 does not answer', time: 154 });
    expect(isReady()).toBe(true);
    await serve({ role: 'replica', synced: 'orders-0 does not answer', time: 155 });
    await logged('not ready: orders-0 does not answer');
  });

  test('that never was in step is not ready, and says why', async () => {
    start(2);
    below();
    await serve({ role: 'replica', synced: 'catching up with orders-0' });
    await logged('not ready: catching up with orders-0');
    expect(isReady()).toBe(false);
  });

  test('that cannot catch up has its server stopped, to copy again; and again where that did not help, but not all the time', async () => {
    start(2);
    const stops = (): number => sandbox.calls.filter((call) => call === 'stop').length;
    const lost = { role: 'replica', copying: 'the log is gone' };
    await serve({ ...lost, time: 100 });
    await script.logs('not ready: copying again: the log is gone');
    expect(sandbox.has('state/recopy')).toBe(true);
    await serve({ ...lost, time: 130 });
    expect(stops()).toBe(1);
    await serve({ ...lost, time: 131 });
    expect(stops()).toBe(2);
  });

  test.each([
    ['', '\n'],
    ['0', '0\n'],
  ])('is told whom to copy from, if it is not the ordinal below: %j', async (from, written) => {
    start(2);
    await serve({ role: 'replica', copying: 'the log is gone', from });
    expect(sandbox.read('state/recopy')).toBe(written);
  });

  test('that follows after all takes back that it asked to copy again', async () => {
    start(2);
    below();
    await serve({ role: 'replica', copying: 'the log is gone' });
    await script.logs('not ready: copying again: the log is gone');
    expect(sandbox.has('state/recopy')).toBe(true);
    await serve({ role: 'replica' });
    await sandbox.until('the sign is gone', () => !sandbox.has('state/recopy'), script);
  });
});

test.each<[NodeJS.Signals]>([['SIGTERM'], ['SIGINT']])('told to stop by %s, it leaves', async (signal) => {
  start(0);
  await serve({ role: 'primary' });
  sandbox.write('stub/above/leaving', '');
  script.tell(signal);
  const { status, log } = await script.ended;
  expect(status).toBe(0);
  expect(log.slice(-4)).toEqual(['ready, as primary', 'told to stop', 'stopping', 'stopped']);
});
