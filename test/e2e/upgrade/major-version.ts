import { Context } from '../context';
import { Database } from '../driver';
import { check, elapse, until } from '../poll';
import { Row } from '../rows/row';
import { Writer } from '../writer';
import { rolledOut } from './rolled-out';
import { TwoSets } from './two-sets';

/**
 * The steps of docs/operations/upgrades.md, each a commit of the user's, with an application that writes; once, the
 * import is killed on its way.
 */
export const majorVersion: Row = {
  name: 'major-version',
  title: 'major version',
  async run(context) {
    const sets = new TwoSets(context);
    await sets.addAllKinds();
    await context.whileWriting(async (writer) => {
      await sets.commit({ old: { readOnly: false }, next: { imports: true } });
      await sets.says('ready to import; waiting for postgres-primary to become read-only', 60);
      await writer.goesOn(10);

      await context.system.watching(async (watch) => {
        const former = (await context.system.pods()).map((pod) => pod.metadata.uid);
        await sets.commit({ old: { readOnly: true }, next: { imports: true } });
        await sets.says('importing database app', 90);
        await context.cluster.kill(`${sets.nextName}-0`);
        await rolledOut(context.system, watch, former);
      });
      const moved = new Writer(context.client, sets.next);
      try {
        await sets.ready(120);
        await complete(context, sets, writer, moved);
        await sets.commit({ next: { imports: false } });
        await Promise.all([
          sets.deleteOld(),
          context.cluster.kubectl('rollout', 'status', 'statefulset', sets.nextName, '--timeout=120s'),
        ]);
        await moved.goesOn(30);
      } finally {
        await moved.stop();
      }
      check(
        (await sets.next.identity(0)) === (await sets.next.identity(1)),
        "the new set's ordinal 1 has another database",
      );
      await until("the new set's ordinal 1 has all that its ordinal 0 has", 30, () => sets.next.hasCaughtUp(1));
      await moved.nothingLost(1);
      await allThere(sets.next, 1, writer.acknowledged);
      await sets.removeNext();
      context.discard();
    });
    return undefined;
  },
};

/** The new set serves: all is there, nobody can write to the old one, whoever reads there can go on. */
async function complete(context: Context, sets: TwoSets, writer: Writer, moved: Writer): Promise<void> {
  const log = await sets.log();
  check(
    log.includes('no ordinal holds data: importing') && log.includes('imported and compared'),
    `the import that was killed was not made anew:\n${log}`,
  );
  const acknowledged = writer.acknowledged.length;
  for (const user of ['app', 'superuser'] as const) {
    const error = await sets.old.write('primary', user);
    check(error !== undefined && sets.old.isReadOnlyError(error), `${user} can write to the old set: ${error}`);
  }
  await writer.nothingLost(0); // reads go on there
  await allThere(sets.next, 0, writer.acknowledged);
  const [before, after] = await Promise.all([sets.allKinds(sets.old), sets.allKinds(sets.next)]);
  check(before === after, `not all kinds of things arrived; there:\n${before}\nhere:\n${after}`);
  await sets.reportsLogsIn();
  await moved.goesOn(30);
  await elapse(1000);
  check(writer.acknowledged.length === acknowledged, 'the old set acknowledged writes after it was read-only');
  const stop = (moved.first ?? NaN) - (writer.last ?? NaN);
  context.log(
    `${acknowledged} writes acknowledged by the old set, all in the new one; with the import killed once, writes stopped for ${(stop / 1000).toFixed(1)} s`,
  );
}

/** What the old set acknowledged is at this ordinal of the new one. */
async function allThere(next: Database, ordinal: number, acknowledged: number[]): Promise<void> {
  const there = await next.writtenIds(ordinal);
  const lost = acknowledged.filter((id) => !there.has(id));
  check(
    lost.length === 0,
    `${lost.length} of ${acknowledged.length} acknowledged writes are not at ordinal ${ordinal} of the new set: ${lost.slice(0, 5).join(', ')}`,
  );
}
