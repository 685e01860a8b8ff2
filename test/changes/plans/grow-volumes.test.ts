import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Manifests } from '../../../lib/changes/facts/manifests';
import { readSets } from '../../../lib/changes/facts/set-facts';
import { growPlans, writePlans } from '../../../lib/changes/plans/grow-plan';
import { refusalOf } from '../../refusal';
import { claim, Fields, SetChange, statefulSet } from '../sets';

// The script under the kubectl of this folder, which keeps a cluster in files. On a cluster it is run by `npm run e2e`.

const sized = (storage: string, change: SetChange = {}): Fields =>
  statefulSet({ ...change, claims: [claim({ resources: { requests: { storage } } })] });
const plansOf = (before: Fields[], after: Fields[]): ReturnType<typeof growPlans> =>
  growPlans(readSets(Manifests.of(before)), readSets(Manifests.of(after)));

type Grows = 'online' | 'at-pod-start' | 'never';

interface Outcome {
  readonly status: number | null;
  readonly out: string[];
  readonly err: string;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function cluster(grows: Grows, ordinals = [0, 1], size = '10Gi'): void {
  for (const ordinal of ordinals) {
    addClaim(`data-orders-${ordinal}`, size);
    mkdirSync(join(folder, `pods/orders-${ordinal}`), { recursive: true });
    write(`pods/orders-${ordinal}/uid`, `uid-${ordinal}`);
    write(`pods/orders-${ordinal}/owner`, 'orders');
  }
  write('grows', grows);
  write('expands', 'true');
  write('template', size);
  write('calls', '');
  write('new.yaml', 'Service/orders=\nStatefulSet/orders=20Gi\n');
}

function addClaim(name: string, size: string): void {
  mkdirSync(join(folder, 'claims', name), { recursive: true });
  for (const field of ['requested', 'capacity']) write(`claims/${name}/${field}`, size);
}

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

function environment(more: { readonly [name: string]: string } = {}): NodeJS.ProcessEnv {
  return {
    PATH: `${__dirname}${delimiter}${process.env.PATH}`,
    CLUSTER: folder,
    TMPDIR: folder,
    PLAN_TIMEOUT: '5',
    ...more,
  };
}

function script(change: SetChange = {}): string {
  return writePlans(join(folder, 'plans'), plansOf([sized('10Gi', change)], [sized('20Gi', change)]))[0];
}

function run({
  file = join(folder, 'new.yaml'),
  change = {},
  env = {},
}: { file?: string; change?: SetChange; env?: { readonly [name: string]: string } } = {}): Outcome {
  const { status, stdout, stderr } = spawnSync('bash', [script(change), ...(file === '' ? [] : [file])], {
    encoding: 'utf8',
    env: environment(env),
  });
  return { status, out: stdout.split('\n').slice(0, -1), err: stderr };
}

/** What was changed, in that order. */
function changes(): string[] {
  return read('calls')
    .split('\n')
    .filter((call) => /^(\[.*\] )?(patch|delete|apply)/.test(call))
    .map((call) => call.replace(/ (--type|--cascade|--wait|-f) ?.*/, ''));
}

function sizes(field = 'capacity'): string[] {
  return readdirSync(join(folder, 'claims'))
    .sort()
    .map((name) => `${name} ${read(`claims/${name}/${field}`)}`);
}

function expectGrown(): void {
  expect([sizes(), read('template'), read('pods/orders-0/owner'), read('pods/orders-1/owner')]).toEqual([
    ['data-orders-0 20Gi', 'data-orders-1 20Gi'],
    '20Gi',
    'orders',
    'orders',
  ]);
}

const TEMPLATE = ['delete statefulset orders', 'apply'];
const CLAIMS = ['patch persistentvolumeclaim data-orders-0', 'patch persistentvolumeclaim data-orders-1'];
const PODS = ['delete pod orders-1', 'delete pod orders-0'];

test.each<[Grows, string[]]>([
  ['online', [...CLAIMS, ...TEMPLATE]],
  ['at-pod-start', [...CLAIMS, ...TEMPLATE, ...PODS]],
])('volumes that grow %s grow, and a second run changes nothing', (grows, expected) => {
  cluster(grows);
  const first = run();
  expect(first).toMatchObject({ status: 0, err: '' });
  expect(first.out.filter((line) => /^(\d|done)/.test(line))).toEqual([
    '1/5 checking StatefulSet orders and its PVCs',
    '2/5 expanding the PVCs to 20Gi',
    '3/5 resizing the volumes',
    '4/5 replacing the StatefulSet',
    '5/5 restarting pods whose file systems can only be resized at startup',
    'done: the volumes of orders have 20Gi',
  ]);
  expect(changes()).toEqual(expected);
  expectGrown();

  expect(run()).toMatchObject({ status: 0, err: '' });
  expect(changes()).toEqual(expected);
});

test.each([1, 2, 3, 4, 5, 6])(
  'killed after its change %d, it is done by another run, and nothing is done twice',
  (killed) => {
    cluster('at-pod-start');
    write('killed', String(killed));
    expect(run().status).toBeNull();
    expect(changes()).toHaveLength(killed);
    expect(run()).toMatchObject({ status: 0, err: '' });
    expect(changes()).toEqual([...CLAIMS, ...TEMPLATE, ...PODS]);
    expectGrown();
  },
);

test.each([
  ['get persistentvolumeclaim *capacity*', 2],
  ['get pod *ownerReferences*', 1],
])('where it polls, it waits for an API server that does not answer: %s', (pattern, times) => {
  cluster('online');
  write('failing', `${pattern}\n${times}\n`);
  expect(run().status).toBe(0);
  expectGrown();
});

test.each([
  'get persistentvolumeclaims *',
  'get storageclass *',
  'get persistentvolumeclaim *requests*',
  'patch *',
  'get pod *uid*',
  'get statefulset *jsonpath*',
  'get statefulset *yaml',
  'delete statefulset *',
  'apply *',
  'rollout *',
])('elsewhere it stops, says so, and is done by another run: %s', (pattern) => {
  cluster('online');
  write('failing', `${pattern}\n1\n`);
  const { status, err } = run();
  expect(status).toBe(1);
  expect(err).toContain('connection refused');
  expect(err).toMatch(/STOPPED: .*run this again"?\n$/);
  expect(run()).toMatchObject({ status: 0, err: '' });
  expectGrown();
});

test('no pod restarts because an answer about its volume is missing', () => {
  cluster('online');
  expect(run().status).toBe(0);
  write('calls', '');
  write('failing', 'get persistentvolumeclaim *capacity*\n1\n4\n'); // the first of step 5
  const { status, out, err } = run();
  expect({ status, last: out.at(-1) }).toEqual({
    status: 1,
    last: '5/5 restarting pods whose file systems can only be resized at startup',
  });
  expect(err).toContain('connection refused');
  expect(changes()).toEqual([]);
});

test('it never says that it is done while it cannot see', () => {
  cluster('never');
  write('failing', 'get pod *\n1000\n');
  expect(run().status).toBe(1);
  expect(changes()).toEqual(CLAIMS);
});

test.each<[string, () => void, { file?: string }, string]>([
  [
    'claims',
    () => rmSync(join(folder, 'claims'), { recursive: true }),
    {},
    'there are no PVCs data-orders-N: is this the right context and namespace?',
  ],
  [
    'a class that lets volumes grow',
    () => write('expands', ''),
    {},
    'StorageClass remote of data-orders-0 does not allow volume expansion (allowVolumeExpansion); nothing was changed',
  ],
  [
    'the set in the manifests',
    () => write('new.yaml', 'StatefulSet/sales=20Gi\n'),
    {},
    "has no StatefulSet orders with 20Gi for 'data' (found 'none'); nothing was changed",
  ],
  [
    'the size in the manifests',
    () => write('new.yaml', 'StatefulSet/orders=10Gi\n'),
    {},
    "(found '10Gi'); nothing was changed",
  ],
])('without %s nothing is changed', (_, spoil, options, message) => {
  cluster('online');
  spoil();
  const { status, err } = run(options);
  expect(status).toBe(1);
  expect(err).toContain(`STOPPED: `);
  expect(err).toContain(message);
  expect(changes()).toEqual([]);
});

test('a storage that does not do it is waited for, for a while; the set is not touched', () => {
  cluster('never');
  const { status, out, err } = run({ env: { PLAN_TIMEOUT: '1' } });
  expect([status, changes()]).toEqual([1, CLAIMS]);
  expect(out.filter((line) => line.includes('waiting'))).toEqual([
    "  waiting: data-orders-0 to be resized; see 'kubectl describe persistentvolumeclaim data-orders-0'",
  ]);
  expect(err).toBe(
    "STOPPED: still waiting after 1 seconds: data-orders-0 to be resized; see 'kubectl describe persistentvolumeclaim data-orders-0'\n",
  );
});

test('without manifests the pipeline applies them', async () => {
  cluster('online');
  const child = spawn('bash', [script()], {
    env: environment({ PLAN_TIMEOUT: '20' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const ended = once(child, 'close');
  while (!out.includes('waiting: your pipeline to apply orders with 20Gi') && child.exitCode === null) await sleep(5);
  expect(existsSync(join(folder, 'template'))).toBe(false);
  spawnSync('kubectl', ['apply', '-f', join(folder, 'new.yaml')], { env: environment() });
  expect(await ended).toEqual([0, null]);
  expectGrown();
});

test('a set that was taken away, and that nobody applies, is named', () => {
  cluster('online');
  rmSync(join(folder, 'template'));
  const { status, out, err } = run({ file: '', env: { PLAN_TIMEOUT: '1' } });
  expect([status, changes()]).toEqual([1, CLAIMS]);
  expect(out).toContain('  StatefulSet orders does not exist; your pipeline has to apply it');
  expect(err).toBe(
    'STOPPED: still waiting after 1 seconds: your pipeline to apply orders with 20Gi; the pods keep running\n',
  );
});

test('the set as it was is kept in a file', () => {
  cluster('online');
  const line = run().out.find((text) => text.includes('saved as ')) ?? '';
  expect(readFileSync(line.replace(/.*saved as /, ''), 'utf8')).toBe('size: 10Gi\n');
});

test('volumes that are larger already stay as they are', () => {
  cluster('online', [0, 1], '30Gi');
  write('template', '10Gi');
  expect(run().status).toBe(0);
  expect([changes(), sizes()]).toEqual([TEMPLATE, ['data-orders-0 30Gi', 'data-orders-1 30Gi']]);
});

test('claims that no pod uses are asked to grow, and not waited for', () => {
  cluster('at-pod-start');
  addClaim('data-orders-2', '10Gi');
  const { status, out } = run();
  expect([status, changes()]).toEqual([
    0,
    [...CLAIMS, 'patch persistentvolumeclaim data-orders-2', ...TEMPLATE, ...PODS],
  ]);
  expect(out).toContain('  data-orders-2: not used by a pod; it is resized when it is');
  expect(sizes('requested')[2]).toBe('data-orders-2 20Gi');
});

test('claims of others are none of it', () => {
  cluster('online');
  for (const name of ['data-orders-x', 'data-orders-read-0', 'mydata-orders-0', 'wal-orders-0', 'data-orders-0-copy'])
    addClaim(name, '10Gi');
  expect(run().status).toBe(0);
  expect(changes()).toEqual([...CLAIMS, ...TEMPLATE]);
});

test('pods restart from the last to 0, counted as numbers', () => {
  cluster('at-pod-start', [0, 1, 2, 9, 10, 11]);
  expect(run({ env: { PLAN_TIMEOUT: '20' } }).status).toBe(0);
  expect(changes().filter((call) => call.includes('pod'))).toEqual(
    [11, 10, 9, 2, 1, 0].map((ordinal) => `delete pod orders-${ordinal}`),
  );
});

test.each<[string, SetChange, { readonly [name: string]: string }, string]>([
  ["the manifests' own", { namespace: 'shop' }, {}, '[shop] '],
  ["the manifests' own, whatever NAMESPACE says", { namespace: 'shop' }, { NAMESPACE: 'other' }, '[shop] '],
  ['NAMESPACE, if the manifests name none', {}, { NAMESPACE: 'other' }, '[other] '],
  ["the context's, if nobody names one", {}, {}, ''],
])('the namespace is %s', (_, change, env, prefix) => {
  cluster('online');
  expect(run({ change, env }).status).toBe(0);
  expect(changes()).toEqual([...CLAIMS, ...TEMPLATE].map((call) => `${prefix}${call}`));
});

test('a plan is made for each volume that grows, and for no other', () => {
  const two = (data: string, wal: string): Fields =>
    statefulSet({
      claims: [
        ['data', data],
        ['wal', wal],
      ].map(([name, storage]) => claim({ resources: { requests: { storage } } }, { name })),
    });
  expect(plansOf([two('1Gi', '1Gi')], [two('2Gi', '2Gi')]).map(({ fileName }) => fileName)).toEqual([
    'grow-data-of-orders-to-2Gi.sh',
    'grow-wal-of-orders-to-2Gi.sh',
  ]);
  expect(plansOf([two('1Gi', '2Gi')], [two('1024Mi', '1Gi')])).toEqual([]);
  expect(plansOf([two('1Gi', '1Gi')], [])).toEqual([]);
  expect(plansOf([sized('1Gi')], [statefulSet({ claims: [] })])).toEqual([]);
});

test('what is no name of Kubernetes gets into no script', () => {
  expect(refusalOf(() => plansOf([sized('1Gi', { name: 'a;b' })], [sized('2Gi', { name: 'a;b' })]))).toBe(
    "cannot make a plan: set_name is 'a;b', which is not a valid Kubernetes name or quantity",
  );
});
