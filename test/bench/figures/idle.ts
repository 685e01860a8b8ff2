import { Cluster } from '../../e2e/cluster';
import { elapse } from '../../e2e/poll';
import { inContainer } from '../bench';
import { spentBy } from '../container';
import { Aim, Figure, Line, Samples } from '../figure';
import { ourSet, toYaml } from '../manifests';
import { BenchSet } from '../set';

const SECONDS = 20;
const SETTLE_MS = 15_000;
const ORDINALS = { primary: 0, replica: 1 };

/**
 * What the server spends for the sidecar's session: the one backend that a client on the socket has, by the kernel's
 * own count.
 */
const BACKEND = `
  for pid in /proc/[0-9]*; do
    title=$(tr '\\0' ' ' <$pid/cmdline 2>/dev/null) || continue
    [[ $title == 'postgres: '*' postgres postgres [local] '* ]] || continue
    read -r from _ <$pid/schedstat; sleep ${SECONDS}; read -r to _ <$pid/schedstat
    echo $((to - from)) $(sed -n 's/^RssAnon:[[:space:]]*\\([0-9]*\\).*/\\1/p' $pid/status)
  done`;

const series = (role: string): Line[] => {
  const line = (what: string, unit: string, name: string, aim?: Aim): Line => ({
    what: `idle ${role}: ${what}`,
    unit,
    ours: `${role}.${name}`,
    aim,
  });
  return [
    line('CPU of all our processes', 'ms/s', 'cpu', { of: 'value', atMost: 5 }),
    line('memory of all our processes', 'MiB', 'memory', { of: 'value', atMost: 16 }),
    line('CPU of the server for our session', 'ms/s', 'backend.cpu'),
    line('memory of the server for our session', 'MiB', 'backend.memory'),
  ];
};

/** What we take in a pod that has nothing to do: all of the container `sync`, its probes included. */
export const idle: Figure = {
  name: 'idle',
  lines: Object.keys(ORDINALS).flatMap(series),

  async open(bench) {
    const cluster = await bench.cluster();
    const set = new BenchSet(cluster, 'ours');
    await set.apply(
      toYaml(ourSet({ name: 'ours', replicas: 3, gibibytes: 1, storageClassName: bench.storageClassName })),
      3,
    );
    await elapse(SETTLE_MS);
    return async () => {
      const roles = await Promise.all(
        Object.entries(ORDINALS).map(([role, ordinal]) => measure(cluster, set.pod(ordinal), role)),
      );
      const samples: Samples = Object.assign({}, ...roles) as Samples;
      bench.log(
        Object.entries(samples)
          .map(([name, [value]]) => `${name} ${value.toFixed(2)}`)
          .join(', '),
      );
      return samples;
    };
  },
};

async function measure(cluster: Cluster, pod: string, role: string): Promise<Samples> {
  const [container, backend] = await Promise.all([
    spentBy(cluster, pod, 'sync', SECONDS),
    inContainer(cluster, pod, 'postgres', BACKEND),
  ]);
  const [nanoseconds, kibibytes] = backend.trim().split(/\s+/).map(Number);
  return {
    [`${role}.cpu`]: [container.milliseconds],
    [`${role}.memory`]: [container.mebibytes],
    [`${role}.backend.cpu`]: [nanoseconds / 1e6 / SECONDS],
    [`${role}.backend.memory`]: [kibibytes / 1024],
  };
}
