import { Lane } from '../e2e/cell';
import { Client } from '../e2e/client';
import { Cluster } from '../e2e/cluster';
import { Context } from '../e2e/context';
import { Driver } from '../e2e/driver';
import { handleSignals } from '../e2e/interruption';
import { Nodes } from '../e2e/nodes';
import { Options } from '../e2e/options';
import { elapse } from '../e2e/poll';
import { Record } from '../e2e/record/record';
import { standing } from '../e2e/record/standing';
import { Row } from '../e2e/rows/row';
import { Suite } from '../e2e/suite';

// A run of the suite without a cluster, in a process of its own: `interrupted.ts RECORD`. Says what it does to the
// cluster.

const says = (what: string) =>
  function (this: Cluster | Client): Promise<void> {
    console.log(this instanceof Cluster ? `${what} ${this.namespace.replace(/-[^-]*$/, '')}` : what);
    return Promise.resolve();
  };
Cluster.prototype.create = says('create');
Cluster.prototype.remove = async function () {
  await elapse(this.namespace.includes('other') ? 2000 : 0);
  await says('remove').call(this);
};
Cluster.prototype.apply = () => Promise.resolve('');
Cluster.prototype.kubectl = () => Promise.reject(new Error('gone'));
Client.prototype.start = Client.prototype.ensure = () => Promise.resolve();
Context.prototype.steady = () => Promise.resolve();

const row = (name: string, seconds: number): Row => ({
  name,
  title: name,
  async run() {
    await elapse(seconds * 1000);
    return undefined;
  },
});
const quick = row('quick', 0.1);
/** Fails as soon as its namespace is removed, as any row does. */
const slow: Row = {
  ...row('slow', 0),
  run: () =>
    elapse(1000).then(() => (process.env.QUICK === '1' ? undefined : Promise.reject(new Error('the pod is gone')))),
};

const lanes = ['one', 'other'].map((engine): Lane => {
  const driver = { name: engine, open: () => ({}) } as unknown as Driver;
  return {
    name: engine,
    driver,
    cells: [quick, slow].map((what) => ({
      engine,
      name: what.name,
      what,
      drivers: [driver],
      more: '',
      restsOnManifests: false,
    })),
  };
});
const record = new Record(process.argv[2], `${__dirname}/../..`);
const suite = new Suite(
  { parallel: 2, repeat: undefined, keep: false, storageClassName: 'remote', nodes: new Nodes({}) } as Options,
  {
    times: (cell) => standing(record.runs(cell), ({ basis }) => basis === 'today').lacks,
    seconds: () => undefined,
    note: (cell, outcome, told, made) => {
      record.add(cell, 'today', made, outcome, told);
      console.log(`note ${cell.engine} ${cell.name} ${outcome.outcome}`);
    },
  },
);
handleSignals();
void suite.run(lanes).then(() => console.log('end'));
