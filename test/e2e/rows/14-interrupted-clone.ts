import { Context } from '../context';
import { LogFollower } from '../log-follower';
import { ContainerStatus, Pod } from '../objects';
import { PodEvent, PodWatch } from '../pod-watch';
import { check, elapse, until } from '../poll';
import { Row } from './row';

const KILLS = 10;
/** Added in parts, each of which the replicas get before the next: so the log that is kept for them suffices. */
const PARTS = 4;
const PART_BYTES = 40 * 1024 * 1024;

export const interruptedClone: Row = {
  number: 14,
  name: 'interrupted-clone',
  title: 'interrupted clone',
  slow: 'eleven copies of all data, of which ten are killed on their way: it shows only where the kills are spread over the whole copy',
  async run(context) {
    const { database, log } = context;
    for (let part = 0; part < PARTS; part++) {
      await database.grow(PART_BYTES);
      await until(
        'the replicas have what was added',
        60,
        async () => (await database.hasCaughtUp(1)) && database.hasCaughtUp(2),
      );
    }
    const { lasts, killing } = await whileWriting(context);
    log(`a clone takes ${lasts} ms; ${KILLS} kills spread over it`);
    let repeated = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // The kubelet reports the container's start half a second late, when a quick copy is over: so every other kill
      // counts from the copy's own begin.
      const from = kill % 2 === 0 ? 'start' : 'copy';
      const delay =
        from === 'start'
          ? Math.max(0, Math.round((lasts * kill) / (KILLS - 1) - killing))
          : Math.round((lasts * (kill - 1)) / (2 * KILLS));
      const { copies } = await whileWriting(context, { from, delay });
      await context.following(3);
      await context.equal(2, await context.checksum());
      log(
        `killed ${delay} ms after its ${from === 'start' ? 'start' : 'copy had begun'}: equal, after ${copies} ${copies === 1 ? 'copy' : 'copies'}`,
      );
      repeated += copies > 1 ? 1 : 0;
    }
    check(repeated > 0, 'no kill came after a copy had begun and before it was complete');
    await database.shrink();
    return undefined;
  },
};

interface Clone {
  /** From the start of the container that copies to its end, in milliseconds. */
  readonly lasts: number;
  /** How long it takes until a pod that is killed is. */
  readonly killing: number;
  /** How many copies were begun, by the log of the source. */
  readonly copies: number;
}

interface Kill {
  /**
   * What the delay counts from: the container's start, as the kubelet reports it, or the copy's begin, by the source's
   * log.
   */
  readonly from: 'start' | 'copy';
  /** In milliseconds. */
  readonly delay: number;
}

function whileWriting(context: Context, kill?: Kill): Promise<Clone> {
  return context.whileWriting(async (writer) => {
    const cloned = await clone(context, kill);
    await writer.isOn([2], 30);
    return cloned;
  });
}

/** Has ordinal 2 start with nothing; kills its pod so long after that, and waits for the next. */
export async function clone(context: Context, kill?: Kill): Promise<Clone> {
  const { system } = context;
  return system.watching(async (watch) => {
    const name = system.podName(2);
    const former = [(await system.pods())[2].metadata.uid];
    const before = await system.copies();
    const source = await copiesOf(context);
    await system.deleteClaim(2);
    const asked = Date.now();
    await system.kill(2);
    const killing = Date.now() - asked;
    if (kill?.from === 'start') {
      const { at, pod } = await begun(watch, name, former);
      await elapse(at + kill.delay - Date.now());
      await system.kill(2);
      former.push(pod.metadata.uid);
    } else if (kill !== undefined) {
      await source.next();
      await elapse(kill.delay);
      const { uid } = (await system.cluster.pod(name)).metadata; // the kubelet may not have reported it yet
      await system.kill(2);
      former.push(uid);
    }
    await source.end();
    const { at, pod } = await begun(watch, name, former);
    const ended = await watch.until(`the container of ${name} that copies has ended`, 120, () =>
      watch.events.find(
        (event) => event.pod.metadata.uid === pod.metadata.uid && copying(event.pod)?.state.terminated?.exitCode === 0,
      ),
    );
    await watch.successor(name, former, 120);
    const copies = (await system.copiesSince(before)).get(1) ?? 0;
    check(copies > 0, 'ordinal 2 was not copied from ordinal 1, so nothing was interrupted');
    return { lasts: ended.at - at, killing, copies };
  });
}

/** The source's log, of which the next copy that it gives is heard at once. */
async function copiesOf({ system, cluster }: Context): Promise<{ next(): Promise<void>; end(): Promise<void> }> {
  const { donor } = system.driver;
  // Former lines come one by one, and there may be copies among them: what counts comes after the last that is there
  // now.
  const last = (await cluster.kubectl('logs', system.podName(1), '-c', donor, '--timestamps', '--tail=1')).trim();
  const follower = new LogFollower(cluster.namespace, system.podName(1), donor);
  await follower.until('the log of ordinal 1 is read', 30, (text) => text.includes(last));
  const since = (text: string): string => text.slice(text.indexOf(last) + last.length);
  return {
    next: () => follower.until('ordinal 1 gives a copy', 120, (text) => system.driver.copiesServed(since(text)) > 0),
    end: () => follower.kill(),
  };
}

/** The container that copies; one that brings a program may be before it. */
function copying(pod: Pod): ContainerStatus | undefined {
  return pod.status.initContainerStatuses?.find(({ name }) => name === 'prepare');
}

/** When the container that copies has started, or ended already: whichever is heard of first. */
async function begun(watch: PodWatch, name: string, former: string[]): Promise<PodEvent> {
  return watch.until(`the container of ${name} that copies has started`, 120, () =>
    watch.events.find(({ pod }) => {
      const state = copying(pod)?.state;
      return (
        pod.metadata.name === name &&
        !former.includes(pod.metadata.uid) &&
        (state?.running ?? state?.terminated) !== undefined
      );
    }),
  );
}
