import { check } from '../poll';
import { PodWatch } from '../pod-watch';
import { isReady } from '../objects';
import { Row } from './row';

export const orderedStart: Row = {
  number: 10,
  name: 'ordered-start',
  title: 'ordered start',
  async run(context) {
    const { system, cluster, log } = context;
    for (const how of ['deleted', 'killed']) {
      await context.whileWriting((writer) =>
        system.watching(async (watch) => {
          const former = (await system.pods()).map((pod) => pod.metadata.uid);
          const names = former.map((_, ordinal) => system.podName(ordinal));
          if (how === 'killed') {
            await cluster.kill(...names);
          } else {
            await cluster.kubectl('delete', 'pod', '--wait=false', ...names);
          }
          await system.readyIn(watch, 3, former);
          const first = names.map((name) => firstReady(watch, name, former));
          log(
            `all pods ${how}: ready ${first.map((event, ordinal) => `${ordinal} at event ${event} (${watch.events[event].at - watch.events[0].at} ms)`).join(', ')}`,
          );
          check(first[0] < first[1] && first[1] < first[2], `all pods ${how}: the pods did not become ready in order`);
          await writer.goesOn(60);
          await writer.nothingLost(0);
        }),
      );
      await context.following(3);
    }
    await context.allEqual(3);
    return undefined;
  },
};

/**
 * At which event the new pod of this name was ready for the first time; the server's order of events is the order of
 * changes.
 */
function firstReady(watch: PodWatch, name: string, former: string[]): number {
  return watch.events.findIndex(
    ({ pod }) => pod.metadata.name === name && !former.includes(pod.metadata.uid) && isReady(pod),
  );
}
