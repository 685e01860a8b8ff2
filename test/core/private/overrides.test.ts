import { checkFunctionNames } from '../../../lib/core/private/function-names';
import { checkOverrides, withOverrides } from '../../../lib/core/private/overrides';
import { refusalOf } from '../../refusal';

const scripts = {
  'engine.sh': '. "$scripts/parts.sh"\nengine_prepare() { :; }\n',
  'engine-sync.sh': '# engine_mend() mends\nengine_mend() {\n  release_slots\n}\n',
  'parts.sh': 'release_slots() { :; }\nrelease_slots_of() { :; }\n',
};
const source = (name: string): string => `. "\${STATEFUL_SCRIPTS:-/opt/stateful}/${name}.sh"`;

test('scripts without one stay as they are', () => {
  expect(withOverrides(scripts)).toEqual(scripts);
});

test('the script that defines the function sources the other, and its own has another name', () => {
  const own = { 'engine_mend.sh': 'engine_mend() { base_engine_mend; }\n', 'release_slots.sh': 'release_slots() { :; }\n' };
  expect(withOverrides({ ...scripts, ...own })).toEqual({
    ...scripts, ...own,
    'engine-sync.sh': `${source('engine_mend')} # instead of engine_mend, here base_engine_mend\n# engine_mend() mends\nbase_engine_mend() {\n  release_slots\n}\n`,
    'parts.sh': `${source('release_slots')} # instead of release_slots, here base_release_slots\nbase_release_slots() { :; }\nrelease_slots_of() { :; }\n`,
  });
});

test.each([['function engine_mend() {\n  :\n}\n'], ['engine_mend ()\n{\n  :\n}\n'], ['engine_mend() { :; }\n'], ['#!/usr/bin/env bash\nengine_mend() { :; }\n']])('however it is written: %j', (text) => {
  const result = withOverrides({ ...scripts, 'engine-sync.sh': text, 'engine_mend.sh': 'engine_mend() { :; }\n' });
  expect(result['engine-sync.sh']).toBe(`${source('engine_mend')} # instead of engine_mend, here base_engine_mend\n${text.replace('engine_mend', 'base_engine_mend')}`);
});

test('wherever it is defined: the last one counts, and so it does as base_', () => {
  const both = { 'engine.sh': 'engine_size() { echo 1; }\n. "$scripts/parts.sh"\n', 'parts.sh': 'engine_size() { echo 2; }\n', 'engine-sync.sh': '' };
  const result = withOverrides({ ...both, 'engine_size.sh': 'engine_size() { echo 3; }\n' });
  expect(Object.values(result).filter((text) => text.includes('base_engine_size() {'))).toHaveLength(2);
});

test('one with variables of its own is taken', () => {
  expect(() => checkOverrides({ ...scripts, 'engine_mend.sh': '# Mends.\nmended=\nengine_mend() {\n  base_engine_mend && mended=yes\n}\n' })).not.toThrow();
});

test('what the core calls only where it is there may be added', () => {
  const own = { 'engine_before_stop.sh': 'engine_before_stop() { :; }\n' };
  expect(() => checkOverrides({ ...scripts, ...own })).not.toThrow();
  expect(withOverrides({ ...scripts, ...own })).toEqual({ ...scripts, ...own, 'engine.sh': `${source('engine_before_stop')}\n${scripts['engine.sh']}` });
});


const refused = (own: { [file: string]: string }): string => refusalOf(() => {
  checkFunctionNames({ ...scripts, ...own });
  checkOverrides({ ...scripts, ...own });
});

test.each<[string, { [file: string]: string }, string | RegExp]>([
  ['a name that nothing calls', { 'release_slot.sh': 'release_slot() { :; }\n' },
    /^engine\.scripts\['release_slot\.sh'\] would never be called, as the engine has no function release_slot: .* must be one of engine_ask_primary, .*, engine_stop, or another function of the engine's scripts\. Correct the name, or use '-' if /],
  ['a function of the contract that is none', { 'engine_prepar.sh': 'engine_prepar() { :; }\n' }, /^engine\.scripts\['engine_prepar\.sh'\] would never be called/],
  ['a function of a program of its own, which nobody sources', { 'users.sh': '#!/usr/bin/env bash\nset_users() { :; }\n', 'set_users.sh': 'set_users() { :; }\n' }, /would never be called/],
  ['another function', { 'engine_mend.sh': 'engine_mendd() { :; }\n' }, "engine.scripts['engine_mend.sh'] must define the function engine_mend and no other, got engine_mendd: a script with '_' in its name replaces the function of that name"],
  ['none', { 'engine_mend.sh': '# engine_mend() { :; }\n' }, /and no other, got none:/],
  ['two', { 'engine_mend.sh': 'engine_mend() { helper; }\nhelper() { :; }\n' }, /and no other, got engine_mend, helper:/],
  ['one of the core', { 'settle_volume.sh': 'settle_volume() { :; }\n' }, "engine.scripts['settle_volume.sh'] must not define the function settle_volume, as volume.sh of lib/core/scripts has one of that name: rename it"],
  ['a base that is none', { 'engine_before_stop.sh': 'engine_before_stop() { base_engine_before_stop; }\n' }, "engine.scripts['engine_before_stop.sh'] must not call base_engine_before_stop, as the engine has no function engine_before_stop that it replaces: remove the call"],
  ['a base that is another function', { 'parts.sh': 'base_engine_mend() { :; }\n', 'engine_mend.sh': 'engine_mend() { :; }\n' },
    "engine.scripts['engine_mend.sh'] must not replace engine_mend, as the engine has a function base_engine_mend, which is what the replaced one would be called: rename that"],
])('refused: %s', (_, own, expected) => {
  expect(refused(own)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
});
