import { Context } from '../context';
import { isReady, Pod } from '../objects';
import { PodWatch } from '../pod-watch';
import { check, elapse } from '../poll';
import { Writer } from '../writer';
import { nodeOf, whileFrozen } from './nodes-of';
import { Row } from './row';

/** So long the former primary is left alone with its successor, in milliseconds. */
const FROZEN = 25_000;
/** The watch and the writers' streams tell of an instant so much apart, at most. */
const SLACK = 1_000;
/**
 * What is acknowledged while no replica receives it is lost: no more than it takes a pod, which looks every five
 * seconds, to notice that it is a former one, and to stop.
 */
const UNHEARD = 10_000;

export const formerPrimary: Row = {
  name: 'former',
  title: 'former primary goes on',
  storage: 'ephemeral',
  alone: true,
  run: (context) => goesOn(context, false),
};

export const formerPrimaryRemote: Row = {
  name: 'former-remote',
  title: 'former primary goes on, claim lost',
  alone: true,
  run: (context) => goesOn(context, true),
};

/**
 * Its kubelet hangs, so the pod that was deleted goes on, with its clients and its replicas; its successor has no data.
 * There are never two primaries, what the new one acknowledges is there for good, and what the former one did is there
 * but for what no replica received.
 */
async function goesOn(context: Context, losesClaim: boolean): Promise<string | undefined> {
  const { system, database, client, nodes } = context;
  const lacking = nodes.lacks('freeze');
  if (lacking !== undefined) {
    return lacking;
  }
  const identity = await database.identity(0);
  const [former] = await system.pods();
  const node = await nodeOf(context, 0);
  await client.leave(node);

  // By addresses: a connection to the Service may lead to either.
  const atFormer = writerAt(context, former);
  const writers = [atFormer];
  try {
    await atFormer.goesOn(30);
    await atFormer.isOn([1, 2], 30);
    await system.watching(async (watch) => {
      const atNew = await whileFrozen(context, node, async () => {
        if (losesClaim) {
          await system.deleteClaim(0);
        }
        await system.kill(0);
        const pod = await watch.successor(
          system.podName(0),
          [former.metadata.uid],
          60,
          (candidate) => candidate.status.podIP !== undefined,
        );
        const writer = writerAt(context, pod);
        writers.push(writer);
        await elapse(FROZEN);
        context.log(`after ${FROZEN / 1000} s: ${tell(watch, former, atFormer, writer)}`);
        onePrimary(watch, former, atFormer, writer);
        return writer;
      });
      await system.readyIn(watch, 3, [former.metadata.uid], 150);
      await atNew.goesOn(60);
      context.log(`after the thaw: ${tell(watch, former, atFormer, atNew)}`);
      onePrimary(watch, former, atFormer, atNew);
      await context.following(3);
      await atNew.isOn([0, 1, 2], 30);
    });
  } finally {
    await Promise.all(writers.map((writer) => writer.stop()));
  }
  check((await database.identity(0)) === identity, 'the primary is another database');
  await writers[1].nothingLost(0);
  await isNamed(context, former);
  await lostLittle(context, atFormer);
  await context.following(3);
  await context.allEqual(3);
  return undefined;
}

function writerAt({ client, system }: Context, pod: Pod): Writer {
  return new Writer(client, system.driver.open(client, system.driver.setName, pod.status.podIP ?? ''));
}

/** When the successor was ready for the first time. */
function readyAt({ events }: PodWatch, { metadata }: Pod): number | undefined {
  return events.find(
    ({ pod }) => pod.metadata.name === metadata.name && pod.metadata.uid !== metadata.uid && isReady(pod),
  )?.at;
}

function tell(watch: PodWatch, former: Pod, atFormer: Writer, atNew: Writer): string {
  const ready = readyAt(watch, former);
  const beside = ready === undefined ? 0 : atFormer.times.filter((at) => at > ready).length;
  return (
    `the new pod is ${ready === undefined ? 'not ready' : 'ready'} and acknowledged ${atNew.acknowledged.length} writes; the former one ${atFormer.acknowledged.length}, of ` +
    `which ${beside} after the new one was ready`
  );
}

/** From when the new one serves, the former acknowledges nothing. */
function onePrimary(watch: PodWatch, former: Pod, atFormer: Writer, atNew: Writer): void {
  const since = Math.min(readyAt(watch, former) ?? Infinity, atNew.first ?? Infinity) + SLACK;
  const beside = atFormer.times.filter((at) => at > since);
  check(
    beside.length === 0,
    `two primaries: the former one acknowledged ${beside.length} writes after the new one served, for ${(beside.at(-1) ?? 0) - since} ms`,
  );
}

/**
 * Whoever looks at the logs is told of two pods: by the one that waits, if it had to, or by the replicas that left the
 * former one before it asked.
 */
async function isNamed({ system }: Context, former: Pod): Promise<void> {
  const logs = [await system.prepareLog(0), await system.sidecarLog(1), await system.sidecarLog(2)];
  const { podIP = '' } = former.status;
  check(
    logs.some((log) => log.includes(podIP)),
    `nobody says that the former ${former.metadata.name}, at ${podIP}, was in the way:\n${logs.join('\n---\n')}`,
  );
}

/** Counted, and bounded in time. Where a write is acknowledged only when a replica has it, nothing is. */
async function lostLittle({ system, log }: Context, writer: Writer): Promise<void> {
  const lost = await writer.missing(0);
  const first = writer.acknowledged.indexOf(lost[0]);
  const lasted = lost.length === 0 ? 0 : (writer.last ?? 0) - writer.times[first];
  log(
    `of ${writer.acknowledged.length} writes that the former one acknowledged ${lost.length} are lost, all within its last ${lasted} ms`,
  );
  check(
    lost.length === 0 || system.driver.waitsForReplica !== true,
    `${lost.length} writes are lost that a replica had acknowledged`,
  );
  check(lasted <= UNHEARD, `the former one acknowledged writes that no replica received for ${lasted} ms`);
}
