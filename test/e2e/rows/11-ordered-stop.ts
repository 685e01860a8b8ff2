import { Context } from '../context';
import { StopTimes } from '../driver';
import { LogFollower } from '../log-follower';
import { ContainerStatus } from '../objects';
import { check } from '../poll';
import { PodWatch } from '../pod-watch';
import { Row } from './row';

/**
 * A pod that leaves alone: no longer than it takes to tell that nobody above it leaves, which is five seconds, and to
 * stop the server.
 */
const ALONE_SECONDS = 13;
const ALL_SECONDS = 90;

export const orderedStop: Row = {
  number: 11,
  name: 'ordered-stop',
  title: 'ordered stop',
  async run(context) {
    const { system, cluster, driver } = { ...context, driver: context.system.driver };
    await context.whileWriting((writer) => writer.goesOn(30));
    const data = await context.allEqual(3);
    const volumes = await Promise.all([0, 1, 2].map((ordinal) => system.volume(ordinal)));

    const file = driver.manifest({ replicas: 3, storageClassName: context.storageClassName });
    await allStopInOrder(context, 'kubectl delete -f', () => cluster.deleteFile(file));
    check((await cluster.claims()).length === 3, 'the claims did not stay');
    await context.steady(3);
    await allStopInOrder(context, 'scale to 0', () =>
      cluster.kubectl('scale', 'statefulset', driver.setName, '--replicas=0'),
    );
    await context.steady(3);
    const now = await Promise.all([0, 1, 2].map((ordinal) => system.volume(ordinal)));
    check(volumes.join() === now.join(), 'the pods came back with other volumes');
    check((await context.allEqual(3)) === data, 'the data is not what it was');

    for (const ordinal of [1, 0]) {
      await stopsAlone(context, ordinal);
    }
    return undefined;
  },
};

async function allStopInOrder(context: Context, how: string, stop: () => Promise<string>): Promise<void> {
  const { system, cluster } = context;
  const names = [0, 1, 2].map((ordinal) => system.podName(ordinal));
  const logs = names.map((name) => new LogFollower(cluster.namespace, name, system.driver.container));
  // One that begins too late finds the pod gone, and its log with it.
  await Promise.all(
    logs.map((log, ordinal) => log.until(`the log of ordinal ${ordinal} is being read`, 10, (text) => text !== '')),
  );
  await system.watching(async (watch) => {
    const stopped = stop();
    await watch.until(`all pods are gone after ${how}`, ALL_SECONDS, () =>
      names.every((name) => watch.current(name) === undefined),
    );
    await stopped;
    const finished = names.map((name) => Date.parse(endOf(watch, name, system.driver.container)?.finishedAt ?? ''));
    // Whole seconds: equal tells nothing.
    const inOrder = finished.every((time, ordinal) => ordinal === 0 || time <= finished[ordinal - 1]);
    check(inOrder, `${how}: Kubernetes has the containers' ends at ${finished.join(', ')}`);
    context.log(
      `${how}: containers finished at ${finished.map((time) => new Date(time).toISOString().slice(11, 19)).join(', ')}`,
    );
  });
  const times = (await Promise.all(logs.map((log) => log.stop()))).map((text, ordinal) => {
    const stopTimes = system.driver.stopTimes(text);
    check(
      stopTimes !== undefined,
      `${how}: the log of ordinal ${ordinal} does not tell its end: ${text.split('\n').slice(-3).join('\n')}`,
    );
    return stopTimes;
  });
  context.log(`${how}: by the servers' logs: ${times.map(describe).join('; ')}`);
  for (const [ordinal, below] of times.slice(0, -1).entries()) {
    const above = times[ordinal + 1];
    check(
      below.asked >= above.ended,
      `${how}: ordinal ${ordinal} was told to stop ${above.ended - below.asked} ms before ${ordinal + 1} had ended`,
    );
  }
}

type Terminated = NonNullable<ContainerStatus['state']['terminated']>;

function endOf(watch: PodWatch, name: string, container: string): Terminated | undefined {
  const statuses = watch.events
    .filter((event) => event.pod.metadata.name === name)
    .flatMap((event) => event.pod.status.containerStatuses ?? []);
  return statuses
    .filter((status) => status.name === container)
    .flatMap((status) => status.state.terminated ?? [])
    .at(-1);
}

function describe({ asked, ended }: StopTimes, ordinal: number): string {
  const time = (at: number): string => new Date(at).toISOString().slice(17, 23);
  return `${ordinal} told at ${time(asked)}, ended at ${time(ended)}`;
}

/** Deleted alone, the pod is gone in the time that this takes, and comes back; the others stay. */
export async function stopsAlone(context: Context, ordinal: number, seconds = ALONE_SECONDS): Promise<void> {
  const { system, cluster } = context;
  const former = await system.pods();
  const name = system.podName(ordinal);
  await system.watching(async (watch) => {
    const start = Date.now();
    await cluster.kubectl('delete', 'pod', name, '--wait=false');
    const end = await watch.until(`${name}, deleted alone, has ended`, seconds, () =>
      watch.events.find((event) => event.type === 'DELETED' && event.pod.metadata.name === name),
    );
    context.log(`${name} deleted alone: gone after ${((end.at - start) / 1000).toFixed(1)} s`);
    await system.readyIn(watch, 3, [former[ordinal].metadata.uid]);
  });
  const now = await system.pods();
  const stayed = now.every((pod, index) => index === ordinal || pod.metadata.uid === former[index].metadata.uid);
  check(stayed, `neighbours of ${name} went with it`);
  await context.following(3);
}
