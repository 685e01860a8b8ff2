import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Dependencies } from '../e2e/record/dependencies';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dependencies-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: { [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function of(file: string): string[] {
  return [...new Dependencies(root).of([join(root, file)]).keys()];
}

function hashOf(file: string): string {
  return JSON.stringify([...new Dependencies(root).of([join(root, file)])]);
}

test('follows imports, what is passed on, require and import(), round a circle too', () => {
  write({
    'a.ts':
      "import { b } from './b';\nexport { c } from './c';\nexport const a = b + require('./d');\nimport './effect';",
    'b.ts': "import * as a from './a';\nexport const b = a;",
    'c.ts': "export const c = async () => import('./folder');",
    'd.js': 'module.exports = 1;',
    'effect.ts': '',
    'folder/index.ts': "import data from '../data.json';\nexport default data;",
    'data.json': '{}',
    'other.ts': '',
  });
  expect(of('a.ts')).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.js', 'data.json', 'effect.ts', 'folder/index.ts']);
});

test('goes through a module that only passes on to the one that has the name', () => {
  write({
    'index.ts':
      "export * from './postgres';\nexport * from './redis';\nexport { Size as Amount } from './size';\nexport * from './nested';",
    'nested.ts': "export * from './deep';",
    'postgres.ts': 'export class Postgres {}',
    'redis.ts': 'export class Redis {}',
    'size.ts': 'export const Size = 1;',
    'deep.ts':
      'const [Deep] = [1];\nexport { Deep as Deepest };\nexport const { one, two: [three] } = { one: 1, two: [1] };',
    'a.ts': "import { Redis } from './index';\nnew Redis();",
    'b.ts': "import { Amount, Deepest } from '.';\nconsole.log(Amount, Deepest);",
    'c.ts': "import { three } from './index';\nconsole.log(three);",
    'all.ts': "import * as all from './index';\nconsole.log(all);",
    'unknown.ts': "import { Nothing } from './index';\nconsole.log(Nothing);",
  });
  expect(of('a.ts')).toEqual(['a.ts', 'redis.ts']);
  expect(of('b.ts')).toEqual(['b.ts', 'deep.ts', 'size.ts']);
  expect(of('c.ts')).toEqual(['c.ts', 'deep.ts']);
  const everything = ['deep.ts', 'index.ts', 'nested.ts', 'postgres.ts', 'redis.ts', 'size.ts'];
  expect(of('all.ts')).toEqual(['all.ts', ...everything]);
  expect(of('unknown.ts')).toEqual([...everything, 'unknown.ts'].sort());
});

test('takes folders of scripts that a module reads, all that is in them', () => {
  write({
    'lib/engine.ts':
      "import { join } from 'node:path';\nexport const folder = join(__dirname, '..', 'scripts');\nexport const of = (name: string) => join(__dirname, 'own', name);",
    'lib/file.ts':
      "import { join } from 'path';\nexport const file = join(__dirname, 'app.pl');\nexport const all = join(__dirname, '..');",
    'lib/app.pl': '',
    'lib/own/own.sh': '',
    'scripts/engine.sh': '',
    'scripts/more/serve-status.awk': '',
    'scripts/node_modules/much/index.js': '',
    'scripts/.hidden': '',
  });
  expect(of('lib/engine.ts')).toEqual([
    'lib/engine.ts',
    'lib/own/own.sh',
    'scripts/engine.sh',
    'scripts/more/serve-status.awk',
  ]);
  expect(of('lib/file.ts')).toEqual(['lib/app.pl', 'lib/file.ts']);
});

test("notes the versions of packages, and nothing of Node's own", () => {
  write({
    'a.ts':
      "import { readFileSync } from 'fs';\nimport { App } from 'cdk8s';\nexport * from '@some/scope/deep';\nconsole.log(readFileSync, App);",
    'node_modules/cdk8s/package.json': '{"version": "2.1.0"}',
    'node_modules/@some/scope/package.json': '{"version": "3.0.0"}',
  });
  expect([...new Dependencies(root).of([join(root, 'a.ts')])]).toEqual([
    ['@some/scope', '3.0.0'],
    ['a.ts', expect.any(String)],
    ['cdk8s', '2.1.0'],
  ]);
});

test('does not follow what is there for types only', () => {
  write({
    'a.ts':
      "import type { B } from './b';\nimport { type C } from './c';\nexport type { D } from './d';\nexport const a: B | C = 1;",
    'b.ts': 'export type B = number;',
    'c.ts': 'export type C = number;',
    'd.ts': 'export type D = number;',
  });
  expect(of('a.ts')).toEqual(['a.ts']);
});

test('a change of what runs changes the hash, one of comments and types does not; of a script any does', () => {
  write({
    'a.ts':
      "import { join } from 'path';\n/** Says one. */\nexport const a: number = 1;\nexport const s = join(__dirname, 's');",
    's/run.sh': 'true\n',
  });
  const before = hashOf('a.ts');
  write({
    'a.ts':
      "import { join } from 'path';\n/** Says number one. */\nexport const a: 1 | 2 = 1; // one\nexport const s = join(__dirname, 's');\nexport interface B { c: string }",
  });
  expect(hashOf('a.ts')).toBe(before);
  write({
    'a.ts': "import { join } from 'path';\nexport const a: number = 2;\nexport const s = join(__dirname, 's');",
  });
  const other = hashOf('a.ts');
  expect(other).not.toBe(before);
  write({ 's/run.sh': 'true # as before\n' });
  expect(hashOf('a.ts')).not.toBe(other);
  const same = hashOf('a.ts');
  write({ 's/another.sh': '' });
  expect(hashOf('a.ts')).not.toBe(same);
});

test('refuses what it cannot follow: a dependency that is missed shows green what is not', () => {
  write({
    'a.ts': "import './nowhere';",
    'b.ts': 'console.log(`${__dirname}/scripts`);',
    'c.ts': "import 'not-installed';",
  });
  expect(() => of('a.ts')).toThrow(/a\.ts: there is no \.\/nowhere/);
  expect(() => of('b.ts')).toThrow(/b\.ts: say join\(__dirname, \.\.\.\)/);
  expect(() => of('c.ts')).toThrow('not-installed');
});

test('ends at a seam, and tells what a module itself imports', () => {
  write({
    'lib/index.ts': "export * from './redis';",
    'lib/redis.ts': 'export class Redis {}\nexport const one = 1;',
    'test/row.ts':
      "import { Redis } from '../lib';\nimport { help } from './help';\nimport 'typescript';\nhelp(Redis);",
    'test/help.ts': "import { one } from '../lib';\nexport const help = (x: unknown) => [one, x];",
    'node_modules/typescript/package.json': '{"version":"1.2.3"}',
  });
  const upToLib = new Dependencies(root, (name) => name.startsWith('lib/'));
  expect([...upToLib.of([join(root, 'test/row.ts')]).keys()]).toEqual(['test/help.ts', 'test/row.ts', 'typescript']);
  expect(new Dependencies(root).importsOf(join(root, 'test/row.ts'))).toEqual([
    join(root, 'lib/redis.ts'),
    join(root, 'test/help.ts'),
  ]);
});
