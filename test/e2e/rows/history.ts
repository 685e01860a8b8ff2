import { BackupOptions } from '../../../lib';
import { constructionOf } from '../backed-up';
import { constructionOfFiles, Numbers } from '../backed-up-files';
import { Context } from '../context';
import { Database } from '../driver';
import { FilesDriver } from '../files-driver';
import { RedisDriver } from '../redis-driver';
import { BackedUp } from './backup';
import { withBackups } from './backup-faults';
import { Counter } from './backup-faults-redis';
import { hasBackups } from './has-backups';

/** A time, and how many things there were then. */
export interface Moment {
  readonly instant: string;
  readonly count: number;
}

/** What is written so that it is known afterwards which time was restored: rows, say, in the words of any engine. */
export interface History {
  /** How many there are. */
  readonly last: number;
  /** So many more, and a time when all of them were there; then one more, as a time is reached by something later. */
  more(count: number): Promise<Moment>;
  /** Has what was written come to the store before it would by itself, where an engine knows how. */
  endLog(): Promise<void>;
  /** How many a set has. */
  countIn(database: Database): Promise<number>;
}

/** Does the work with a set that has its first backup, of any engine that has some, and takes it away. */
export async function withHistory(
  context: Context,
  options: BackupOptions,
  work: (set: BackedUp, history: History) => Promise<void>,
): Promise<string | undefined> {
  const { driver } = context.system;
  if (driver instanceof RedisDriver) {
    return withSet(new BackedUp(context, constructionOf(driver)), options, Counter.of(context), work);
  }
  if (driver instanceof FilesDriver) {
    return withSet(new BackedUp(context, constructionOfFiles(driver)), options, new Numbers(context), work);
  }
  return withBackups(context, options, ({ set, ticks }) => work(set, ticks));
}

async function withSet(
  set: BackedUp,
  options: BackupOptions,
  history: History,
  work: (set: BackedUp, history: History) => Promise<void>,
): Promise<undefined> {
  await set.start(options);
  await hasBackups(set, 1);
  await work(set, history);
  await set.end();
  return undefined;
}
