import { Context } from '../context';
import { isReady } from '../objects';
import { check, messageOf, until } from '../poll';
import { loseVolumes } from './faults';
import { Row } from './row';

/**
 * What must be there after each loss. Nobody writes, so the replicas, of which the most advanced counts, have all of
 * it.
 */
interface State {
  readonly identity: string;
  readonly data: string;
}

export const blankPrimary: Row = {
  number: 13,
  name: 'blank-primary',
  title: 'blank primary',
  async run(context) {
    await context.whileWriting((writer) => writer.goesOn(30));
    if (context.system.driver.waitsForReplica === true) {
      await losesNothing(context, 'claim and pod of ordinal 0 deleted under a writer', [0]);
      await losesNothing(context, 'claim of ordinal 0 and all pods deleted under a writer', [0, 1, 2]);
    } else {
      await keepsWhatReplicasHave(context, 'claim and pod of ordinal 0 deleted under a writer', [0]);
      await keepsWhatReplicasHave(context, 'claim of ordinal 0 and all pods deleted under a writer', [0, 1, 2]);
    }
    const state = { identity: await context.database.identity(0), data: await context.allEqual(3) };
    await recovers(context, state, 'claim and pod of ordinal 0 deleted', [0]);
    await stopsWhereAsked(context, state);
    await doesNotFollowAnother(context, state);
    return undefined;
  },
};

/** The set comes back with what the others had. */
async function recovers(context: Context, state: State, how: string, killed: number[]): Promise<void> {
  await loseVolumes(context, how, [0], killed);
  await isWhatItWas(context, state);
}

/** Where a write is acknowledged only when a replica has it too, all of them are there afterwards. */
async function losesNothing(context: Context, how: string, killed: number[]): Promise<void> {
  await context.whileWriting(async (writer) => {
    await loseVolumes(context, how, [0], killed);
    const before = writer.acknowledged.length;
    await writer.goesOn(60);
    await writer.nothingLost(0);
    context.log(`${how}: ${before} writes acknowledged up to then, none lost`);
  });
  await context.following(3);
  await context.allEqual(3);
}

/**
 * All of it dies in the midst of changes. What came last is lost with the primary's volume; what a replica had by then
 * is not.
 */
async function keepsWhatReplicasHave(context: Context, how: string, killed: number[]): Promise<void> {
  const { database } = context;
  const identity = await database.identity(0);
  await context.whileWriting(async (writer) => {
    const replicated = await database.writtenIds(1);
    check(replicated.size > 0, 'ordinal 1 has nothing of what was written');
    await loseVolumes(context, how, [0], killed);
    const before = [...writer.acknowledged];
    await writer.goesOn(60);
    const there = await database.writtenIds(0);
    const gone = [...replicated].filter((id) => !there.has(id));
    check(
      gone.length === 0,
      `${gone.length} of ${replicated.size} writes that ordinal 1 had are lost: ${gone.slice(0, 5).join(', ')} ...`,
    );
    const lost = before.filter((id) => !there.has(id)).length;
    context.log(
      `${how}: of ${before.length} writes acknowledged up to then ${lost} are lost, none of the ${replicated.size} that a replica had`,
    );
  });
  check((await database.identity(0)) === identity, 'the primary is another database');
  await context.following(3);
  await context.allEqual(3);
}

async function isWhatItWas(context: Context, state: State): Promise<void> {
  await context.following(3);
  check((await context.database.identity(0)) === state.identity, 'the primary is another database');
  check((await context.allEqual(3)) === state.data, 'the data is not what the replicas had');
}

/** PrimaryVolumeLoss.STOP: a person decides; the last line in the log says between what. */
async function stopsWhereAsked(context: Context, state: State): Promise<void> {
  const { system, cluster, database } = context;
  await system.scaleTo(0);
  await system.deleteClaim(0);
  await context.apply(3, { stopWhenPrimaryIsLost: true });
  const line = await until('the log of ordinal 0 says what to do', 90, async () => {
    const last = (await cluster.kubectl('logs', system.podName(0), '-c', 'prepare', '--tail=1')).trim();
    return last.includes('PrimaryVolumeLoss.RECOVER') && /restore/i.test(last) && last;
  });
  context.log(`with PrimaryVolumeLoss.STOP, the last line: ${line}`);
  const served = await database.identity(0).catch((error: unknown) => `none: ${messageOf(error)}`);
  check(served.startsWith('none'), `ordinal 0 serves the database ${served}`);
  for (const ordinal of [1, 2]) {
    check((await database.identity(ordinal)) === state.identity, `replica ${ordinal} is another database`);
    check((await database.checksum(ordinal)) === state.data, `replica ${ordinal} has other data`);
  }

  // And the way on that it names.
  await system.scaleTo(0);
  await context.apply(3);
  await system.ready(3);
  await isWhatItWas(context, state);
}

/**
 * A primary of another identity under replicas that hold data: made by initialising where no other ordinal was left to
 * ask.
 */
async function doesNotFollowAnother(context: Context, state: State): Promise<void> {
  const { system, database, log } = context;
  await context.apply(1);
  const [first] = await system.ready(1);
  await system.deleteClaim(0);
  await system.watching(async (watch) => {
    await system.kill(0);
    await system.readyIn(watch, 1, [first.metadata.uid]);
  });
  const foreign = await database.identity(0);
  check(foreign !== state.identity, 'ordinal 0 alone, with a new volume, is not a new database');

  await system.watching(async (watch) => {
    await context.apply(3);
    for (const ordinal of [1, 2]) {
      await until(`replica ${ordinal} sees that the primary is another database, by its own log`, 60, async () =>
        system.driver.sawForeignPrimary((await system.serverLog(ordinal)) + (await system.sidecarLog(ordinal))),
      );
      check((await database.identity(ordinal)) === state.identity, `replica ${ordinal} has become another database`);
      check((await database.checksum(ordinal)) === state.data, `replica ${ordinal} has other data`);
    }
    const ready = watch.events.find(
      ({ pod }) => system.ordinalOf(pod) !== 0 && system.ordinalOf(pod) !== undefined && isReady(pod),
    );
    check(ready === undefined, `${ready?.pod.metadata.name} became ready under a primary of another database`);
  });
  check((await database.followers()).length === 0, 'the primary of another database has followers');
  log(`replicas of ${state.identity} did not follow ${foreign}`);

  await recovers(context, state, 'the foreign primary removed', [0]);
}
