import fc from 'fast-check';
import { digestFiles } from '../../lib/values/digest';

const files = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { noNullPrototype: true, minKeys: 1 });

test('is short, and the same for the same files in any order', () => {
  fc.assert(
    fc.property(files, (given) => {
      const reversed = Object.fromEntries(Object.entries(given).reverse());
      expect(digestFiles(given)).toMatch(/^[0-9a-f]{16}$/);
      expect(digestFiles(reversed)).toBe(digestFiles(given));
    }),
  );
});

test.each([
  ['a text', { a: '1' }, { a: '2' }],
  ['a name', { a: '1' }, { b: '1' }],
  ['a file more', { a: '1' }, { a: '1', b: '' }],
  ['what is name and what is text', { ab: 'c' }, { a: 'bc' }],
  ['where a text ends and the next name begins', { a: '1', b: '2' }, { a: '1b2' }],
])('differs by %s', (_, one, other) => {
  expect(digestFiles(one)).not.toBe(digestFiles(other));
});
