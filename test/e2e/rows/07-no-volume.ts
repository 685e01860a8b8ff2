import { Context } from '../context';
import { check, until } from '../poll';
import { Reader } from '../writer';
import { HOW, How, takeAway } from './faults';
import { Row } from './row';

export const noVolume: Row = {
  number: 7,
  name: 'no-volume',
  title: 'no volume',
  storage: 'ephemeral',
  async run(context) {
    check((await context.cluster.claims()).length === 0, 'an ephemeral set has claims');
    for (const how of HOW) {
      await primaryLosesAll(context, how);
    }
    // And a replica, which loses all it has with its pod.
    await context.whileWriting(async (writer) => {
      await diesWithNothing(context, [1]);
      await writer.isOn([1], 30);
    });
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};

/** Pods of these ordinals are killed, and what they had is gone with them. They come back. */
export async function diesWithNothing({ system, log }: Context, ordinals: number[]): Promise<void> {
  const pods = await system.pods();
  const start = Date.now();
  await system.watching(async (watch) => {
    await system.kill(...ordinals);
    await system.readyIn(
      watch,
      pods.length,
      ordinals.map((ordinal) => pods[ordinal].metadata.uid),
    );
  });
  log(`${ordinals.join(' and ')} killed: ready again after ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

async function primaryLosesAll(context: Context, how: How): Promise<void> {
  const { system, database, client, log } = context;
  const identity = await database.identity(0);
  const reader = new Reader(client, database, 0);
  try {
    await context.whileWriting(async (writer) => {
      await until('the reader sees rows', 30, () => Promise.resolve(isCount(reader.answers.at(-1) ?? '')));
      const former = (await system.pods())[0].metadata.uid;
      const atTheFault = await mostAdvanced(context);
      const written = writer.acknowledged.filter((id) => atTheFault.has(id)).length;
      check(written > 0, 'no replica has anything that was written in this row: nothing could be lost');
      const begin = reader.answers.length;
      await takeAway(context, 0, how);
      await until('ordinal 0 does not answer', 30, () =>
        Promise.resolve(reader.answers.slice(begin).some((answer) => !isCount(answer))),
      );
      const least = Math.max(...(await Promise.all([1, 2].map((ordinal) => countedAt(context, ordinal)))));
      const survived = await mostAdvanced(context);
      const gone = reader.answers.slice(begin).findIndex((answer) => !isCount(answer)) + begin;
      log(
        `the primary, ${how}: replicas have ${survived.size} rows of writers, before ${atTheFault.size}, of which ${written} were written now`,
      );

      await system.watching((watch) => watch.successor(system.podName(0), [former], 120));
      const before = writer.acknowledged.length;
      await writer.goesOn(30);
      await until('the reader sees rows again', 30, () => Promise.resolve(isCount(reader.answers.at(-1) ?? '')));
      // The old server may have answered more, and what it answered may arrive late: it never counted fewer than
      // before. Whoever serves after it has all that a replica had.
      const counted = reader.answers.slice(0, begin).filter(isCount).map(Number);
      checkAnswers(
        reader.answers.slice(begin, gone),
        Math.min(Math.max(...counted), least),
        database.isUnavailable.bind(database),
      );
      checkAnswers(reader.answers.slice(gone), least, database.isUnavailable.bind(database));
      const now = await database.writtenIds(0);
      check(
        [...survived].every((id) => now.has(id)),
        'the primary lacks rows that a replica had',
      );
      const lost = await writer.missing(0, before);
      log(`of ${before} writes acknowledged up to then ${lost.length} are lost`);
      check(
        lost.length === 0 || system.driver.waitsForReplica !== true,
        `${lost.length} writes are lost that a replica had acknowledged`,
      );
    });
  } finally {
    await reader.stop();
  }
  check((await database.identity(0)) === identity, 'the primary is another database');
  await system.ready(3);
  await context.following(3);
  await context.allEqual(3);
}

function isCount(answer: string): boolean {
  return /^\d+$/.test(answer);
}

/** What a reader of this ordinal counts: not all that the writer wrote, as it writes in many ways. */
async function countedAt({ client, database }: Context, ordinal: number): Promise<number> {
  const reader = new Reader(client, database, ordinal);
  try {
    return await until(`a reader of ordinal ${ordinal} counts`, 20, () =>
      Promise.resolve(reader.answers.filter(isCount).map(Number).at(0)),
    );
  } finally {
    await reader.stop();
  }
}

async function mostAdvanced({ database }: Context): Promise<Set<number>> {
  const [one, other] = await Promise.all([database.writtenIds(1), database.writtenIds(2)]);
  return one.size > other.size ? one : other;
}

function checkAnswers(answers: string[], least: number, isUnavailable: (error: string) => boolean): void {
  for (const answer of answers) {
    if (isCount(answer)) {
      check(Number(answer) >= least, `the primary served ${answer} rows while a replica had ${least}`);
    } else {
      check(isUnavailable(answer), `the primary served something else: ${answer}`);
    }
  }
}
