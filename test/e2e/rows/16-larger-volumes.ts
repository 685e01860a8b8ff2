import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Size } from 'cdk8s';
import { Review } from '../../../lib';
import { writePlans } from '../../../lib/changes/plans/grow-plan';
import { Context } from '../context';
import { run } from '../kubectl';
import { check, until } from '../poll';
import { Row } from './row';

const LARGER = Size.gibibytes(3);

export const largerVolumes: Row = {
  number: 16,
  name: 'larger-volumes',
  title: 'larger volumes',
  async run(context) {
    const { system, database, log, storageClassName } = context;
    if (
      (await run('kubectl', ['get', 'storageclass', storageClassName, '-o', 'jsonpath={.allowVolumeExpansion}'])) !==
      'true'
    ) {
      return `volumes of class ${storageClassName} do not grow`;
    }
    const folder = mkdtempSync(join(tmpdir(), 'plan-'));
    try {
      const manifest = join(folder, 'new.yaml');
      const options = { replicas: 3, storageClassName };
      writeFileSync(manifest, system.driver.manifest({ ...options, volumeSize: LARGER }));
      const [plan] = writePlans(
        folder,
        Review.fromYaml(
          system.driver.manifest(options),
          system.driver.manifest({ ...options, volumeSize: LARGER }),
        )._plans(),
      );
      const volumes = await Promise.all([0, 1, 2].map((ordinal) => system.volume(ordinal)));
      const copies = await system.copies();

      await context.whileWriting(async (writer) => {
        await interruptedWithoutSet(context, plan);
        await writer.goesOn(30);
        log('interrupted when the StatefulSet was away; the pods go on');
        const former = await system.pods();

        const said = await bash(context, [plan, manifest]);
        check(said.includes('done: '), `the plan did not come to its end:\n${said}`);
        await writer.goesOn(60);
        await writer.nothingLost(0);
        await writer.isOn([1, 2], 60);
        log(
          `${writer.acknowledged.length} writes acknowledged, none lost; at most ${writer.longestGap} ms between two`,
        );
        restartedFromLastTo0(said, former.length);

        const grown = await system.pods();
        await bash(context, [plan, manifest]);
        const after = await system.pods();
        check(
          after.every((pod, ordinal) => pod.metadata.uid === grown[ordinal].metadata.uid),
          'the plan restarted pods when all was done already',
        );
      });

      for (const ordinal of [0, 1, 2]) {
        check((await system.volume(ordinal)) === volumes[ordinal], `ordinal ${ordinal} has another volume`);
        const capacity = (await system.claim(ordinal))?.status.capacity?.storage;
        check(capacity === '3Gi', `the volume of ordinal ${ordinal} has ${capacity}`);
      }
      const since = await system.copiesSince(copies);
      check(
        system.driver.copiesFromRestartedPrimary || since.size === 0,
        `copies were made, from ordinal ${[...since.keys()].join()}`,
      );
      await context.following(3);
      await context.allEqual(3);
      check(
        (await system.pods()).length === 3 && (await database.role(0)) === 'primary',
        'ordinal 0 is not the primary',
      );
      return undefined;
    } finally {
      rmSync(folder, { recursive: true });
      // The other rows apply the former size, which is refused from now on.
      context.discard();
    }
  },
};

/** Without the manifest the plan waits for a pipeline, when it has taken the set away: there it is killed. */
async function interruptedWithoutSet(context: Context, plan: string): Promise<void> {
  const { system, cluster } = context;
  const child = spawn('bash', [plan], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, NAMESPACE: cluster.namespace },
  });
  try {
    await until(
      'the plan has taken the StatefulSet away',
      60,
      async () =>
        (await cluster.kubectl('get', 'statefulset', system.driver.setName, '--ignore-not-found', '-o', 'name')) === '',
    );
  } finally {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  }
}

function bash({ cluster }: Context, args: string[]): Promise<string> {
  return run('env', [`NAMESPACE=${cluster.namespace}`, 'bash', ...args]);
}

function restartedFromLastTo0(said: string, pods: number): void {
  const order = [...said.matchAll(/-(\d+): restarting/g)].map(([, ordinal]) => Number(ordinal));
  const all = Array.from({ length: pods }, (_, below) => pods - 1 - below);
  // Where volumes grow under running pods, none is restarted.
  check(order.length === 0 || order.join() === all.join(), `the pods were restarted in the order ${order.join()}`);
}
