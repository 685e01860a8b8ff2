import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from '../cluster';
import { Context } from '../context';
import { Driver } from '../driver';
import { run } from '../kubectl';
import { startClient } from '../namespace';
import { check, until } from '../poll';
import { System } from '../system';
import { Check } from './check';

const NAME_LABEL = 'cdk8s-stateful/name';

/** A set that kustomize renamed. */
interface Renamed {
  readonly set: string;
  readonly primaryService: string;
  readonly readService: string;
  readonly replicas: number;
}

/** Our scripts find the peers by the pod's own name; all other references are such as kustomize knows, and changes. */
export function kustomize(driver: Driver): Check {
  return {
    name: `kustomize-${driver.name}`,
    driver,
    madeBy: kustomize,
    title: `${driver.name}: kustomize's namePrefix, nameSuffix, labels and namespace keep a working set, and two of one base do not mix`,
    async run({ cluster, atEnd, options: { storageClassName, nodes }, log }) {
      const { setName } = driver;
      const { namespace } = cluster;
      const client = await startClient(cluster, driver, atEnd);
      const blue: Renamed = {
        set: `blue-${setName}-x`,
        primaryService: `blue-${setName}-primary-x`,
        readService: `blue-${setName}-read-x`,
        replicas: 3,
      };
      await start(cluster, blue, driver.manifest({ replicas: blue.replicas, storageClassName }), {
        namePrefix: 'blue-',
        nameSuffix: '-x',
        namespace,
        labels: [{ pairs: { team: 'payments' } }],
      });
      await replicates(
        new Context(
          cluster,
          new System(cluster, driver),
          client,
          driver.open(client, blue.set, blue.primaryService),
          storageClassName,
          nodes,
          log,
        ),
        blue,
      );

      // Another of the same base in the same namespace: its name must be in the selectors too.
      const green: Renamed = {
        set: `green-${setName}`,
        primaryService: `green-${setName}-primary`,
        readService: `green-${setName}-read`,
        replicas: 2,
      };
      await start(cluster, green, driver.manifest({ replicas: green.replicas, storageClassName }), {
        namePrefix: 'green-',
        namespace,
        labels: [{ pairs: { [NAME_LABEL]: green.set }, includeSelectors: true }],
      });
      for (const renamed of [blue, green]) {
        await keepsToItself(cluster, renamed);
      }
      log(`${blue.set} and ${green.set} keep to themselves`);
      return undefined;
    },
  };
}

/** What `kubectl apply -k` does, but for the namespace, which must be the one that kustomize was told. */
async function start(cluster: Cluster, { set }: Renamed, yaml: string, kustomization: object): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk8s-stateful-'));
  try {
    writeFileSync(join(folder, 'set.yaml'), yaml);
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ resources: ['set.yaml'], ...kustomization }));
    await cluster.apply(await run('kubectl', ['kustomize', folder]));
  } finally {
    rmSync(folder, { recursive: true });
  }
  await cluster.kubectl('rollout', 'status', 'statefulset', set, '--timeout=150s');
}

async function replicates(context: Context, { set, replicas }: Renamed): Promise<void> {
  const { database, log } = context;
  await context.following(replicas);
  await database.load(); // through the primary's Service
  const refused = await database.write('primary', 'app');
  check(refused === undefined, `the primary's Service refused a write: ${refused}`);
  const error = await database.write(replicas - 1, 'app');
  check(
    error !== undefined && database.isReadOnlyError(error),
    `a replica took a write, or refused it with another error: ${error}`,
  );
  log(`${set}: every replica has ${await context.allEqual(replicas)}`);
}

/** Services and the disruption budget select the pods of this set, all of them and no other. */
async function keepsToItself(cluster: Cluster, { set, primaryService, readService, replicas }: Renamed): Promise<void> {
  const pods = Array.from({ length: replicas }, (_, ordinal) => `${set}-${ordinal}`);
  for (const [service, wanted] of [
    [set, pods],
    [readService, pods],
    [primaryService, pods.slice(0, 1)],
  ] as const) {
    const names = await cluster.kubectl(
      'get',
      'endpointslices',
      '-l',
      `kubernetes.io/service-name=${service}`,
      '-o',
      'jsonpath={.items[*].endpoints[*].targetRef.name}',
    );
    check(
      names.split(' ').sort().join() === wanted.join(),
      `the Service ${service} leads to ${names}, not to ${wanted.join(' ')}`,
    );
  }
  await until(
    `the disruption budget ${set} counts ${replicas} pods`,
    30,
    async () =>
      (await cluster.kubectl('get', 'poddisruptionbudget', set, '-o', 'jsonpath={.status.expectedPods}')) ===
      String(replicas),
  );
}
