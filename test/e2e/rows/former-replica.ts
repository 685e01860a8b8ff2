import { isReady } from '../objects';
import { check, elapse } from '../poll';
import { nodeOf, whileFrozen } from './nodes-of';
import { Row } from './row';

/** So long two pods of one ordinal are watched, in milliseconds, and so often. */
const BESIDE = 20_000;
const LOOK = 2_000;

/**
 * Who follows as ordinal 2 is the pod that has its name now: it gets ready, stays so, and gets every change, though the
 * former one goes on.
 */
export const formerReplica: Row = {
  name: 'former-replica',
  title: 'former replica goes on',
  storage: 'ephemeral',
  alone: true,
  async run(context) {
    const { system, client, nodes, log } = context;
    const lacking = nodes.lacks('freeze');
    if (lacking !== undefined) {
      return lacking;
    }
    const former = (await system.pods())[2];
    const node = await nodeOf(context, 2);
    await client.leave(node);
    await context.whileWriting((writer) =>
      system.watching(async (watch) => {
        await whileFrozen(context, node, async () => {
          const start = Date.now();
          await system.kill(2);
          const pod = await watch.successor(system.podName(2), [former.metadata.uid], 60);
          log(`the new pod was ready ${Date.now() - start} ms after the former one had been deleted, which goes on`);
          for (const end = Date.now() + BESIDE; Date.now() < end; await elapse(LOOK)) {
            await writer.isOn([2], 10);
          }
          const lapses = watch.events
            .slice(watch.events.findIndex((event) => event.pod.metadata.uid === pod.metadata.uid && isReady(event.pod)))
            .filter((event) => event.pod.metadata.uid === pod.metadata.uid && !isReady(event.pod));
          check(lapses.length === 0, 'the new pod did not stay ready beside the former one');
        });
        await system.readyIn(watch, 3, [former.metadata.uid], 150);
        await writer.goesOn(30);
        await writer.nothingLost(0);
        log(`at most ${writer.longestGap} ms between two writes`);
      }),
    );
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};
