import { checkParameter, GivenParameter, share } from '../../../lib/engines/shared/parameters';

const given = (parameter: Partial<GivenParameter>): GivenParameter => ({
  name: 'work',
  value: '1',
  why: undefined,
  names: /^[a-z]+$/,
  help: 'a-z',
  ...parameter,
});

test.each(['', ' ', '1', 'a b', '#', '\t', 'ü'])('the value %j', (value) => {
  expect(() => checkParameter(given({ value }))).not.toThrow();
});

test.each(['', 'Work', 'work\n', 'a b'])('not the name %j', (name) => {
  expect(() => checkParameter(given({ name, why: 'x' }))).toThrow(
    `parameters must have names in lower case (a-z), got '${name}'`,
  );
});

test.each(['a\n', '\r', 'a\0b'])('not the value %j, which would end the line', (value) => {
  expect(() => checkParameter(given({ value }))).toThrow(
    `parameters must have values of one line, got ${JSON.stringify(value)} for 'work'`,
  );
});

test('not what must not be set, whatever the value', () => {
  expect(() => checkParameter(given({ value: 'a\n', why: 'use the prop' }))).toThrow(
    "parameters must not set 'work', got 'a\n': use the prop",
  );
});

test.each([
  ['a part', [1000, 1 / 4, 1, 4096], 250],
  ['rounded', [1023, 1 / 4, 1, 4096], 256],
  ['at least', [10, 1 / 4, 16, 4096], 16],
  ['at most', [65536, 1 / 4, 16, 4096], 4096],
  ['at most, where the least is more', [10, 1 / 4, 16, 8], 8],
  ['without an upper bound', [65536, 1 / 2, 16, Infinity], 32768],
] as const)('share: %s', (_, [of, part, least, most], expected) => {
  expect(share(of, part, least, most)).toBe(expected);
});
