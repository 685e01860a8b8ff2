import { elapse, until } from '../poll';
import type { BackedUp } from './backup';

/** That `ship` may take for one: ten thousand files are some 16 s of a CPU, of which it asks for little. */
const SECONDS = 400;

/**
 * And its second is over: a backup's end is noted in whole seconds, and a time in that second is not taken for later.
 */
export async function hasBackups(set: BackedUp, count: number, seconds = SECONDS): Promise<void> {
  await until(`there are ${count} backups`, seconds, async () => (await set.bases()) >= count);
  await elapse(1000);
}
