import { Size } from 'cdk8s';
import fc from 'fast-check';

import { toQuantity } from '../../lib/private/quantity';

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
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.nat({ max: 1 }), (mebibytes, gibi) => {
    const size = gibi ? Size.gibibytes(mebibytes) : Size.mebibytes(mebibytes);
    const [, amount, unit] = /^(\d+)(\w\w)$/.exec(toQuantity(size, 'size')) ?? [];
    const power = UNITS.indexOf(unit);
    expect(Number(amount) * 1024 ** power).toBe(size.toMebibytes());
    expect(unit === 'Pi' || Number(amount) % 1024 !== 0).toBe(true);
  }));
});
