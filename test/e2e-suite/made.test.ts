import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import { Driver, SetOptions } from '../e2e/driver';
import { manifestHash, noting, optionsOf, textOf } from '../e2e/record/made';

const all: SetOptions = {
  replicas: 3,
  storageClassName: 'remote',
  volumeSize: Size.gibibytes(3),
  parameters: { b: '1', a: '2' },
  startupTimeout: Duration.minutes(2),
  resources: { cpu: { request: Cpu.millis(250), limit: Cpu.units(2) }, memory: { limit: Size.mebibytes(300) } },
  stopWhenPrimaryIsLost: true,
  image: 'mirror/a:1',
};

/** A driver whose library says so. */
function driverOf(manifest: (options: SetOptions) => string): Driver {
  return { name: 'stub', setName: 'orders', manifest } as unknown as Driver;
}

test('options come back as they were', () => {
  const back = optionsOf(textOf(all));
  expect(back).toEqual({ ...all, volumeSize: Size.mebibytes(3072), startupTimeout: Duration.seconds(120) });
  expect(textOf(back)).toBe(textOf(all));
});

test('the order in which they are given is no difference', () => {
  expect(textOf({ parameters: { a: '2', b: '1' }, replicas: 3 })).toBe(
    textOf({ replicas: 3, parameters: { b: '1', a: '2' } }),
  );
});

test('what was made is noted once each, in order, also where it is refused', () => {
  const { driver, take } = noting(
    driverOf(({ replicas }) => {
      if (replicas === 0) throw new Error('no');
      return String(replicas);
    }),
  );
  expect(driver.setName).toBe('orders');
  expect([
    driver.manifest({ replicas: 3 }),
    driver.manifest({ replicas: 2 }),
    driver.manifest({ replicas: 3 }),
  ]).toEqual(['3', '2', '3']);
  expect(() => driver.manifest({ replicas: 0 })).toThrow('no');
  expect(take()).toEqual(['{"replicas":0}', '{"replicas":2}', '{"replicas":3}']);
  expect(take()).toEqual([]);
});

test('a manifest that changed, or is refused for another reason, is another', () => {
  const hash = (manifest: () => string): string => manifestHash(driverOf(manifest), textOf(all));
  const refused =
    (why: string): (() => string) =>
    () => {
      throw new Error(why);
    };
  expect(hash(() => 'a')).toBe(hash(() => 'a'));
  expect(new Set([hash(() => 'a'), hash(() => 'b'), hash(refused('x')), hash(refused('y'))]).size).toBe(4);
});
