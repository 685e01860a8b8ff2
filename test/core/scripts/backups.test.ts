import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { podScripts } from '../../../lib/core/private/pod-scripts';
import { Result, Sandbox, Script } from './sandbox';

// The store is a folder behind a stand-in for rclone, which ends with rclone's own statuses and can be made to fail at
// any call; the database is that of the other tests, with backups.

const STUB = join(__dirname, 'stub-store');
const IDENTITY = 'abc-1';
const SET = `bucket/shop/orders/${IDENTITY}`;
/** Four chunks. */
const DATA = 'x'.repeat(3500);
const WITH_STORE = {
  backup_remote: 'backup:bucket',
  backup_sealed: 'no',
  declared_name: 'orders',
  max_data_loss: '10',
  max_unshipped: '1073741824',
  retention: '1209600',
};
const restoring = (until: string, name = 'orders'): { [name: string]: string } => ({
  restore_remote: 'restore:bucket',
  restore_sealed: 'no',
  restore_name: name,
  restore_namespace: 'shop',
  restore_until: until,
});

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/** A pod of a set with backups, ordinal 0, or a job. */
function begin(settings: { [name: string]: string } = WITH_STORE, engine = ''): void {
  sandbox = new Sandbox(0, settings, engine);
  const { files, ofBackups } = podScripts({}, {});
  const texts = { ...files, ...ofBackups?.files };
  ['bootstrap.sh', 'core_create_data.sh'].forEach((name) => sandbox.write(`scripts/${name}`, texts[name]));
  ['engine-backup.sh', 'engine-restore.sh'].forEach((name) =>
    sandbox.write(`scripts/${name}`, readFileSync(join(STUB, name), 'utf8')),
  );
  sandbox.write('stub/data', DATA);
  sandbox.write('resolv', 'search shop.svc.cluster.local svc.cluster.local cluster.local\n');
  ['stage', 'stub/store', 'stub/store/bucket'].forEach((folder) => mkdirSync(join(sandbox.folder, folder)));
}
/** Ordinals that hold data, and whether they have all that the primary has. */
function peers(...inStep: boolean[]): void {
  inStep.forEach((is, ordinal) => sandbox.peer(ordinal, { identity: IDENTITY, rows: is ? 'in-step' : 'behind' }));
}
const environment = (): { [name: string]: string } => ({
  STATEFUL_RCLONE: join(STUB, 'rclone'),
  STATEFUL_STAGE: join(sandbox.folder, 'stage'),
  STATEFUL_RESOLV: join(sandbox.folder, 'resolv'),
  STATEFUL_CHUNK_SIZE: '1000',
});
const job = (script: string, kind: string): Promise<Result> => {
  sandbox.write('bin/getent', '#!/bin/sh\ncase $2 in orders-*) echo 10.0.0.9 "$2" ;; *) exit 2 ;; esac\n');
  return sandbox.run(
    `chmod +x "$STUB/../bin/getent"; exec env PATH="$STUB/../bin:$PATH" HOSTNAME=orders-${kind}-2961-x bash "$scripts/${script}"`,
    environment(),
  );
};
const backup = (): Promise<Result> => job('backup.sh', 'backup');
const files = (folder = SET): string[] => walk(join(sandbox.folder, 'stub/store'), folder);
const bases = (): string[] => files(`${SET}/base`).filter((path) => path.endsWith('/index'));
const index = (): string => sandbox.read(`stub/store/${bases()[0]}`);
const calls = (): number => Number(sandbox.read('stub/rclone-calls'));

function walk(root: string, folder: string): string[] {
  if (!sandbox.has(`stub/store/${folder}`)) return [];
  return sandbox.list(`stub/store/${folder}`).flatMap((name) => {
    const path = `${folder}/${name}`;
    try {
      sandbox.list(`stub/store/${path}`);
    } catch {
      return [path];
    }
    return walk(root, path);
  });
}
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('a base backup', () => {
  test('is taken from the highest ordinal in step, in chunks, and its index says each of them, and itself', async () => {
    begin();
    peers(true, true, false);
    const { status, log } = await backup();
    expect({ status, log }).toMatchObject({ status: 0 });
    expect(sandbox.calls).toContain('backup orders-1');
    expect(log.slice(-1)[0]).toMatch(
      /^backup \d{8}T\d{6}Z is complete: 4 chunks, compared with what the store has, and the log up to sealed 9; \d+ s$/,
    );
    const lines = index().split('\n').slice(0, -1);
    expect(lines.filter((line) => line.startsWith('chunk'))).toEqual(
      [0, 1, 2, 3].map((n) => {
        const text = DATA.slice(n * 1000, n * 1000 + 1000);
        return `chunk 00000${n} ${text.length} ${sha(text)}`;
      }),
    );
    expect(lines.slice(1, 4)).toEqual([
      'start 7',
      'sealed 9',
      expect.stringMatching(/^ended \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    ]);
    expect(lines.slice(-1)[0]).toBe(`sum ${sha(`${lines.slice(0, -1).join('\n')}\n`)}`);
  });

  test('of the primary alone, where no replica is in step', async () => {
    begin();
    peers(true, false, false);
    await backup();
    expect(sandbox.calls).toContain('backup orders-0');
  });

  test('not of a replica with other data', async () => {
    begin();
    peers(true, true, true);
    sandbox.peer(2, { identity: 'other', rows: 'in-step' });
    await backup();
    expect(sandbox.calls).toContain('backup orders-1');
  });

  test('is none where the primary does not say whose data it has', async () => {
    begin();
    const { status, log } = await backup();
    expect(status).toBe(1);
    expect(log).toContainEqual(expect.stringMatching(/^orders-0 does not say whose data it has: is it up\?/));
    expect(files()).toEqual([]);
  });

  test('is none where the copy ends too early, though all that came is stored', async () => {
    begin(WITH_STORE, '');
    peers(true);
    sandbox.write(
      'scripts/engine-backup.sh',
      `${readFileSync(join(STUB, 'engine-backup.sh'), 'utf8')}\nengine_backup() { echo 'start 7' >"$facts"; head -c 1500 "$STUB/data"; return 1; }`,
    );
    const { status, log } = await backup();
    expect(status).toBe(1);
    expect(log).toContainEqual(
      expect.stringMatching(/^backup \S+ failed: copying orders-0 ended before it was complete/),
    );
    expect(files().length).toBe(2);
    expect(bases()).toEqual([]);
  });

  test('is none where the log up to its end is not in the store', async () => {
    begin();
    peers(true);
    sandbox.write(
      'scripts/engine-backup.sh',
      `${readFileSync(join(STUB, 'engine-backup.sh'), 'utf8')}\nengine_seal() { return 1; }`,
    );
    expect((await backup()).status).toBe(1);
    expect(bases()).toEqual([]);
  });

  test('is none where the store says that it has a chunk, and has it cut short', async () => {
    begin();
    peers(true);
    sandbox.write('stub/truncate', '*/000002');
    const { status, log } = await backup();
    expect(status).toBe(1);
    expect(log).toContainEqual(
      expect.stringMatching(
        /^STORE DIFFERS: \S+\/000002 is there, and is not what this set has\. Nothing was overwritten\./,
      ),
    );
    expect(bases()).toEqual([]);
  });

  test('has an index only if every call before was answered, wherever the store goes away', async () => {
    begin();
    peers(true);
    await backup();
    const all = calls();
    await sandbox.dispose();
    for (let n = 1; n <= all; n++) {
      begin();
      peers(true);
      sandbox.write('stub/fail-from', `${n} *`);
      const { status } = await backup();
      // A job that does not hear that its index is stored fails, though it is. An index alone never is.
      if (status === 0) expect([n, bases().length]).toEqual([n, 1]);
      if (bases().length > 0)
        expect([n, index().includes('chunk 000003'), files().filter((path) => /\d{6}$/.test(path)).length]).toEqual([
          n,
          true,
          4,
        ]);
      sandbox.remove('stub/fail-from');
      expect([n, (await backup()).status]).toEqual([n, 0]);
      if (n < all) await sandbox.dispose();
    }
  }, 180_000);
});

describe('an ordinal 0 where no ordinal holds data', () => {
  const start = (): Script =>
    sandbox.start(
      '. "$scripts/volume.sh"; . "$scripts/bootstrap.sh"; core_peer_ordinals() { echo 1; }; core_peer_state() { cat "$STUB/state"; }; core_bootstrap',
      environment(),
    );
  /** A set with one backup. */
  const backedUp = async (settings: { [name: string]: string } = WITH_STORE): Promise<string> => {
    begin(settings);
    peers(true);
    sandbox.write('stub/state', 'empty');
    sandbox.write(`stub/store/${SET}/began/20260101T000000Z`, '');
    sandbox.write(`stub/store/${SET}/origin`, 'new\n');
    const { log } = await backup();
    sandbox.remove('stub/peers');
    sandbox.remove('stage');
    mkdirSync(join(sandbox.folder, 'stage'));
    return /backup (\S+) is complete/.exec(log.join('\n'))?.[1] ?? '';
  };
  const untouched = (): void => {
    expect(sandbox.list('volume')).toEqual([]);
    expect(sandbox.calls).not.toContain('initialise');
  };

  test('makes a new database where the store has none of this set', async () => {
    begin();
    sandbox.write('stub/state', 'empty');
    expect((await start().ended).log).toContain('initialised');
  });

  test('makes nothing before the store has answered', async () => {
    begin();
    sandbox.write('stub/state', 'empty');
    sandbox.write('stub/away', '');
    const script = start();
    await script.logs(
      'the store of the backups: this volume is empty; waiting for it to say whether there are backups of this set. Nothing is made before it has answered: ' +
        'dial tcp: connection refused',
    );
    untouched();
    sandbox.remove('stub/away');
    expect((await script.ended).log).toContain('initialised');
  });

  test('starts over where another ordinal has data by the time that the store answers', async () => {
    begin();
    sandbox.write('stub/state', 'empty');
    sandbox.write('stub/away', '');
    const script = start();
    await script.logs('waiting for it to say whether there are backups');
    sandbox.write('stub/state', 'holding');
    const { status, log } = await script.ended;
    expect(status).toBe(1);
    expect(log).toContain('orders-1 had no data, and holds some now: asking all again');
    untouched();
  });

  test('stops where the store has backups of this set, and nobody says that they are wanted', async () => {
    await backedUp();
    const script = start();
    await script.logs(
      `STOPPED: no pod of this set holds data, but the store has backups of it (folder shop/orders/${IDENTITY}). Nothing was changed.`,
    );
    untouched();
  });

  test('restores the newest, says to the store that it reads it, and notes where the data is from', async () => {
    const name = await backedUp({ ...WITH_STORE, ...restoring('latest') });
    const { status, log } = await start().ended;
    expect({ status, log }).toMatchObject({ status: 0 });
    expect(sandbox.read('volume/current/rows')).toBe(DATA);
    expect(sandbox.read('volume/current/origin')).toBe('restored shop/orders until latest\n');
    expect(log).toContainEqual(
      expect.stringMatching(new RegExp(`^restoring shop/orders/${IDENTITY}, backup ${name}, until latest$`)),
    );
    expect(files(`${SET}/reading`)[0]).toMatch(new RegExp(`/reading/${name}\\.\\d{8}T\\d{6}Z$`));
  });

  test('restores for a reader who may not write, all the same', async () => {
    await backedUp({ ...WITH_STORE, ...restoring('latest') });
    sandbox.write('stub/refuse', '*/reading/*');
    expect((await start().ended).status).toBe(0);
    expect(sandbox.read('volume/current/rows')).toBe(DATA);
  });

  test.each([
    ['a chunk', /000001$/, 'DAMAGED: shop/orders/abc-1/base/BACKUP/000001 in the store is not what was written'],
    ['the index', /index$/, 'DAMAGED: the index of shop/orders/abc-1/base/BACKUP is not what was written'],
  ])('restores nothing of a backup of which %s has another byte', async (_, pattern, words) => {
    const name = await backedUp({ ...WITH_STORE, ...restoring('latest') });
    const path = files().find((candidate) => pattern.test(candidate)) ?? '';
    const text = sandbox.read(`stub/store/${path}`);
    sandbox.write(`stub/store/${path}`, `${text.slice(0, 5)}?${text.slice(6)}`);
    const script = start();
    await script.logs(words.replace('BACKUP', name));
    await script.logs('restoring failed, see the error above; nothing was changed. Trying again in 60 s.');
    untouched();
  });

  test('refuses a time before the first backup ended, and one whose name is unknown', async () => {
    await backedUp({ ...WITH_STORE, ...restoring('2020-01-01T00:00:00Z') });
    await start().logs(
      'STOPPED: no backup in folder shop/orders/abc-1 is as old as 2020-01-01T00:00:00Z: the oldest is 2',
    );
    untouched();
    await sandbox.dispose();
    await backedUp({ ...WITH_STORE, ...restoring('20200101T000000Z') });
    await start().logs('STOPPED: no backup in folder shop/orders/abc-1 is as old as 20200101T000000Z');
    untouched();
  });

  test.each([
    ['latest', 'young'],
    ['2026-03-01T00:00:00Z', 'young'],
    ['2026-01-31T23:59:59.5Z', IDENTITY],
    ['20260115T000000Z', IDENTITY],
    ['2025-12-31T00:00:00Z', IDENTITY],
  ])('data that was restored has its own time: until %s it is %s', async (until, identity) => {
    begin();
    sandbox.write(`stub/store/${SET}/began/20260101T000000Z`, '');
    sandbox.write('stub/store/bucket/shop/orders/young/began/20260201T000000Z', '');
    expect(
      (
        await sandbox.run(
          `. "$scripts/restore.sh"; core_open_store backup; core_newest_identity shop/orders '${until}'`,
          environment(),
        )
      ).out,
    ).toBe(identity);
  });

  test('goes on where the store is silent for a moment', async () => {
    await backedUp({ ...WITH_STORE, ...restoring('latest') });
    const script = sandbox.start(
      `. "$scripts/volume.sh"; . "$scripts/bootstrap.sh"; core_peer_ordinals() { echo 1; }; core_peer_state() { echo empty; }
      . "$scripts/restore.sh"; eval "$(declare -f core_store_get | sed s/core_store_get/got/)"
      core_store_get() { if [[ $1 == */000002 && ! -e $STUB/silent ]]; then : >"$STUB/silent"; return 1; fi; got "$@"; }
      core_data_from_store`,
      environment(),
    );
    expect((await script.ended).status).toBe(0);
    expect(sandbox.has('stub/silent')).toBe(true);
    expect(sandbox.read('volume/current/rows')).toBe(DATA);
  });

  test('of a set that the store does not have, stops', async () => {
    begin({ ...WITH_STORE, ...restoring('latest', 'others') });
    sandbox.write('stub/state', 'empty');
    await start().logs("STOPPED: the store has no backup of shop/others, which 'restoreFrom' names.");
    untouched();
  });

  test('that was restored once, and lost all again, gets its own newest backup, and not the one that it began with', async () => {
    await backedUp({ ...WITH_STORE, ...restoring('latest', 'others') });
    sandbox.write(`stub/store/${SET}/origin`, 'restored shop/others until latest\n');
    expect((await start().ended).status).toBe(0);
    expect(sandbox.calls).toContain(`replay shop/orders/${IDENTITY} until latest`);
  });
});

describe('the proof', () => {
  const proof = (): Promise<Result> => job('prove.sh', 'proof');
  const made = async (): Promise<void> => {
    begin();
    peers(true);
    sandbox.write(`stub/store/${SET}/began/20260101T000000Z`, '');
    await backup();
  };

  test('restores the newest backup, and the store has it', async () => {
    await made();
    const { status, log } = await proof();
    expect({ status, log }).toMatchObject({ status: 0 });
    expect(sandbox.calls).toContain(`prove ${DATA}`);
    expect(log.slice(-1)[0]).toMatch(/^PROVEN: backup \S+ and the log after it restore, and the data is sound; \d+ s$/);
    expect(files(`${SET}/proven`)).toHaveLength(1);
  });

  test('can be given again, of the same backup', async () => {
    await made();
    expect((await proof()).status).toBe(0);
    const { status, log } = await proof();
    expect({ status, log }).toMatchObject({ status: 0 });
    expect(files(`${SET}/proven`)).toHaveLength(2);
  });

  test('is of the data that the primary has, and not of a set of another cluster', async () => {
    await made();
    sandbox.write('stub/store/bucket/shop/orders/other/began/20290101T000000Z', '');
    expect((await proof()).status).toBe(0);
    expect(files(`${SET}/proven`)).toHaveLength(1);
  });

  test('names the damaged chunk, and proves nothing', async () => {
    await made();
    const path = files().find((candidate) => candidate.endsWith('000003')) ?? '';
    sandbox.write(`stub/store/${path}`, `?${sandbox.read(`stub/store/${path}`).slice(1)}`);
    const { status, log } = await proof();
    expect(status).toBe(1);
    expect(log).toContainEqual(
      expect.stringMatching(/^DAMAGED: shop\/orders\/abc-1\/base\/\S+\/000003 in the store is not what was written/),
    );
    expect(log.slice(-1)[0]).toMatch(/^NOT PROVEN: backup \S+ cannot be restored, see the error above\./);
    expect(files(`${SET}/proven`)).toEqual([]);
    const [failed, ...others] = files(`${SET}/failed-proofs`);
    expect(others).toEqual([]);
    expect(sandbox.read(`stub/store/${failed}`)).toMatch(/^failed \S+Z\nbackup \d{8}T\d{6}Z\n$/);
  });

  test('is not given without a backup', async () => {
    begin();
    peers(true);
    expect((await proof()).log.slice(-1)[0]).toMatch(
      /^NOT PROVEN: there is no complete backup in folder shop\/orders\/abc-1\./,
    );
  });
});

describe('ship', () => {
  const start = (): Script => sandbox.start('ship.sh', environment());
  const running = (engine = '', settings: { [name: string]: string } = {}): void => {
    begin({ ...WITH_STORE, ...settings }, '');
    if (engine !== '')
      sandbox.write('scripts/engine-backup.sh', `${readFileSync(join(STUB, 'engine-backup.sh'), 'utf8')}\n${engine}`);
    peers(true);
    sandbox.write('volume/current/identity', IDENTITY);
    sandbox.write('volume/current/log/1', 'one');
    sandbox.write('state/running', '');
  };
  const end = async (script: Script): Promise<Result> => {
    script.tell('SIGTERM');
    return script.ended;
  };

  test('says when the data began, sends the log, and takes the first backup as soon as the pod is ready', async () => {
    running();
    const script = start();
    await sandbox.until('the log is sent', () => sandbox.calls.includes('sent 1'), script);
    expect(files(`${SET}/began`)).toHaveLength(1);
    expect(sandbox.read(`stub/store/${SET}/origin`)).toBe('new\n');
    expect(sandbox.calls).not.toContain('backup orders-0');
    sandbox.write('state/ready', '');
    await script.logs('is complete: 4 chunks');
    sandbox.write('volume/current/log/2', 'two');
    await sandbox.until('the log is sent', () => sandbox.calls.includes('sent 2'), script);
    expect(bases()).toHaveLength(1);
    expect((await end(script)).status).toBe(0);
  });

  test('says so where the store has other data under this name', async () => {
    running();
    sandbox.write('stub/store/bucket/shop/orders/other/began/20250101T000000Z', '');
    const script = start();
    await script.logs(
      'the store has backups of other data of shop/orders too: former data of this set, or a set of another cluster?',
    );
    await end(script);
  });

  test('takes none where the store has one already', async () => {
    running();
    await backup();
    sandbox.write('state/ready', '');
    const taken = sandbox.calls.filter((call) => call.startsWith('backup')).length;
    const script = start();
    await sandbox.until(
      'the log is sent thrice',
      () => sandbox.calls.filter((call) => call === 'sent 1').length > 2,
      script,
    );
    expect(sandbox.calls.filter((call) => call.startsWith('backup'))).toHaveLength(taken);
    await end(script);
  });

  test('says what is missing, and takes another', async () => {
    running(
      'engine_ship() { if [[ -e $STUB/gap && ! -e $STUB/told ]]; then core_note_gap 3 5 && : >"$STUB/told"; fi; }',
    );
    sandbox.write('state/ready', '');
    const script = start();
    await script.logs('is complete: 4 chunks');
    sandbox.write('stub/gap', '');
    await script.logs('GAP: the log from 3 to 5 is not in the store: no time in it can be restored.');
    await sandbox.until('another is there', () => bases().length === 2, script);
    expect(files(`${SET}/gaps`)[0]).toMatch(/\/gaps\/\d{8}T\d{6}Z\.3\.5$/);
    await end(script);
  });

  test('says how much waits while the store is away, a line each tenth, and goes on when it is back', async () => {
    running('engine_unshipped() { cat "$STUB/unshipped"; }');
    sandbox.write('stub/unshipped', String(300 << 20));
    sandbox.write('stub/away', '');
    const script = start();
    await script.logs(
      '300 MiB of the log wait for the store: from 1024 MiB on the oldest is dropped, and no time in it can be restored',
    );
    expect(sandbox.has('state/store-away')).toBe(true);
    sandbox.remove('stub/away');
    await sandbox.until('the log is sent', () => !sandbox.has('state/store-away'), script);
    const { log } = await end(script);
    expect(log.filter((line) => line.includes('wait for the store'))).toHaveLength(1);
  });

  test('takes none where only a job can, and says so, until there is one', async () => {
    running('', { backs_up_from_volume: 'yes' });
    sandbox.write('state/ready', '');
    const script = start();
    await script.logs(
      'nothing from here on can be restored before there is one. Take it now: kubectl create job --from=cronjob/orders-backup orders-backup-now',
    );
    await sandbox.until(
      'the log is sent thrice',
      () => sandbox.calls.filter((call) => call === 'sent 1').length > 2,
      script,
    );
    expect(sandbox.calls.filter((call) => call.startsWith('backup'))).toEqual([]);
    const { log } = await end(script);
    expect(log.filter((line) => line.includes('kubectl create job'))).toHaveLength(1);
  });

  test('of a replica sends what its engine finds', async () => {
    running('engine_ship_replica() { note "replica of $core_set_path"; }');
    sandbox.write('other-hosts', '10.0.0.10\torders-1.orders.shop.svc.cluster.local\torders-1\n');
    const script = sandbox.start('ship.sh', {
      ...environment(),
      HOSTNAME: 'orders-1',
      POD_INDEX: '1',
      STATEFUL_HOSTS: join(sandbox.folder, 'other-hosts'),
    });
    await sandbox.until('it is asked', () => sandbox.calls.includes('replica of shop/orders/abc-1'), script);
    expect((await end(script)).status).toBe(0);
    expect(sandbox.calls.filter((call) => call.startsWith('sent'))).toEqual([]);
  });

  test('does not keep a pod that stops where the store hangs', async () => {
    running();
    const script = sandbox.start('ship.sh', { ...environment(), STATEFUL_END_PATIENCE: '1' });
    await sandbox.until('the log is sent', () => sandbox.calls.includes('sent 1'), script);
    sandbox.write('stub/hangs', '');
    const before = calls();
    sandbox.write('volume/current/log/2', 'two');
    await sandbox.until('the store is asked', () => calls() > before, script);
    const told = Date.now();
    const { status } = await end(script);
    expect(status).toBe(0);
    expect(Date.now() - told).toBeLessThan(20_000);
    expect(sandbox.list('state').filter((name) => name.includes('-call-'))).toEqual([]);
  });

  test('sends what the server writes as it stops, and ends after it', async () => {
    running();
    const script = start();
    await sandbox.until('the log is sent', () => sandbox.calls.includes('sent 1'), script);
    const server = sandbox.start(
      'exec {fd}<"$state/running"; flock "$fd"; log locked; until [[ -e $STUB/stop ]]; do sleep 0.05; done',
    );
    await server.logs('locked');
    script.tell('SIGTERM');
    sandbox.write('volume/current/log/last', 'last');
    sandbox.write('stub/stop', '');
    await server.ended;
    expect((await script.ended).status).toBe(0);
    expect(sandbox.calls).toContain('sent last');
  });
});
