import { Context } from '../context';
import { check } from '../poll';
import { addsAPod } from './05-scale-up';
import { diesWithNothing } from './07-no-volume';
import { clone } from './14-interrupted-clone';
import { fallsBehind } from './15-log-gap';
import { loseVolumes } from './faults';
import { Row } from './row';

/** A copy may be begun again when its source is not fit yet. */
const MOST_COPIES = 8;

/** Promises 5, 8, 13, 14 and 15 once more, while nobody writes: some things only a write brings about. */
export const atRest: Row = {
  name: 'at-rest',
  title: 'at rest',
  async run(context) {
    const { system, database, log } = context;
    const state = { identity: await database.identity(0), data: await context.allEqual(3) };
    const isWhatItWas = async (how: string): Promise<void> => {
      await context.following(3);
      check((await database.identity(0)) === state.identity, `${how}: the primary is another database`);
      check((await context.allEqual(3)) === state.data, `${how}: the data is not what it was`);
    };
    const lost = 'volumes of ordinals 0 and 1 lost together';
    const before = await system.copies();
    await loseVolumes(context, lost, [0, 1], [0, 1]);
    const copies = [...(await system.copiesSince(before)).values()].reduce((sum, count) => sum + count, 0);
    log(`${lost}: ${copies} copies`);
    check(copies <= MOST_COPIES, `${lost}: ${copies} copies were made, not ${MOST_COPIES} at most`);
    await isWhatItWas(lost);

    await addsAPod(context);
    await isWhatItWas('scaled up');
    await replicaDies(context);
    await isWhatItWas('replica killed');
    await clone(context, { from: 'start', delay: 500 });
    await isWhatItWas('clone killed');
    await fallsBehind(context);
    await isWhatItWas('log gap');
    return undefined;
  },
};

/** Promise 7, while nobody writes. */
export const atRestWithoutVolume: Row = {
  name: 'at-rest-no-volume',
  title: 'at rest, no volume',
  storage: 'ephemeral',
  async run(context) {
    const { database, system } = context;
    const state = { identity: await database.identity(0), data: await context.allEqual(3) };
    for (const ordinals of [[0], [1], [2], [0, 1]]) {
      await diesWithNothing(context, ordinals);
      check(
        (await database.identity(0)) === state.identity,
        `${ordinals.join(' and ')} killed: the primary is another database`,
      );
      check(
        (await context.allEqual(3)) === state.data,
        `${ordinals.join(' and ')} killed: the data is not what it was`,
      );
    }
    await system.ready(3);
    return undefined;
  },
};

async function replicaDies({ system, log }: Context): Promise<void> {
  const { uid } = (await system.pods())[1].metadata;
  const volume = await system.volume(1);
  const before = await system.copies();
  const start = Date.now();
  await system.kill(1);
  await system.watching((watch) => watch.successor(system.podName(1), [uid], 120));
  log(`replica killed: ready again after ${((Date.now() - start) / 1000).toFixed(1)} s`);
  check((await system.volume(1)) === volume, 'ordinal 1 has another volume');
  check((await system.copiesSince(before)).size === 0, 'ordinal 1 copied again');
}
