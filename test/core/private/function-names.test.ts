import { checkFunctionNames, checkSettingNames } from '../../../lib/core/private/function-names';
import { refusalOf } from '../../refusal';

const refusal = (text: string, file = 'engine.sh'): string => refusalOf(() => checkFunctionNames({ [file]: text }));
const OWN = "as names that begin with 'core_' are the library's: rename it";

test('an engine may not define functions of the library', () => {
  expect(refusal('engine_prepare() { :; }\ncore_tick() { psql; }\n')).toBe(
    `engine.scripts['engine.sh'] must not define the function core_tick, ${OWN}`,
  );
  expect(refusal('function core_more() { :; }\n', 'own.sh')).toBe(
    `engine.scripts['own.sh'] must not define the function core_more, ${OWN}`,
  );
});

test.each(['log', 'log_change', 'die'])('nor %s, which it calls', (name) => {
  expect(refusal(`${name}() { :; }\n`)).toBe(
    `engine.scripts['engine.sh'] must not define the function ${name}, which is the library's: rename it`,
  );
});

test.each([
  ['at the beginning of a line', 'core_now=7\n'],
  ['in a function', 'engine_stop() {\n  core_now=7\n}\n'],
  ['after another', 'role=primary core_now=7\n'],
  ['after a condition', 'if true; then core_now=7; fi\n'],
  ['with more', 'core_now+=7\n'],
  ['as an array', 'core_now[1]=7\n'],
  ['for others', 'export core_now=7\n'],
])('nor set its variables: %s', (_, text) => {
  expect(refusal(text)).toBe(`engine.scripts['engine.sh'] must not set the variable core_now, ${OWN}`);
});

test.each(['ordinal', 'state', 'scripts', 'set_name', 'port', 'volume'])('nor %s, which it reads', (name) => {
  expect(refusal(`engine_run() {\n  ${name}=7\n}\n`)).toBe(
    `engine.scripts['engine.sh'] must not set the variable ${name}, which the library sets: rename it, or declare it 'local' in a function`,
  );
});

test.each([
  ['one that is local', 'engine_run() {\n  local port=7 state=x\n}\n'],
  ['what it is there to set', 'role=primary synced=yes lag=0\n'],
  ['one that is read', 'mine=$state\nexit "$core_now"\n'],
  ['a comparison', '[[ $state == x ]] && echo "state=x"\n'],
  ['a text between two marks', 'cat <<END\nstate=7\ncore_now=8\nEND\n'],
  ['a comment', '# state=x\n'],
  ['a name that only begins like one', 'stateful=1 my_core_now=2\n'],
])('but it may have %s', (_, text) => {
  expect(() => checkFunctionNames({ 'engine.sh': text })).not.toThrow();
});

test('a program of its own may have any', () => {
  expect(() => checkFunctionNames({ 'users.sh': '#!/usr/bin/env bash\nstate=/run\nlog() { :; }\n' })).not.toThrow();
});

test('a name that only stands inside of a function, or in a comment, is none', () => {
  expect(() =>
    checkFunctionNames({ 'engine.sh': '# core_tick() asks\nengine_prepare() {\n  log() { :; }\n}\n' }),
  ).not.toThrow();
});

test('what is there to be replaced may be, by functions of these names', () => {
  expect(() => checkFunctionNames({ 'engine.sh': 'try_lock() { :; }\nserve_status() { :; }\n' })).not.toThrow();
});

test('and a shared file, by one of its name', () => {
  expect(() => checkFunctionNames({ 'session.sh': 'core_session_open() { :; }\n' })).not.toThrow();
});

describe('a setting may not be', () => {
  const setting = (name: string): string => refusalOf(() => checkSettingNames({ database: 'app', [name]: '/x' }));

  test.each(['volume', 'port', 'lost_primary', 'source_host'])('one of the library: %s', (name) => {
    expect(setting(name)).toBe(`engine.settings must not have '${name}', got '/x': the library sets it`);
  });

  test.each(['state', 'ordinal', 'set_name', 'scripts', 'role', 'synced', 'last_error_file'])(
    'a variable of the scripts: %s',
    (name) => {
      expect(setting(name)).toBe(
        `engine.settings must not have '${name}', got '/x': the scripts of the library use that variable. Choose another name`,
      );
    },
  );

  test('a name with the prefix of the library', () => {
    expect(setting('core_now')).toBe(
      "engine.settings must not have 'core_now', got '/x': names that begin with 'core_' are the library's. Choose another name",
    );
  });
});
