import { LogFollower } from '../log-follower';
import { check, elapse } from '../poll';
import { apart, whileCut } from './nodes-of';
import { stopsAlone } from './11-ordered-stop';
import { Row } from './row';

/** So long the node is off the network, in milliseconds: the pod that leaves there has ended by then, and nobody heard of it. */
const CUT = 30_000;

/**
 * A pod's network dies while it shows itself leaving at the primary: its connections stay there, half open, when it is long gone. Nobody waits for such
 * a ghost, neither its successor nor the pod below, which is deleted alone.
 */
export const halfOpen: Row = {
  name: 'half-open',
  title: 'ghost of a leaving pod',
  storage: 'ephemeral', // the successor need not wait for a volume on a node that nobody hears of
  alone: true,
  async run(context) {
    const { system, cluster, client, nodes, log } = context;
    const lacking = nodes.lacks('cut');
    if (lacking !== undefined) {
      return lacking;
    }
    const node = await apart(context, 1, [0]);
    await client.leave(node);
    const former = (await system.pods()).map((pod) => pod.metadata.uid);

    await context.whileWriting((writer) => system.watching(async (watch) => {
      // Alone it waits for five seconds, whether the one above leaves too: so it is cut off while it shows itself.
      const said = new LogFollower(cluster.namespace, system.podName(1), 'sync');
      await said.until('the log of ordinal 1 is read', 10, (text) => text !== '');
      await cluster.kubectl('delete', 'pod', system.podName(1), '--wait=false');
      await said.until('ordinal 1 is told to stop', 10, (text) => text.includes('told to stop'));
      await elapse(500); // it shows itself
      await whileCut(context, node, async () => {
        await said.kill();
        check(!said.text.includes('sync: stopping'), 'ordinal 1 had stopped before its node was off the network: nothing was tested');
        log(`${node} is off the network, and with it ordinal 1, which leaves`);
        await system.kill(1);
        await watch.successor(system.podName(1), [former[1]], 60);
        await elapse(CUT);
      });
      await system.readyIn(watch, 3, [former[1]], 150);
      await writer.goesOn(60);
    }));
    await context.following(3);
    await stopsAlone(context, 1);
    await stopsAlone(context, 0);
    await context.allEqual(3);
    return undefined;
  },
};
