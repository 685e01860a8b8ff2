import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setResourceId } from '../../../lib/changes/facts/set-facts';
import { lockExists, readLock, writeLock } from '../../../lib/changes/lock/lock-file';
import { EMPTY_LOCK, NO_ENVIRONMENT, NOTHING_LOCKED } from '../../../lib/changes/lock/lock-format';
import { refusalOf } from '../../refusal';
import { factsOf, statefulSet } from '../sets';

const facts = { ...factsOf(statefulSet()), namespace: 'default' };
const content = new Map([[NO_ENVIRONMENT, { ...NOTHING_LOCKED, systems: new Map([[setResourceId(facts), facts]]) }]]);

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lock-file-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the lock is found wherever the app is started', () => {
  const repository = join(__dirname, '..', '..', '..');
  for (const path of ['project/app', 'project/below', 'other/below', 'elsewhere'])
    mkdirSync(join(folder, path), { recursive: true });
  for (const path of ['project', 'other']) writeFileSync(join(folder, path, 'cdk8s.yaml'), 'language: typescript\n');
  // A process of its own, as what is asked is where its main file is. It answers for each folder that it goes to, with
  // and without what the cdk8s command sets; and then for a project that has no cdk8s.yaml.
  writeFileSync(
    join(folder, 'project/app/main.js'),
    `
    require(${JSON.stringify(require.resolve('ts-node'))}).register({ dir: ${JSON.stringify(repository)} });
    const { findLockFile } = require(${JSON.stringify(join(repository, 'lib/changes/lock/lock-file.ts'))});
    const found = (folder, outdir) => {
      process.chdir(folder);
      delete process.env.CDK8S_OUTDIR;
      if (outdir) process.env.CDK8S_OUTDIR = outdir;
      return findLockFile();
    };
    process.chdir(${JSON.stringify(folder)});
    const root = process.cwd() + '/';
    const answers = [found(root + 'elsewhere'), found(root + 'other/below'), found(root + 'other', 'dist'), found(root + 'elsewhere', 'dist')];
    require('fs').rmSync(root + 'project/cdk8s.yaml');
    answers.push(found(root + 'elsewhere'), found(root + 'other/below'));
    process.stdout.write(JSON.stringify(answers));
  `,
  );
  const answers = JSON.parse(
    execFileSync(process.execPath, [join(folder, 'project/app/main.js')], { encoding: 'utf8' }),
  ) as string[];
  expect(answers).toEqual(
    [
      // beside the app itself,
      'project',
      'project',
      // by the cdk8s command beside the cdk8s.yaml that it reads,
      'other',
      'project',
      // and without a project where it is started.
      'elsewhere',
      'other',
    ].map((project) => join(folder, project, 'stateful.lock.json')),
  );
});

test('the plugin of the cdk8s command takes the lock of the project that it runs in, and not of that which has the command', () => {
  const repository = join(__dirname, '..', '..', '..');
  for (const path of ['hoisted/node_modules/cdk8s-cli/bin', 'hoisted/packages/a/src'])
    mkdirSync(join(folder, path), { recursive: true });
  for (const path of ['hoisted', 'hoisted/packages/a'])
    writeFileSync(join(folder, path, 'cdk8s.yaml'), 'language: typescript\n');
  const command = join(folder, 'hoisted/node_modules/cdk8s-cli/bin/cdk8s.js');
  writeFileSync(
    command,
    `
    require(${JSON.stringify(require.resolve('ts-node'))}).register({ dir: ${JSON.stringify(repository)} });
    const { StatefulValidation } = require(${JSON.stringify(join(repository, 'lib/changes/plugin.ts'))});
    new Promise((done) => done(new StatefulValidation().validate({ manifests: [], report: {} }))).catch(({ message }) => process.stdout.write(message));
  `,
  );
  const said = (cwd: string): string =>
    execFileSync(process.execPath, [command], { encoding: 'utf8', cwd: join(folder, cwd) });
  expect(said('hoisted/packages/a')).toContain(join(folder, 'hoisted/packages/a/stateful.lock.json is missing'));
  expect(said('hoisted/packages/a/src')).toContain(join(folder, 'hoisted/packages/a/stateful.lock.json is missing'));
}, 60_000);

test('a lock that is not there yet is empty', () => {
  const file = join(folder, 'stateful.lock.json');
  expect([lockExists(file), readLock(file)]).toEqual([false, EMPTY_LOCK]);
  writeLock(file, content);
  expect([lockExists(file), readLock(file)]).toEqual([true, content]);
});

test('an error names the file', () => {
  const file = join(folder, 'other-name.json');
  writeFileSync(file, '{');
  expect(refusalOf(() => readLock(file))).toMatch(/^other-name\.json is damaged/);
});

test('it is written whole or not at all', () => {
  const file = join(folder, 'stateful.lock.json');
  mkdirSync(join(file, 'in the way'), { recursive: true });
  expect(refusalOf(() => writeLock(file, content))).toContain(`cannot write ${file}: `);
  expect(readdirSync(folder)).toEqual(['stateful.lock.json']);
});

test('a folder that takes no file is named', () => {
  const file = join(folder, 'not-there', 'stateful.lock.json');
  expect(refusalOf(() => writeLock(file, content))).toMatch(new RegExp(`^cannot write ${file}: ENOENT`));
});

test('what was there stays until all of the new one is on the disk', () => {
  const file = join(folder, 'stateful.lock.json');
  writeLock(file, EMPTY_LOCK);
  const former = readFileSync(file, 'utf8');
  mkdirSync(`${file}.${process.pid}`);
  expect(refusalOf(() => writeLock(file, content))).toContain('cannot write');
  expect(readFileSync(file, 'utf8')).toBe(former);
});
