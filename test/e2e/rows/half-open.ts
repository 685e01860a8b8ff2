import { Context } from '../context';
import { LogFollower } from '../log-follower';
import { check, elapse } from '../poll';
import { stopsAlone } from './11-ordered-stop';
import { apart, cordoned, whileCut } from './nodes-of';
import { Row } from './row';

/**
 * So long the node is off the network, in milliseconds: the pod that leaves there has ended by then, and nobody heard
 * of it.
 */
const CUT = 15_000;
/**
 * A connection that is idle when its network dies is given up by keepalives. One with an answer on its way that was not
 * confirmed is not: two of five are such, as confirmations wait a little for the next question. So it is done again,
 * until one is.
 */
const CUTS = 3;

/**
 * A pod's network dies while it shows itself leaving at the primary: its connection stays there, half open, when it is
 * long gone. Nobody waits for such a ghost, neither its successor nor the pod below, which is deleted alone.
 */
export const halfOpen: Row = {
  name: 'half-open',
  title: 'ghost of a leaving pod',
  storage: 'ephemeral', // the successor need not wait for a volume on a node that nobody hears of
  alone: true,
  async run(context) {
    const { nodes, log } = context;
    const lacking = nodes.lacks('cut');
    if (lacking !== undefined) {
      return lacking;
    }
    for (let cut = 0, left = 0; cut < CUTS && left === 0; cut++) {
      left = await cutWhileLeaving(context);
      log(`${left} of its connections are left at the primary`);
    }
    await context.whileWriting(async (writer) => {
      await context.following(3);
      await stopsAlone(context, 1);
      await stopsAlone(context, 0);
      await writer.goesOn(60);
      await writer.nothingLost(0);
    });
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};

/**
 * Pod 1 ends without a network, and has a successor. Gives how many of its connections the primary still has, as far as
 * the engine tells.
 */
async function cutWhileLeaving(context: Context): Promise<number> {
  const { system, cluster, client, database, log } = context;
  const node = await apart(context, 1, [0]);
  await client.leave(node);
  const former = (await system.pods())[1];
  return context.whileWriting((writer) =>
    cordoned(node, () =>
      system.watching(async (watch) => {
        // Alone it waits for five seconds, whether the one above leaves too: so it is cut off while it shows itself.
        const said = new LogFollower(cluster.namespace, system.podName(1), 'sync');
        await said.until('the log of ordinal 1 is read', 10, (text) => text !== '');
        await cluster.kubectl('delete', 'pod', system.podName(1), '--wait=false');
        await said.until('ordinal 1 is told to stop', 10, (text) => text.includes('told to stop'));
        await elapse(500); // it shows itself
        const left = await whileCut(context, node, async () => {
          await said.kill();
          check(
            !said.text.includes('sync: stopping'),
            'ordinal 1 had stopped before its node was off the network: nothing was tested',
          );
          log(`${node} is off the network, and with it ordinal 1, which leaves`);
          await system.kill(1);
          await watch.successor(system.podName(1), [former.metadata.uid], 60);
          await elapse(CUT);
          return (await database.connectionsFrom?.(former.status.podIP ?? '')) ?? 0;
        });
        await system.readyIn(watch, 3, [former.metadata.uid], 150);
        await writer.goesOn(60);
        return left;
      }),
    ),
  );
}
