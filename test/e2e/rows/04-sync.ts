import { Context } from '../context';
import { check, until } from '../poll';
import { Row } from './row';

/** So many milliseconds writes stand still, at the least, when the last replica has gone: it may come back. */
const LEAST_GAP = 5_000;

export const sync: Row = {
  number: 4,
  name: 'sync',
  title: 'sync',
  async run(context) {
    const before = await context.allEqual(3);
    await context.database.change();
    const after = await context.allEqual(3);
    check(after !== before, 'the changes through the primary changed nothing');
    await context.whileWriting(async (writer) => {
      await writer.goesOn(30);
      await writer.isOn([0, 1, 2], 30);
      await writer.nothingLost(0);
    });
    if (context.system.driver.waitsForReplica === true) {
      await waitsForReplicaWhileThereIsOne(context);
    }
    await context.allEqual(3);
    return undefined;
  },
};

/**
 * Writes stand still for a moment when the last replica goes, and not for ever; and wait again as soon as one is back.
 */
async function waitsForReplicaWhileThereIsOne(context: Context): Promise<void> {
  const { system, database, log } = context;
  const waits = async (wanted: boolean): Promise<boolean> => (await database.waitsForReplica?.()) === wanted;
  check(await waits(true), 'a write does not wait for a replica, though two are there');
  await context.whileWriting(async (writer) => {
    await system.scaleTo(1);
    await until('writes do not wait for a replica when none is there', 30, () => waits(false));
    await writer.goesOn(30);
    check(
      writer.longestGap > LEAST_GAP,
      `without a replica writes went on after ${writer.longestGap} ms already: they had not waited for one`,
    );
    log(`without a replica writes stood still for ${writer.longestGap} ms, and went on`);
    await context.apply(3);
    await system.ready(3);
    await until('writes wait for a replica again', 10, () => waits(true));
    await writer.goesOn(30);
  });
  await context.following(3);
}
