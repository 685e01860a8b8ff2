import fc from 'fast-check';
import {
  at,
  canonicalJson,
  isEqual,
  isObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringMapAt,
} from '../../lib/values/json';

const value = { a: { b: [1], text: 'x', none: null, zero: 0, no: false, empty: '' }, list: [{ a: 1 }] };

test.each([
  ['at', at(value, 'a', 'text'), 'x'],
  ['at, of a path that ends before', at(value, 'a', 'text', 'x', 'y'), undefined],
  ['at, into a list', at(value, 'list', '0'), undefined],
  ['at, of nothing', at(null, 'a'), undefined],
  ['objectAt', objectAt(value, 'list'), {}],
  ['listAt', listAt(value, 'a'), []],
  ['stringAt, of a number', stringAt(value, 'a', 'zero'), '0'],
  ['stringAt, of a boolean', stringAt(value, 'a', 'no'), 'false'],
  ['stringAt, of an empty text', stringAt(value, 'a', 'empty'), ''],
  ['stringAt, of null', stringAt(value, 'a', 'none'), undefined],
  ['stringAt, of an object', stringAt(value, 'a'), undefined],
  ['numberAt', numberAt(value, 'a', 'zero'), 0],
  ['numberAt, of a text', numberAt(value, 'a', 'text'), undefined],
  ['stringMapAt', stringMapAt(value, 'a'), { text: 'x', zero: '0', no: 'false', empty: '' }],
  ['isObject, of a list', isObject([]), false],
])('%s', (_, found, expected) => {
  expect(found).toEqual(expected);
});

/** As it is read from a text, which has no negative zero. */
const json = fc
  .jsonValue()
  .map((value) => JSON.stringify(value))
  .filter((text) => !text.includes('__proto__'))
  .map((text) => JSON.parse(text) as unknown);

test('canonical text is JSON of the same value, whatever the order of its keys', () => {
  fc.assert(
    fc.property(json, (any) => {
      expect(canonicalJson(shuffled(any))).toBe(canonicalJson(any));
      expect(JSON.parse(canonicalJson(any))).toEqual(any);
    }),
  );
});

test('another value has another text', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(isEqual(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
    }),
  );
  expect(isEqual([1, 2], [2, 1])).toBe(false);
  expect(isEqual(1, '1')).toBe(false);
});

function shuffled(any: unknown): unknown {
  if (Array.isArray(any)) return any.map(shuffled);
  return isObject(any)
    ? Object.fromEntries(
        Object.entries(any)
          .reverse()
          .map(([key, inner]) => [key, shuffled(inner)]),
      )
    : any;
}

/** As lists of pairs, which JSON keeps in order. */
function sorted(any: unknown): unknown {
  if (Array.isArray(any)) return any.map(sorted);
  return isObject(any)
    ? {
        pairs: Object.entries(any)
          .map(([key, inner]) => JSON.stringify([key, sorted(inner)]))
          .sort(),
      }
    : any;
}
