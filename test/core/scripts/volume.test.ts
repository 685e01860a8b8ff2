import { Sandbox } from './sandbox';

let sandbox: Sandbox;
beforeEach(() => (sandbox = new Sandbox(1)));
afterEach(() => sandbox.dispose());

const FOLDERS = ['current', 'incoming', 'verified', 'outgoing'] as const;
type Folder = (typeof FOLDERS)[number];

/** Data is two files, so that it can be whole or half. */
function put(folder: Folder, what: string): void {
  sandbox.write(`volume/${folder}/first`, what);
  sandbox.write(`volume/${folder}/second`, what);
}

/** The volume: what each folder holds, whole or half. */
function volume(): { [folder: string]: string } {
  return Object.fromEntries(
    sandbox
      .list('volume')
      .filter((name) => name !== 'lock')
      .map((folder) => [folder, contents(folder)]),
  );
}

function contents(folder: string): string {
  const texts = sandbox.list(`volume/${folder}`).map((file) => sandbox.read(`volume/${folder}/${file}`));
  return texts.length === 2 && texts[0] === texts[1] ? texts[0] : 'broken';
}

describe('core_settle_volume', () => {
  // All combinations of the four folders: what was verified is the data, else what was current is; the rest is cleared
  // away.
  const subsets = Array.from({ length: 16 }, (_, bits) => FOLDERS.filter((_folder, i) => bits & (1 << i)));

  test.each(subsets.map((folders) => [folders.join(', ') || 'nothing', folders] as const))(
    'with %s',
    async (_, folders) => {
      folders.forEach((folder) => put(folder, `the ${folder}`));
      const { status, log } = await sandbox.run(
        '. "$scripts/volume.sh"; core_settle_volume; if core_holds_data; then log "holds data"; fi',
      );
      const kept = (['verified', 'current'] as const).find((folder) => folders.includes(folder));
      expect(status).toBe(0);
      expect(volume()).toEqual(kept ? { current: `the ${kept}` } : {});
      expect(log).toEqual(kept ? ['holds data'] : []);
    },
  );
});

describe('a crash anywhere', () => {
  // Every command that changes the volume can be the last before the crash, can not have begun, and where it removes,
  // can be half done.
  const crashing = `
    . "$scripts/volume.sh"
    countdown=$CRASH_AT
    step() {
      if [ "$countdown" -eq 0 ]; then kill -9 $$; fi
      countdown=$((countdown - 1))
      command "$@"
    }
    mv() { step mv "$@"; }
    sync() { step sync "$@"; }
    rm() {
      local folder
      for folder in "$@"; do [ ! -e "$folder/first" ] || step rm "$folder/first"; done
      step rm "$@"
    }`;
  const accept = `${crashing}\ncore_accept_incoming`;
  const settle = `${crashing}\ncore_settle_volume`;
  const whole = '. "$scripts/volume.sh"; core_settle_volume';

  /**
   * Runs it with a crash before its first, second, ... command, until there is no crash; says after how many that is.
   */
  async function crashEverywhere(
    script: string,
    prepare: () => void,
    check: (crashAt: number) => Promise<void>,
  ): Promise<number> {
    for (let crashAt = 0; ; crashAt++) {
      prepare();
      const { status, signal, log } = await sandbox.run(script, { CRASH_AT: String(crashAt) });
      expect(log).toEqual([]);
      if (signal === null) {
        expect(status).toBe(0);
        return crashAt;
      }
      await check(crashAt);
    }
  }

  const clear = (): void => sandbox.list('volume').forEach((name) => sandbox.remove(`volume/${name}`));

  test.each([
    ['replacing old data', true],
    ['on an empty volume', false],
  ])('%s: the data is whole, and it is the new once that has its name', async (_, old) => {
    const seen = new Set<string>();
    const steps = await crashEverywhere(
      accept,
      () => {
        clear();
        put('incoming', 'new');
        if (old) {
          put('current', 'old');
          put('outgoing', 'older'); // left by an earlier crash
        }
      },
      async () => {
        const verified = 'verified' in volume() || !('incoming' in volume());
        await sandbox.run(whole);
        const data = verified ? { current: 'new' } : old ? { current: 'old' } : {};
        expect(volume()).toEqual(data);
        seen.add(JSON.stringify(data));
      },
    );
    expect(volume()).toEqual({ current: 'new' });
    expect(steps).toBeGreaterThanOrEqual(old ? 9 : 6);
    expect(seen.size).toBe(2); // before and after the point of no return
  });

  test('and once more while the first crash is mended', async () => {
    let twice = 0;
    const start = (): void => {
      clear();
      put('incoming', 'new');
      put('current', 'old');
    };
    await crashEverywhere(accept, start, async (crashAt) => {
      await crashEverywhere(
        settle,
        () => undefined,
        async () => {
          await sandbox.run(whole);
          expect([{ current: 'old' }, { current: 'new' }]).toContainEqual(volume());
          twice += 1;
          start();
          await sandbox.run(accept, { CRASH_AT: String(crashAt) });
        },
      );
    });
    expect(twice).toBeGreaterThan(15);
  });

  test.each([
    ['mv', 'the copy cannot get its name', { current: 'old', incoming: 'new' }],
    ['sync', 'the copy cannot be made durable', { current: 'old', incoming: 'new' }],
  ])('an error of %s is one: %s', async (command, _, left) => {
    put('incoming', 'new');
    put('current', 'old');
    const { out } = await sandbox.run(
      `. "$scripts/volume.sh"; ${command}() { return 1; }; if core_accept_incoming; then echo accepted; else echo failed; fi`,
    );
    expect(out).toBe('failed\n');
    expect(volume()).toEqual(left);
  });
});

describe('the lock', () => {
  const hold = '. "$scripts/volume.sh"; core_lock_volume; sleep 1000 & log locked; wait';
  const take = '. "$scripts/volume.sh"; core_lock_volume; log locked';

  test('is had at once where no one is', async () => {
    expect((await sandbox.run(take)).log).toEqual(['locked']);
  });

  test.each([
    ['its holder dies', (holder: ReturnType<Sandbox['start']>) => holder.kill('SIGKILL')],
    ['its holder ends', (holder: ReturnType<Sandbox['start']>) => holder.kill('SIGTERM')],
  ])('keeps a second out until %s', async (_, end) => {
    const holder = sandbox.start(hold);
    await holder.logs('locked');
    const second = sandbox.start(take);
    await second.logs('waiting for the previous pod to release the volume');
    expect(second.log).not.toContain('locked');
    end(holder);
    expect((await second.ended).log).toEqual([
      'waiting for the previous pod to release the volume',
      'the volume is free',
      'locked',
    ]);
    expect((await holder.ended).log).toEqual(['locked']);
  });

  test('is inherited: it is held until the last process of the server has ended', async () => {
    const holder = sandbox.start(hold);
    await holder.logs('locked');
    holder.tell('SIGKILL'); // the script; its sleep stays
    const second = sandbox.start(take);
    await second.logs('waiting');
    expect(second.log).not.toContain('locked');
    holder.kill('SIGKILL');
    expect((await second.ended).log).toContain('locked');
  });

  test('does not keep the waiting from being told to stop', async () => {
    await sandbox.start(hold).logs('locked');
    const second = sandbox.start(`core_end_on_signal; ${take}`);
    await second.logs('waiting');
    second.tell('SIGTERM');
    expect(await second.ended).toMatchObject({
      status: 143,
      log: [expect.stringContaining('waiting') as string, 'told to stop'],
    });
  });
});

test.each([
  ['100', 'room'],
  ['9'.repeat(15), 'none'],
])('for %s bytes there is %s', async (bytes, expected) => {
  expect(
    (await sandbox.run(`. "$scripts/volume.sh"; if core_has_room_for ${bytes}; then echo room; else echo none; fi`))
      .out,
  ).toBe(`${expected}\n`);
});

test('room is left for a tenth more than the copy', async () => {
  const answers = await sandbox.run(`. "$scripts/volume.sh"; stat() { echo '275 * 4'; }
    for bytes in 999 1000 1001; do if core_has_room_for $bytes; then echo room; else echo none; fi; done`);
  expect(answers.out).toBe('room\nnone\nnone\n');
});

test("core_foreign_files are those of others, and neither ours nor the file system's", async () => {
  sandbox = new Sandbox(0);
  for (const path of ['lock', 'lost+found/x', 'current/x', 'incoming/x', '.snapshot/x'])
    sandbox.write(`volume/${path}`, '');
  const list = async (): Promise<string> => (await sandbox.run('. "$scripts/volume.sh"; core_foreign_files')).out;
  expect(await list()).toBe('');
  for (const path of ['pgdata/PG_VERSION', 'ibdata1', '.hidden']) sandbox.write(`volume/${path}`, '');
  expect(await list()).toBe('ibdata1 pgdata .hidden');
});

test.each(['', 'much', '1 2', 'a[$(touch $volume/pwned)]'])(
  'a size of %j is none: there is no room for it',
  async (size) => {
    sandbox = new Sandbox(0);
    expect(
      (await sandbox.run('. "$scripts/volume.sh"; core_has_room_for "$SIZE" || echo none', { SIZE: size })).out,
    ).toBe('none\n');
    expect(sandbox.has('volume/pwned')).toBe(false);
  },
);
