import { checkFunctionNames } from '../../../lib/core/private/function-names';
import { refusalOf } from '../../refusal';

test('an engine may not have a function of a shared name', () => {
  expect(refusalOf(() => checkFunctionNames({ 'engine.sh': 'engine_prepare() { :; }\nask() { psql; }\n' })))
    .toBe('engine.scripts[\'engine.sh\'] must not define the function ask, as blank.sh of lib/core/scripts has one of that name: rename it');
});

test('a program of its own may have any', () => {
  expect(() => checkFunctionNames({ 'users.sh': '#!/usr/bin/env bash\nask() { :; }\n' })).not.toThrow();
});

test('a name that only stands inside of a function, or in a comment, is none', () => {
  expect(() => checkFunctionNames({ 'engine.sh': '# ask() asks\nengine_prepare() {\n  ask() { :; }\n}\n' })).not.toThrow();
});

test('what is there to be replaced may be: tools, by a file or by functions', () => {
  expect(() => checkFunctionNames({ 'tools.sh': 'answer() { :; }\n', 'pause.sh': 'pause() { :; }\n', 'engine.sh': 'try_lock() { :; }\n' })).not.toThrow();
});

test('and a shared file, by one of its name', () => {
  expect(() => checkFunctionNames({ 'session.sh': 'session_open() { :; }\n' })).not.toThrow();
});
