import { Size } from 'cdk8s';
import fc from 'fast-check';
import { parseQuantity, toQuantity } from '../../lib/values/quantity';

test.each([
  ['0', 0],
  ['1', 1],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['5.', 5],
  ['+3', 3],
  ['-3', -3],
  ['1500m', 1.5],
  ['1500000u', 1.5],
  ['1500000000n', 1.5],
  ['1k', 1e3],
  ['1M', 1e6],
  ['1G', 1e9],
  ['1T', 1e12],
  ['1P', 1e15],
  ['1E', 1e18],
  ['1Ki', 2 ** 10],
  ['1Mi', 2 ** 20],
  ['1Gi', 2 ** 30],
  ['1Ti', 2 ** 40],
  ['1Pi', 2 ** 50],
  ['1Ei', 2 ** 60],
  ['1e3', 1e3],
  ['1E3', 1e3],
  ['1.073741824e9', 2 ** 30],
  ['128974848', 128974848],
  ['129e6', 129e6],
  ['0.5Gi', 2 ** 29],
])('%s is %d', (quantity, bytes) => {
  expect(parseQuantity(quantity)).toBeCloseTo(bytes, 6);
});

test.each([
  '',
  ' ',
  'Gi',
  '10 Gi',
  '10gb',
  '10GB',
  '10K',
  '10ki',
  '10gi',
  '1.2.3',
  '1e',
  '1e3Gi',
  '0x10',
  'NaN',
  'Infinity',
  '-',
  '.',
  '1_000',
  '10Gi5',
  '${SIZE}',
])("'%s' is no quantity", (quantity) => {
  expect(parseQuantity(quantity)).toBeNaN();
});

const SUFFIXES = ['k', 'M', 'G', 'T', 'P', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

test('a quantity is as many times its unit', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...SUFFIXES), (amount, suffix) => {
      expect(parseQuantity(`${amount}${suffix}`)).toBe(amount * parseQuantity(`1${suffix}`));
    }),
  );
});

test('more is more, and written in another unit it is the same', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 20 }), fc.integer({ min: 1, max: 2 ** 20 }), (amount, more) => {
      expect(parseQuantity(`${amount}Gi`)).toBeLessThan(parseQuantity(`${amount + more}Gi`));
      expect(parseQuantity(`${amount}Gi`)).toBe(parseQuantity(`${amount * 1024}Mi`));
      expect(parseQuantity(`${amount}Gi`)).toBe(parseQuantity(String(amount * 2 ** 30)));
    }),
  );
});

const UNITS = ['Mi', 'Gi', 'Ti', 'Pi'];

test.each([
  [Size.gibibytes(100), '100Gi'],
  [Size.mebibytes(1500), '1500Mi'],
  [Size.mebibytes(2048), '2Gi'],
  [Size.gibibytes(0.5), '512Mi'],
  [Size.gibibytes(1024), '1Ti'],
  [Size.tebibytes(1.5), '1536Gi'],
  [Size.pebibyte(2048), '2048Pi'],
  [Size.kibibytes(1024), '1Mi'],
])('%o is %s', (size, quantity) => {
  expect(toQuantity(size, 'size')).toBe(quantity);
});

test.each([
  [Size.gibibytes(0), '0Gi'],
  [Size.kibibytes(1), '1Ki'],
  [Size.mebibytes(1.5), '1.5Mi'],
  [Size.gibibytes(Number.NaN), 'NaNGi'],
  [Size.gibibytes(Number.POSITIVE_INFINITY), 'InfinityGi'],
])('%o is refused', (size, got) => {
  expect(() => toQuantity(size, 'sizeLimit')).toThrow(
    `sizeLimit must be a whole number of mebibytes greater than zero, got ${got}: use Size.gibibytes(100) or Size.mebibytes(1500), for example`,
  );
});

test('a quantity is the same size, in the largest unit that is whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.nat({ max: 1 }), (mebibytes, gibi) => {
      const size = gibi ? Size.gibibytes(mebibytes) : Size.mebibytes(mebibytes);
      const [, amount, unit] = /^(\d+)(\w\w)$/.exec(toQuantity(size, 'size')) ?? [];
      const power = UNITS.indexOf(unit);
      expect(Number(amount) * 1024 ** power).toBe(size.toMebibytes());
      expect(unit === 'Pi' || Number(amount) % 1024 !== 0).toBe(true);
    }),
  );
});
