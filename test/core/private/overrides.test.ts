import { checkFunctionNames } from '../../../lib/core/private/function-names';
import { checkOverrides, withOverrides } from '../../../lib/core/private/overrides';
import { refusalOf } from '../../refusal';

const scripts = {
  'engine.sh': '. "$scripts/parts.sh"\nengine_prepare() { :; }\n',
  'engine-sync.sh': '# engine_reconcile() mends\nengine_reconcile() {\n  release_slots\n}\n',
  'parts.sh': 'release_slots() { :; }\nrelease_slots_of() { :; }\n',
};
const source = (name: string): string => `. "\${STATEFUL_SCRIPTS:-/opt/stateful}/${name}.sh"`;

test('scripts without one stay as they are', () => {
  expect(withOverrides(scripts)).toEqual(scripts);
});

test('the script that defines the function sources the other, and its own has another name', () => {
  const own = {
    'engine_reconcile.sh': 'engine_reconcile() { base_engine_reconcile; }\n',
    'release_slots.sh': 'release_slots() { :; }\n',
  };
  expect(withOverrides({ ...scripts, ...own })).toEqual({
    ...scripts,
    ...own,
    'engine-sync.sh': `${source('engine_reconcile')} # instead of engine_reconcile, here base_engine_reconcile\n# engine_reconcile() mends\nbase_engine_reconcile() {\n  release_slots\n}\n`,
    'parts.sh': `${source('release_slots')} # instead of release_slots, here base_release_slots\nbase_release_slots() { :; }\nrelease_slots_of() { :; }\n`,
  });
});

test.each([
  ['function engine_reconcile() {\n  :\n}\n'],
  ['engine_reconcile ()\n{\n  :\n}\n'],
  ['engine_reconcile() { :; }\n'],
  ['#!/usr/bin/env bash\nengine_reconcile() { :; }\n'],
])('however it is written: %j', (text) => {
  const result = withOverrides({
    ...scripts,
    'engine-sync.sh': text,
    'engine_reconcile.sh': 'engine_reconcile() { :; }\n',
  });
  expect(result['engine-sync.sh']).toBe(
    `${source('engine_reconcile')} # instead of engine_reconcile, here base_engine_reconcile\n${text.replace('engine_reconcile', 'base_engine_reconcile')}`,
  );
});

test('wherever it is defined: the last one counts, and so it does as base_', () => {
  const both = {
    'engine.sh': 'engine_size() { echo 1; }\n. "$scripts/parts.sh"\n',
    'parts.sh': 'engine_size() { echo 2; }\n',
    'engine-sync.sh': '',
  };
  const result = withOverrides({ ...both, 'engine_size.sh': 'engine_size() { echo 3; }\n' });
  expect(Object.values(result).filter((text) => text.includes('base_engine_size() {'))).toHaveLength(2);
});

test('one with variables of its own is taken', () => {
  expect(() =>
    checkOverrides({
      ...scripts,
      'engine_reconcile.sh': '# Mends.\nmended=\nengine_reconcile() {\n  base_engine_reconcile && mended=yes\n}\n',
    }),
  ).not.toThrow();
});

test('what the core calls only where it is there may be added', () => {
  const own = { 'engine_pre_stop.sh': 'engine_pre_stop() { :; }\n' };
  expect(() => checkOverrides({ ...scripts, ...own })).not.toThrow();
  expect(withOverrides({ ...scripts, ...own })).toEqual({
    ...scripts,
    ...own,
    'engine.sh': `${source('engine_pre_stop')}\n${scripts['engine.sh']}`,
  });
});

const refused = (own: { [file: string]: string }): string =>
  refusalOf(() => {
    checkFunctionNames({ ...scripts, ...own });
    checkOverrides({ ...scripts, ...own });
  });

test.each<[string, { [file: string]: string }, string | RegExp]>([
  [
    'a name that nothing calls',
    { 'release_slot.sh': 'release_slot() { :; }\n' },
    /^engine\.scripts\['release_slot\.sh'\] would never be called, as the engine has no function release_slot: .* must be one of engine_announce_leaving, .*, engine_withdraw_ready, or another function of the engine's scripts\. Correct the name, or use '-' if /,
  ],
  [
    'a function of the contract that is none',
    { 'engine_prepar.sh': 'engine_prepar() { :; }\n' },
    /^engine\.scripts\['engine_prepar\.sh'\] would never be called/,
  ],
  [
    'a function of a program of its own, which no one sources',
    { 'users.sh': '#!/usr/bin/env bash\nset_users() { :; }\n', 'set_users.sh': 'set_users() { :; }\n' },
    /would never be called/,
  ],
  [
    'another function',
    { 'engine_reconcile.sh': 'engine_mendd() { :; }\n' },
    "engine.scripts['engine_reconcile.sh'] must define the function engine_reconcile and no other, got engine_mendd: a script with '_' in its name replaces the function of that name",
  ],
  ['none', { 'engine_reconcile.sh': '# engine_reconcile() { :; }\n' }, /and no other, got none:/],
  [
    'two',
    { 'engine_reconcile.sh': 'engine_reconcile() { helper; }\nhelper() { :; }\n' },
    /and no other, got engine_reconcile, helper:/,
  ],
  [
    'one of the core',
    { 'core_settle_volume.sh': 'core_settle_volume() { :; }\n' },
    "engine.scripts['core_settle_volume.sh'] must not define the function core_settle_volume, as names that begin with 'core_' are the library's: rename it",
  ],
  [
    'a base that is none',
    { 'engine_pre_stop.sh': 'engine_pre_stop() { base_engine_pre_stop; }\n' },
    "engine.scripts['engine_pre_stop.sh'] must not call base_engine_pre_stop, as the engine has no function engine_pre_stop that it replaces: remove the call",
  ],
  [
    'a base that is another function',
    { 'parts.sh': 'base_engine_reconcile() { :; }\n', 'engine_reconcile.sh': 'engine_reconcile() { :; }\n' },
    "engine.scripts['engine_reconcile.sh'] must not replace engine_reconcile, as the engine has a function base_engine_reconcile, which is what the replaced one would be called: rename that",
  ],
])('refused: %s', (_, own, expected) => {
  expect(refused(own)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
});
