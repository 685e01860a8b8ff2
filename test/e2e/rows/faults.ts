import { Context } from '../context';
import { check } from '../poll';
import { Writer } from '../writer';

/**
 * Kills the pod of an ordinal, then, where possible, the node under it, each time under a writer: the replacement has the same volume,
 * copied nothing, and every write that was acknowledged is there.
 *
 * @returns why the part with the node was not run
 */
export async function survivesItsDeath(context: Context, ordinal: number): Promise<string | undefined> {
  const { system, nodes } = context;
  await underWriter(context, ordinal, async () => {
    const { uid } = (await system.pods())[ordinal].metadata;
    const start = Date.now();
    await system.kill(ordinal);
    await system.watching((watch) => watch.successor(system.podName(ordinal), [uid], 120));
    context.log(`pod killed: ready again after ${seconds(start)} s`);
  });
  const lacking = nodes.lacks('stop') ?? (await nodes.count() < 2 ? 'there is one node only' : undefined);
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
  check(await system.volume(ordinal) === volume, `ordinal ${ordinal} has another volume`);
  check(await database.identity(ordinal) === identity, `ordinal ${ordinal} has another database`);
  check(await database.history?.(0) === history, 'the primary is not the one it was');
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
