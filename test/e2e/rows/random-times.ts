import { constructionOf } from '../backed-up';
import { check } from '../poll';
import { RedisDriver } from '../redis-driver';
import { BackedUp } from './backup';
import { withBackups } from './backup-faults';
import { pointInTimeOfRedis } from './backup-redis';
import { Moment } from '../history';
import { Row } from './row';

const TIMES = 20;
const TICKS = 120;

/** Promise 18 at twenty times that nobody chose, with a backup and ends of the log's parts in between. */
export const randomTimes: Row = {
  name: 'random-times',
  title: 'random times',
  slow: 'twenty restores',
  async run(context) {
    const { driver } = context.system;
    if (driver instanceof RedisDriver) {
      const set = new BackedUp(context, constructionOf(driver));
      // The last second's commands are followed by none.
      return pointInTimeOfRedis(context, set, { count: TICKS, ofWhich: some(TIMES, TICKS - 20) });
    }
    return withBackups(context, {}, async ({ engine, set, ask, ticks }) => {
      /** From when on, and how many rows there are then. */
      const spans: Moment[] = [];
      for (let n = 1; n <= TICKS; n++) {
        spans.push(await ticks.more(1));
        if (n % 30 === 0) await ask(engine.endLog);
        if (n === TICKS / 2) await set.backup();
      }
      await ask(engine.endLog);
      const inserted = (await ask(engine.listTicks))
        .trim()
        .split('\n')
        .map((row) => Date.parse(row.split(' ')[1]));
      await set.sent();
      // Between a row's commit and the next row.
      const times = spans.flatMap(({ instant, count }) => {
        const [from, to] = [Date.parse(instant) + 1 + engine.exactTo, inserted[count] - 1];
        return from < to ? [{ instant: new Date(from + Math.random() * (to - from)).toISOString(), count }] : [];
      });
      check(times.length >= TIMES, `there is time between only ${times.length} rows`);
      for (const n of some(TIMES, times.length)) {
        await set.isAsItWas(ticks, 'at a random time', times[n]);
        context.log(`restored until ${times[n].instant}: exactly the ${times[n].count} rows of then`);
      }
    });
  },
};

/** So many different numbers below a bound, in order. */
function some(count: number, bound: number): number[] {
  const all = Array.from({ length: bound }, (_, n) => ({ n, at: Math.random() }));
  return all
    .sort((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ n }) => n)
    .sort((a, b) => a - b);
}
