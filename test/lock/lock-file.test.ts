import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_LOCK } from '../../lib/lock/private/lock-format';
import { lockExists, readLock, writeLock } from '../../lib/lock/private/lock-file';
import { setId } from '../../lib/review/private/set-facts';
import { refusalOf } from '../refusal';
import { factsOf, statefulSet } from '../review/private/sets';

const facts = { ...factsOf(statefulSet()), namespace: 'default' };
const content = { ...EMPTY_LOCK, systems: new Map([[setId(facts), facts]]) };

let folder: string;
beforeEach(() => { folder = realpathSync(mkdtempSync(join(tmpdir(), 'lock-file-'))); });
afterEach(() => rmSync(folder, { recursive: true }));

describe('the lock is found', () => {
  const repository = join(__dirname, '..', '..');
  /** What an app sees that is started as `node app/main.js` of a project, elsewhere, with or without the cdk8s command. */
  const foundFrom = (cwd: string, environment: { readonly [name: string]: string } = {}): string => {
    const { CDK8S_OUTDIR: _, ...inherited } = process.env;
    const main = join(folder, 'project', 'app', 'main.js');
    return execFileSync(process.execPath, [main], { cwd: join(folder, cwd), encoding: 'utf8', env: { ...inherited, ...environment } });
  };

  beforeEach(() => {
    for (const path of ['project/app', 'project/below', 'other/below', 'elsewhere']) mkdirSync(join(folder, path), { recursive: true });
    for (const path of ['project', 'other']) writeFileSync(join(folder, path, 'cdk8s.yaml'), 'language: typescript\n');
    writeFileSync(join(folder, 'project/app/main.js'), `
      require(${JSON.stringify(require.resolve('ts-node'))}).register({ dir: ${JSON.stringify(repository)} });
      process.stdout.write(require(${JSON.stringify(join(repository, 'lib/lock/private/lock-file.ts'))}).findLockFile());
    `);
  });

  test('beside the cdk8s.yaml of the app, wherever it is started', () => {
    expect(foundFrom('elsewhere')).toBe(join(folder, 'project/stateful.lock.json'));
    expect(foundFrom('other/below')).toBe(join(folder, 'project/stateful.lock.json'));
  });

  test('by the cdk8s command beside the cdk8s.yaml that it reads', () => {
    expect(foundFrom('other', { CDK8S_OUTDIR: 'dist' })).toBe(join(folder, 'other/stateful.lock.json'));
    expect(foundFrom('elsewhere', { CDK8S_OUTDIR: 'dist' })).toBe(join(folder, 'project/stateful.lock.json'));
  });

  test('where it is started, if there is no project', () => {
    rmSync(join(folder, 'project/cdk8s.yaml'));
    expect(foundFrom('elsewhere')).toBe(join(folder, 'elsewhere/stateful.lock.json'));
    expect(foundFrom('other/below')).toBe(join(folder, 'other/stateful.lock.json'));
  });
});

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
