import { Size } from 'cdk8s';
import { ContainerResources } from 'cdk8s-plus-28';
import { memoryOf } from '../../../lib/engines/shared/memory';

test.each<[string, ContainerResources | undefined, number]>([
  ['the limit', { memory: { request: Size.gibibytes(2), limit: Size.gibibytes(8) } }, 8192],
  ['the request where there is no limit', { memory: { request: Size.gibibytes(2) } }, 2048],
  ['a gibibyte where the memory is not said', {}, 1024],
  ['that of the default', undefined, 1024],
  ['the least', { memory: { limit: Size.mebibytes(128) } }, 128],
  ['a part of a gibibyte that is whole mebibytes', { memory: { limit: Size.gibibytes(0.5) } }, 512],
])('is %s', (_, resources, mebibytes) => {
  expect(memoryOf(resources).toMebibytes()).toBe(mebibytes);
});

test.each([
  [Size.mebibytes(127), '127'], [Size.mebibytes(0), '0'], [Size.kibibytes(200_000), '195.3125'], [Size.mebibytes(Number.NaN), 'NaN'],
  [Size.gibibytes(Number.POSITIVE_INFINITY), 'Infinity'],
])('%o is refused', (limit, got) => {
  expect(() => memoryOf({ memory: { limit } })).toThrow(`resources.memory must be a whole number of mebibytes, at least 128, got ${got} mebibytes`);
});

test('the limit is what counts, not a request that would do', () => {
  expect(() => memoryOf({ memory: { request: Size.gibibytes(1), limit: Size.mebibytes(100) } })).toThrow('got 100 mebibytes');
});
