import { Backup, BackupStore } from '../../../lib';
import { Store } from '../../e2e/store';
import { elapse } from '../../e2e/poll';
import { spentBy } from '../container';
import { Figure } from '../figure';
import { ourSet, toYaml } from '../manifests';
import { load, transactions } from '../pgbench';
import { BenchSet } from '../set';

const REPLICAS = 2;
const SETTLE_MS = 30_000;
const IDLE_SECONDS = 20;

/** What it costs that the log goes to a store as it fills. */
export const ship: Figure = {
  name: 'ship',
  lines: [
    {
      what: 'pgbench at the primary, 8 clients, with backups, beside the same set without',
      unit: 'tps',
      ours: 'with',
      beside: 'without',
      aim: { of: 'ratio', atLeast: 0.97 },
    },
    {
      what: 'memory of the container that sends the log, when nothing is written',
      unit: 'MiB',
      ours: 'memory',
      aim: { of: 'value', atMost: 64 },
    },
    { what: 'and its CPU', unit: 'ms/s', ours: 'cpu' },
  ],

  async open(bench) {
    const cluster = await bench.cluster();
    const client = await bench.client();
    await new Store(cluster).start();
    const sets = { without: new BenchSet(cluster, 'without'), with: new BenchSet(cluster, 'with') };
    for (const name of ['without', 'with'] as const) {
      const props = { name, replicas: REPLICAS, gibibytes: 3, storageClassName: bench.storageClassName };
      await sets[name].apply(
        toYaml(ourSet(props, name === 'with' ? { backup: Backup.to(BackupStore.s3(Store.OPTIONS)) } : {})),
        REPLICAS,
      );
      await load(client, sets[name], bench);
    }
    return async () => {
      await elapse(SETTLE_MS); // the first backup, and log that waits
      const { mebibytes, milliseconds } = await spentBy(cluster, sets.with.pod(0), 'ship', IDLE_SECONDS);
      const rates = { with: [] as number[], without: [] as number[] };
      // There and back, so that what drifts falls on both.
      for (const name of ['without', 'with', 'with', 'without'] as const) {
        const rate = await transactions(client, sets[name]);
        bench.log(`${name}: ${rate.toFixed(0)} tps`);
        rates[name].push(rate);
      }
      return { ...rates, memory: [mebibytes], cpu: [milliseconds] };
    };
  },
};
