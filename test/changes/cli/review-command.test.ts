import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { reviewCommand } from '../../../lib/changes/cli/review-command';
import { claim, Fields, statefulSet } from '../sets';

const sized = (storage: string): Fields => statefulSet({ claims: [claim({ resources: { requests: { storage } } })] });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, ...sets: Fields[]): string {
  writeFileSync(join(folder, name), Yaml.stringify(...sets));
  return join(folder, name);
}

function run(...args: string[]): { code: number; out: string; err: string } {
  const said = { out: '', err: '' };
  const code = reviewCommand(args, {
    usage: 'the help\n',
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
  });
  return { code, ...said };
}

test.each([
  ['nothing that matters', '10Gi', '10240Mi', 0, ''],
  ['what somebody must do', '10Gi', '20Gi', 1, /^warning StatefulSet\/default\/orders volume-grown: .*\n$/],
  ['what must not be applied', '10Gi', '5Gi', 2, /^error StatefulSet\/default\/orders volume-shrunk: .*\n$/],
])('exit code and output of %s', (_, before, after, code, out) => {
  expect(run(file('old.yaml', sized(before)), file('new.yaml', sized(after)))).toEqual({
    code,
    out: expect.stringMatching(out) as unknown,
    err: '',
  });
});

test('notes are printed, and fail nothing', () => {
  const { code, out } = run(file('old.yaml', statefulSet()), file('new.yaml', statefulSet({ spec: { replicas: 5 } })));
  expect([code, out.split(' ')[0]]).toEqual([0, 'note']);
});

test('options may stand anywhere', () => {
  const [old, now] = [file('old.yaml', sized('10Gi')), file('new.yaml', sized('5Gi'))];
  expect(JSON.parse(run('--format', 'json', old, now).out)).toMatchObject({
    findings: [{ rule: 'volume-shrunk', file: now, line: 1 }],
  });
  expect(run(old, '--format=github', now).out).toMatch(new RegExp(`^::error file=${now},line=1,title=`));
});

test.each([
  [[], /expected two files or folders, OLD and NEW, got 0; see --help/],
  [['OLD'], /got 1; see --help/],
  [['OLD', 'OLD', 'OLD'], /got 3; see --help/],
  [['OLD', 'OLD', '--format', 'xml'], /--format must be one of text, json, github, got 'xml'/],
  [['OLD', 'OLD', '--format', 'toString'], /got 'toString'/],
  [['OLD', 'OLD', '--format'], /--format/],
  [['OLD', 'OLD', '--color'], /Unknown option '--color'/],
  [['OLD', 'not-there'], /no such file or directory.*not-there/],
  [['not-there', 'OLD'], /no such file or directory.*not-there/],
  [['OLD', 'broken.yaml'], /cannot read .*broken\.yaml: .* at line 2, column 1/],
  [['OLD', 'larger.yaml', '--plans', 'OLD/x'], /ENOTDIR|EEXIST/],
])('wrong use ends with 2 and says what is wrong: %j', (args, message) => {
  file('OLD', sized('10Gi'));
  file('larger.yaml', sized('20Gi'));
  writeFileSync(join(folder, 'broken.yaml'), 'a:\n\tb: 1\n');
  const { code, err } = run(...args.map((arg) => (/^(OLD|not-there|.*\.yaml)/.test(arg) ? join(folder, arg) : arg)));
  expect(code).toBe(2);
  expect(err).toMatch(/^cdk8s-stateful review: .*\n$/);
  expect(err).toMatch(message);
});

test.each(['--help', '-h'])('%s helps', (option) => {
  expect(run(option)).toEqual({ code: 0, out: 'the help\n', err: '' });
});

test('that there is nothing to compare with is said', () => {
  expect(run(file('old.yaml'), file('new.yaml', statefulSet()))).toMatchObject({
    code: 0,
    err: expect.stringMatching(/no manifests in .*old\.yaml, nothing to compare with\n$/) as unknown,
  });
});

test('plans are written, a script each, and only where there are some', () => {
  const plans = join(folder, 'a', 'plans');
  const shop = { namespace: 'shop' };
  const [before, after] = ['10Gi', '20Gi'].map((size) => [
    sized(size),
    statefulSet({ ...shop, claims: [claim({ resources: { requests: { storage: size } } })] }),
  ]);
  expect(run(file('old.yaml', ...before), file('same.yaml', ...before), '--plans', plans).code).toBe(0);
  expect(existsSync(plans)).toBe(false);
  const { code, out, err } = run(file('old.yaml', ...before), file('new.yaml', ...after), '--plans', plans);
  expect(code).toBe(1);
  expect(out).not.toContain(plans);
  expect(readdirSync(plans)).toEqual(['grow-data-of-orders-in-shop-to-20Gi.sh', 'grow-data-of-orders-to-20Gi.sh']);
  for (const plan of readdirSync(plans)) {
    expect(err).toContain(`plan: bash ${join(plans, plan)} FILE, where FILE contains the new manifests\n`);
    expect(statSync(join(plans, plan)).mode & 0o111).toBe(0o111);
  }
});

test('the command itself', () => {
  const [old, now] = [file('old.yaml', sized('10Gi')), file('new.yaml', sized('5Gi'))];
  const command = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(
      process.execPath,
      [
        require.resolve('ts-node/dist/bin'),
        join(__dirname, '..', '..', '..', 'lib', 'changes', 'cli', 'cdk8s-stateful.ts'),
        ...args,
      ],
      { encoding: 'utf8' },
    );
  const [review, help, nothing] = [command('review', old, now), command('--help'), command()];
  expect([review.status, review.stdout]).toEqual([2, expect.stringMatching(/^error .*volume-shrunk.*\n$/)]);
  expect([help.status, help.stdout]).toEqual([0, expect.stringMatching(/^usage: cdk8s-stateful review OLD NEW/)]);
  expect([nothing.status, nothing.stdout, nothing.stderr]).toEqual([2, '', help.stdout]);
});
