import { Context } from '../context';
import { ContainerStatus } from '../objects';
import { PodEvent, PodWatch } from '../pod-watch';
import { check, elapse } from '../poll';
import { Row } from './row';

const KILLS = 10;

export const interruptedClone: Row = {
  number: 14,
  title: 'interrupted clone',
  async run(context) {
    const { log } = context;
    const undisturbed = await clone(context);
    const { begin, end, killing } = undisturbed;
    log(`a clone takes from ${begin} to ${end} ms after the pod's creation; ${KILLS} kills spread over it`);
    let repeated = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const delay = Math.max(0, Math.round(begin + (end - begin) * kill / (KILLS - 1) - killing));
      const { copies } = await clone(context, delay);
      await context.following(3);
      await context.equal(2, await context.database.checksum(0));
      log(`killed after ${delay} ms: equal, after ${copies} ${copies === 1 ? 'copy' : 'copies'}`);
      repeated += copies > 1 ? 1 : 0;
    }
    check(repeated > 0, 'no kill came after a copy had begun and before it was complete');
    return undefined;
  },
};

interface Clone {
  /** When the container that copies had started, and when it had ended, in milliseconds from the pod's creation on. */
  readonly begin: number;
  readonly end: number;
  /** How long it takes until a pod that is killed is. */
  readonly killing: number;
  /** How many copies were begun, by the log of the source. */
  readonly copies: number;
}

/** Has ordinal 2 start with nothing while an application writes; kills its pod after so many milliseconds, and waits for the next. */
async function clone(context: Context, killAfter?: number): Promise<Clone> {
  const { system } = context;
  return context.whileWriting(() => system.watching(async (watch) => {
    const name = system.podName(2);
    const former = [(await system.pods())[2].metadata.uid];
    const before = await system.copies();
    await system.deleteClaim(2);
    const asked = Date.now();
    await system.kill(2);
    const killing = Date.now() - asked;
    let creation = await created(watch, name, former);
    if (killAfter !== undefined) {
      await elapse(creation.at + killAfter - Date.now());
      await system.kill(2);
      former.push(creation.pod.metadata.uid);
      creation = await created(watch, name, former);
    }
    const { uid } = creation.pod.metadata;
    const first = (what: string, isSo: (state: ContainerStatus['state']) => boolean): Promise<PodEvent> =>
      watch.until(`the container of ${name} that copies has ${what}`, 120, () => watch.events.find(({ pod }) =>
        pod.metadata.uid === uid && pod.status.initContainerStatuses?.some((status) => isSo(status.state)) === true));
    const started = await first('started', (state) => state.waiting === undefined);
    const ended = await first('ended', (state) => state.terminated?.exitCode === 0);
    await watch.successor(name, former, 120);
    const copies = (await system.copiesSince(before)).get(1) ?? 0;
    check(copies > 0, 'ordinal 2 was not copied from ordinal 1, so nothing was interrupted');
    return { begin: started.at - creation.at, end: ended.at - creation.at, killing, copies };
  }));
}

async function created(watch: PodWatch, name: string, former: string[]): Promise<PodEvent> {
  return watch.until(`${name} is created`, 60, () =>
    watch.events.find(({ type, pod }) => type === 'ADDED' && pod.metadata.name === name && !former.includes(pod.metadata.uid)));
}
