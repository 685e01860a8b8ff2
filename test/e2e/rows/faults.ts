import { Context } from '../context';
import { isReady } from '../objects';
import { check } from '../poll';
import { Writer } from '../writer';

/**
 * Kills the pod of an ordinal, then, where possible, the node under it, each time under a writer: the replacement has
 * the same volume, copied nothing, and every write that was acknowledged is there.
 *
 * @returns why the part with the node was not run
 */
export async function survivesItsDeath(context: Context, ordinal: number): Promise<string | undefined> {
  const { system, nodes } = context;
  for (const how of HOW) {
    await underWriter(context, ordinal, async () => {
      const { uid } = (await system.pods())[ordinal].metadata;
      const start = Date.now();
      await takeAway(context, ordinal, how);
      await system.watching((watch) => watch.successor(system.podName(ordinal), [uid], 120));
      context.log(`pod ${how}: ready again after ${seconds(start)} s`);
    });
  }
  const lacking = nodes.lacks('stop') ?? ((await nodes.count()) < 2 ? 'there is one node only' : undefined);
  if (lacking !== undefined) {
    return `node part: ${lacking}`;
  }
  const node = (await system.pods())[ordinal].spec.nodeName ?? '';
  await context.client.leave(node);
  await underWriter(context, ordinal, async () => {
    const { uid } = (await system.pods())[ordinal].metadata;
    const start = Date.now();
    await nodes.lose(node);
    context.log(`${node} stopped, lost and tainted after ${seconds(start)} s`);
    const tainted = Date.now();
    const pod = await system.watching((watch) => watch.successor(system.podName(ordinal), [uid], 180));
    check(pod.spec.nodeName !== node, `the replacement runs on the dead node ${node}`);
    context.log(`ready on ${pod.spec.nodeName} ${seconds(tainted)} s after the taint`);
  });
  await nodes.bringBack(node);
  await system.ready(3, 180);
  await context.following(3);
  return undefined;
}

/**
 * Who ends first, the pod's object or its processes: which of both it is differs between versions of Kubernetes, too.
 */
export const HOW = ['killed', 'ended before its object was gone'] as const;
export type How = (typeof HOW)[number];

/** What is away must not keep a pod from coming back. */
export const RESTART_SECONDS = 60;

/** As a rolling update does it: told to stop, and not killed. @returns after how many seconds it is ready again */
export async function restart({ system, cluster }: Context, ordinal: number, within: number): Promise<string> {
  const { uid } = (await system.pods())[ordinal].metadata;
  const start = Date.now();
  await cluster.kubectl('delete', 'pod', system.podName(ordinal), '--wait=false');
  await system.watching((watch) => watch.successor(system.podName(ordinal), [uid], within, isReady));
  return seconds(start);
}

/**
 * The pod of this ordinal is gone, without having been able to stop in order. A former one that goes on for long is
 * made by freezing its node.
 */
export async function takeAway({ system, cluster }: Context, ordinal: number, how: How): Promise<void> {
  if (how === 'killed') {
    await system.kill(ordinal);
  } else {
    await cluster.kubectl('delete', 'pod', system.podName(ordinal), '--grace-period=1', '--wait=false');
  }
}

/**
 * Takes the volumes of these ordinals away, for good, while the pods of those die; comes back when all are ready with
 * others.
 */
export async function loseVolumes(
  context: Context,
  how: string,
  lost: number[],
  killed: number[],
  wait = 170,
): Promise<void> {
  const { system } = context;
  const volumes = await Promise.all(lost.map((ordinal) => system.volume(ordinal)));
  const pods = await system.pods();
  const former = killed.map((ordinal) => pods[ordinal].metadata.uid);
  const start = Date.now();
  for (const ordinal of lost) {
    await system.deleteClaim(ordinal);
  }
  await system.watching(async (watch) => {
    await system.kill(...killed);
    await system.readyIn(watch, pods.length, former, wait);
  });
  context.log(`${how}: ready after ${seconds(start)} s`);
  for (const [index, ordinal] of lost.entries()) {
    check(
      (await system.volume(ordinal)) !== volumes[index],
      `${how}: ordinal ${ordinal} has the volume that was to be lost`,
    );
  }
}

async function underWriter(context: Context, ordinal: number, fault: (writer: Writer) => Promise<void>): Promise<void> {
  const { system, database } = context;
  const volume = await system.volume(ordinal);
  const identity = await database.identity(ordinal);
  const history = await database.history?.(0);
  const copies = await system.copies();
  await context.whileWriting(async (writer) => {
    await fault(writer);
    const before = writer.acknowledged.length;
    await writer.goesOn(60);
    await writer.nothingLost(0);
    context.log(`${before} writes acknowledged up to then, none lost`);
  });
  check((await system.volume(ordinal)) === volume, `ordinal ${ordinal} has another volume`);
  check((await database.identity(ordinal)) === identity, `ordinal ${ordinal} has another database`);
  check((await database.history?.(0)) === history, 'the primary is not the one it was');
  await system.ready(3);
  const since = await system.copiesSince(copies);
  if (ordinal > 0 || !system.driver.copiesFromRestartedPrimary) {
    check(since.size === 0, `copies were made, from ordinal ${[...since.keys()].join()}`);
  }
  await context.following(3);
  await context.allEqual(3);
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(1);
}
