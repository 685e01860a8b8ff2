import { Size } from 'cdk8s';
import { BackupOptions } from '../../../lib';
import { BackedUpEngine, backedUp, constructionOf, mebibytes } from '../backed-up';
import { constructionOfFiles } from '../backed-up-files';
import { Context } from '../context';
import { FilesDriver } from '../files-driver';
import { check, until } from '../poll';
import { RedisDriver } from '../redis-driver';
import { Database } from '../driver';
import { BackedUp } from './backup';
import { storeAwayOfFiles, unsentLogOfFiles } from './backup-faults-files';
import { storeAwayOfRedis, unsentLogOfRedis } from './backup-faults-redis';
import { loseVolumes, restart, RESTART_SECONDS } from './faults';
import { History, Moment } from '../history';
import { Row } from './row';

const NONE_YET = 'the engine has no backups yet';

/** Rows that carry their number and time. */
export class Ticks implements History {
  /** @param count how many there are already */
  constructor(
    private readonly ask: (statement: string) => Promise<string>,
    private readonly engine: BackedUpEngine,
    private count = 0,
  ) {}

  public async begin(): Promise<void> {
    await this.ask(this.engine.makeTicks);
  }

  /** So many more, one commit each. */
  public async more(count: number): Promise<Moment> {
    for (let n = 0; n < count; n++) {
      await this.ask(`INSERT INTO e2e_ticks (n) VALUES (${++this.count})`);
    }
    const moment = { instant: (await this.ask(this.engine.now)).trim(), count: this.count };
    // A time is reached when the log has something later.
    await this.ask(`INSERT INTO e2e_ticks (n) VALUES (${++this.count})`);
    return moment;
  }

  public get last(): number {
    return this.count;
  }

  public async endLog(): Promise<void> {
    await this.ask(this.engine.endLog);
  }

  public async countIn(database: Database): Promise<number> {
    return Number((await database.superuser?.('SELECT count(*) FROM e2e_ticks'))?.trim());
  }
}

/**
 * What these rows begin with: a set with its first backup, and an empty table; undefined where the engine has no
 * backups.
 */
interface Parts {
  readonly engine: BackedUpEngine;
  readonly set: BackedUp;
  readonly ask: (statement: string) => Promise<string>;
  readonly ticks: Ticks;
}

/** The same of Redis and Valkey; undefined for another engine. */
async function startedRedis(context: Context, options: BackupOptions = {}): Promise<BackedUp | undefined> {
  const {
    system: { driver },
  } = context;
  if (!(driver instanceof RedisDriver)) return undefined;
  const set = new BackedUp(context, constructionOf(driver));
  await set.start(options);
  return set;
}

/** The same of plain files. */
async function startedFiles(context: Context, options: BackupOptions = {}): Promise<BackedUp | undefined> {
  const {
    system: { driver },
  } = context;
  if (!(driver instanceof FilesDriver)) return undefined;
  const set = new BackedUp(context, constructionOfFiles(driver));
  await set.start(options);
  return set;
}

async function started(context: Context, options: BackupOptions = {}): Promise<Parts | undefined> {
  const {
    system: { driver },
    database,
  } = context;
  const engine = backedUp(driver);
  if (engine === undefined || database.superuser === undefined) return undefined;
  const ask = database.superuser.bind(database);
  const [set, ticks] = [new BackedUp(context, engine), new Ticks(ask, engine)];
  await set.start(options);
  await set.hasBackups(1);
  await ticks.begin();
  return { engine, set, ask, ticks };
}

/** Does the work with these, and takes them away. */
export async function withBackups(
  context: Context,
  options: BackupOptions,
  work: (parts: Parts) => Promise<void>,
): Promise<string | undefined> {
  const parts = await started(context, options);
  if (parts === undefined) return NONE_YET;
  await work(parts);
  await parts.set.end();
  return undefined;
}

/**
 * Promise 19: the database goes on while the store is away, its disk stays bounded, and what the store then lacks is
 * said, and never restored in silence.
 */
export const storeAway: Row = {
  name: 'store-away',
  title: 'store away',
  slow: 'the log of half a volume, and four restores',
  async run(context) {
    const maxUnshipped = Size.mebibytes(64);
    const redis = await startedRedis(context, { maxUnshipped });
    if (redis !== undefined) return storeAwayOfRedis(context, redis, maxUnshipped.toMebibytes() << 20);
    const files = await startedFiles(context, { maxUnshipped });
    if (files !== undefined) return storeAwayOfFiles(context, files, maxUnshipped.toMebibytes() << 20);
    return withBackups(context, { maxUnshipped }, async ({ engine, set, ask, ticks }) => {
      const before = await ticks.more(5);
      await ask(engine.endLog);
      await set.sent();
      let inside: Moment | undefined;
      await set.store.whileAway(async () => {
        await ask(engine.makeBulk);
        for (let n = 0; n < 36; n++) {
          await ask(engine.writeBulk);
          if (n === 3) inside = await ticks.more(5);
        }
        if (engine.waitingParts !== undefined) {
          const [, waiting] = /(\d+)/.exec(await ask(engine.waitingParts)) ?? [];
          check(Number(waiting) <= 5, `${waiting} parts of the log wait for the store, and only 4 may`);
        }
        const size = Math.round(mebibytes(await ask(engine.logMebibytes)));
        context.log(`576 MiB of log written while the store was away; the primary's disk had ${size} MiB of it`);
        check(size < 450, `the primary's disk has ${size} MiB of log`);
        const took = await restart(context, 0, RESTART_SECONDS);
        context.log(`the primary was restarted while the store was away: ready again after ${took} s`);
      });
      await until('the gap is said', 150, async () => (await set.shipLog()).includes('GAP: '));
      await set.hasBackups(2, 150);
      const after = await ticks.more(5);
      await ask(engine.endLog);
      await set.sent();
      await set.isAsItWas(ticks, 'before the gap', before);
      context.log(await set.refused(inside?.instant ?? '', 'CANNOT REACH'));
      await set.isAsItWas(ticks, 'after the gap', after);
    });
  },
};

/**
 * Promise 20: a primary that lost its volume with log that was not sent yet. What its replica has of that is sent, and
 * every time can be restored.
 */
export const unsentLog: Row = {
  name: 'unsent-log',
  title: 'unsent log',
  slow: 'three restores',
  async run(context) {
    const redis = await startedRedis(context);
    if (redis !== undefined) return unsentLogOfRedis(context, redis);
    const files = await startedFiles(context);
    if (files !== undefined) return unsentLogOfFiles(context, files);
    return withBackups(context, {}, async ({ engine, set, ask, ticks }) => {
      const before = await ticks.more(5);
      await ask(engine.endLog);
      await set.sent(); // the store has it: MariaDB knows no times of what it has not
      let unsent: Moment | undefined;
      await set.store.whileAway(async () => {
        unsent = await ticks.more(5);
        // A copy of the replica begins after these, at the checkpoint; and the replica itself has them still, as it
        // keeps some log.
        await ask(engine.checkpoint);
        await ticks.more(1);
        await context.following(3);
        await loseVolumes(context, 'volume of ordinal 0 lost with log that was not sent', [0], [0]);
      });
      await context.following(3);
      const after = await ticks.more(5);
      await ask(engine.endLog);
      await until('what was not sent is in the store', 150, () => engine.hasSentAll(set));
      await set.sent();
      const said = await set.shipLog();
      check(!said.includes('GAP'), `log is missing in the store:\n${said}`);
      await set.isAsItWas(ticks, 'before the store was away', before);
      check(unsent !== undefined, 'nothing was left unsent');
      if (engine.unsentHasTimes) {
        await set.isAsItWas(ticks, 'in what was not sent', unsent);
      } else {
        context.log(await set.refused(unsent.instant, 'CANNOT REACH'));
      }
      await set.isAsItWas(ticks, 'after the loss', after);
      context.log(
        `restored before the loss, ${engine.unsentHasTimes ? 'from what was not sent then, ' : ''}and after it`,
      );
    });
  },
};
