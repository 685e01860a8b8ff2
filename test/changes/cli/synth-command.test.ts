import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { synthCommand } from '../../../lib/changes/cli/synth-command';

// As a user runs it: the cdk8s command itself, in a project of its own.

const REPOSITORY = join(__dirname, '..', '..', '..');
const BIN = join(REPOSITORY, 'node_modules', '.bin');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synth-'));
  writeFileSync(
    join(folder, 'cdk8s.yaml'),
    `language: typescript\napp: ${BIN}/ts-node --transpile-only --project ${REPOSITORY}/tsconfig.json main.ts\noutput: manifests\n`,
  );
  writeFileSync(
    join(folder, 'main.ts'),
    `
import { Chart, Size } from '${REPOSITORY}/node_modules/cdk8s';
import { Credentials, Postgres, PostgresVersion, StatefulApp, Storage } from '${REPOSITORY}/lib';
const app = new StatefulApp();
const storage = Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(Number(process.env.GIBIBYTES)) });
new Postgres(new Chart(app, 'orders'), 'orders', { version: PostgresVersion.V18, replicas: 3, storage, credentials: Credentials.fromSecret('c') });
if (process.env.BROKEN) throw new Error('the app is broken');
app.synth();
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: string[], environment: { readonly [name: string]: string }): Outcome {
  const inherited = Object.entries(process.env).filter(([name]) => !['CI', 'NODE_ENV'].includes(name));
  const env = { ...Object.fromEntries(inherited), PATH: [BIN, process.env.PATH].join(delimiter), ...environment };
  return spawnSync(program, args, { cwd: folder, encoding: 'utf8', env });
}

const ours = (environment: { readonly [name: string]: string }, ...args: string[]): Outcome =>
  run(
    join(BIN, 'ts-node'),
    [
      '--transpile-only',
      '--project',
      join(REPOSITORY, 'tsconfig.json'),
      join(REPOSITORY, 'lib', 'changes', 'cli', 'cdk8s-stateful.ts'),
      'synth',
      '--no-check-upgrade',
      ...args,
    ],
    environment,
  );
const manifests = (output = 'manifests'): string => readFileSync(join(folder, output, 'orders.k8s.yaml'), 'utf8');

test('what is refused leaves the manifests of before, and says why without a stack trace', () => {
  const first = ours({ GIBIBYTES: '10' });
  expect(first).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('  - manifests/orders.k8s.yaml') as unknown,
  });
  const before = manifests();
  mkdirSync(join(folder, 'manifests', 'mine'));

  const refused = ours({ GIBIBYTES: '5' });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /^stateful\.lock\.json refuses changes that would lose data:\n {2}error StatefulSet\/default\/orders volume-shrunk: .*\n {2}To overrule a refusal, .*\n$/,
  );
  expect(manifests()).toBe(before);
  expect(readdirSync(folder).sort()).toEqual(['cdk8s.yaml', 'main.ts', 'manifests', 'stateful.lock.json']);

  expect(ours({ GIBIBYTES: '10', BROKEN: 'yes' })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/the app is broken(.|\n)*main\.ts:7/) as unknown,
  });
  expect(manifests()).toBe(before);

  expect(ours({ GIBIBYTES: '20' }).status).toBe(0);
  expect(manifests()).toContain('20Gi');
  expect(readdirSync(join(folder, 'manifests'))).toEqual(['orders.k8s.yaml']);
}, 120_000);

test('the output that is asked for is that which is replaced', () => {
  expect(ours({ GIBIBYTES: '10' }, '--output', 'other').status).toBe(0);
  expect(manifests('other')).toContain('10Gi');
  expect(ours({ GIBIBYTES: '10' }, '-o=third').status).toBe(0);
  expect(manifests('third')).toContain('10Gi');
  expect(existsSync(join(folder, 'manifests'))).toBe(false);
}, 120_000);

test('what is printed leaves the output as it is, which the command alone would remove', () => {
  expect(ours({ GIBIBYTES: '10' }).status).toBe(0);
  const printed = ours({ GIBIBYTES: '10' }, '--stdout');
  expect(printed).toMatchObject({ status: 0, stdout: manifests() });
  expect(readdirSync(folder).sort()).toEqual(['cdk8s.yaml', 'main.ts', 'manifests', 'stateful.lock.json']);
}, 120_000);

test('by the cdk8s command alone the manifests are gone, and the refusal says so and no more', () => {
  run('cdk8s', ['synth', '--no-check-upgrade'], { GIBIBYTES: '10' });
  const { stderr } = run('cdk8s', ['synth', '--no-check-upgrade'], { GIBIBYTES: '5' });
  const [saidByApp] = stderr.split('Error: command');
  expect(saidByApp).toMatch(
    /^stateful\.lock\.json refuses changes that would lose data:\n.*\n.*\n {2}'cdk8s synth' deleted 'manifests' before it ran the app: restore it from version control, and run 'npx cdk8s-stateful synth', which keeps it if synth is refused\n$/,
  );
  expect(existsSync(join(folder, 'manifests'))).toBe(false);
}, 120_000);

test('without the cdk8s command, the app itself says why, without a stack trace, and leaves the manifests of before', () => {
  const app = (environment: { readonly [name: string]: string }): Outcome =>
    run(
      join(BIN, 'ts-node'),
      ['--transpile-only', '--project', join(REPOSITORY, 'tsconfig.json'), 'main.ts'],
      environment,
    );
  expect(app({ GIBIBYTES: '10' }).status).toBe(0);
  const before = manifests('dist');
  const refused = app({ GIBIBYTES: '5' });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /^stateful\.lock\.json refuses changes that would lose data:\n {2}error StatefulSet\/default\/orders volume-shrunk: .*\n {2}To overrule a refusal, .*\n$/,
  );
  expect(manifests('dist')).toBe(before);
  expect(app({ GIBIBYTES: '10', BROKEN: 'yes' })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/the app is broken(.|\n)*main\.ts:7/) as unknown,
  });

  writeFileSync(join(folder, 'stateful.lock.json'), '{');
  expect(app({ GIBIBYTES: '10' })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^stateful\.lock\.json is damaged \([^\n]*\): restore it from version control, it protects your data\n$/,
    ) as unknown,
  });
}, 120_000);

test('of several environments, a refused one leaves the manifests of all', () => {
  const main = readFileSync(join(folder, 'main.ts'), 'utf8');
  writeFileSync(
    join(folder, 'main.ts'),
    main
      .replace(
        'const app = new StatefulApp();',
        "for (const environment of ['dev', 'prod']) {\nconst app = new StatefulApp({ environment, outdir: (process.env.CDK8S_OUTDIR ?? 'dist') + '/' + environment });",
      )
      .replace('Number(process.env.GIBIBYTES)', 'Number(process.env[environment])')
      .replace('app.synth();', 'app.synth();\n}'),
  );
  expect(ours({ dev: '10', prod: '100' })).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(
      /manifests\/dev\/orders\.k8s\.yaml\n.*manifests\/prod\/orders\.k8s\.yaml\n/,
    ) as unknown,
  });
  const before = [manifests('manifests/dev'), manifests('manifests/prod')];
  const refused = ours({ dev: '20', prod: '50' });
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^stateful\.lock\.json has changed(.|\n)*error \[prod\] StatefulSet\/default\/orders volume-shrunk: .*\n {2}To overrule a refusal, .*\n$/,
    ) as unknown,
  });
  expect([manifests('manifests/dev'), manifests('manifests/prod')]).toEqual(before);
}, 120_000);

test('of a run for each environment, a refused one leaves the manifests and the lock of all', () => {
  const main = readFileSync(join(folder, 'main.ts'), 'utf8');
  writeFileSync(
    join(folder, 'main.ts'),
    main.replace('new StatefulApp()', 'new StatefulApp({ environment: process.env.ENVIRONMENT })'),
  );
  const environment = (ENVIRONMENT: string, GIBIBYTES: string): Outcome =>
    ours({ ENVIRONMENT, GIBIBYTES }, '--output', `dist/${ENVIRONMENT}`);
  expect([environment('dev', '10').status, environment('prod', '100').status]).toEqual([0, 0]);
  const state = (): string[] => [
    manifests('dist/dev'),
    manifests('dist/prod'),
    readFileSync(join(folder, 'stateful.lock.json'), 'utf8'),
  ];
  const before = state();
  expect(environment('prod', '50')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^stateful\.lock\.json refuses .*\n {2}error \[prod\] StatefulSet\/default\/orders volume-shrunk: /,
    ) as unknown,
  });
  expect(ours({ GIBIBYTES: '100' })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("set 'environment' of each StatefulApp") as unknown,
  });
  expect(state()).toEqual(before);
  expect(readdirSync(join(folder, 'dist')).sort()).toEqual(['dev', 'prod']);
}, 240_000);

test('where there is no cdk8s command, that is said', () => {
  const path = process.env.PATH;
  const cwd = process.cwd();
  const said: string[] = [];
  try {
    process.env.PATH = folder;
    process.chdir(folder);
    expect(synthCommand([], { out: () => undefined, err: (text) => said.push(text) })).toBe(2);
  } finally {
    process.env.PATH = path;
    process.chdir(cwd);
  }
  expect(said.join('')).toMatch(/^cdk8s-stateful synth: cannot run cdk8s: .*ENOENT; install cdk8s-cli\n$/);
});
