import { Context } from '../context';
import { check, until } from '../poll';
import { Database } from '../driver';
import type { BackedUp } from './backup';
import { wholeSecond } from './backup-redis';
import { loseVolumes, restart, RESTART_SECONDS } from './faults';
import { History, Moment } from '../history';

const BULK = 'redis.call("SET", "e2e_bulk", string.rep(ARGV[1], 2^20)) return redis.call("STRLEN", "e2e_bulk")';
const MEBIBYTE = 1 << 20;

/** A counter, of which it is known how far it was when. A time is a second, and what was counted before it began. */
export class Counter implements History {
  private count = 0;

  constructor(private readonly ask: (statement: string) => Promise<string>) {}

  public static of({ database }: Context): Counter {
    check(database.superuser !== undefined, 'the driver asks nothing as the superuser');
    return new Counter(database.superuser.bind(database));
  }

  public get last(): number {
    return this.count;
  }

  public async countIn(database: Database): Promise<number> {
    return Number(await database.superuser?.('GET e2e_count'));
  }

  /** It is sent as it is written. */
  public endLog(): Promise<void> {
    return Promise.resolve();
  }

  /** One command each. A second is reached when the log has something of it, or later. */
  public async more(count: number): Promise<Moment> {
    for (let n = 0; n < count; n++) await this.add();
    const begun = await this.second();
    const second = await until('a second is over', 5, async () => {
      const now = await this.second();
      return now > begun && now;
    });
    const moment = { instant: wholeSecond(second), count: this.count };
    await this.add();
    return moment;
  }

  private async add(): Promise<void> {
    this.count++;
    const there = Number(await this.ask('INCR e2e_count'));
    check(there === this.count, `${this.count} were counted, and ${there} are there`);
  }

  private async second(): Promise<number> {
    return Number((await this.ask('TIME')).trim().split('\n')[0]);
  }
}

interface Parts {
  readonly ask: (statement: string) => Promise<string>;
  readonly counter: Counter;
}

function partsOf(context: Context): Parts {
  const { database } = context;
  check(database.superuser !== undefined, 'the driver asks nothing as the superuser');
  return { ask: database.superuser.bind(database), counter: Counter.of(context) };
}

/**
 * The server goes on while the store is away, its disk stays bounded, and what the store then lacks is said, and never
 * restored in silence.
 */
export async function storeAwayOfRedis(context: Context, set: BackedUp, maxUnshipped: number): Promise<undefined> {
  const { ask, counter } = partsOf(context);
  await set.hasBackups(1);
  const before = await counter.more(5);
  await set.sent();
  let inside: Moment | undefined;
  await set.store.whileAway(async () => {
    for (let n = 1; n <= 18; n++) {
      check(Number(await ask(`EVAL '${BULK}' 0 0123456789abcdef`)) === 16 * MEBIBYTE, 'nothing was written');
      if (n === 4) inside = await counter.more(5);
      if (n % 3 > 0) continue;
      // As the server does by itself when the file has doubled; what comes before is then of no more use to it.
      await ask('BGREWRITEAOF');
      await until('the append-only file is written again', 60, async () =>
        /aof_rewrite_in_progress:0\s+aof_rewrite_scheduled:0/.test(await ask('INFO persistence')),
      );
    }
    await ask('DEL e2e_bulk');
    // The container `ship` looks every five seconds, and the sidecar every one; files are deleted behind the server's
    // back.
    const bytes = await until('what waits for the store is bounded', 30, async () => {
      const size = await logBytes(context);
      return size < maxUnshipped + 64 * MEBIBYTE && size;
    });
    context.log(`288 MiB of log written while the store was away; the primary's disk had ${bytes >> 20} MiB of it`);
    const took = await restart(context, 0, RESTART_SECONDS);
    context.log(`the primary was restarted while the store was away: ready again after ${took} s`);
  });
  await set.hasBackups(2, 150);
  const said = await set.shipLog();
  check(said.includes('GAP: '), `the gap is not said:\n${said}`);
  const after = await counter.more(5);
  await set.sent();
  await set.isAsItWas(counter, 'before the gap', before);
  context.log(await set.refused(inside?.instant ?? '', 'CANNOT REACH'));
  await set.isAsItWas(counter, 'after the gap', after);
  await set.end();
  return undefined;
}

async function logBytes({ cluster, system }: Context): Promise<number> {
  return Number(
    (
      await cluster.kubectl(
        'exec',
        system.podName(0),
        '-c',
        system.driver.container,
        '--',
        'du',
        '-sb',
        '/data/current/appendonlydir',
      )
    ).split('\t')[0],
  );
}

/**
 * A primary that lost its volume with log that was not sent yet. Its replica has the data, and no log of it: no time in
 * it can be restored, which is said; all before and after can, and nothing is lost of the data.
 */
export async function unsentLogOfRedis(context: Context, set: BackedUp): Promise<undefined> {
  const { counter } = partsOf(context);
  await set.hasBackups(1);
  const before = await counter.more(5);
  await set.sent();
  let unsent: Moment | undefined;
  await set.store.whileAway(async () => {
    unsent = await counter.more(5);
    await context.following(3);
    for (const ordinal of [1, 2])
      await until(`ordinal ${ordinal} has replayed what the primary has`, 60, () =>
        context.database.hasCaughtUp(ordinal),
      );
    await loseVolumes(context, 'volume of ordinal 0 lost with log that was not sent', [0], [0]);
  });
  await context.following(3);
  await counter.more(1); // and what was counted before is there
  await set.hasBackups(2, 150);
  const said = await set.shipLog();
  check(said.includes('GAP: '), `the gap is not said:\n${said}`);
  const after = await counter.more(5);
  await set.sent();
  await set.isAsItWas(counter, 'before the store was away', before);
  context.log(await set.refused(unsent?.instant ?? '', 'CANNOT REACH'));
  await set.isAsItWas(counter, 'after the loss', after);
  const latest = await set.restore('latest', (database) => counter.countIn(database));
  check(latest === counter.last, `${counter.last} were counted, and ${latest} are restored`);
  context.log(
    `restored before the loss, after it, and the latest: all ${latest}, with those that were counted while the store was away`,
  );
  await set.end();
  return undefined;
}
