import { Manifest, parse, scriptsOf } from '../../manifests';
import { Context } from '../context';
import { isReady, Pod } from '../objects';
import { PodWatch } from '../pod-watch';
import { check, messageOf } from '../poll';
import { Row } from '../rows/row';

const SECONDS = 170;

/**
 * What an upgrade of the library does, held up in its middle: pods of the former revision that start again have their
 * own scripts.
 */
export const formerScripts: Row = {
  name: 'former-scripts',
  title: 'former scripts stay until the rollout is done',
  async run(context) {
    const { cluster, system, image, storageClassName } = context;
    const manifests = parse(system.driver.manifest({ replicas: 3, storageClassName, image }));
    const former = scriptsOf(manifests).metadata.name ?? '(none)';
    const other = `${former}-other`;
    const copies = await system.copies();
    await context.whileWriting((writer) =>
      system.watching(async (watch) => {
        await cluster.apply(withOtherScripts(manifests, other, 2));
        await has(context, watch, 2, other);
        for (const ordinal of [1, 0]) {
          const killed = await cluster.pod(system.podName(ordinal));
          await system.kill(ordinal);
          await has(context, watch, ordinal, former, [killed.metadata.uid]);
        }
        context.log(`ordinals 1 and 0 started again with ${former}, while 2 had ${other}`);
        await cluster.apply(withOtherScripts(manifests, other, 0));
        for (const ordinal of [2, 1, 0]) {
          await has(context, watch, ordinal, other);
        }
        await writer.goesOn(60);
        await writer.nothingLost(0);
        context.log(
          `${writer.acknowledged.length} writes acknowledged, none lost; longest gap ${writer.longestGap} ms`,
        );
      }),
    );
    for (const name of [former, other]) {
      const refusal = await cluster
        .kubectl('patch', 'configmap', name, '-p', '{"data":{"engine.sh":""}}')
        .then(() => 'none', messageOf);
      check(refusal.includes('immutable'), `scripts that pods run must not change, got as a refusal: ${refusal}`);
    }
    const since = await system.copiesSince(copies);
    check(since.size === 0, `copies were made, from ordinal ${[...since.keys()].join()}`);
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};

/**
 * The set with scripts that have a line more, under another name. Pods of ordinals below the partition are not rolled
 * out.
 */
function withOtherScripts(manifests: Manifest[], name: string, partition: number): string {
  const scripts = scriptsOf(manifests);
  const items = manifests.map((manifest) => {
    if (manifest === scripts)
      return {
        ...manifest,
        data: { ...manifest.data, 'engine.sh': `${manifest.data?.['engine.sh']}# Another version.\n` },
      };
    return manifest.kind === 'StatefulSet'
      ? {
          ...manifest,
          spec: { ...manifest.spec, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } } },
        }
      : manifest;
  });
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items }).replaceAll(
    `"${scripts.metadata.name}"`,
    `"${name}"`,
  );
}

/** Waits until the pod of the ordinal is ready with these scripts, and is another than the former one. */
async function has(
  { system }: Context,
  watch: PodWatch,
  ordinal: number,
  scripts: string,
  former: string[] = [],
): Promise<void> {
  const mounted = ({ spec: { volumes = [] } }: Pod): string | undefined =>
    volumes.find(({ name }) => name === 'scripts')?.configMap?.name;
  await watch.successor(system.podName(ordinal), former, SECONDS, (pod) => isReady(pod) && mounted(pod) === scripts);
}
