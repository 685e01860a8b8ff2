import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { FilesPod, WITH_PRIMARY } from './pod';
import { treeOf } from './tree';

// A pod that was replaced and goes on: who takes from whom, and who writes (follow.sh, engine-sync.sh, server.sh).

jest.setTimeout(120_000);
let pod: FilesPod;
afterEach(() => pod.dispose());

/** The primary's name leads to an address, whose pod is what the folder of that name has. */
const FOLLOW = `${WITH_PRIMARY}
  attempts=3
  pause() { sleep 0.05; }
  at() { echo "$1" >"$STUB/address"; }
  core_addresses_of() { cat "$STUB/address"; }
  there() { mkdir -p "$STUB/pods/$1"; }
  moves_to() { mv "$primary" "$STUB/pods/$1"; ln -sfnT "$STUB/pods/$1" "$primary"; at "$1"; }
  recovering() { there "$1"; echo "recovering orders" >"$STUB/pods/$1/line"; at "$1"; }
  go() { follow; cut -d ' ' -f 3- "$state/observed"; }
  sign() { cat "$state/signs/$1" 2>/dev/null || echo none; }
  blank; change 'echo 1 >a'; publish_all; moves_to 10.0.0.1; begin_following 2>/dev/null
`;
const lines = (out: string): string[] => out.split('\n').slice(0, -1);
const replica = (): void => {
  pod = new FilesPod(1);
  pod.patience = 60_000;
  pod.served(0);
};
const files = (): string[] => treeOf(join(pod.folder, 'volume', 'files'));

test('a replica follows by an address, and says by which', async () => {
  replica();
  const { out } = await pod.does(`${FOLLOW} : >"$STUB/calls"; go; sign takes-from; sign detached`);
  expect(lines(out)).toEqual(['yes', '10.0.0.1', 'none']);
  expect(pod.calls.every((call) => call.includes('host="10.0.0.1"'))).toBe(true);
});

test('a primary that has no files yet is waited for, and taken from no one meanwhile; that is told, and where it has come to', async () => {
  replica();
  const { out } = await pod.does(`${FOLLOW} go; recovering 10.0.0.2; go; sign takes-from; sign detached
    settled() (ln -sfnT "$volume" "$STUB/pods/orders-1"; mkdir -p "$volume/signs"; cp "$state"/signs/* "$volume/signs"; engine_replayed_position "$(core_host_of 1)")
    settled | cut -d ' ' -f 1,2,4`);
  expect(lines(out)).toEqual([
    'yes',
    'orders-0 has no files: waiting until it has recovered them',
    'none',
    'whole',
    'documents 1 whole',
  ]);
});

test('one that was told to leave the former primary takes no more from it, though it has more, until the sidecar says so', async () => {
  replica();
  const { out } = await pod.does(
    `${FOLLOW} go; : >"$state/detached"; change 'echo 2 >b'; publish_all; go; go; sign detached; ls "$files"; rm "$state/detached"; go; sign detached; ls "$files"`,
  );
  expect(lines(out)).toEqual([
    'yes',
    ...Array<string>(2).fill('left the former orders-0: waiting for the new one'),
    'whole',
    'a',
    'yes',
    'none',
    'a',
    'b',
  ]);
});

test('one that has heard from the new primary that it has no files goes back to the former one under no name', async () => {
  replica();
  const { out } = await pod.does(
    `${FOLLOW} go; recovering 10.0.0.2; go; change 'echo 2 >b'; publish_all; at 10.0.0.1; go; ls "$files"; cat "$state/former-primary"`,
  );
  expect(lines(out)).toEqual([
    'yes',
    'orders-0 has no files: waiting until it has recovered them',
    'left the former orders-0: waiting for the new one',
    'a',
    '10.0.0.1',
  ]);
});

test('nor where its name leads to the former one again', async () => {
  replica();
  const { out } = await pod.does(
    `${FOLLOW} go; echo 10.0.0.1 >"$state/former-primary"; change 'echo 2 >b'; publish_all; go; ls "$files"`,
  );
  expect(lines(out)).toEqual(['yes', 'left the former orders-0: waiting for the new one', 'a']);
});

test('what it is at is ended', async () => {
  replica();
  await pod.does(`${FOLLOW} :`);
  pod.executable('stub/before-copy', ': >"$STUB/copying"; exec sleep 60');
  const script = pod.start('core_addresses_of() { echo 10.0.0.1; }; try_lock "$state/running"; engine_run "$volume"');
  await pod.until('it copies', () => pod.has('stub/copying'), script);
  pod.write('state/detached', '');
  await pod.until('it says that it takes from no one', () => pod.has('state/signs/detached'), script);
  expect(pod.read('state/signs/detached')).toBe('doubtful\n');
  expect(pod.has('state/signs/takes-from')).toBe(false);
  expect(files()).toEqual([]);
  script.kill('SIGKILL');
  await script.ended;
});

test('what a crash or a person has left is told as doubtful', async () => {
  replica();
  const { out } = await pod.does(
    `${FOLLOW} go; echo by-hand >"$files/other"; begin_following 2>/dev/null; recovering 10.0.0.2; go; sign detached`,
  );
  expect(lines(out).at(-1)).toBe('doubtful');
});

test('a primary of another password is said', async () => {
  replica();
  const { out } = await pod.does(`${FOLLOW} mkdir "$primary/stranger"; go`);
  expect(lines(out)).toEqual([
    'orders-0 has another replication password, or is none of this set: give all pods the same, they take it within a minute',
  ]);
});

describe('the sidecar', () => {
  const SYNC = `
    . "$scripts/engine-sync.sh"; . "$scripts/former.sh"; mkdir -p "$state/signs"; role= synced= lag= session_pid= started=yes; keep_addresses() { :; }
    core_addresses_of() { echo 10.0.0.2; }
`;

  test('knows from whom its server takes', async () => {
    pod = new FilesPod(1);
    pod.write('state/signs/takes-from', '10.0.0.1\n');
    expect((await pod.run(`${SYNC} engine_reconcile; echo "$primary_address"`)).out).toBe('10.0.0.1\n');
  });

  test('has it follow again when ordinal 0 is a primary, and not the former one', async () => {
    pod = new FilesPod(1);
    const told = 'if [ -e "$state/detached" ]; then echo detached; else echo free; fi';
    const { out } = await pod.run(`${SYNC} engine_detach; engine_reconcile; ${told}
      mkdir -p "$STUB/pods/orders-0/published"; echo "documents 1 run" >"$STUB/pods/orders-0/published/position"
      former_primary=10.0.0.2; engine_reconcile; ${told}; echo "$synced"; former_primary=10.0.0.1; engine_reconcile; ${told}`);
    expect(lines(out)).toEqual([
      'detached',
      'detached',
      'DNS still resolves orders-0 to the previous pod, at 10.0.0.2',
      'free',
    ]);
  });
});

test("a new pod that has got the former one's address is followed when DNS has led to it for longer than an old answer lives", async () => {
  pod = new FilesPod(1);
  const { out } = await pod.run(`
    . "$scripts/engine-sync.sh"; . "$scripts/former.sh"; role=replica lag= session_pid= started=yes; keep_addresses() { :; }
    core_addresses_of() { echo 10.0.0.2; }; core_clock() { core_now=$((core_now_cs / 100)); }; core_now_cs=0 former_primary=10.0.0.2; echo 10.0.0.2 >"$state/former-primary"
    ask() { synced=; engine_reconcile; echo "$synced"; ls "$state" | grep -c former || true; }
    ask; core_now_cs=6000; ask; core_now_cs=6001; ask`);
  const waits = 'DNS still resolves orders-0 to the previous pod, at 10.0.0.2';
  expect(lines(out)).toEqual([waits, '1', waits, '1', '', '0']);
});

describe('a former ordinal 0', () => {
  const mode = (): string => (lstatSync(join(pod.folder, 'volume', 'files')).mode & 0o7777).toString(8);

  test('closes its files to the application, which would go on writing; and opens them where it is the one again', async () => {
    pod = new FilesPod(0);
    await pod.run('engine_initialise "$volume"');
    expect(mode()).toBe('2775');
    const script = pod.start('try_lock "$state/running"; engine_run "$volume"');
    await script.logs('serving, as primary');
    pod.write('state/replaced', '10.0.0.2\n');
    pod.write('state/stop', '');
    expect((await script.ended).log).toContain('this pod was replaced: its files are closed to the application');
    expect(mode()).toBe('2700');
    pod.remove('state/replaced');
    const again = pod.start('try_lock "$state/running"; engine_run "$volume"');
    await again.logs('serving, as primary');
    expect(mode()).toBe('2775');
  });

  test('one that is only stopped does not', async () => {
    pod = new FilesPod(0);
    await pod.run('engine_initialise "$volume"');
    const script = pod.start('try_lock "$state/running"; engine_run "$volume"');
    await script.logs('serving, as primary');
    script.tell('SIGTERM');
    await script.ended;
    expect(mode()).toBe('2775');
  });
});

test('the server watches its signs again where what watched them has died', async () => {
  pod = new FilesPod(0);
  await pod.run('engine_initialise "$volume"');
  const script = pod.start(
    'begun=0; watch_signs() { :; }; try_lock "$state/running"; engine_prepare; use_data "$volume"; . "$scripts/server.sh"; watch_signs() { echo >>"$state/watches"; exec sleep 0.1; }; run_server',
  );
  await pod.until(
    'it watches for the third time',
    () => pod.has('state/watches') && pod.read('state/watches').length > 2,
    script,
  );
});
