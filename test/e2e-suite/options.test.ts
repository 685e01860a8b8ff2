import { homedir } from 'node:os';
import { lanesOf } from '../e2e/cell';
import { BESIDE, NOT_YET, OF_ALL } from '../e2e/ci';
import { DRIVERS } from '../e2e/drivers';
import { Options, readOptions } from '../e2e/options';
import { ROWS } from '../e2e/rows';
import { UPGRADES_IN_FULL } from '../e2e/upgrade';
import { refusalOf } from '../refusal';

function selected(...args: string[]): string[] {
  return cells(readOptions(args, {}));
}

function cells(options: Options): string[] {
  return lanesOf(options)
    .flatMap((lane) => lane.cells)
    .map(({ engine, name }) => `${engine}/${name}`);
}

const everyRow = (engine: string): string[] => ROWS.map(({ name }) => `${engine}/${name}`);

test('engines and rows by any of their names', () => {
  expect(selected('redis', '4', 'own-copy')).toEqual(['redis-8/own-copy', 'redis-8/sync']);
  expect(selected('redis-8', 'sync')).toEqual(['redis-8/sync']);
  expect(selected('postgres')).toEqual([...everyRow('postgres-17'), ...everyRow('postgres-18')]);
  expect(selected('identity')).toEqual(DRIVERS.map(({ name }) => `${name}/identity`));
});

test('upgrades and checks by any of their names', () => {
  expect(selected('upgrade', 'minor version')).toEqual(['postgres-17/minor-version']);
  expect(selected('major-version')).toEqual(['postgres-17/major-version']);
  expect(selected('upgrade')).toEqual(UPGRADES_IN_FULL.map(({ name }) => `postgres-17/${name}`));
  expect(selected('pipeline')).toEqual(['pipeline/drift', 'pipeline/health', 'pipeline/kustomize-redis-8']);
  expect(selected('drift')).toEqual(['pipeline/drift']);
  expect(selected('kustomize-ledger', 'redis', '1')).toEqual(['redis-8/identity', 'pipeline/kustomize-ledger']);
});

test('in full every row of every engine, all upgrades and all checks; for each change some of them', () => {
  const full = selected('full');
  expect(full).toHaveLength(DRIVERS.length * ROWS.length + UPGRADES_IN_FULL.length + 2 + DRIVERS.length);
  expect(new Set(full).size).toBe(full.length);
  const each = selected();
  expect(full).toEqual(expect.arrayContaining(each));
  expect(each).toEqual(
    expect.arrayContaining(
      ROWS.filter(({ number, name }) => number !== undefined && !NOT_YET['postgres-18'].includes(name)).map(
        ({ name }) => `postgres-18/${name}`,
      ),
    ),
  );
  for (const { name } of DRIVERS) {
    expect(each).toEqual(expect.arrayContaining([`${name}/identity`]));
  }
  expect(selected('full', 'redis')).toEqual(everyRow('redis-8'));
});

test('what runs for each change is named as it is', () => {
  expect(ROWS.map(({ name }) => name)).toEqual(expect.arrayContaining([...OF_ALL, ...Object.values(BESIDE).flat()]));
  expect(DRIVERS.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(BESIDE)));
});

test('names tell rows, engines and checks apart', () => {
  const names = [...ROWS, ...UPGRADES_IN_FULL, ...DRIVERS].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const numbers = ROWS.flatMap(({ number }) => number ?? []);
  expect(new Set(numbers).size).toBe(numbers.length);
  names.forEach((name) => expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/));
});

test('flags', () => {
  expect(readOptions(['redis', '--repeat', '5', '--parallel=3', '--fresh'], {})).toMatchObject({
    repeat: 5,
    parallel: 3,
    fresh: true,
  });
  expect([[], ['full'], ['redis'], ['full', 'redis']].map((args) => readOptions(args, {}).parallel)).toEqual([
    2, 2, 1, 2,
  ]);
  for (const args of [['--repeat'], ['--repeat', '0'], ['--parallel', 'many'], ['--parallel=']]) {
    expect(refusalOf(() => readOptions(args, {}))).toMatch(/^--\w+ needs a number from 1 to 999, got '/);
  }
  expect(refusalOf(() => readOptions(['--again'], {}))).toContain('no such flag: --again');
  expect(refusalOf(() => readOptions(['sync', 'redis-7', '17'], {}))).toMatch(
    /^neither an engine \(postgres-17, .*: redis-7, 17$/,
  );
});

test('the record is where the variable says; in full also without one', () => {
  expect(readOptions(['redis'], {}).record).toBeUndefined();
  expect(readOptions(['redis'], { E2E_RECORD: '/record' }).record).toBe('/record');
  expect(readOptions(['full'], {}).record).toBe(`${homedir()}/.cache/cdk8s-stateful/e2e`);
  expect(readOptions(['full'], { E2E_RECORD: '' }).record).toBeUndefined();
});
