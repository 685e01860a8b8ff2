import { Figure } from '../figure';
import { bareSet, ourSet, SetProps, toYaml } from '../manifests';
import { BenchSet } from '../set';

const REPLICAS = 3;

/** How long it takes from `kubectl apply` to three ready pods, empty. */
export const start: Figure = {
  name: 'start',
  lines: [
    {
      what: 'apply to three ready, beside a bare set, Parallel',
      unit: 's',
      ours: 'ours',
      beside: 'parallel',
      aim: { of: 'ratio', atMost: 1.3 },
    },
    { what: 'the same beside a bare set, OrderedReady', unit: 's', ours: 'ours', beside: 'ordered' },
  ],

  async open(bench) {
    const cluster = await bench.cluster();
    const props = (name: string): SetProps => ({
      name,
      replicas: REPLICAS,
      gibibytes: 1,
      storageClassName: bench.storageClassName,
    });
    const sets = {
      parallel: bareSet({ ...props('parallel'), podManagementPolicy: 'Parallel' }),
      ours: ourSet(props('ours')),
      ordered: bareSet({ ...props('ordered'), podManagementPolicy: 'OrderedReady' }),
    };
    return async () => {
      const seconds: { [name: string]: number[] } = {};
      for (const [name, manifests] of Object.entries(sets)) {
        const set = new BenchSet(cluster, name);
        const yaml = toYaml(manifests);
        const took = await set.apply(yaml, REPLICAS);
        bench.log(`${name}: ${took.toFixed(2)} s`);
        seconds[name] = [took];
        await set.remove(yaml, REPLICAS);
      }
      return seconds;
    };
  },
};
