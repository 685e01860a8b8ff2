import { Cell, Lane } from '../e2e/cell';
import { Client } from '../e2e/client';
import { Cluster } from '../e2e/cluster';
import { Context } from '../e2e/context';
import { Driver } from '../e2e/driver';
import { Nodes } from '../e2e/nodes';
import { Options } from '../e2e/options';
import { Check } from '../e2e/pipeline/check';
import { elapse } from '../e2e/poll';
import { Row } from '../e2e/rows/row';
import { Suite } from '../e2e/suite';
import { Outcome } from '../e2e/table';

// What runs when, and what is noted; without a cluster.

const said: string[] = [];
const noted: [string, Outcome['outcome'], string][] = [];

beforeEach(() => {
  said.length = 0;
  noted.length = 0;
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  for (const method of ['create', 'remove', 'apply', 'kubectl'] as const) {
    jest.spyOn(Cluster.prototype, method).mockResolvedValue('');
  }
  for (const method of ['start', 'stop', 'ensure'] as const) {
    jest.spyOn(Client.prototype, method).mockResolvedValue(undefined);
  }
  jest.spyOn(Context.prototype, 'steady').mockResolvedValue(undefined);
});

afterEach(() => jest.restoreAllMocks());

/** Says when it begins and ends; fails the so-manieth time. */
function row(name: string, { failsAt = 0, ...more }: Partial<Row> & { readonly failsAt?: number } = {}): Row {
  let runs = 0;
  return {
    name,
    title: name,
    ...more,
    async run(context) {
      runs += 1;
      said.push(`+${context.system.driver.name}/${name}`);
      context.log(`run ${runs}`);
      await elapse(20);
      said.push(`-${context.system.driver.name}/${name}`);
      return runs === failsAt ? Promise.reject(new Error(`failed in run ${runs}`)) : undefined;
    },
  };
}

function lane(engine: string, ...rows: Row[]): Lane {
  const driver = { name: engine, open: () => ({}) } as unknown as Driver;
  return {
    name: engine,
    driver,
    cells: rows.map((what) => ({
      engine,
      name: what.name,
      what,
      drivers: [driver],
      more: '',
      restsOnManifests: false,
    })),
  };
}

async function run(
  lanes: Lane[],
  options: Partial<Options> = {},
  times: (cell: Cell) => number = () => options.repeat ?? 1,
): Promise<Suite> {
  const suite = new Suite(
    {
      parallel: 2,
      repeat: undefined,
      full: false,
      keep: false,
      storageClassName: 'remote',
      nodes: new Nodes({}),
      ...options,
    } as Options,
    {
      times,
      seconds: () => undefined,
      note: ({ engine, name }, { outcome }, told) => noted.push([`${engine}/${name}`, outcome, told]),
    },
  );
  await suite.run(lanes);
  return suite;
}

test('engines run side by side, and a row that says so alone', async () => {
  await run([
    lane('one', row('x'), row('node', { alone: true }), row('y')),
    lane('other', row('x'), row('y'), row('z')),
  ]);
  const begin = said.indexOf('+one/node');
  expect(said[begin + 1]).toBe('-one/node');
  expect(said.slice(0, begin).filter((text) => text.startsWith('+'))).toHaveLength(
    said.slice(0, begin).filter((text) => text.startsWith('-')).length,
  );
  expect(said.slice(0, 2)).toEqual(['+one/x', '+other/x']);
  expect(said).toHaveLength(12);
});

test('notes each run with what was told of it, and goes on after a failure', async () => {
  const suite = await run([lane('one', row('x', { failsAt: 1 }), row('y'))], { parallel: 1 });
  expect(noted).toEqual([
    [
      'one/x',
      'FAILED',
      expect.stringMatching(/one: row x\n.*one: run 1\n.*one: row x: FAILED, .*: failed in run 1\none\| --- pods/s),
    ],
    ['one/y', 'ok', expect.stringMatching(/^(?!.*failed)/s)],
  ]);
  expect(suite.results).toHaveLength(2);
  expect(suite.troubles).toEqual([]);
});

test('repeats, and ends all at the first failure', async () => {
  await run([lane('one', row('x', { failsAt: 3 }), row('y')), lane('other', row('z'))], { parallel: 1, repeat: 5 });
  expect(noted.map(([cell, outcome]) => `${cell} ${outcome}`)).toEqual(['one/x ok', 'one/x ok', 'one/x FAILED']);
});

test('what the record asks for in a row ends with its own first failure, and nothing else does', async () => {
  await run([lane('one', row('x', { failsAt: 2 }), row('green'), row('y'))], { parallel: 1 }, ({ name }) =>
    name === 'green' ? 0 : name === 'x' ? 5 : 1,
  );
  expect(noted.map(([cell, outcome]) => `${cell} ${outcome}`)).toEqual(['one/x ok', 'one/x FAILED', 'one/y ok']);
});

test('a namespace that cannot be made is a trouble of its own, of which no cell is blamed', async () => {
  jest.spyOn(Cluster.prototype, 'create').mockRejectedValueOnce(new Error('forbidden'));
  const suite = await run([lane('one', row('x')), lane('other', row('y'))], { parallel: 1 });
  expect(suite.troubles).toEqual(['one: forbidden']);
  expect(noted.map(([cell]) => cell)).toEqual(['other/y']);
});

test('a lane of which nothing is to run gets no namespace', async () => {
  await run([lane('one', row('x'))], {}, () => 0);
  // eslint-disable-next-line @typescript-eslint/unbound-method
  expect(Cluster.prototype.create).not.toHaveBeenCalled();
});

test('a node that a row took away is brought back before others go on', async () => {
  const nodes = new Nodes({});
  jest.spyOn(nodes, 'bringAllBack').mockImplementation(async () => {
    await elapse(20);
    said.push('back');
  });
  await run([lane('one', row('node', { alone: true, failsAt: 1 }), row('other-node', { alone: true }), row('y'))], {
    parallel: 1,
    nodes,
  });
  expect(said).toEqual([
    '+one/node',
    '-one/node',
    'back',
    '+one/other-node',
    '-one/other-node',
    'back',
    '+one/y',
    '-one/y',
  ]);
});

test('a check that is idle runs beside all, and is not waited for by one that is alone', async () => {
  const check: Check = {
    name: 'idle',
    title: 'idle',
    idle: true,
    async run() {
      said.push('+idle');
      await elapse(300);
      said.push('-idle');
      return undefined;
    },
  };
  await run(
    [
      {
        name: 'idle',
        cells: [{ engine: 'pipeline', name: 'idle', what: check, drivers: [], more: '', restsOnManifests: false }],
      },
      lane('one', row('node', { alone: true })),
    ],
    { parallel: 1 },
  );
  expect(said).toEqual(['+idle', '+one/node', '-one/node', '-idle']);
});
