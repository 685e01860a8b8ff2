import { App, Chart, Size } from 'cdk8s';
import { ContainerResources } from 'cdk8s-plus-28';
import {
  Credentials,
  EngineConfig,
  Postgres,
  PostgresVersion,
  ReplicatedStatefulSet,
  ReplicatedSystem,
  Storage,
} from '../../../lib';
import { sizesOf } from '../../../lib/engines/shared/database-engine';
import { stubConfig, stubProps } from '../../stub-engine';

/** A system as its engine is shown it. */
function systemOf(resources: ContainerResources | undefined): ReplicatedSystem {
  let seen: ReplicatedSystem | undefined;
  const bind = (system: ReplicatedSystem): EngineConfig => {
    seen = system;
    return stubConfig;
  };
  new ReplicatedStatefulSet(new Chart(new App(), 'chart'), 'orders', { ...stubProps, resources, engine: { bind } });
  if (seen === undefined) throw new Error('the engine was not asked');
  return seen;
}

test.each<[string, ContainerResources | undefined, number]>([
  ['the limit', { memory: { request: Size.gibibytes(2), limit: Size.gibibytes(8) } }, 8192],
  ['the request where there is no limit', { memory: { request: Size.gibibytes(2) } }, 2048],
  ['a gibibyte where the memory is not said', {}, 1024],
  ['that of the default', undefined, 1024],
  ['the least', { memory: { limit: Size.mebibytes(128) } }, 128],
  ['a part of a gibibyte that is whole mebibytes', { memory: { limit: Size.gibibytes(0.5) } }, 512],
])('the memory is %s', (_, resources, mebibytes) => {
  expect(sizesOf(systemOf(resources)).memory.toMebibytes()).toBe(mebibytes);
});

test('less than a database needs is refused', () => {
  expect(() => sizesOf(systemOf({ memory: { request: Size.mebibytes(50), limit: Size.mebibytes(127) } }))).toThrow(
    'resources.memory must be at least 128 mebibytes, got 127 mebibytes',
  );
});

test.each([
  [Size.mebibytes(0), '0'],
  [Size.kibibytes(200_000), '195.3125'],
  [Size.mebibytes(Number.NaN), 'NaN'],
  [Size.gibibytes(Number.POSITIVE_INFINITY), 'Infinity'],
])('%o is refused of every system', (limit) => {
  expect(() => systemOf({ memory: { limit } })).toThrow(
    'resources.memory.limit must be a whole number of mebibytes greater than zero',
  );
});

test('what a database is made of it says in its own words', () => {
  const make = (): Postgres =>
    new Postgres(new Chart(new App(), 'chart'), 'orders', {
      version: PostgresVersion.V18,
      replicas: 2,
      storage: Storage.ephemeral(),
      credentials: Credentials.fromSecret('c'),
      resources: { memory: { limit: Size.mebibytes(100) } },
    });
  expect(make).toThrow('resources.memory must be at least 128 mebibytes, got 100 mebibytes');
});
