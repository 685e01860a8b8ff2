import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FilesPod } from './pod';

// What the sidecar asks and does, and what the server tells it (engine-sync.sh, server.sh).

let pod: FilesPod;
beforeEach(() => {
  pod = new FilesPod(1);
});
afterEach(() => pod.dispose());

const lines = (out: string): string[] => out.split('\n').slice(0, -1);
const SYNC = '. "$scripts/engine-sync.sh"; mkdir -p "$state/signs"; role= synced= lag= session_pid= former_primary=';
/** The server runs: it holds its lock, and has said how it stands. */
const server = async (observed: string): Promise<void> => {
  pod.write('state/server', 'life-1\n');
  pod.write('state/observed', observed);
  await pod.start('try_lock "$state/running"; log holds; sleep 30').logs('holds');
};

describe('the server', () => {
  const OBSERVE = `${SYNC}; core_clock() { core_now=100; }; if engine_observe; then echo "$role/$synced/$lag/$session_pid"; else echo 'does not answer'; fi`;

  test.each([
    ['the primary', 'primary\n', 'primary///life-1'],
    ['a replica that follows', 'replica 97 yes\n', 'replica/yes/3/life-1'],
    ['one that does not', 'replica 90 orders-0 does not answer\n', 'replica/orders-0 does not answer/10/life-1'],
  ])('is %s', async (_, observed, expected) => {
    await server(observed);
    expect(lines((await pod.run(OBSERVE)).out)).toEqual([expected]);
  });

  test('is not there before it has said how it stands', async () => {
    expect(lines((await pod.run(OBSERVE)).out)).toEqual(['does not answer']);
  });

  test('is not there when it has ended, whatever it said', async () => {
    pod.write('state/server', 'life-1\n');
    pod.write('state/observed', 'primary\n');
    expect(lines((await pod.run(OBSERVE)).out)).toEqual(['does not answer']);
  });
});

describe('addresses of those above', () => {
  const ADDRESSES = `${SYNC}
    core_addresses_of() { cut -d ' ' -f 1 "$STUB/names/\${1%%.*}" 2>/dev/null || true; }
    name() { mkdir -p "$STUB/names"; echo "$2 name" >"$STUB/names/$1"; }
    look() { engine_reconcile; echo $addresses; }`;

  test('are kept when their names are gone, and replaced when a pod has another', async () => {
    const { out } = await pod.run(`${ADDRESSES}
      look; name orders-2 10.0.0.2; look; rm "$STUB/names/orders-2"; look; name orders-2 10.0.0.22; look`);
    expect(lines(out)).toEqual(['', '2=10.0.0.2', '2=10.0.0.2', '2=10.0.0.22']);
  });

  test('also of those beyond the declared number, to which somebody scaled', async () => {
    const { out } = await pod.run(
      `${ADDRESSES}; name orders-3 10.0.0.3; name orders-4 fd00::4; look; name orders-2 10.0.0.2; rm "$STUB/names/orders-4"; look`,
    );
    expect(lines(out)).toEqual(['3=10.0.0.3 4=fd00::4', '3=10.0.0.3 4=fd00::4 2=10.0.0.2']);
  });

  test('tell who leaves, who stays, and not who is gone', async () => {
    for (const [address, sign] of [
      ['10.0.0.2', 'leaving'],
      ['10.0.0.3', 'ready'],
      ['10.0.0.4', 'leaving'],
    ])
      pod.write(`stub/pods/${address}/signs/${sign}`, '');
    const { out } = await pod.run(
      `${SYNC}; addresses=' 2=10.0.0.2 3=10.0.0.3 4=10.0.0.4 5=10.0.0.5'; engine_list_higher_ordinals; echo "$higher_leaving"; echo "$higher_connected"`,
    );
    expect(lines(out)).toEqual(['2 4', '3']);
  });

  test('of an address of IPv6', async () => {
    pod.program(
      'rclone',
      'case $1 in obscure) cat ;; *) for last; do :; done; echo "$last" >>"$STUB/calls"; exit 1 ;; esac',
    );
    await pod.run(`${SYNC}; addresses=' 2=fd00::2'; engine_list_higher_ordinals`);
    expect(pod.calls).toEqual(['peer,host="[fd00::2]":signs/leaving']);
  });
});

test('signs are there for the others until they are taken back', async () => {
  const { out } = await pod.run(`${SYNC}; show() { echo "signs:" $(ls "$state/signs"); }
    engine_announce_ready; show; engine_withdraw_ready; show; engine_announce_ready; engine_announce_leaving; show; engine_stop; ls "$state/stop"`);
  expect(lines(out)).toEqual(['signs: ready', 'signs:', 'signs: leaving', `${pod.folder}/state/stop`]);
});

test('a peer is ready when its sign says so', async () => {
  pod.served(0);
  const ask = `${SYNC}; if engine_peer_is_ready 0; then echo yes; else echo no; fi`;
  expect(lines((await pod.run(ask)).out)).toEqual(['no']);
  pod.write('stub/pods/orders-0/signs/ready', '');
  expect(lines((await pod.run(ask)).out)).toEqual(['yes']);
});

describe("the server's process", () => {
  const RUN = 'try_lock "$state/running"; engine_run "$volume"';
  const newData = (ordinal: number): Promise<unknown> => {
    pod.write('config/replicas', '3\n');
    return pod.run('engine_initialise "$volume"', { POD_INDEX: String(ordinal), HOSTNAME: `orders-${ordinal}` });
  };
  const primary = async (): Promise<void> => {
    await pod.dispose();
    pod = new FilesPod(0);
    await newData(0);
  };

  test('at ordinal 0 publishes what the application writes, and serves it', async () => {
    await primary();
    const script = pod.start(RUN);
    await script.logs('serving, as primary');
    await pod.until(
      'it says that it is the primary',
      () => pod.has('state/observed') && pod.read('state/observed') === 'primary\n',
      script,
    );
    expect(pod.calls).toEqual([
      `serve :combine,upstreams="files=${pod.folder}/volume/files published=${pod.folder}/volume/published signs=${pod.folder}/state/signs":`,
    ]);
    pod.write('volume/files/a', 'text');
    await pod.until('the file is published', () => pod.read('volume/published/manifest').includes(' a\n'), script);
  });

  test('has rclone forget what it has listed when something is published or a sign is given, and not otherwise', async () => {
    await primary();
    const forgotten = (): number => (pod.has('stub/forgotten') ? pod.read('stub/forgotten').length : 0);
    const quiet = async (): Promise<number> => {
      let before = -1;
      while (before !== forgotten()) {
        before = forgotten();
        await new Promise((resolve) => {
          setTimeout(resolve, 500);
        });
      }
      return before;
    };
    const script = pod.start(RUN);
    await script.logs('serving, as primary');
    const before = await quiet();
    pod.write('state/signs/ready', '');
    await pod.until('it is told of the sign', () => forgotten() > before, script);
    const signed = await quiet();
    pod.write('state/text', 'text');
    renameSync(join(pod.folder, 'state/text'), join(pod.folder, 'volume/files/a')); // or half of it would be a change of its own
    await pod.until('the file is published', () => pod.read('volume/published/manifest').includes(' a\n'), script);
    const changed = (path: string): number => statSync(join(pod.folder, path)).mtimeMs;
    await pod.until(
      'it is told after that',
      () => changed('stub/forgotten') > changed('volume/published/position'),
      script,
    );
    expect(await quiet()).toBe(signed + 'all\n'.length);
  });

  test('is not ended by a sign that is given before it takes signals', async () => {
    await primary();
    pod.program('rclone', 'case $1 in obscure) cat ;; *) sleep 1; : >"$STUB/up"; exec sleep 60 ;; esac');
    const script = pod.start(RUN);
    await pod.until('it is told to serve', () => pod.has('state/signs'), script);
    pod.write('state/signs/ready', '');
    await pod.until('it takes signals', () => pod.has('stub/up'), script);
  });

  test.each([
    ['primary', 0],
    ['replica', 1],
  ])('serves, as %s, what it had while it still looks what there is', async (role, ordinal) => {
    await pod.dispose();
    pod = new FilesPod(ordinal);
    await newData(ordinal);
    const script = pod.start(`list_files() { : >"$state/looking"; sleep 60; }; ${RUN}`, {
      POD_INDEX: String(ordinal),
      HOSTNAME: `orders-${ordinal}`,
    });
    await pod.until('it looks', () => pod.has('state/looking'), script);
    expect(pod.read('state/observed')).toMatch(new RegExp(`^${role}`));
    await pod.until(
      'rclone serves',
      () => pod.has('stub/calls') && pod.calls.some((call) => call.startsWith('serve ')),
      script,
    );
    script.kill('SIGKILL');
    await script.ended;
  });

  test.each([
    ['told by a signal', true],
    ['told by the sidecar', false],
  ])('stops when it is %s, with rclone', async (_, bySignal) => {
    await primary();
    const script = pod.start(RUN);
    await pod.until('it serves', () => pod.has('state/observed'), script);
    if (bySignal) script.tell('SIGTERM');
    else pod.write('state/stop', '');
    const { status, log } = await script.ended; // which is when the last process has closed its output
    expect(status).toBe(0);
    expect(log.slice(-2)).toEqual(['told to stop', 'stopped']);
  });

  test('says that it stops also where it was asking another pod', async () => {
    await pod.dispose();
    pod = new FilesPod(1);
    await newData(1);
    pod.program(
      'rclone',
      'case " $* " in *" cat "*) : >"$STUB/asked"; exec sleep 1 ;; *" serve "*) exec sleep 60 ;; esac',
    );
    const script = pod.start(RUN);
    await pod.until('it asks', () => pod.has('stub/asked'), script);
    script.tell('SIGTERM');
    expect((await script.ended).log.slice(-2)).toEqual(['told to stop', 'stopped']);
  });

  test('ends, and says so, when rclone does', async () => {
    await primary();
    pod.program(
      'rclone',
      'case $1 in obscure) cat ;; *) echo "2026/11/25 10:00:00 CRITICAL: no port" >&2; exit 1 ;; esac',
    );
    const { status, log } = await pod.run(RUN);
    expect(status).toBe(1);
    expect(log).toContain('rclone has ended (see the error above)');
  });

  test('starts rclone again when the password has changed', async () => {
    await primary();
    const script = pod.start(RUN);
    await pod.until('it serves', () => pod.has('state/observed'), script);
    pod.write('credentials/..data', '');
    await pod.run('touch -d 2099-01-01 "$credentials/..data"');
    await script.logs('the replication password has changed: starting rclone again');
    pod.remove('credentials/..data');
    await pod.until('it serves again', () => pod.calls.length >= 2, script);
  });

  test("logs who copies, once, what is wrong, and not the kubelet's probes", async () => {
    const line = (text: string): string => `2026/11/25 10:00:00 ${text}\n`;
    pod.write(
      'stub/rclone-log',
      [
        line('INFO  : serve sftp 10.0.0.3:1->10.0.0.2:8022: SSH login from replicator using SSH-2.0-look-by-orders-2'),
        line(
          'INFO  : serve sftp 10.0.0.3:2->10.0.0.2:8022: SSH login from replicator using SSH-2.0-copy-77-by-orders-2',
        ),
        line(
          'INFO  : serve sftp 10.0.0.3:3->10.0.0.2:8022: SSH login from replicator using SSH-2.0-copy-77-by-orders-2',
        ),
        line('ERROR : serve sftp 10.0.0.3:4->10.0.0.2:8022: SSH login failed: EOF'),
        line(
          'ERROR : serve sftp 10.0.0.3:4->10.0.0.2:8022: SSH login failed: [ssh: no auth passed yet, unknown public key for "replicator"]',
        ),
        line(
          'ERROR : serve sftp 10.0.0.3:4->10.0.0.2:8022: SSH login failed: [ssh: no auth passed yet, unknown public key for "replicator"]',
        ),
        line('ERROR : files/a: ReadFileHandle.Read error: low level retry 1/1: unexpected EOF'),
        line('ERROR : a: no space left on device'),
      ].join(''),
    );
    const { log } = await pod.run('. "$scripts/server.sh"; tell_copies <"$STUB/rclone-log"');
    expect(log).toEqual([
      'giving a copy to orders-2',
      'a login was refused: a pod has another replication password',
      'rclone: ERROR : a: no space left on device',
    ]);
  });
});
