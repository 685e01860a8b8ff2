import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

describe('who a pod is', () => {
  const entry = '10.0.0.9\torders-2.orders.shop.svc.cluster.local\torders-2\n';

  test.each([
    ['as it was applied', 'orders-2', entry, 'orders', 'orders-0.orders.shop.svc.cluster.local.'],
    [
      'renamed by kustomize',
      'prod-orders-2',
      '10.0.0.9\tprod-orders-2.prod-orders.shop.svc.cluster.local\tprod-orders-2\n',
      'prod-orders',
      'prod-orders-0.prod-orders.shop.svc.cluster.local.',
    ],
    [
      'in a cluster with a domain of its own',
      'orders-2',
      '10.0.0.9 orders-2.orders.shop.svc.example.org orders-2\n',
      'orders',
      'orders-0.orders.shop.svc.example.org.',
    ],
    [
      'with two addresses',
      'orders-2',
      entry + entry.replace('10.0.0.9', 'fd00::9'),
      'orders',
      'orders-0.orders.shop.svc.cluster.local.',
    ],
    [
      'among other lines',
      'orders-2',
      `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n\n::1\tlocalhost ip6-localhost\n${entry}10.0.0.1\tother\n10.0.0.2\torders-0.elsewhere orders-0\n`,
      'orders',
      'orders-0.orders.shop.svc.cluster.local.',
    ],
    [
      "of a set whose name ends like a pod's",
      'a-0-2',
      '10.0.0.9\ta-0-2.a-0.shop.svc.cluster.local\ta-0-2\n',
      'a-0',
      'a-0-0.a-0.shop.svc.cluster.local.',
    ],
  ])('%s', async (_, hostname, hosts, name, primary) => {
    sandbox = new Sandbox(2);
    sandbox.write('hosts', hosts);
    const { out, log } = await sandbox.run('echo "$ordinal $set_name"; core_host_of 0; echo', { HOSTNAME: hostname });
    expect(log).toEqual([]);
    expect(out).toBe(`2 ${name}\n${primary}\n`);
  });

  test.each([
    ['is empty', ''],
    ['ends in the middle of it', entry.trimEnd()],
    ['has only the name', '10.0.0.9\torders-2\torders-2\n'],
  ])('it waits for the line of its own, which the kubelet may just be writing: the file %s', async (_, hosts) => {
    sandbox = new Sandbox(2);
    sandbox.write('hosts', `127.0.0.1\tlocalhost\n${hosts}`);
    const script = sandbox.start('core_host_of 0');
    sandbox.write('hosts', entry);
    expect(await script.ended).toMatchObject({ status: 0, out: 'orders-0.orders.shop.svc.cluster.local.', log: [] });
  });

  test('without that line it ends, and says what may be wrong', async () => {
    sandbox = new Sandbox(2);
    sandbox.write('hosts', '10.0.0.9\torders-2.orders.shop.svc.cluster.local\torders-2'); // a line is whole when it ends
    sandbox.write('scripts/pause.sh', 'pause() { :; }\n');
    const { status, log, out } = await sandbox.run('core_host_of 0');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(log).toEqual([
      expect.stringContaining("/hosts does not have this pod's full name: does it run on the host's network"),
    ]);
  });

  test('an ordinal of two digits', async () => {
    sandbox = new Sandbox(12);
    expect((await sandbox.run('echo "$ordinal"; core_host_of $((ordinal - 1))')).out).toBe(
      '12\norders-11.orders.shop.svc.cluster.local.',
    );
  });
});

test.each(['', '0', '1', 'x', '02', '9999999999999999999'])(
  'a pod whose label says %j, and its name 2, does not start: the role is never guessed',
  async (label) => {
    sandbox = new Sandbox(2);
    const { status, out, log } = await sandbox.run('echo "$ordinal"', { POD_INDEX: label });
    expect([status, out]).toEqual([1, '']);
    expect(log).toEqual([
      expect.stringContaining(
        `the label apps.kubernetes.io/pod-index of this pod says '${label}', its name orders-2: not starting`,
      ),
    ]);
  },
);

test.each([
  [
    'core_is_number',
    ['0', '7', '007', '999999999999999999'],
    ['', '-1', '1 2', '1e3', 'a[$(id)]', '0x10', '1000000000000000000'],
  ],
  ['core_is_identity', ['a', '7391-af', 'f'.repeat(64)], ['', 'a b', 'a/b', "a'b", '$(id)', 'f'.repeat(65)]],
])('%s', async (check, good, bad) => {
  sandbox = new Sandbox(0);
  const is = async (text: string): Promise<string> =>
    (await sandbox.run(`if ${check} "$TEXT"; then echo yes; else echo no; fi`, { TEXT: text })).out;
  for (const text of good) expect([text, await is(text)]).toEqual([text, 'yes\n']);
  for (const text of bad) expect([text, await is(text)]).toEqual([text, 'no\n']);
});

test('what fails again and again is tried less often', async () => {
  sandbox = new Sandbox(0);
  const { out, log } = await sandbox.run(
    'pause() { echo "$1"; }; for n in 1 2 3 4 5 6 7 100; do core_back_off "$n"; done',
  );
  expect(out.split('\n').slice(0, -1)).toEqual(['0.5', '1', '2', '4', '8', '16', '30', '30']);
  expect(log[0]).toBe('failed 4 times in a row: retrying in 4 s');
});

describe('the log', () => {
  test('has the time, the part and the words, on standard error', async () => {
    sandbox = new Sandbox(0);
    const script = sandbox.start('container=sync; log two words');
    const raw: string[] = [];
    script.process.stderr.on('data', (chunk: string) => raw.push(chunk));
    expect((await script.ended).out).toBe('');
    expect(raw.join('')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ sync: two words\n$/);
  });

  test('has a line a change, however often the state is looked at', async () => {
    sandbox = new Sandbox(0);
    const { log } = await sandbox.run(
      'log_change waiting; log_change waiting; log_change for "two words"; log_change for two words; log_change waiting; log always; log always',
    );
    expect(log).toEqual(['waiting', 'for two words', 'waiting', 'always', 'always']);
  });

  test('die says why and ends', async () => {
    sandbox = new Sandbox(0);
    expect(await sandbox.run('die the disk is full; log not here')).toMatchObject({
      status: 1,
      log: ['the disk is full'],
    });
  });
});

describe('waiting', () => {
  test('a pause ends when it is over, or when it is told to', async () => {
    sandbox = new Sandbox(0);
    // Told again and again: a signal that comes in the very moment in which the pause begins is taken only at its end.
    const { out } = await sandbox.run(`. "$scripts/pause.sh" # not that of the stub
      pause 0.01; echo over
      trap 'echo >&"$core_pause_fd"' USR1
      (while kill -USR1 $$; do sleep 0.02; done 2>/dev/null) &
      pause 1000; echo woken`);
    expect(out).toBe('over\nwoken\n');
  });

  test.each([0, 7])('core_run_interruptible returns %d as the command did', async (status) => {
    sandbox = new Sandbox(0);
    expect(
      (await sandbox.run(`give() { return "$1"; }; core_run_interruptible give ${status} || exit $?`)).status,
    ).toBe(status);
  });

  test.each<[NodeJS.Signals]>([['SIGTERM'], ['SIGINT']])(
    '%s is taken at once, and takes along what is attended',
    async (signal) => {
      sandbox = new Sandbox(0);
      const script = sandbox.start(
        'core_end_on_signal; core_run_interruptible sh -c "echo attended >&2; exec sleep 1000"',
      );
      await script.logs('attended');
      script.tell(signal);
      // Its end is that of its pipes, which the sleep holds too: had it been left, this would wait for it.
      expect(await script.ended).toMatchObject({ status: 143, log: ['attended', 'told to stop'] });
    },
  );
});

describe('resolves', () => {
  // The second name is longer than a name can be, so that no server is asked for it.
  test.each([
    ['localhost', 'yes'],
    [`${'a'.repeat(64)}.`, 'no'],
  ])('%s: %s', async (host, expected) => {
    sandbox = new Sandbox(0);
    expect((await sandbox.run(`if core_resolves ${host}; then echo yes; else echo no; fi`)).out).toBe(`${expected}\n`);
  });
});

test('the clock goes on as time does', async () => {
  sandbox = new Sandbox(0);
  const { out } = await sandbox.run(
    'core_clock; echo "$core_now $core_now_cs"; sleep 1.1; core_clock; echo "$core_now $core_now_cs"',
  );
  const [before, after] = out.split('\n').map((line) => line.split(' ').map(Number));
  for (const [seconds, hundredths] of [before, after]) expect(Math.floor(hundredths / 100)).toBe(seconds);
  expect(after[1] - before[1]).toBeGreaterThanOrEqual(109);
  expect(after[1] - before[1]).toBeLessThan(500);
});

test.each([
  ['7.08', '7 708'],
  ['0.00', '0 0'],
  ['123456.90', '123456 12345690'],
])('an uptime of %s is %s', async (uptime, expected) => {
  sandbox = new Sandbox(0);
  sandbox.write('uptime', `${uptime} 99.99\n`);
  sandbox.write(
    'scripts/clock.sh',
    readFileSync(join(__dirname, '..', '..', '..', 'lib', 'core', 'scripts', 'clock.sh'), 'utf8').replace(
      '/proc/uptime',
      `${sandbox.folder}/uptime`,
    ),
  );
  expect((await sandbox.run('core_clock; echo "$core_now $core_now_cs"')).out).toBe(`${expected}\n`);
});

test('an error ends a script, wherever it happens', async () => {
  sandbox = new Sandbox(0);
  for (const mistake of ['false', 'echo "$unset"', 'inner() { false; }; inner', 'x=$(false)']) {
    const { status, out } = await sandbox.run(`${mistake}\necho went on`);
    expect({ mistake, failed: status !== 0, out }).toEqual({ mistake, failed: true, out: '' });
  }
});
