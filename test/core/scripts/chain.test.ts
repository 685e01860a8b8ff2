import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { podScripts } from '../../../lib/core/private/pod-scripts';
import { Result, Sandbox, Script } from './sandbox';

// Backups that hold only what changed since the one before. The store is a folder behind a stand-in for rclone; the
// database's data is a text, and what changed is what was appended to it.

const STUB = join(__dirname, 'stub-store');
const IDENTITY = 'abc-1';
const SET = `bucket/shop/orders/${IDENTITY}`;
const SETTINGS = {
  backup_remote: 'backup:bucket',
  backup_sealed: 'no',
  declared_name: 'orders',
  max_data_loss: '10',
  max_unshipped: '1073741824',
  retention: '1209600',
};
const EVERY_THIRD = { ...SETTINGS, full_backup_every: '3' };
const RESTORING = {
  restore_remote: 'restore:bucket',
  restore_sealed: 'no',
  restore_name: 'orders',
  restore_namespace: 'shop',
  restore_until: 'latest',
};

/** Each makes several backups. */
jest.setTimeout(120_000);

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

function begin(settings: { [name: string]: string } = EVERY_THIRD): void {
  sandbox = new Sandbox(0, settings);
  sandbox.patience = 60_000;
  const { files, ofBackups } = podScripts({}, {});
  const texts = { ...files, ...ofBackups?.files };
  ['bootstrap.sh', 'core_create_data.sh'].forEach((name) => sandbox.write(`scripts/${name}`, texts[name]));
  ['engine-backup.sh', 'engine-restore.sh'].forEach((name) =>
    sandbox.write(`scripts/${name}`, readFileSync(join(STUB, name), 'utf8')),
  );
  [0, 1].forEach((ordinal) => sandbox.peer(ordinal, { identity: IDENTITY, rows: 'in-step' }));
  sandbox.write('resolv', 'search shop.svc.cluster.local svc.cluster.local cluster.local\n');
  sandbox.write('bin/getent', '#!/bin/sh\ncase $2 in orders-*) echo 10.0.0.9 "$2" ;; *) exit 2 ;; esac\n');
  ['stage', 'stub/store', 'stub/store/bucket'].forEach((folder) => mkdirSync(join(sandbox.folder, folder)));
  sandbox.write(`stub/store/${SET}/began/20260101T000000Z`, '');
  sandbox.write(`stub/store/${SET}/origin`, 'new\n');
  sandbox.write('stub/state', 'empty');
}
const environment = (): { [name: string]: string } => ({
  STATEFUL_RCLONE: join(STUB, 'rclone'),
  STATEFUL_STAGE: join(sandbox.folder, 'stage'),
  STATEFUL_RESOLV: join(sandbox.folder, 'resolv'),
  STATEFUL_CHUNK_SIZE: '1000',
});
const job = (script: string, kind: string): Promise<Result> =>
  sandbox.run(
    `chmod +x "$STUB/../bin/getent"; exec env PATH="$STUB/../bin:$PATH" HOSTNAME=orders-${kind}-2961-x bash "$scripts/${script}"`,
    environment(),
  );
const setting = (settings: { [name: string]: string }): void => {
  for (const [name, value] of Object.entries(settings))
    sandbox.write('config/settings.sh', `${sandbox.read('config/settings.sh')}${name}=${value}\n`);
};
/** The name of the one that was taken, and what was logged. */
interface Taken {
  readonly name: string;
  readonly log: string[];
}
async function take(data: string): Promise<Taken> {
  sandbox.write('stub/data', data);
  const { status, log } = await job('backup.sh', 'backup');
  const name = /backup (\S+) is complete/.exec(log.join('\n'))?.[1] ?? '';
  expect({ status, log }).toMatchObject({ status: 0 });
  return { name, log };
}
/** With so much data each. */
async function takeAll(...sizes: number[]): Promise<string[]> {
  const names: string[] = [];
  for (const size of sizes) names.push((await take(textOf(size))).name);
  return names;
}
const textOf = (size: number): string =>
  Array.from({ length: size }, (_, n) => String.fromCharCode(97 + (n % 26))).join('');
const pathOf = (name: string, file = 'index'): string => `stub/store/${SET}/base/${name}/${file}`;
const parentOf = (name: string): string | undefined =>
  /^parent (\S+) [0-9a-f]{64}$/m.exec(sandbox.read(pathOf(name)))?.[1];
const bytesOf = (name: string): number =>
  [...sandbox.read(pathOf(name)).matchAll(/^chunk \d+ (\d+) /gm)].reduce((sum, [, size]) => sum + Number(size), 0);
const complete = (): string[] => sandbox.list(`stub/store/${SET}/base`).filter((name) => sandbox.has(pathOf(name)));
/** Changes a byte in the middle. */
function damage(path: string): void {
  const text = sandbox.read(path);
  const at = Math.floor(text.length / 2);
  sandbox.write(path, `${text.slice(0, at)}${text[at] === '?' ? '!' : '?'}${text.slice(at + 1)}`);
}
const restore = (): Script => {
  sandbox.remove('stub/peers');
  setting(RESTORING);
  return sandbox.start(
    '. "$scripts/volume.sh"; . "$scripts/bootstrap.sh"; core_peer_ordinals() { echo 1; }; core_peer_state() { cat "$STUB/state"; }; core_bootstrap',
    environment(),
  );
};

describe('with fullBackupEvery: 3', () => {
  test('two of three hold what changed since the one before, and are restored with all before them', async () => {
    begin();
    const names = await takeAll(3500, 3600, 3650, 3700);
    expect(names.map(parentOf)).toEqual([undefined, names[0], names[1], undefined]);
    expect(names.map(bytesOf)).toEqual([3500, 100, 50, 3700]);
    sandbox.remove(pathOf(names[3]));
    const { status, log } = await restore().ended;
    expect({ status, log }).toMatchObject({ status: 0 });
    expect(sandbox.read('volume/current/rows')).toBe(textOf(3650));
    expect(log).toContain(`backup ${names[2]} holds only what changed: it is made of 3, from ${names[0]} on`);
    expect(sandbox.list('volume')).toEqual(['current']);
  });

  test('says of each what it is', async () => {
    begin();
    const [first] = [await take(textOf(10))];
    expect(first.log.join('\n')).not.toMatch(/full|what changed/);
    const second = await take(textOf(20));
    expect(second.log).toContain(
      `backup ${second.name}: copying what changed since ${first.name}, from orders-1 to folder shop/orders/${IDENTITY}`,
    );
    await take(textOf(30));
    expect((await take(textOf(40))).log).toContain('the next backup is a full one: 3 build on one another already');
  });

  test('a set that had backups before begins with a full one, and one that has the prop no more goes on with them', async () => {
    begin(SETTINGS);
    const [old] = await takeAll(100);
    expect(sandbox.read(pathOf(old))).not.toContain('manifest');
    expect(sandbox.has(pathOf(old, 'manifest'))).toBe(false);
    setting({ full_backup_every: '3' });
    const full = await take(textOf(110));
    expect(full.log).toContain(`the next backup is a full one: ${old} was taken without the prop 'fullBackupEvery'`);
    const [part] = await takeAll(120);
    setting({ full_backup_every: "''" });
    const [last] = await takeAll(130);
    expect([full.name, part, last].map(parentOf)).toEqual([undefined, full.name, undefined]);
    sandbox.remove(pathOf(last));
    expect((await restore().ended).status).toBe(0);
    expect(sandbox.read('volume/current/rows')).toBe(textOf(120));
  });

  test('takes it from the highest that can tell what changed, and a full one from the highest if none can', async () => {
    begin();
    await takeAll(100);
    sandbox.write('stub/forgot-orders-1', '');
    const [second] = await takeAll(110);
    expect(sandbox.calls.filter((call) => call.startsWith('backup'))).toEqual(['backup orders-1', 'backup orders-0']);
    expect(parentOf(second)).toBeDefined();
    sandbox.write('stub/forgot-orders-0', '');
    const { name, log } = await take(textOf(120));
    expect(parentOf(name)).toBeUndefined();
    expect(log).toContain(`no pod of orders can tell what changed since backup ${second}: the next one is a full one`);
    expect(sandbox.calls.at(-1)).not.toBe('backup orders-0');
  });

  test('takes a full one at once where the server refuses after all', async () => {
    begin();
    await takeAll(100);
    sandbox.write('stub/refuses-parent', '');
    const { name, log } = await take(textOf(110));
    expect(log).toContain('taking a full one instead');
    expect([parentOf(name), bytesOf(name)]).toEqual([undefined, 110]);
    expect(complete()).toHaveLength(2);
  });

  test.each<[string, (name: string) => void, RegExp]>([
    ['whose index is damaged', (name) => damage(pathOf(name)), /the newest, \S+, is damaged: see above$/],
    [
      'whose manifest is damaged',
      (name) => damage(pathOf(name, 'manifest')),
      /what the store has of \S+ does not tell what changes after it$/,
    ],
    [
      'whose manifest is gone',
      (name) => sandbox.remove(pathOf(name, 'manifest')),
      /what the store has of \S+ does not tell what changes after it$/,
    ],
    [
      'whose proof failed',
      (name) => sandbox.write(`stub/store/${SET}/failed-proofs/${name}.20260101T000000Z`, ''),
      /the proof of \S+ failed$/,
    ],
  ])('builds on none %s', async (_, spoil, why) => {
    begin();
    const [first] = await takeAll(100);
    spoil(first);
    const { name, log } = await take(textOf(110));
    expect(parentOf(name)).toBeUndefined();
    expect(log).toContainEqual(expect.stringMatching(new RegExp(`^the next backup is a full one: ${why.source}`)));
  });

  // Those that send chunks are tried again for minutes: in backups.test.ts. How many they are is a matter of time.
  test.each([...[2, 3, 4, 5, 6, 7, 8].map((n) => `${n} *`), ...[1, 2, 3, 4].map((n) => `${n} *stage/last *`)])(
    'takes no full one, and writes no index, where the store goes away at its call %s',
    async (call) => {
      begin();
      const [first] = await takeAll(100);
      sandbox.write('stub/fail-from', call);
      sandbox.write('stub/data', textOf(110));
      const { status, log } = await job('backup.sh', 'backup');
      sandbox.remove('stub/fail-from');
      expect(log.filter((line) => line.includes('full one'))).toEqual([]);
      const [, second] = complete();
      // A job that does not hear that its index is stored fails, though it is.
      expect([status, second !== undefined]).toEqual([1, call === '4 *stage/last *']);
      const third = await take(textOf(120));
      expect(parentOf(third.name)).toBe(second ?? first);
      expect(sandbox.has(pathOf(third.name, 'manifest'))).toBe(true);
    },
  );
});

describe('of a chain', () => {
  test.each<[string, (names: string[]) => void, (names: string[]) => string]>([
    [
      'a chunk of the first is damaged',
      ([first]) => damage(pathOf(first, '000002')),
      ([first]) => `DAMAGED: shop/orders/${IDENTITY}/base/${first}/000002 in the store is not what was written`,
    ],
    [
      'the index of the second is damaged',
      ([, second]) => damage(pathOf(second)),
      ([, second, third]) => `DAMAGED: backup ${third} holds only what changed since ${second}, and is worth nothing`,
    ],
    [
      'the first is gone',
      ([first]) => sandbox.remove(`stub/store/${SET}/base/${first}`),
      ([first, second, third]) =>
        `DAMAGED: backup ${second} holds only what changed since ${first}, and is worth nothing without it. To restore an older one, and the log after it, ` +
        `move those from ${second} to ${third} out of folder shop/orders/${IDENTITY}/base`,
    ],
    [
      'the second is another one than it was',
      ([first, second]) => sandbox.write(pathOf(second), sandbox.read(pathOf(first))),
      ([, second, third]) =>
        `DAMAGED: the index of shop/orders/${IDENTITY}/base/${second} is not that of the backup on which ${third} was taken`,
    ],
  ])('%s: the proof names it, and the next backup is a full one that is proven', async (_, spoil, words) => {
    begin();
    const names = await takeAll(3500, 3600, 3650);
    expect((await job('prove.sh', 'proof')).status).toBe(0);
    expect(sandbox.calls).toContain(`prove ${textOf(3650)}`);
    spoil(names);
    const { status, log } = await job('prove.sh', 'proof');
    expect(status).toBe(1);
    expect(log).toContainEqual(expect.stringContaining(words(names)));
    expect(log.at(-1)).toMatch(new RegExp(`^NOT PROVEN: backup ${names[2]} cannot be restored`));
    const next = await take(textOf(3700));
    expect(parentOf(next.name)).toBeUndefined();
    expect((await job('prove.sh', 'proof')).status).toBe(0);
    expect(sandbox.has(`stub/store/${SET}/proven/${next.name}`)).toBe(true);
  });

  test('nothing is left of one that cannot be made one, and it is tried again', async () => {
    begin();
    await takeAll(100, 110);
    sandbox.write('stub/full', '');
    const script = restore();
    await script.logs('Has the volume room for what a restore needs?');
    await script.logs('restoring failed, see the error above; nothing was changed. Trying again in 60 s.');
    expect(sandbox.list('volume')).toEqual([]);
  });
});
