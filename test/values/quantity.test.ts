import fc from 'fast-check';
import { bytesOf } from '../../lib/values/quantity';

test.each([
  ['0', 0], ['1', 1], ['1.5', 1.5], ['.5', 0.5], ['5.', 5], ['+3', 3], ['-3', -3],
  ['1500m', 1.5], ['1500000u', 1.5], ['1500000000n', 1.5],
  ['1k', 1e3], ['1M', 1e6], ['1G', 1e9], ['1T', 1e12], ['1P', 1e15], ['1E', 1e18],
  ['1Ki', 2 ** 10], ['1Mi', 2 ** 20], ['1Gi', 2 ** 30], ['1Ti', 2 ** 40], ['1Pi', 2 ** 50], ['1Ei', 2 ** 60],
  ['1e3', 1e3], ['1E3', 1e3], ['1.073741824e9', 2 ** 30], ['128974848', 128974848], ['129e6', 129e6], ['0.5Gi', 2 ** 29],
])('%s is %d', (quantity, bytes) => {
  expect(bytesOf(quantity)).toBeCloseTo(bytes, 6);
});

test.each(['', ' ', 'Gi', '10 Gi', '10gb', '10GB', '10K', '10ki', '10gi', '1.2.3', '1e', '1e3Gi', '0x10', 'NaN', 'Infinity', '-', '.', '1_000', '10Gi5', '${SIZE}'])(
  "'%s' is no quantity", (quantity) => {
    expect(bytesOf(quantity)).toBeNaN();
  },
);

const SUFFIXES = ['k', 'M', 'G', 'T', 'P', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

test('a quantity is as many times its unit', () => {
  fc.assert(fc.property(fc.nat(), fc.constantFrom(...SUFFIXES), (amount, suffix) => {
    expect(bytesOf(`${amount}${suffix}`)).toBe(amount * bytesOf(`1${suffix}`));
  }));
});

test('more is more, and written in another unit it is the same', () => {
  fc.assert(fc.property(fc.nat({ max: 2 ** 20 }), fc.integer({ min: 1, max: 2 ** 20 }), (amount, more) => {
    expect(bytesOf(`${amount}Gi`)).toBeLessThan(bytesOf(`${amount + more}Gi`));
    expect(bytesOf(`${amount}Gi`)).toBe(bytesOf(`${amount * 1024}Mi`));
    expect(bytesOf(`${amount}Gi`)).toBe(bytesOf(String(amount * 2 ** 30)));
  }));
});
