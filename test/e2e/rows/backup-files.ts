import { Numbers } from '../backed-up-files';
import { Context } from '../context';
import { Database } from '../driver';
import { check, elapse, until } from '../poll';
import { runJob } from '../store';
import type { BackedUp } from './backup';
import { Moment } from '../history';

const MOMENTS = 8;
const CHOSEN = [2, 4, 7];
/** Ten thousand files, by a job that asks for little CPU: some 16 s of one. */
const SECONDS = 400;

/**
 * A backup that is taken under a writer has all that replicas had before it was asked for; the log has the rest; a
 * proof finds every file as its list says, and a flipped byte.
 */
export async function backupOfFiles(context: Context, set: BackedUp): Promise<undefined> {
  const { database, log } = context;
  await set.start();
  await first(set);
  const all = await context.whileWriting(async (writer) => {
    const there = await Promise.all([1, 2].map((ordinal) => database.writtenIds(ordinal)));
    const before = writer.acknowledged.filter((id) => there.every((ids) => ids.has(id)));
    check(before.length > 0, 'replicas had nothing of the writer before the backup');
    const said = await runJob(context.cluster, set.backupJob, SECONDS);
    const [complete, name] = /backup (\d{8}T\d{6}Z) is complete: .*/.exec(said) ?? [];
    check(complete !== undefined, `the job says no name of a backup:\n${said}`);
    log(complete);
    const how = await set.restore(name, async (restored) => {
      await hasAll(restored, before);
      return restoredLine(context);
    });
    log(`restored ${name}: all ${before.length} writes that replicas had before it; ${how}`);
    return writer.acknowledged;
  });
  await new Numbers(context).published();
  await set.sent();
  const sum = await database.checksum(0);
  await set.restore('latest', async (restored) => {
    await hasAll(restored, all);
    const other = await restored.checksum(0);
    check(other === sum, `the set has ${sum}, and restored are ${other}`);
  });
  log(`restored the latest: all ${all.length} writes that were ever acknowledged, and the same ${sum}`);
  const proof = await set.proof();
  for (const words of [/PROVEN: .*/, /restored \d+ files, .*/, /all \d+ files, .*/])
    log(words.exec(proof)?.[0] ?? 'the proof does not say what it found');
  const chunk = `${await set.newest()}/000000`;
  await set.store.damage(chunk);
  const damaged = await set.proof().then(
    () => 'the proof found nothing',
    (error: unknown) => (error as Error).message,
  );
  check(damaged.includes(`DAMAGED: ${chunk}`), `a flipped byte of ${chunk} is not named by the proof: ${damaged}`);
  await set.end();
  return undefined;
}

/** The one that the container `ship` takes is there: two at a time take longer than the two. */
async function first(set: BackedUp): Promise<void> {
  await until('there is a backup', SECONDS, async () => (await set.bases()) >= 1);
}

async function restoredLine({ cluster }: Context): Promise<string> {
  const said = await cluster.logs('restored-0', 'prepare');
  return /restored \d+ files, .*/.exec(said)?.[0] ?? 'prepare does not say what it restored';
}

async function hasAll(database: Database, acknowledged: readonly number[]): Promise<void> {
  const there = await database.writtenIds(0);
  const lost = acknowledged.filter((id) => !there.has(id));
  check(
    lost.length === 0,
    `${lost.length} of ${acknowledged.length} writes were not restored: ${lost.slice(0, 5).join()}`,
  );
}

/** Exactly what was published up to a time, and errors that name what can be reached. */
export async function pointInTimeOfFiles(context: Context, set: BackedUp): Promise<undefined> {
  const { database, log } = context;
  const numbers = new Numbers(context);
  const early = new Date(Date.now() - 3600_000).toISOString();
  await set.start();
  await first(set);
  await elapse(1000); // a time in the second in which it ended is not later
  const moments: Moment[] = [];
  for (let n = 0; n < MOMENTS; n++) moments.push(await numbers.more(3));
  await numbers.published();
  await set.sent();
  const sum = await database.checksum(0);
  for (const { instant, count } of CHOSEN.map((n) => moments[n - 1])) {
    const there = await set.restore(instant, async (restored) => {
      const other = await restored.checksum(0);
      check(other === sum, `the set has ${sum}, and restored are ${other}`);
      return numbers.countIn(restored);
    });
    check(there === count, `at ${instant} there were ${count} numbers, and ${there} are restored`);
    log(`restored until ${instant}: exactly the ${count} numbers of then`);
  }
  log(await set.refused(new Date(Date.now() + 3600_000).toISOString(), 'CANNOT REACH'));
  log(await set.refused(early, 'STOPPED'));
  await set.end();
  return undefined;
}
