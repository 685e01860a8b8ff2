import { isReady, Pod } from '../objects';
import { PodWatch } from '../pod-watch';
import { check } from '../poll';
import { System } from '../system';

/**
 * Each pod has a successor of another template; from the last to 0, each told to stop only after the successor above
 * was ready.
 */
export async function rolledOut(system: System, watch: PodWatch, former: string[]): Promise<Pod[]> {
  const pods = await system.readyIn(watch, former.length, former);
  // The server's order of events is the order of changes.
  const event = (ordinal: number, test: (pod: Pod) => boolean): number =>
    watch.events.findIndex(({ pod }) => pod.metadata.name === system.podName(ordinal) && test(pod));
  for (let ordinal = former.length - 1; ordinal > 0; ordinal--) {
    const ready = event(ordinal, (pod) => !former.includes(pod.metadata.uid) && isReady(pod));
    const told = event(ordinal - 1, (pod) => pod.metadata.deletionTimestamp !== undefined);
    check(
      ready !== -1 && ready < told,
      `ordinal ${ordinal - 1} was told to stop at event ${told}, before ${ordinal} was ready, at event ${ready}`,
    );
  }
  return pods;
}
