import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { BackupList } from '../../../lib/changes/cli/backup-list';
import { backupsCommand } from '../../../lib/changes/cli/backups-command';

// kubectl is a script that says what the test wrote.

const SET = {
  metadata: { name: 'orders', namespace: 'shop' },
  spec: {
    selector: { matchLabels: { 'cdk8s-stateful/name': 'orders' } },
    template: { spec: { containers: [{ name: 'postgres' }, { name: 'sync' }, { name: 'ship' }] } },
  },
};
const running = { running: { startedAt: '2026-11-29T00:00:00Z' } };
const pod = (
  name: string,
  states: { readonly [container: string]: object },
  init: { readonly [container: string]: object } = {},
): object => {
  const statuses = (of: { readonly [container: string]: object }): object[] =>
    Object.entries(of).map(([container, state]) => ({ name: container, state }));
  return { metadata: { name }, status: { containerStatuses: statuses(states), initContainerStatuses: statuses(init) } };
};
const PODS = [
  pod('orders-10', { ship: running }),
  pod('orders-1', { ship: running }),
  pod('orders-0', { postgres: running, ship: running }),
];
const LIST = `data 7572-old 20261001T000000Z
data 7573-20261101T000000Z 20261101T000100Z
backup 20261115T030000Z 2026-11-15T03:10:00Z 13207024435
backup 20261122T030000Z 2026-11-22T03:10:00Z 1023
incomplete 20261123T030000Z
damaged 20261120T030000Z
proven 20261115T030000Z 2026-11-16T06:00:00Z 312
log 2026-11-29T10:02:11Z
gap 20261127T000000Z
gap 20261121T000000Z
end
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backups-'));
  kubectl(`case "$*" in
    *"get statefulset"*) cat "${folder}/set" ;;
    *"get pods"*) cat "${folder}/pods" ;;
    *exec*) cat "${folder}/list" ;;
  esac`);
  answer('set', SET);
  answer('pods', { items: PODS });
  answer('list', LIST);
});
afterEach(() => rmSync(folder, { recursive: true }));

function kubectl(body: string): void {
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\necho "$*" >>"${folder}/calls"\n${body}\n`);
  chmodSync(join(folder, 'kubectl'), 0o755);
}

function answer(file: string, content: unknown): void {
  writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
}

function run(
  args: string[] = ['orders'],
  path = [folder, process.env.PATH].join(delimiter),
): { code: number; out: string; err: string } {
  const said = { out: '', err: '' };
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    const code = backupsCommand(args, {
      usage: 'the help\n',
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
    });
    return { code, ...said };
  } finally {
    process.env.PATH = before;
  }
}

const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

test('what the store has, for people', () => {
  expect(run()).toEqual({
    code: 0,
    err: '',
    out: `shop/orders: data 7573-20261101T000000Z, since 2026-11-01T00:01:00Z
BACKUP            ENDED                 SIZE      PROVEN
20261123T030000Z  incomplete
20261122T030000Z  2026-11-22T03:10:00Z  1023 B    not yet
20261120T030000Z  DAMAGED
20261115T030000Z  2026-11-15T03:10:00Z  12.3 GiB  2026-11-16T06:00:00Z
any second from 2026-11-15T03:10:00Z to about 2026-11-29T10:02:11Z can be restored
but none in a gap of the log, from before 2026-11-27T00:00:00Z on, until another backup is complete
but none in a gap of the log, from before 2026-11-21T00:00:00Z to 2026-11-22T03:10:00Z
the last proof: 20261115T030000Z, at 2026-11-16T06:00:00Z, in 312 s
earlier data of this name, which no RestorePoint reaches: 7572-old (since 2026-10-01T00:00:00Z)
`,
  });
});

test('a backup that holds what changed needs those before it', () => {
  const [full, ...parts] = ['20261115T030000Z', '20261116T030000Z', '20261117T030000Z', '20261118T030000Z'];
  const said = (lost: string): string =>
    [
      'data a 20261101T000100Z',
      `backup ${full} 2026-11-15T03:10:00Z 13207024435`,
      ...parts.map((name) => `backup ${name} ${name.replace(/^(....)(..)(..).*/, '$1-$2-$3')}T03:01:00Z 5000`),
      `parent ${parts[0]} ${full}`,
      `parent ${parts[1]} ${parts[0]}`,
      'end',
      '',
    ]
      .filter((line) => !line.startsWith(`backup ${lost}`))
      .join('\n');
  answer('list', said('none'));
  expect(run().out).toContain(`
BACKUP            ENDED                 SIZE      HOLDS                           PROVEN
20261118T030000Z  2026-11-18T03:01:00Z  4.9 KiB   all                             not yet
20261117T030000Z  2026-11-17T03:01:00Z  4.9 KiB   changes since 20261116T030000Z  not yet
20261116T030000Z  2026-11-16T03:01:00Z  4.9 KiB   changes since 20261115T030000Z  not yet
20261115T030000Z  2026-11-15T03:10:00Z  12.3 GiB  all                             not yet
`);
  answer('list', said(full));
  const { backups, damaged, window } = JSON.parse(run(['orders', '--json']).out) as BackupList;
  expect(backups.map(({ name, parent }) => [name, parent])).toEqual([[parts[2], null]]);
  expect(damaged).toEqual([parts[1], parts[0]]);
  expect(window?.from).toBe('2026-11-18T03:01:00Z');
});

test('and for programs', () => {
  const { code, out } = run(['orders', '--json']);
  expect([code, JSON.parse(out)]).toEqual([
    0,
    {
      set: 'orders',
      namespace: 'shop',
      data: [
        { identity: '7572-old', began: '2026-10-01T00:00:00Z' },
        { identity: '7573-20261101T000000Z', began: '2026-11-01T00:01:00Z' },
      ],
      backups: [
        { name: '20261122T030000Z', ended: '2026-11-22T03:10:00Z', bytes: 1023, parent: null, proven: null },
        {
          name: '20261115T030000Z',
          ended: '2026-11-15T03:10:00Z',
          bytes: 13207024435,
          parent: null,
          proven: '2026-11-16T06:00:00Z',
        },
      ],
      damaged: ['20261120T030000Z'],
      incomplete: ['20261123T030000Z'],
      window: { from: '2026-11-15T03:10:00Z', to: '2026-11-29T10:02:11Z' },
      gaps: [
        { found: '2026-11-27T00:00:00Z', until: null },
        { found: '2026-11-21T00:00:00Z', until: '2026-11-22T03:10:00Z' },
      ],
      lastProof: { backup: '20261115T030000Z', proven: '2026-11-16T06:00:00Z', seconds: 312 },
      failedProof: null,
    },
  ]);
});

test.each([
  [
    'after the last that succeeded is told',
    '2026-11-16T06:00:01Z',
    ['THE NEWEST PROOF FAILED: 20261122T030000Z, at 2026-11-16T06:00:01Z.', '2026-11-16T06:00:01Z'],
  ],
  ['before that is not', '2026-11-16T05:59:59Z', [undefined, undefined]],
])('a proof that failed %s', (_, when, [words, failed]) => {
  answer(
    'list',
    LIST.replace('end\n', `unproven 20261115T030000Z 2026-11-01T00:00:00Z\nunproven 20261122T030000Z ${when}\nend\n`),
  );
  const { out } = run();
  if (words === undefined) expect(out).not.toContain('FAILED');
  else expect(out).toContain(words);
  expect(
    (JSON.parse(run(['orders', '--json']).out) as { failedProof: { failed: string } | null }).failedProof?.failed,
  ).toBe(failed);
});

test('it asks the lowest ordinal that can answer', () => {
  run(['orders', '-n', 'shop', '--context', 'prod']);
  const place = '--namespace shop --context=prod';
  expect(calls()).toEqual([
    `${place} get statefulset orders --output=json`,
    `${place} get pods --selector=cdk8s-stateful/name=orders --output=json`,
    `${place} exec orders-0 --container=ship -- /opt/stateful/list-backups.sh`,
  ]);
});

test.each<[string, object[], string]>([
  [
    'another, where that does not run',
    [pod('orders-0', { ship: { terminated: {} } }), pod('orders-2', { ship: running })],
    'exec orders-2 --container=ship',
  ],
  [
    'the one that waits for data, where none has any',
    [
      pod('orders-1', { ship: { waiting: {} } }, { prepare: running }),
      pod('orders-0', { ship: { waiting: {} } }, { prepare: running }),
    ],
    'exec orders-0 --container=prepare',
  ],
])('it asks %s', (_, items, call) => {
  answer('pods', { items });
  expect(run().code).toBe(0);
  expect(calls().at(-1)).toContain(call);
});

test.each<[string, string, number, string]>([
  ['nothing yet', 'end\n', 1, 'shop/orders: the store has nothing of it\n'],
  [
    'no backup yet',
    'data a 20261129T000000Z\nlog 2026-11-29T10:00:00Z\nend\n',
    1,
    'shop/orders: data a, since 2026-11-29T00:00:00Z\nthere is no complete backup: nothing can be restored\nnone was proven yet\n',
  ],
  [
    'no log',
    'data a 20261129T000000Z\nbackup 20261129T030000Z 2026-11-29T03:10:00Z 0\nend\n',
    0,
    expect.stringContaining('any second from 2026-11-29T03:10:00Z to about 2026-11-29T03:10:00Z') as never,
  ],
])('of a store that has %s is said', (_, list, code, out) => {
  answer('list', list);
  expect(run()).toEqual({ code, out, err: '' });
});

test('what matches no pattern is not printed', () => {
  answer(
    'list',
    `${LIST.replace('end\n', '')}\x1b[2Jhello\ndata ../x 20261129T000000Z\nbackup 20261124T030000Z \x1b[31m 1\nincomplete $(id)\nend\n`,
  );
  expect(run().out).not.toMatch(/hello|\.\.|20261124|\$|\x1b/);
});

test.each<[string, () => void, string | RegExp]>([
  [
    'the set is not there',
    () => kubectl('echo \'Error from server (NotFound): statefulsets.apps "orders" not found\' >&2; exit 1'),
    'Error from server (NotFound): statefulsets.apps "orders" not found',
  ],
  [
    'it is of another generator',
    () => answer('set', { spec: { selector: { matchLabels: { app: 'orders' } } } }),
    "the StatefulSet 'orders' was not made by cdk8s-stateful: its selector has no label cdk8s-stateful/name",
  ],
  [
    'it has no backups',
    () => answer('set', { spec: { ...SET.spec, template: { spec: { containers: [{ name: 'postgres' }] } } } }),
    "the set 'orders' has no backups: give it the prop 'backup', and apply that",
  ],
  [
    'it has no pods',
    () => answer('pods', { items: [] }),
    "the set 'orders' has no pods: only a pod of it has the keys of the store. Is it scaled to 0?",
  ],
  [
    'none of them runs',
    () => answer('pods', { items: [pod('orders-0', { ship: { waiting: {} } }), {}] }),
    "no pod of the set 'orders' runs its container 'ship' or 'prepare', which have the keys of the store: kubectl describe pod orders-0 says why",
  ],
  ['kubectl says nothing', () => answer('set', ''), 'kubectl did not answer with JSON: '],
  [
    'the answer ends early',
    () => answer('list', LIST.slice(0, 100)),
    "the answer of the set 'orders' was cut off: ask again",
  ],
  [
    'the script fails',
    () =>
      kubectl(`case "$*" in
    *statefulset*) cat "${folder}/set" ;; *pods*) cat "${folder}/pods" ;;
    *) printf 'Z backups: the store cannot be used: \\033[2J see above\\ncommand terminated with exit code 1\\n' >&2; exit 1 ;; esac`),
    'Z backups: the store cannot be used: ?[2J see above',
  ],
  [
    'the script fails without a word',
    () =>
      kubectl(`case "$*" in *statefulset*) cat "${folder}/set" ;; *pods*) cat "${folder}/pods" ;; *) exit 137 ;; esac`),
    'kubectl exec failed, and does not say why',
  ],
])('where %s, that is said', (_, prepare, message) => {
  prepare();
  expect(run()).toEqual({ code: 2, out: '', err: `cdk8s-stateful backups: ${message as string}\n` });
});

test('without kubectl that is said', () => {
  expect(run(['orders'], folder.replace(/$/, '/nothing'))).toEqual({
    code: 2,
    out: '',
    err: 'cdk8s-stateful backups: cannot run kubectl: spawnSync kubectl ENOENT; install it\n',
  });
});

test.each<[string[], RegExp]>([
  [[], /expected the name of one set, got 0; see --help/],
  [['a', 'b'], /expected the name of one set, got 2/],
  [['Orders'], /NAME must be a DNS label \(a-z, 0-9, '-', at most 63 characters\), got 'Orders'/],
  [['orders', '-n', '--all'], /ambiguous|--all/],
  [['orders', '--namespace=a/b'], /--namespace must be a DNS label/],
  [['orders', '--color'], /Unknown option '--color'/],
])('wrong use ends with 2 and says what is wrong: %j', (args, message) => {
  const { code, err } = run(args);
  expect(code).toBe(2);
  expect(err).toMatch(/^cdk8s-stateful backups: /);
  expect(err).toMatch(message);
});

test.each(['--help', '-h'])('%s helps', (option) => {
  expect(run([option])).toEqual({ code: 0, out: 'the help\n', err: '' });
});
