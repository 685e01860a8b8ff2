import { check, until } from '../poll';
import { Row } from './row';

const RELEASE_SECONDS = 90;

export const scaleDown: Row = {
  number: 6,
  name: 'scale-down',
  title: 'scale down',
  async run(context) {
    const { system, database, log } = context;
    const volume = await system.volume(2);
    const former = await system.pods();
    check(await database.keepsFor(2), 'the primary keeps nothing for ordinal 2 while it is there');

    await context.apply(2);
    await system.ready(2);
    const left = await system.pods();
    check(
      left.every((pod, ordinal) => pod.metadata.uid === former[ordinal].metadata.uid),
      'the pods that were to stay did not',
    );
    const since = Date.now();
    await until(
      'the primary keeps nothing for ordinal 2, which is gone',
      RELEASE_SECONDS,
      async () => !(await database.keepsFor(2)),
    );
    log(`released ${Math.round((Date.now() - since) / 1000)} s after the pod had gone`);
    check((await system.volume(2)) === volume, 'the volume of ordinal 2 was not kept');
    check(await database.keepsFor(1), 'the primary keeps nothing for ordinal 1, which stays');

    // The volume that was kept is the one that is used again; the log from then on is still there, so nothing is
    // copied.
    const before = await system.copies();
    await context.steady(3);
    check((await system.volume(2)) === volume, 'ordinal 2 came back with another volume');
    const copies = await system.copiesSince(before);
    check(copies.size === 0, `ordinal 2 was copied anew from ${[...copies.keys()].join()}`);
    await context.allEqual(3);
    return undefined;
  },
};
