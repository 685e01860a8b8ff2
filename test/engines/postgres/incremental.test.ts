import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';
import { backedUp } from './backed-up';

// Backups of PostgreSQL that hold only what changed: when one can be taken, what is kept of each, and how many are made
// one. PostgreSQL's programs are scripts.

jest.setTimeout(90_000);

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = backedUp();
  sandbox.patience = 60_000; // one waits for sixty answers
});
afterEach(() => sandbox.dispose());

const run = (script: string): Promise<Result> =>
  sandbox.run(
    `bin=$STUB
  . "$scripts/volume.sh"; . "$scripts/store.sh"; . "$scripts/engine-backup.sh"
  ${script}`,
    { PG_MAJOR: '18', STATEFUL_STAGE: join(sandbox.folder, 'stage') },
  );

test.each([
  ['3', true],
  ['', false],
])('with full_backup_every=%s a server notes what changes, whatever its parameters say: %s', async (every, does) => {
  const { out } = await run(
    `full_backup_every=${every}; base_engine_run() { echo "\${fixed_options[*]}"; }; . "$scripts/engine_run.sh"; engine_run "$volume/current"`,
  );
  expect(out).toContain('-c archive_mode=on');
  expect(out.includes(' -c summarize_wal=on')).toBe(does);
});

describe('engine_builds_on', () => {
  const START = '0/3000028';
  const INDEX = `backup 1 20260101T000000Z\nstart ${START} 1\nend 0/3000100\nhistory -\nsealed 0/3000200 1\n`;
  /** Of orders-1, a replica. */
  const buildsOn = (noted: string, { index = INDEX, history = '-', timeline = 1, more = '' } = {}): Promise<Result> => {
    sandbox.write('stage/index', index);
    return run(`core_host_of() { echo "orders-$1"; }
    identify() { echo '7|${timeline}|0/5000100|'; }; history_at() { echo '${history}'; }
    ask_sql() { echo "$1 \${2//$'\\n'/ }" >>"$STUB/asked"; case $2 in *CHECKPOINT*) echo 0/5000000 ;; *replay*) echo 0/5000060 ;; *summar*) ${noted} ;; esac; }
    pause() { :; }
    ${more}
    engine_builds_on "$(core_host_of 1)" "$stage/index"`);
  };

  test('is so where all was noted since that backup began, behind a checkpoint that the replica has', async () => {
    expect(await buildsOn('echo all')).toMatchObject({ status: 0, log: [] });
    const asked = sandbox.read('stub/asked').split('\n');
    expect(asked[0]).toMatch(/^orders-0 CHECKPOINT/);
    expect(asked[1]).toMatch(/^orders-1 .*pg_last_wal_replay_lsn/);
    expect(asked[2]).toContain(`tli = 1 AND start_lsn <= '${START}' AND end_lsn > '${START}'`);
  });

  test('waits for what is being noted', async () => {
    expect(
      (await buildsOn('if [[ -e $STUB/noted ]]; then echo all; else echo "not yet"; : >$STUB/noted; fi')).status,
    ).toBe(0);
  });

  test.each<[string, Parameters<typeof buildsOn>, string]>([
    ['is off', ['echo off'], 'orders-1 does not note what changes: summarize_wal is off there'],
    [
      'began later',
      ['echo less'],
      'orders-1 has not noted all that changed since that backup began: it was copied since, or told to',
    ],
    [
      'does not come',
      ["echo 'not yet'"],
      'orders-1 has not noted all that changed since that backup began: it was copied since, or told to',
    ],
    [
      'is of a timeline that had left before that backup ended',
      ['echo all', { timeline: 2, history: '1@0/3000080' }],
      'orders-1 has another history than that backup, as after a recovery: it holds what was lost',
    ],
    [
      'is of a backup from before there was a history in the index',
      ['echo all', { index: INDEX.replace('history -\n', '') }],
      'the index of the newest backup does not say where in the log it is',
    ],
    [
      'is not replayed',
      ['echo all', { more: 'await_replay() { return 1; }' }],
      'orders-1 does not replay the log up to a checkpoint of the primary',
    ],
  ])('is not so where the note of what changed %s', async (_, args, words) => {
    expect(await buildsOn(...args)).toMatchObject({ status: 1, log: [words] });
  });

  test('is so across a recovery that had all of the backup', async () => {
    expect((await buildsOn('echo all', { timeline: 2, history: '1@0/3000100' })).status).toBe(0);
  });

  test('of the primary itself needs no checkpoint: its copy begins with one', async () => {
    await buildsOn('echo all', { more: 'core_host_of() { echo orders-0; }' });
    expect(sandbox.read('stub/asked')).not.toContain('CHECKPOINT');
  });
});

describe('a copy from which others can go on', () => {
  const MANIFEST = '{ "PostgreSQL-Backup-Manifest-Version": 2,\n"Manifest-Checksum": "abc123"}\n';
  const copy = (manifest: string | undefined, more = ''): Promise<Result> => {
    sandbox.write('stub/tree/base/1', 'x'.repeat(70_000));
    if (manifest !== undefined) sandbox.write('stub/tree/backup_manifest', manifest);
    sandbox.write(
      'stub/pg_basebackup',
      `#!/bin/sh\necho "$*" >>"$STUB/arguments"\necho 'pg_basebackup: write-ahead log start point: 0/3000028 on timeline 2' >&2\n` +
        `cd "$STUB/tree" && tar -c base ${manifest === undefined ? '' : 'backup_manifest'}\nsleep 0.2; exit \${BASEBACKUP:-0}\n`,
    );
    chmodSync(join(sandbox.folder, 'stub/pg_basebackup'), 0o755);
    return run(`full_backup_every=3 facts=$state/facts; connection() { echo "to $1"; }; history_at() { echo 1@0/2000000; }
    ${more}
    engine_backup orders-1 >"$stage/copy"; status=$?; tar -t <"$stage/copy"; exit "$status"`);
  };

  test('keeps its manifest, hands on every byte, and notes where in the history it is', async () => {
    expect(await copy(MANIFEST)).toMatchObject({ status: 0, out: 'base/\nbase/1\nbackup_manifest\n' });
    expect(sandbox.read('stage/manifest')).toBe(MANIFEST);
    expect(sandbox.read('state/facts')).toBe('start 0/3000028 2\nhistory 1@0/2000000\n');
    expect(sandbox.read('stub/arguments')).not.toContain('--incremental');
    expect(sandbox.list('stage')).not.toContain('tar');
  });

  test.each<[string, string | undefined, string]>([
    ['there is no manifest in it', undefined, ''],
    ['its manifest is cut short', MANIFEST.slice(0, -10), ''],
    ['the copy fails, whatever came', MANIFEST, 'export BASEBACKUP=1'],
    ['its history is not known', MANIFEST, 'history_at() { return 1; }'],
  ])('is none where %s', async (_, manifest, more) => {
    expect((await copy(manifest, more)).status).not.toBe(0);
  });

  const since = (end: string): Promise<Result> => {
    sandbox.write('stage/index', `start 0/1000028 1\nend ${end}\nhistory -\n`);
    return copy(
      MANIFEST,
      'eval "$(declare -f engine_backup | sed "s/engine_backup/taken/")"; engine_backup() { taken "$1" /the/manifest "$stage/index"; }',
    );
  };

  test('of what changed since a backup asks by the manifest of that one', async () => {
    expect((await since('0/2000000')).status).toBe(0);
    expect(sandbox.read('stub/arguments')).toContain(' --incremental=/the/manifest');
  });

  test('is none of what changed where a recovery left that one behind meanwhile', async () => {
    const { status, log } = await since('0/2000001');
    expect(status).toBe(1);
    expect(log.at(-1)).toBe(
      'orders-1 has another history than that backup, as after a recovery: it holds what was lost',
    );
  });
});

describe('engine_combine', () => {
  const combine = (major: string, fails = false): Promise<Result> => {
    for (const name of ['1', '2']) {
      sandbox.write(`volume/outgoing/${name}/pg_wal/000000010000000000000001`, name);
      sandbox.write(`volume/outgoing/${name}/base/1`, name);
    }
    for (const [program, text] of [
      [
        'pg_combinebackup',
        `echo "$*" >"$STUB/combined"; find "$volume/outgoing" -path '*pg_wal/*' >>"$STUB/combined"; ${fails ? 'echo "could not write: No space left on device" >&2; exit 1' : 'mkdir -p "$volume/incoming/base"'}`,
      ],
      ['pg_verifybackup', 'echo "$*" >"$STUB/verified"'],
    ]) {
      sandbox.write(`stub/${program}`, `#!/bin/sh\n${text}\n`);
      chmodSync(join(sandbox.folder, 'stub', program), 0o755);
    }
    return run(
      `export volume; PG_MAJOR=${major}; engine_combine "$volume/incoming" "$volume/outgoing/1" "$volume/outgoing/2"`,
    );
  };

  test.each([
    ['17', ''],
    ['18', '--link '],
  ])('of PostgreSQL %s makes one, compared with its manifest, and leaves nothing else', async (major, link) => {
    expect((await combine(major)).status).toBe(0);
    const [volume, last] = [join(sandbox.folder, 'volume'), 'outgoing/2/pg_wal/000000010000000000000001'];
    expect(sandbox.read('stub/combined').split('\n')).toEqual([
      `--manifest-checksums=SHA256 ${link}-o ${volume}/incoming ${volume}/outgoing/1 ${volume}/outgoing/2`,
      join(volume, last), // of the log only that of the last is needed
      '',
    ]);
    expect(sandbox.read('stub/verified')).toBe(`-q ${volume}/incoming\n`);
    expect(sandbox.list('volume/outgoing')).toEqual([]);
  });

  test('says why it cannot', async () => {
    const { status, log } = await combine('18', true);
    expect(status).toBe(1);
    expect(log).toEqual(['pg_combinebackup says: could not write: No space left on device']);
    expect(sandbox.has('stub/verified')).toBe(false);
  });
});
