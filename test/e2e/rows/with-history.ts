import { BackupOptions } from '../../../lib';
import { constructionOf } from '../backed-up';
import { constructionOfFiles, Numbers } from '../backed-up-files';
import { Context } from '../context';
import { FilesDriver } from '../files-driver';
import { History } from '../history';
import { RedisDriver } from '../redis-driver';
import { BackedUp } from './backup';
import { withBackups } from './backup-faults';
import { Counter } from './backup-faults-redis';

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
  await set.hasBackups(1);
  await work(set, history);
  await set.end();
  return undefined;
}
