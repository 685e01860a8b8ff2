import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CALLED_BY_ENGINES,
  CORE_PREFIX,
  CORE_SETTINGS,
  READ_BY_ENGINES,
  REPLACEABLE,
  SET_BY_ENGINES,
} from '../../lib/core/private/script-names';
import { settingsFile } from '../../lib/core/render/settings';
import { shellNames } from '../shell-names';

// One shell, two owners: what is of lib/core/scripts begins with `core_`, or stands in script-names.ts.

const ROOT = join(__dirname, '..', '..');
const scriptsIn = (...folder: string[]): [string, string][] => {
  const path = join(ROOT, ...folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.sh'))
    .map((file) => [file, readFileSync(join(path, file), 'utf8')]);
};
const core = scriptsIn('lib', 'core', 'scripts').filter(([file]) => file !== 'settings.example.sh');
const engines = [
  ...readdirSync(join(ROOT, 'lib', 'engines'))
    .filter((engine) => engine !== 'shared')
    .map((engine) => ['lib', 'engines', engine, 'scripts']),
  ['examples', 'ledger'],
].flatMap((folder) => scriptsIn(...folder).map(([file, text]): [string, string] => [join(...folder, file), text]));

/** Of a function, and set by another that it calls. */
const OF_THE_CALLER = ['best', 'staying', 'seen_leaving'];
const isCore = (name: string): boolean => name.startsWith(CORE_PREFIX);

test.each(core)('each function of %s has the prefix, or is listed', (_, text) => {
  expect(
    shellNames(text).functions.filter(
      (name) => !isCore(name) && ![...CALLED_BY_ENGINES, ...REPLACEABLE].includes(name),
    ),
  ).toEqual([]);
});

test.each(core)('each variable that %s sets for all has the prefix, or is listed', (_, text) => {
  const listed = [...READ_BY_ENGINES, ...SET_BY_ENGINES, ...OF_THE_CALLER];
  expect(shellNames(text).globals.filter((name) => !isCore(name) && !listed.includes(name))).toEqual([]);
});

test('and whatever is listed is there', () => {
  const names = core.map(([, text]) => shellNames(text));
  const functions = names.flatMap((found) => found.functions);
  const globals = new Set(names.flatMap((found) => found.globals));
  const text = core.map(([, script]) => script).join('\n');
  expect([...CALLED_BY_ENGINES, ...REPLACEABLE].filter((name) => !functions.includes(name))).toEqual([]);
  expect(READ_BY_ENGINES.filter((name) => !globals.has(name))).toEqual([]);
  expect(SET_BY_ENGINES.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});

test('what may be replaced is of tools.sh and pause.sh, and all of them', () => {
  const functions = core
    .filter(([file]) => ['tools.sh', 'pause.sh'].includes(file))
    .flatMap(([, text]) => shellNames(text).functions);
  expect(functions.sort()).toEqual([...REPLACEABLE].sort());
});

test.each(engines)('%s defines nothing with the prefix', (_, text) => {
  const { functions, globals } = shellNames(text);
  expect([...functions, ...globals].filter(isCore)).toEqual([]);
  if (!text.startsWith('#!')) {
    expect(globals.filter((name) => READ_BY_ENGINES.includes(name) || CORE_SETTINGS.includes(name))).toEqual([]);
  }
});

test('what the library writes into settings.sh is listed', () => {
  const [, example] = scriptsIn('lib', 'core', 'scripts').find(([file]) => file === 'settings.example.sh') ?? [];
  const written = shellNames((example ?? '').split('# From here on')[0]).globals;
  expect(written).toEqual([...CORE_SETTINGS].sort());
  expect(shellNames(settingsFile({ port: '1', volume: "it's here" })).globals).toEqual(['port', 'volume']);
});

describe('the reader finds', () => {
  test.each<[string, string, string[]]>([
    ['one by itself', 'a=1', ['a']],
    ['several', 'a=1 b= c="x y"', ['a', 'b', 'c']],
    ['what is after a command', 'true; a=1 && b=2', ['a', 'b']],
    ['what is in braces, and in one line', 'f() { a=1; }', ['a']],
    ['not what is local', 'f() {\n  local a b=1 c\n  a=1 b=2 c=3\n}', []],
    ['but what is local elsewhere', 'f() {\n  local a\n  a=1\n}\ng() {\n  a=2\n}', ['a']],
    ['what is read', 'read -r a _ <x', ['a']],
    ['what is read from a number', 'IFS= read -rt 1 -u "$in" row', ['row']],
    ['arrays', 'a=(x y)\nb+=(z)\nc[1]=2', ['a', 'b', 'c']],
    ['numbers of files', 'exec {a}<b {c}>d', ['a', 'c']],
    ['what is set unless it is', ': "${a:=1}"', ['a']],
    ['loops', 'for a in b; do :; done', ['a']],
    ['not what is compared', '[ "$a" = b ] && [[ $c == d=e ]]', []],
    ['not options', 'x --a=b -c d=e', []],
    ['not comments', '# a=1\ntrue # b=2', []],
    ['a co-process', 'coproc a { :; }', ['a']],
    ['conditions', 'if a=$(b); then c=1; fi', ['a', 'c']],
  ])('%s', (_, text, expected) => {
    expect(shellNames(text).globals).toEqual(expected);
  });
});
