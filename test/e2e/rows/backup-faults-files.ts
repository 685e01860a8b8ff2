import { Numbers } from '../backed-up-files';
import { Context } from '../context';
import { check, until } from '../poll';
import type { BackedUp } from './backup';
import { loseVolumes, restart, RESTART_SECONDS } from './faults';
import { Moment } from '../history';

const MEBIBYTE = 1 << 20;

/**
 * The application goes on while the store is away, the primary's disk stays bounded, and what the store then lacks is
 * said, and never restored in silence.
 */
export async function storeAwayOfFiles(context: Context, set: BackedUp, maxUnshipped: number): Promise<undefined> {
  const numbers = new Numbers(context);
  await set.hasBackups(1);
  const before = await numbers.more(5);
  await set.sent();
  let inside: Moment | undefined;
  await set.store.whileAway(async () => {
    for (let n = 1; n <= 6; n++) {
      await context.database.grow(48 * MEBIBYTE);
      if (n === 2) inside = await numbers.more(5);
    }
    await until('ship drops what waits', 150, async () =>
      (await set.shipLog()).includes('wait for the store are dropped'),
    );
    const bytes = await unsentBytes(context);
    context.log(
      `288 MiB of files written while the store was away; the primary's disk had ${bytes >> 20} MiB that waited for it`,
    );
    check(bytes < maxUnshipped + 64 * MEBIBYTE, `${bytes >> 20} MiB wait for the store`);
    await context.database.shrink();
    const took = await restart(context, 0, RESTART_SECONDS);
    context.log(`the primary was restarted while the store was away: ready again after ${took} s`);
  });
  await until('the gap is said', 150, async () => (await set.shipLog()).includes('GAP: '));
  await set.hasBackups(2);
  const after = await numbers.more(5);
  await set.sent();
  await set.isAsItWas(numbers, 'before the gap', before);
  context.log(await set.refused(inside?.instant ?? '', 'CANNOT REACH'));
  await set.isAsItWas(numbers, 'after the gap', after);
  await set.end();
  return undefined;
}

async function unsentBytes({ cluster, system }: Context): Promise<number> {
  const folder = '/var/lib/files/current/unsent';
  return Number(
    (await cluster.kubectl('exec', system.podName(0), '-c', system.driver.container, '--', 'du', '-sb', folder)).split(
      '\t',
    )[0],
  );
}

/**
 * A primary that lost its volume with lists that were not sent yet. Its replica has the files, and no list of then: no
 * time between can be restored, which is said; all before and after can, and nothing is lost of the files.
 */
export async function unsentLogOfFiles(context: Context, set: BackedUp): Promise<undefined> {
  const numbers = new Numbers(context);
  await set.hasBackups(1);
  const before = await numbers.more(5);
  await set.sent();
  let unsent: Moment | undefined;
  await set.store.whileAway(async () => {
    unsent = await numbers.more(5);
    await context.following(3);
    for (const ordinal of [1, 2])
      await until(`ordinal ${ordinal} has what the primary has`, 60, () => context.database.hasCaughtUp(ordinal));
    await loseVolumes(context, 'volume of ordinal 0 lost with lists that were not sent', [0], [0]);
  });
  await context.following(3);
  await set.hasBackups(2);
  const said = await set.shipLog();
  check(said.includes('GAP: '), `the gap is not said:\n${said}`);
  const after = await numbers.more(5);
  await set.sent();
  await set.isAsItWas(numbers, 'before the store was away', before);
  context.log(await set.refused(unsent?.instant ?? '', 'CANNOT REACH'));
  await set.isAsItWas(numbers, 'after the loss', after);
  const latest = await set.restore('latest', (restored) => numbers.countIn(restored));
  check(latest === numbers.last, `${numbers.last} numbers were written, and ${latest} are restored`);
  context.log(
    `restored before the loss, after it, and the latest: all ${latest}, with those of while the store was away`,
  );
  await set.end();
  return undefined;
}
