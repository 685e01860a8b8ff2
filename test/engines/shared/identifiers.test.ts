import { checkIdentifier, checkInitScripts } from '../../../lib/engines/shared/identifiers';

test.each(['a', '_', 'app', 'my_app_2', 'a'.repeat(63), 'select', 'constructor'])('the name %s', (name) => {
  expect(checkIdentifier('user', name, ['root'])).toBe(name);
});

test.each(['', '1a', 'A', 'a-b', 'a b', 'a.b', 'a\n', 'ä', '"a"', 'a`', 'a%', 'a'.repeat(64)])(
  'not the name %j',
  (name) => {
    expect(() => checkIdentifier('user', name, [])).toThrow(
      /^user must be a plain name \(a-z, 0-9, '_', at most 63 characters, /,
    );
  },
);

test('nor one that is in use', () => {
  expect(() => checkIdentifier('database', 'sys', ['mysql', 'sys'])).toThrow("database must not be 'sys': ");
  expect(checkIdentifier('database', 'sys_', ['mysql', 'sys'])).toBe('sys_');
});

test.each(['a.sql', '1.sh', '01-schema.sql', '001_a.sql', '0a.sh', '00a.sql', '100-schema.sql', 'A_b.c-d.sql'])(
  'the init script %s',
  (name) => {
    const scripts = { [name]: 'SELECT 1;\n' };
    expect(checkInitScripts(scripts)).toEqual(scripts);
  },
);

test.each([
  '',
  'a',
  '.sql',
  'a.txt',
  'a.sql.gz',
  'a.SQL',
  '0.sql',
  '000-a.sh',
  '0000-a.sh',
  '00-a.sql',
  '0-a.sql',
  '00.sql',
  `${'a'.repeat(250)}.sql`,
  '-a.sql',
  '_a.sql',
  'a b.sql',
  'a/b.sql',
  'a.sql\n',
])('not the init script %j', (name) => {
  expect(() => checkInitScripts({ 'good.sql': '', [name]: '' })).toThrow(
    /^initScripts must have file names (of|that come after) .*, got '/,
  );
});
