import { Size } from 'cdk8s';
import { elapse, check } from '../poll';
import { Row } from './row';

/** Too small for the data, so that each copy fails when the volume is full. */
const SMALL = Size.mebibytes(64);
const MORE = Size.mebibytes(96);
/** So long the copies are counted, in milliseconds. */
const COUNTED = 75_000;
/** As many as there are in that time if the pause doubles from half a second on; and some. */
const MOST = 12;

/** A copy that fails again and again waits longer each time, and says why; when the reason is gone, it succeeds. */
export const failingCopy: Row = {
  name: 'failing-copy',
  title: 'copy that fails again',
  async run(context) {
    const { system, cluster, database, log, storageClassName } = context;
    await database.grow(MORE.toKibibytes() * 1024);
    await context.following(3);
    await context.apply(2);
    await system.ready(2);
    await system.deleteClaim(2);
    await cluster.kubectl('wait', 'pvc', system.claimName(2), '--for=delete', '--timeout=60s');
    await cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: system.claimName(2) },
        spec: {
          storageClassName,
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: SMALL.asString() } },
        },
      }),
    );
    const before = await system.copies();
    await context.apply(3);
    await elapse(COUNTED);
    const copies = [...(await system.copiesSince(before)).values()].reduce((sum, count) => sum + count, 0);
    const said = await system.prepareLog(2);
    log(
      `${copies} copies were begun in ${COUNTED / 1000} s that could not succeed; the log of ordinal 2 ends with: ${said.trim().split('\n').slice(-2).join(' | ')}`,
    );
    check(copies > 1, 'no copy failed and was begun again: nothing was tested');
    check(copies <= MOST, `a copy that fails was begun ${copies} times in ${COUNTED / 1000} s, not ${MOST} at most`);
    check(
      /no space|short write|full/i.test(said),
      `the log of ordinal 2 does not say that its volume is full:\n${said.split('\n').slice(-15).join('\n')}`,
    );

    await system.deleteClaim(2);
    await system.kill(2);
    await system.ready(3);
    await context.following(3);
    await database.shrink();
    await context.allEqual(3);
    return undefined;
  },
};
