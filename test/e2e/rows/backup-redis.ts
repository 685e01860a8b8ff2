import { Context } from '../context';
import { Database } from '../driver';
import { check, elapse } from '../poll';
import type { BackedUp } from './backup';

const SOME = { count: 40, ofWhich: [3, 17, 24, 36] };
/** A list and a counter, by one script: a transaction of the log. The time is that of the script's beginning. */
const TICK =
  'local t = redis.call("TIME") redis.call("RPUSH", "e2e_ticks", ARGV[1] .. " " .. t[1]) return redis.call("INCR", "e2e_tick_count")';
/** A command's second is noted as it begins, and its answer may come in the next. */
const ANSWER = 2000;

/**
 * A backup that is taken under a writer has all that was acknowledged before it was asked for; the log has the rest;
 * and a flipped byte is found.
 */
export async function backupOfRedis(context: Context, set: BackedUp): Promise<undefined> {
  const { log } = context;
  await set.start();
  const { all, last } = await context.whileWriting(async (writer) => {
    const said = await set.backup();
    const [, asked, name] = /^(\S+) backup: backup (\d{8}T\d{6}Z): copying /m.exec(said) ?? [];
    check(name !== undefined, `the job says no name of a backup:\n${said}`);
    const count = writer.times.filter((time) => time < Date.parse(asked)).length;
    check(count > 0, 'nothing was acknowledged before the backup was asked for');
    log(/backup \S+ is complete: .*/.exec(said)?.[0] ?? 'the job does not say that the backup is complete');
    await set.restore(name, (database) => hasAll(database, writer.acknowledged.slice(0, count)));
    log(`restored ${name}: all ${count} writes acknowledged before it was asked for`);
    return { all: writer.acknowledged, last: (): number => writer.last ?? NaN };
  });
  await set.sent();
  await set.restore('latest', (database) => hasAll(database, all));
  log(`restored the latest: all ${all.length} writes that were ever acknowledged`);
  const proof = await set.proof();
  const [, replayed] = /the log after it, which ends in the second (\S+)/.exec(proof) ?? [];
  check(
    Date.parse(replayed) >= last() - ANSWER,
    `the last write was at ${new Date(last()).toISOString()}, and the proof did not replay the log up to there:\n${proof}`,
  );
  log(`replayed up to ${replayed}; ${/PROVEN: .*/.exec(proof)?.[0] ?? 'the proof says nothing'}`);
  const base = (await set.store.files())
    .filter((file) => /\/log\/[^/]+\/base\/[^/]+\/0000000000000-/.test(file))
    .sort()
    .at(-1);
  check(base !== undefined, 'the store has no base');
  await set.findsDamage(base);
  await set.end();
  return undefined;
}

async function hasAll(database: Database, acknowledged: readonly number[]): Promise<void> {
  const there = await database.writtenIds(0);
  const lost = acknowledged.filter((id) => !there.has(id));
  check(
    lost.length === 0,
    `${lost.length} of ${acknowledged.length} acknowledged writes were not restored: ${lost.slice(0, 5).join()}`,
  );
}

/**
 * Exactly what was run before a second, also where the log was written again in between, and errors that name what can
 * be reached.
 */
export async function pointInTimeOfRedis(
  context: Context,
  set: BackedUp,
  { count, ofWhich }: { readonly count: number; readonly ofWhich: readonly number[] } = SOME,
): Promise<undefined> {
  const { database, log } = context;
  check(database.superuser !== undefined, 'the driver asks nothing as the superuser');
  const ask = database.superuser.bind(database);
  const early = wholeSecond(Date.now() / 1000 - 3600);
  await set.start();
  await set.backup();
  await elapse(1000); // a time in the second in which it ended is not later
  for (let n = 1; n <= count; n++) {
    await ask(`EVAL '${TICK}' 0 ${n}`);
    if (n === count / 2) await ask('BGREWRITEAOF');
    await elapse(200);
  }
  const ticks = (await ask('LRANGE e2e_ticks 0 -1'))
    .trim()
    .split('\n')
    .map((tick) => Number(tick.split(' ')[1]));
  check(ticks.length === count, `${ticks.length} ticks are there`);
  await set.sent();
  for (const k of ofWhich) {
    const second = ticks[k] + 1;
    const expected = ticks.filter((tick) => tick < second).length;
    check(expected < count, `nothing came later than ${wholeSecond(second)}, so the log does not say that it has all`);
    const there = await set.restore(wholeSecond(second), async (restored) => {
      const [count, length] = [
        await restored.superuser?.('GET e2e_tick_count'),
        await restored.superuser?.('LLEN e2e_ticks'),
      ];
      check(count?.trim() === length?.trim(), `a script was cut: it counted ${count} ticks, and listed ${length}`);
      return Number(length);
    });
    check(there === expected, `before ${wholeSecond(second)} there were ${expected} ticks, and ${there} are restored`);
    log(`restored until ${wholeSecond(second)}: exactly the ${expected} ticks of then`);
  }
  log(await set.refused(wholeSecond(Date.now() / 1000 + 3600), 'CANNOT REACH'));
  log(await set.refused(early, 'STOPPED'));
  await set.end();
  return undefined;
}

/** As a point in time that the log of Redis knows. */
export function wholeSecond(seconds: number): string {
  return `${new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19)}Z`;
}
