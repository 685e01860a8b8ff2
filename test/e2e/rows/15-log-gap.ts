import { Context } from '../context';
import { check, until } from '../poll';
import { Row } from './row';

export const logGap: Row = {
  number: 15,
  name: 'log-gap',
  title: 'log gap',
  async run(context) {
    await context.whileWriting(async (writer) => {
      await fallsBehind(context);
      await writer.isOn([2], 30);
      await writer.nothingLost(0);
    });
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};

/** Ordinal 2 is away while more is written than the primary keeps, and copies again by itself. */
export async function fallsBehind(context: Context): Promise<void> {
  const { system, database, log } = context;
  const volume = await system.volume(2);
  const written = 2 * database.logBound;
  const before = await system.copies();
  const { uid } = (await system.pods())[2].metadata;

  try {
    await keepAway(context, 2);
    const peak = await peakWhile(
      () => database.writeLog(written),
      () => database.logBytes(),
    );
    log(
      `wrote ${mebibytes(written)} of log while ordinal 2 was away; on the primary's disk were at most ${mebibytes(peak)}`,
    );
    check(
      peak <= database.logBound,
      `the log on the primary's disk grew to ${mebibytes(peak)}, above ${mebibytes(database.logBound)}`,
    );
  } finally {
    await letBack(context);
  }
  await system.watching((watch) => watch.successor(system.podName(2), [uid], 120));
  check((await system.volume(2)) === volume, 'ordinal 2 has another volume');
  const copies = await system.copiesSince(before);
  check((copies.get(1) ?? 0) > 0, 'ordinal 2 did not copy from ordinal 1 again, by the log of 1');
}

/**
 * A quota below what is there: the pod is gone, and none is made in its place. It touches nothing outside the
 * namespace. A pod's object is gone before its processes are, and they before the primary knows: until then it holds
 * the log that it is sending, as it does for any replica that is there.
 */
async function keepAway({ system, cluster, database }: Context, ordinal: number): Promise<void> {
  const pods = (await cluster.pods()).length - 1;
  await cluster.apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'away' },
      spec: { hard: { pods: String(pods) } },
    }),
  );
  await until(
    'the quota holds',
    30,
    async () =>
      (await cluster.kubectl('get', 'resourcequota', 'away', '-o', 'jsonpath={.status.hard.pods}')) === String(pods),
  );
  await system.kill(ordinal);
  await until(`ordinal ${ordinal} is gone`, 30, async () => (await system.pods()).length === ordinal);
  await until(
    `ordinal ${ordinal} is not among those that follow`,
    10,
    async () => !(await database.followers()).includes(ordinal),
  );
}

async function letBack({ system, cluster }: Context): Promise<void> {
  await cluster.kubectl('delete', 'resourcequota', 'away');
  // Its controller has tried in vain, and would try again only after a while; any change makes it look at once.
  await cluster.kubectl('annotate', 'statefulset', system.driver.setName, 'e2e/look-again=now', '--overwrite');
}

/** The largest of what is measured all the time while the work is done, and once after it. */
async function peakWhile(work: () => Promise<void>, measure: () => Promise<number>): Promise<number> {
  const state = { working: true };
  const working = work().finally(() => {
    state.working = false;
  });
  let peak = 0;
  do {
    peak = Math.max(peak, await measure());
  } while (state.working);
  await working;
  return Math.max(peak, await measure());
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
