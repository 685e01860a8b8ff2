import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';
import { backedUp } from './backed-up';

// What PostgreSQL's part of the backups decides: which log is missing, when a backup is sealed, what is let go. The
// store is a folder behind a stand-in for rclone, and PostgreSQL is a folder of log with its marks.

const RCLONE = join(__dirname, '..', '..', 'core', 'scripts', 'stub-store', 'rclone');
const SET = 'shop/orders/7';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = backedUp();
  mkdirSync(join(sandbox.folder, 'stub/store/bucket'), { recursive: true });
});
afterEach(() => sandbox.dispose());

const run = (script: string): Promise<Result> =>
  sandbox.run(
    `bin=$STUB
  . "$scripts/volume.sh"; . "$scripts/store.sh"; . "$scripts/engine-backup.sh"; . "$scripts/engine-restore.sh"; core_set_path=${SET}
  engine_compress() { cat; }; engine_decompress() { cat; }; core_note_gap() { echo "gap $1 $2"; }
  core_open_store backup
  ${script}`,
    { PG_MAJOR: '18', STATEFUL_RCLONE: RCLONE, STATEFUL_STAGE: join(sandbox.folder, 'stage') },
  );
const segment = (n: number, timeline = 1): string =>
  `0000000${timeline}00000000${n.toString(16).toUpperCase().padStart(8, '0')}`;
const place = (n: number): string => segment(n).slice(8);
/** On the primary's volume. */
function here(mark: 'ready' | 'done', ...names: string[]): void {
  for (const name of names) {
    sandbox.write(`volume/current/pg_wal/${name}`, name);
    sandbox.write(`volume/current/pg_wal/archive_status/${name}.${mark}`, '');
  }
}
function stored(...names: string[]): void {
  for (const name of names)
    sandbox.write(
      `stub/store/bucket/${SET}/log/${name.endsWith('history') ? 'history' : name.slice(0, 16)}/${name}.zst`,
      name,
    );
}
const inStore = (): string[] =>
  sandbox
    .list(`stub/store/bucket/${SET}/log`)
    .flatMap((folder) => sandbox.list(`stub/store/bucket/${SET}/log/${folder}`));

describe('places', () => {
  test.each([
    ['0000000000000005', '0000000000000004'],
    ['0000000100000000', '00000000000000FF'],
    ['00000000000000FF', '00000000000000FE'],
    ['0000000A00000000', '00000009000000FF'],
  ])('before %s is %s', async (one, before) => {
    expect((await run(`place_before ${one}`)).out).toBe(before);
  });

  test.each([
    ['0/5000028', place(5)],
    ['1/0', '0000000100000000'],
    ['A/FF000000', '0000000A000000FF'],
  ])('%s is in %s', async (lsn, itsPlace) => {
    expect((await run(`place_of ${lsn}`)).out).toBe(itsPlace);
  });
});

describe('engine_ship', () => {
  test('sends what is complete, that which came by streaming too, and tells archive.sh', async () => {
    here('done', segment(3));
    here('ready', segment(4), '00000002.history', `${segment(5)}.partial`);
    sandbox.write(`volume/current/pg_wal/${segment(5, 2)}`, 'being written');
    expect(await run('engine_ship')).toMatchObject({ status: 0, out: '' });
    expect(inStore()).toEqual([
      `${segment(3)}.zst`,
      `${segment(4)}.zst`,
      `${segment(5)}.partial.zst`,
      '00000002.history.zst',
    ]);
    expect(sandbox.list('state/shipped')).toEqual([
      segment(3),
      segment(4),
      `${segment(5)}.partial`,
      '00000002.history',
    ]);
  });

  test('tells archive.sh of what the store had before this pod', async () => {
    here('ready', segment(4));
    stored(segment(4));
    await run('engine_ship');
    expect(sandbox.list('state/shipped')).toEqual([segment(4)]);
  });

  test('fails where the store has another part of that name, and tells nothing of it', async () => {
    here('ready', segment(4));
    stored(segment(3));
    const { status, log } =
      await run(`list_store; listed=yes; mkdir -p "$STUB/store/bucket/${SET}/log/${segment(4).slice(0, 16)}"
      echo other >"$STUB/store/bucket/${SET}/log/${segment(4).slice(0, 16)}/${segment(4)}.zst"; engine_ship`);
    expect(status).not.toBe(0);
    expect(log).toContainEqual(expect.stringMatching(/^STORE DIFFERS: /));
    expect(sandbox.list('state/shipped')).toEqual([]);
  });

  test.each<[string, string[], string[], string[]]>([
    ['goes on where the store ends', [segment(3), segment(4)], [segment(5), segment(6)], []],
    ['begins with an empty store', [], [segment(5)], []],
    ['goes on, on the next timeline', [segment(4)], [`${segment(5)}.partial`, segment(5, 2), segment(6, 2)], []],
    ['has what the store has already', [segment(3), segment(4)], [segment(3), segment(4), segment(5)], []],
    ['lacks two', [segment(2)], [segment(5), segment(6)], [`gap ${place(2)} ${place(5)}`]],
    ['lacks one in between', [segment(2)], [segment(3), segment(5)], [`gap ${place(3)} ${place(5)}`]],
    ['lacks some, on the next timeline', [segment(2)], [segment(6, 2)], [`gap ${place(2)} ${place(6)}`]],
    ['crosses the end of a folder', [segment(255)], ['000000010000000100000000'], []],
  ])('says what the store will never have, where the log here %s', async (_, before, now, gaps) => {
    stored(...before);
    here('ready', ...now);
    const { status, out } = await run('engine_ship');
    expect(status).toBe(0);
    expect(out.split('\n').slice(0, -1)).toEqual(gaps);
  });

  test('sends nothing as long as a gap could not be noted', async () => {
    stored(segment(2));
    here('ready', segment(5));
    expect((await run('core_note_gap() { return 1; }; engine_ship')).status).not.toBe(0);
    expect(inStore()).toEqual([`${segment(2)}.zst`]);
  });
});

describe('archive.sh', () => {
  const archive = (name: string): Promise<Result> =>
    sandbox.run(`cd "$volume/current"; exec "$scripts/archive.sh" ${name}`, { STATEFUL_PATIENCE: '0', PG_MAJOR: '18' });

  test('answers when the store has it, once', async () => {
    here('ready', segment(1));
    sandbox.write(`state/shipped/${segment(1)}`, '');
    expect(await archive(segment(1))).toMatchObject({ status: 0, log: [] });
    expect((await archive(segment(1))).status).toBe(1);
  });

  test('lets none go before ship has looked: what waits may be in the store', async () => {
    here('ready', ...[1, 2, 3, 4, 5].map((n) => segment(n)));
    expect((await archive(segment(1))).status).toBe(1);
  });

  test('lets the oldest go only where more waits than may, and says so', async () => {
    sandbox.write('state/ship-looked', '');
    here('ready', ...[1, 2, 3, 4].map((n) => segment(n)));
    expect((await archive(segment(1))).status).toBe(1);
    here('ready', segment(5));
    const { status, log } = await archive(segment(1));
    expect(status).toBe(0);
    expect(log).toEqual([
      `${segment(1)} of the log is dropped: the store of the backups has not taken it, and 80 MiB wait already, of 64 that may`,
    ]);
  });

  test('does not hold a server that stops, where the store is away', async () => {
    here('ready', segment(1));
    sandbox.write('state/leaving', '');
    const waits = 'pause=0; read() { pause=$((pause + 1)); ((pause < 3)) || exit 7; }; . "$scripts/archive.sh"';
    const stops = (): Promise<Result> =>
      sandbox.run(`cd "$volume/current"; set -- ${segment(1)}; ${waits}`, { PG_MAJOR: '18' });
    expect((await stops()).status).toBe(7);
    sandbox.write('state/store-away', '');
    expect((await stops()).status).toBe(1);
  });

  test('keeps all where that is what the props say', async () => {
    sandbox.write('state/ship-looked', '');
    sandbox.write('config/settings.sh', 'max_unshipped=0\nvolume=$STATEFUL_STATE/../volume\nport=1\ncredentials=.\n');
    here('ready', ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => segment(n)));
    expect((await archive(segment(1))).status).toBe(1);
  });
});

describe('engine_seal', () => {
  /** The primary stands in segment 5, and the copy began in segment 3. */
  const seal = (more = ''): Promise<Result> =>
    run(`mkdir -p "$state"; backup=20260101T000000Z facts=$state/facts; printf 'start 0/3000028 1\\nend 0/4000100\\n' >"$facts"
    identify() { echo '7|1|0/5000100|'; }
    ask_sql() { case $2 in *emit*) echo 0/50000C8 ;; *walfile*) echo ${segment(5)} ;; *switch*) note=switched ;; esac; }
    core_clock() { core_now=$((\${core_now:-0} + 40)); }; pause() { :; }
    ${more}
    engine_seal`);

  test("is behind all that was committed, when the store has all log from the copy's beginning on", async () => {
    stored(segment(3), segment(4), segment(5));
    expect(await seal()).toMatchObject({ status: 0, out: 'sealed 0/50000C8 1\n' });
  });

  test('waits for archive_timeout where the segment may not be ended yet', async () => {
    stored(segment(3), segment(4));
    expect(
      await seal(`eval "$(declare -f ask_sql | sed s/ask_sql/asked/)"; ask_sql() { if [[ $2 == *switch* ]]; then return 1; fi; asked "$@"; }
      pause() { cp "$STUB/store/bucket/${SET}/log/${segment(4).slice(0, 16)}/"{${segment(4)},${segment(5)}}.zst; }`),
    ).toMatchObject({ status: 0, out: 'sealed 0/50000C8 1\n' });
  });

  test('is none where the primary takes no write', async () => {
    stored(segment(3), segment(4), segment(5));
    const { status, out, log } = await seal('ask_sql() { case $2 in *emit*) return 1 ;; esac; }');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(log.at(-1)).toBe(
      'orders-0 takes no write, by which a backup is sealed: a set that is read-only cannot be backed up',
    );
  });

  test('waits for a segment in between: they are sent side by side', async () => {
    stored(segment(3), segment(5));
    expect(
      await seal(
        `pause() { cp "$STUB/store/bucket/${SET}/log/${segment(4).slice(0, 16)}/"{${segment(3)},${segment(4)}}.zst; }`,
      ),
    ).toMatchObject({
      status: 0,
      out: 'sealed 0/50000C8 1\n',
      log: ['all data is sent; waiting for the log up to here'],
    });
  });

  test('is none where a segment in between does not come', async () => {
    stored(segment(3), segment(5));
    const { status, out, log } = await seal();
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(log.at(-1)).toContain(
      `did not come to the store, but for some after ${segment(4)}: see the container 'ship' of orders-0`,
    );
  });

  test.each([
    ['20260101T000001Z', true],
    ['20251231T235959Z', false],
  ])('is none as soon as it is known that one was dropped: at %s, %s', async (when, known) => {
    stored(segment(3), segment(5));
    sandbox.write(`stub/store/bucket/${SET}/gaps/${when}.${segment(4)}.${segment(4)}`, '');
    const { status, log } = await seal();
    expect(status).toBe(1);
    expect(
      log.includes(
        `${segment(4)} of the log, which is between the copy's beginning and its end, was dropped meanwhile`,
      ),
    ).toBe(known);
  });

  test('is none where the log does not come', async () => {
    stored(segment(3), segment(4));
    expect(await seal()).toMatchObject({ status: 1, out: '' });
  });

  test('is none where another primary took over meanwhile', async () => {
    stored(segment(3), segment(4), segment(5));
    expect(await seal("identify() { echo '7|2|0/5000100|'; }")).toMatchObject({ status: 1, out: '' });
  });
});

test.each<[string, string[], string]>([
  ['none', [], ''],
  ['of the last timeline', [segment(3), segment(9), segment(5, 2)], `${segment(5, 2)}\n`],
  ['none that is partial', [segment(3), `${segment(4)}.partial`, '00000002.history'], `${segment(3)}\n`],
])('the newest part of the log is %s', async (_, names, newest) => {
  stored(...names);
  expect(await run(`newest_log ${SET}`)).toMatchObject({ status: 0, out: newest });
});

describe('a part of the log that the store does not have', () => {
  test('is the end where nothing is after it', async () => {
    stored(segment(3), segment(9, 2));
    expect((await run(`first_log_after ${SET} ${segment(4)}`)).out).toBe('');
  });

  test('is a gap where there is more of its timeline, in another folder too', async () => {
    stored(segment(3), segment(9), '000000010000000100000000');
    expect((await run(`first_log_after ${SET} ${segment(4)}; first_log_after ${SET} ${segment(10)}`)).out).toBe(
      `${segment(9)}\n000000010000000100000000\n`,
    );
  });
});

describe('fetch-log.sh', () => {
  const fetch = (name: string, more: { [variable: string]: string } = {}): Promise<Result> =>
    sandbox.run(
      `. "$scripts/store.sh"; printf 'backup ${SET}\\n' >"$state/restore-path"; export PATH="$STUB:$PATH"; env ${Object.entries(
        more,
      )
        .map((entry) => entry.join('='))
        .join(' ')} "$scripts/fetch-log.sh" ${name} "$volume/part"`,
      { PG_MAJOR: '18', STATEFUL_RCLONE: RCLONE, STATEFUL_RESOLV: join(sandbox.folder, 'resolv') },
    );
  beforeEach(() => {
    sandbox.write('stub/zstd', '#!/bin/sh\ncat\n');
    sandbox.write('stub/getent', '#!/bin/sh\necho 10.0.0.9 "$2"\n');
    ['zstd', 'getent'].forEach((program) => chmodSync(join(sandbox.folder, 'stub', program), 0o755));
    sandbox.write('resolv', 'search shop.svc.cluster.local svc.cluster.local\n');
  });

  test('gives a part, and ends the replay where the store has none', async () => {
    stored(segment(4));
    expect((await fetch(segment(4))).status).toBe(0);
    expect(sandbox.read('volume/part')).toBe(segment(4));
    expect((await fetch(segment(5))).status).toBe(1);
  });

  test("does so in a job too, whose pod is none of the set's", async () => {
    stored(segment(4));
    const job = { job: 'proof', HOSTNAME: 'orders-proof-2961-x', POD_INDEX: '' };
    expect((await fetch(segment(4), job)).status).toBe(0);
    expect((await fetch(segment(5), job)).status).toBe(1);
  });

  test('that it cannot run is not the end of the log', async () => {
    stored(segment(4));
    expect((await fetch(segment(4), { POD_INDEX: '' })).status).toBe(255);
  });
});

describe('engine_replay of all there is', () => {
  const replay = (reached: string): Promise<Result> =>
    run(`mkdir -p "$volume/incoming" "$stage"; core_from_store=backup
    drop_altered_settings() { :; }; start_offline_server() { echo 'last completed transaction was at log time 2026-01-01 00:00:00+00'; }; stop_offline_server() { :; }
    engine_identity_of_files() { echo 7; }; local_sql() { case $1 in *recovery*) echo f ;; *) echo ${reached} ;; esac; }
    engine_replay "$volume/incoming" ${SET} latest 'shop/orders until latest'`);

  test('ends with the newest part of the log', async () => {
    stored(segment(8), segment(9));
    expect((await replay('0/9000100')).status).toBe(0);
    expect(sandbox.read('volume/incoming/stateful.id')).toMatch(
      /^7-\d{8}T\d{6}Z\nrestored shop\/orders until latest\n$/,
    );
  });

  test('is an error where it ended before that, as the log made no more sense', async () => {
    stored(segment(8), segment(9));
    const { status, log } = await replay('0/8000100');
    expect(status).not.toBe(0);
    expect(log).toEqual([
      `CANNOT REACH latest: the log in the store has a gap from 0/8000100 to ${segment(9)}. The last transaction before it is of 2026-01-01 00:00:00+00: ` +
        "give 'restoreFrom' that time, or one after the next backup ended",
    ]);
    expect(sandbox.has('volume/incoming/stateful.id')).toBe(false);
  });
});

describe('engine_recover', () => {
  const recover = (more: string): Promise<Result> =>
    run(`log_of() { mkdir -p "$1/pg_wal/archive_status"; for n in ${segment(6, 2)} ${segment(7, 2)}; do echo x >"$1/pg_wal/$n"; : >"$1/pg_wal/archive_status/$n.done"; done; }
    base_engine_recover() { log_of "$2"; }; . "$scripts/engine_recover.sh"
    ${more}
    engine_recover orders-1 "$volume/incoming"`);
  const status = (): string[] => sandbox.list('volume/incoming/pg_wal/archive_status');

  test('brings along what the replica has from before, and marks all of it as not sent', async () => {
    const { status: ended, log } =
      await recover(`ask_sql() { echo ${segment(4)}; }; connection() { :; }; last_error_file=$state/last
      printf '#!/bin/sh\\nls "$2" | grep -q ${segment(3)} && for n in ${segment(4)} ${segment(5)} ${segment(6)}; do echo y >"$2/$n"; done\\n' >"$STUB/pg_receivewal"; chmod +x "$STUB/pg_receivewal"`);
    expect({ ended, log }).toMatchObject({
      ended: 0,
      log: [`copied ${segment(4)} of the log`, `copied ${segment(5)} of the log`],
    });
    expect(status()).toEqual([segment(4), segment(5), segment(6, 2), segment(7, 2)].map((name) => `${name}.ready`));
    expect(sandbox.read(`volume/incoming/pg_wal/${segment(6, 2)}`)).toBe('x\n');
    expect(sandbox.has(`volume/incoming/pg_wal/${segment(6)}`)).toBe(false);
  });

  test('goes on without it where the replica does not give it', async () => {
    expect((await recover('ask_sql() { return 1; }')).status).toBe(0);
    expect(status()).toEqual([6, 7].map((n) => `${segment(n, 2)}.ready`));
  });
});
