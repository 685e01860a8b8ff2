import { check, until } from '../poll';
import { Reader } from '../writer';
import { Row } from './row';

export const noVolume: Row = {
  number: 7,
  name: 'no-volume',
  title: 'no volume',
  storage: 'ephemeral',
  async run(context) {
    const { system, database, client, log } = context;
    check((await context.cluster.claims()).length === 0, 'an ephemeral set has claims');
    const identity = await database.identity(0);

    const reader = new Reader(client, database, 0);
    try {
      await context.whileWriting(async (writer) => {
        const former = (await system.pods())[0].metadata.uid;
        const atTheKill = await mostAdvanced(database.writtenIds.bind(database));
        const begin = reader.answers.length;
        await system.kill(0);
        await until('ordinal 0 does not answer', 30, () => Promise.resolve(reader.answers.slice(begin).some((answer) => !isCount(answer))));
        const survived = await mostAdvanced(database.writtenIds.bind(database));
        const gone = reader.answers.slice(begin).findIndex((answer) => !isCount(answer)) + begin;
        log(`killed the primary; replicas have ${survived.size} rows of the writer, at the kill ${atTheKill.size}`);

        await system.watching((watch) => watch.successor(system.podName(0), [former], 120));
        await writer.goesOn(30);
        await until('the reader sees rows again', 30, () => Promise.resolve(isCount(reader.answers.at(-1) ?? '')));
        // The old server may have answered once more, and had no less than any replica at the kill. Whoever serves after it has all.
        checkAnswers(reader.answers.slice(begin, gone), atTheKill.size, database.isUnavailable.bind(database));
        checkAnswers(reader.answers.slice(gone), survived.size, database.isUnavailable.bind(database));
        const now = await database.writtenIds(0);
        check([...survived].every((id) => now.has(id)), 'the primary lacks rows that a replica had');
      });
    } finally {
      await reader.stop();
    }
    check(await database.identity(0) === identity, 'the primary is another database');
    await system.ready(3);
    await context.following(3);
    await context.allEqual(3);

    // And a replica, which loses all it has with its pod.
    await context.whileWriting(async () => {
      const pods = await system.pods();
      await system.kill(1);
      await system.watching((watch) => watch.successor(system.podName(1), [pods[1].metadata.uid], 120));
    });
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};

function isCount(answer: string): boolean {
  return /^\d+$/.test(answer);
}

async function mostAdvanced(idsOf: (ordinal: number) => Promise<Set<number>>): Promise<Set<number>> {
  const [one, other] = await Promise.all([idsOf(1), idsOf(2)]);
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
