import { examplesOutput } from '../../examples-output';
import { parse } from '../../manifests';
import { goRun, hasGo } from '../../pipeline/go';
import { Cluster } from '../cluster';
import { run } from '../kubectl';
import { List } from '../objects';
import { check, elapse, messageOf, until } from '../poll';
import { Check } from './check';

const MINUTE_MS = 60_000;

/**
 * No pod, no volume: the objects that were applied are what drifts or does not, and pods, which know no API, cannot
 * touch them.
 */
const NOTHING_RUNS = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'nothing-runs' },
  spec: { hard: { pods: '0', persistentvolumeclaims: '0' } },
};

/** A workload, as far as its controller tells what it has seen. */
interface Workload {
  readonly metadata: { readonly generation: number };
  readonly status: { readonly observedGeneration?: number };
}

/**
 * A field that the API server fills in, or a controller writes, and that is then other than in the YAML, would be set
 * back by each sync.
 */
export const drift: Check = {
  name: 'drift',
  title: 'no drift after kubectl apply, client-side and server-side, says kubectl diff, and so does Argo CD',
  idle: true,
  slow: 'in full it looks again after ten minutes',
  basis: () => examplesOutput().then((examples) => [...examples.values()].map(withoutScripts).join('\n'), messageOf),
  async run({ cluster, atEnd, options, log, lock }) {
    const examples = await examplesOutput().catch(messageOf);
    if (typeof examples === 'string') {
      return `npm run synth fails: ${examples}`; // of which it is the check, and not this
    }
    const yaml = [...examples.values()].join('---\n');
    const judge = (await hasGo()) ? argoCd : () => Promise.resolve('');
    const other = new Cluster(`${cluster.namespace}-2`);
    atEnd(async () => (options.keep ? undefined : other.remove()));
    const ways = [
      { namespace: cluster, flags: [] },
      { namespace: other, flags: ['--server-side'] },
    ];
    const noDrift = async (when: string): Promise<void> => {
      for (const { namespace, flags } of ways) {
        const difference = (await diff(namespace, flags, yaml)) + (await judge(namespace, yaml));
        check(
          difference === '',
          `${['kubectl apply', ...flags].join(' ')}, ${when}: the cluster has something else\n${difference}`,
        );
      }
      log(`${when}: no drift in ${[...examples.keys()].join(', ')}`);
    };

    await lock.beside(async () => {
      await other.create();
      for (const { namespace, flags } of ways) {
        await namespace.apply(JSON.stringify(NOTHING_RUNS));
        await run('kubectl', ['-n', namespace.namespace, 'apply', ...flags, '-f', '-'], yaml);
      }
      await noDrift('at once');
      for (const { namespace } of ways) {
        await until('the controllers have seen all that was applied', 60, async () => {
          const { items } = JSON.parse(
            await namespace.kubectl('get', 'statefulsets,deployments', '-o', 'json'),
          ) as List<Workload>;
          return (
            items.length > 0 && items.every(({ metadata, status }) => status.observedGeneration === metadata.generation)
          );
        });
      }
      await noDrift('when the controllers have seen it');
    });
    if (options.full) {
      await elapse(10 * MINUTE_MS);
      await lock.beside(() => noDrift('after ten minutes'));
    }
    return (await hasGo()) ? undefined : 'kubectl sees no drift; but go is not installed, in which Argo CD is written';
  },
};

/**
 * Neither what ConfigMaps hold nor the hash of it drifts: so a change of a script is no reason to look for ten minutes
 * again.
 */
function withoutScripts(yaml: string): string {
  const manifests = parse(yaml).map((manifest) =>
    manifest.kind === 'ConfigMap' ? { ...manifest, data: {} } : manifest,
  );
  return JSON.stringify(manifests).replaceAll(/\b[0-9a-f]{16}\b/g, 'hash');
}

/**
 * What `kubectl apply` would change. kubectl ends with 1 where there is a difference, and with more where something
 * went wrong.
 */
function diff(cluster: Cluster, flags: string[], yaml: string): Promise<string> {
  return run(
    'sh',
    ['-c', 'kubectl "$@" || [ $? -eq 1 ]', 'kubectl', '-n', cluster.namespace, 'diff', ...flags, '-f', '-'],
    yaml,
  );
}

/** The objects that Argo CD would call out of sync. */
async function argoCd(cluster: Cluster, yaml: string): Promise<string> {
  const wanted = parse(yaml);
  const { items } = JSON.parse(
    await run('kubectl', ['-n', cluster.namespace, 'get', '-f', '-', '-o', 'json'], yaml),
  ) as List<object>; // in this order
  return goRun(
    'argo-cd',
    ['drift'],
    wanted
      .flatMap((object, i) => [object, items[i]])
      .map((object) => JSON.stringify(object))
      .join('\n'),
  );
}
