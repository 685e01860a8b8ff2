import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { parseBackupList } from '../../../lib/changes/cli/backup-list';
import { Result, Sandbox } from './sandbox';

// What `npx cdk8s-stateful backups` is told. rclone is a stub, on a folder.

const RCLONE = `#!/usr/bin/env bash
until [[ $# == 0 || $1 =~ ^(lsf|copy|backend)$ ]]; do shift; done
printf '%s\\n' "$*" >>"$STUB/rclone-calls"
[[ ! -e $STUB/rclone-fails || ! "$*" =~ $(<"$STUB/rclone-fails") ]] || { echo '2026/11/29 10:00:00 ERROR : backup: 403 Forbidden' >&2; exit 1; }
paths=()
for argument; do [[ $argument != backup:* ]] || paths+=("\${argument#backup:}"); done
case $1 in
  lsf)
    path=\${paths[0]}
    [[ -d $path ]] || exit 3
    case "$*" in
      *--dirs-only*) find "$path" -mindepth 1 -maxdepth 1 -type d -printf '%f/\\n' ;;
      *'--format t'*) find "$path" -type f -printf '%TY-%Tm-%Td %TH:%TM:%TS\\n' | cut -c 1-19 ;;
      *) find "$path" -type f -printf '%P\\n' ;;
    esac
    ;;
  copy) cp -r "\${paths[0]}/." "\${!#}"; find "\${!#}" -type f ! -name index ! -path '*/proven/*' ! -path '*/failed-proofs/*' -delete ;;
esac
`;
const OLD = '7572-old';
const NEW = '7573-20261101T000000Z';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(0, {});
  sandbox.write('stub/rclone', RCLONE);
  chmodSync(join(sandbox.folder, 'stub/rclone'), 0o755);
  sandbox.write(
    'config/settings.sh',
    `${sandbox.read('config/settings.sh')}backup_remote=backup:${sandbox.folder}/store\nbackup_sealed=no\n`,
  );
  for (const folder of ['store', 'stage', 'secrets/backup'])
    mkdirSync(join(sandbox.folder, folder), { recursive: true });
});
afterEach(() => sandbox.dispose());

function list(): Promise<Result> {
  const at = (folder: string): string => join(sandbox.folder, folder);
  return sandbox.run('list-backups.sh', {
    STATEFUL_RCLONE: at('stub/rclone'),
    STATEFUL_STAGE: at('stage'),
    STATEFUL_STORE_SECRETS: at('secrets'),
  });
}

const put = (path: string, text = ''): void => sandbox.write(`store/shop/orders/${path}`, text);
const sealed = (text: string): string => `${text}sum ${createHash('sha256').update(text).digest('hex')}\n`;
const index = (name: string, ended: string, sizes: number[]): string =>
  sealed(
    [
      `backup 1 ${name}`,
      'start 0/2000028 1',
      'sealed 0/3000000 1',
      `ended ${ended}`,
      ...sizes.map((size, n) => `chunk ${String(n).padStart(6, '0')} ${size} ${'0'.repeat(64)}`),
    ].join('\n') + '\n',
  );

test('a backup whose copy is in the log, as that of Redis is', async () => {
  put(`${NEW}/began/20261101T000000Z`);
  put(
    `${NEW}/base/20261115T030000Z/index`,
    sealed(
      `backup 1 20261115T030000Z\nbase 000001-${'a'.repeat(32)} 000000003-1800001000\nsize 67108869\n` +
        `sealed x\nended 2026-11-15T03:10:00Z\nchunk 000000 300 ${'0'.repeat(64)}\n`,
    ),
  );
  expect((await list()).out).toContain('\nbackup 20261115T030000Z 2026-11-15T03:10:00Z 67109169\n');
});

test('a backup that holds what changed since another one', async () => {
  const [full, part] = ['20261115T030000Z', '20261116T030000Z'];
  put(`${NEW}/began/20261101T000000Z`);
  put(`${NEW}/base/${full}/index`, index(full, '2026-11-15T03:10:00Z', [100]));
  put(
    `${NEW}/base/${part}/index`,
    sealed(
      `backup 1 ${part}\nparent ${full} ${'a'.repeat(64)}\nmanifest 9 ${'b'.repeat(64)}\nsealed x\nended 2026-11-16T03:10:00Z\n` +
        `chunk 000000 5 ${'0'.repeat(64)}\n`,
    ),
  );
  const { out } = await list();
  expect(out).toContain(`backup ${part} 2026-11-16T03:10:00Z 5\nparent ${part} ${full}\n`);
  expect(parseBackupList(out)?.backups.map(({ parent }) => parent)).toEqual([full, null]);
});

test('a store that has nothing of the set', async () => {
  expect(await list()).toMatchObject({ status: 0, out: 'end\n', log: [] });
});

test('data, backups, proofs, and how far the log is', async () => {
  put(`${OLD}/began/20261001T000000Z`);
  put(`${OLD}/base/20261002T030000Z/index`, index('20261002T030000Z', '2026-10-02T03:10:00Z', [1]));
  put(`${NEW}/began/20261101T000000Z`);
  put(`${NEW}/base/20261115T030000Z/index`, index('20261115T030000Z', '2026-11-15T03:10:00Z', [67108864, 67108864, 5]));
  put(`${NEW}/base/20261115T030000Z/000000`, 'x');
  put(`${NEW}/base/20261122T030000Z/index`, index('20261122T030000Z', '2026-11-22T03:10:00Z', []));
  put(
    `${NEW}/base/20261123T030000Z/index`,
    index('20261123T030000Z', '2026-11-23T03:10:00Z', [1]).replace('chunk 000000 1', 'chunk 000000 2'),
  );
  put(`${NEW}/base/20261124T030000Z/index`, sealed('backup 1 20261124T030000Z\n'));
  put(`${NEW}/base/20261125T030000Z/000000`, 'x');
  put(`${NEW}/proven/20261115T030000Z`, 'proven 2026-11-16T06:00:00Z\nbackup 20261115T030000Z\nseconds 312\n');
  put(
    `${NEW}/failed-proofs/20261122T030000Z.20261123T060000Z`,
    'failed 2026-11-23T06:00:00Z\nbackup 20261122T030000Z\n',
  );
  put(`${NEW}/gaps/20261120T000000Z.A.B`);
  put(`${NEW}/log/000000010000000000000001.zst`);
  put(`${NEW}/log/a/000000010000000000000002.zst`);
  utimesSync(
    join(sandbox.folder, `store/shop/orders/${NEW}/log/000000010000000000000001.zst`),
    new Date(0),
    new Date('2026-11-29T10:02:11Z'),
  );
  utimesSync(
    join(sandbox.folder, `store/shop/orders/${NEW}/log/a/000000010000000000000002.zst`),
    new Date(0),
    new Date('2026-11-28T10:02:11Z'),
  );
  const { status, out, log } = await list();
  expect([status, log]).toEqual([0, []]);
  expect(out.split('\n').sort()).toEqual(
    [
      '',
      'backup 20261115T030000Z 2026-11-15T03:10:00Z 134217733',
      'backup 20261122T030000Z 2026-11-22T03:10:00Z 0',
      'damaged 20261123T030000Z',
      'damaged 20261124T030000Z',
      `data ${OLD} 20261001T000000Z`,
      `data ${NEW} 20261101T000000Z`,
      'end',
      'gap 20261120T000000Z',
      'incomplete 20261125T030000Z',
      'log 2026-11-29T10:02:11Z',
      'proven 20261115T030000Z 2026-11-16T06:00:00Z 312',
      'unproven 20261122T030000Z 2026-11-23T06:00:00Z',
    ].sort(),
  );
  // The command reads every line of it.
  expect(parseBackupList(out)).toMatchObject({
    data: [{ identity: OLD }, { identity: NEW }],
    backups: [{ name: '20261122T030000Z' }, { name: '20261115T030000Z', proven: '2026-11-16T06:00:00Z' }],
    damaged: ['20261124T030000Z', '20261123T030000Z'],
    incomplete: ['20261125T030000Z'],
    window: { from: '2026-11-15T03:10:00Z', to: '2026-11-29T10:02:11Z' },
    failedProof: { backup: '20261122T030000Z', failed: '2026-11-23T06:00:00Z' },
  });
  expect(sandbox.list('stage')).toEqual([]);
});

test('what the store says is not printed where it matches no pattern', async () => {
  put(`${NEW}/began/20261101T000000Z`);
  put('$(touch hacked)/began/20261101T000000Z');
  put(`${OLD}/began/yesterday`);
  put(`${NEW}/base/$(touch hacked)/index`, 'x');
  put(`${NEW}/gaps/yesterday.A.B`);
  put(`${NEW}/proven/20261115T030000Z`, 'proven now\nbackup 20261115T030000Z\nseconds 1\n');
  put(`${NEW}/proven/20261116T030000Z`, 'proven 2026-11-16T06:00:00Z\nbackup 20261115T030000Z\nseconds 1\n');
  put(`${NEW}/failed-proofs/20261116T030000Z`, 'failed 2026-11-16T06:00:00Z\nbackup 20261116T030000Z\n');
  put(`${NEW}/failed-proofs/20261116T030000Z.20261116T060000Z`, 'failed $(id)\nbackup 20261116T030000Z\n');
  expect((await list()).out).toBe(`data ${NEW} 20261101T000000Z\nend\n`);
});

test.each([
  [
    'lsf [^ ]*/shop/orders/ ',
    'the store of the backups: it does not say which data of orders it has: backup: 403 Forbidden',
  ],
  ['copy ', 'the store of the backups: it does not say which backups of orders it has: backup: 403 Forbidden'],
  [
    'lsf [^ ]*/log/ ',
    'the store of the backups: it does not say which backups of orders it has: backup: 403 Forbidden',
  ],
])('a store that does not answer to %s: that is said, and not taken for nothing', async (fails, says) => {
  put(`${NEW}/began/20261101T000000Z`);
  put(`${NEW}/log/a.zst`);
  sandbox.write('stub/rclone-fails', fails);
  const { status, out, log } = await list();
  expect([status, log]).toEqual([1, [says]]);
  expect(parseBackupList(out)).toBeUndefined();
  expect(sandbox.list('stage')).toEqual([]);
});

test('a set without backups has no store of its own', async () => {
  sandbox.write('config/settings.sh', sandbox.read('config/settings.sh').replace(/^backup_.*\n/gm, ''));
  expect(await list()).toMatchObject({
    status: 1,
    out: '',
    log: ["this set has no 'backup': there is no store of its own to ask"],
  });
});

test.each([
  ['backup', true],
  ['proof', true],
  ['', false],
])('the limit of the network is that of jobs: %s', async (job, isLimited) => {
  const { out } = await sandbox.run(`
    job=${job} rate_limit=20480 container=test
    . "$scripts/store.sh"
    echo "\${core_store_limit[*]}"`);
  expect(out).toBe(isLimited ? '--bwlimit 20480\n' : '\n');
});
