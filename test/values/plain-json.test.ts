import fc from 'fast-check';
import { withoutEmpty } from '../../lib/values/plain-json';

test.each<[string, { [key: string]: unknown }, { [key: string]: unknown }]>([
  ['empty lists and objects, however deep', { a: [], b: {}, c: { d: [], e: { f: {} } }, g: 1 }, { g: 1 }],
  ['what is undefined', { a: undefined, b: 1 }, { b: 1 }],
  ['not values that are only false', { a: 0, b: '', c: false, d: null }, { a: 0, b: '', c: false, d: null }],
  ['not the emptyDir', { volumes: [{ name: 'a', emptyDir: {} }] }, { volumes: [{ name: 'a', emptyDir: {} }] }],
  [
    'not selectors that select all',
    { labelSelector: {}, namespaceSelector: {}, podSelector: {} },
    { labelSelector: {}, namespaceSelector: {}, podSelector: {} },
  ],
  ['within lists', { a: [{ b: [], c: 1 }] }, { a: [{ c: 1 }] }],
])('leaves out %s', (_, given, expected) => {
  expect(withoutEmpty(given)).toStrictEqual(expected);
});

test('is done after once, and leaves its argument alone', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (given) => {
      const before = JSON.stringify(given);
      const once = withoutEmpty(given);
      expect(withoutEmpty(once)).toStrictEqual(once);
      expect(JSON.stringify(given)).toBe(before);
    }),
  );
});
