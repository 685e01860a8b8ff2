import { check, elapse } from '../poll';
import { Row } from '../rows/row';
import { TwoSets } from './two-sets';

const KILLS = 6;

/**
 * Killed at moments that are spread over the import, it is made anew; and the old set, when it is writable again, goes
 * on as before.
 */
export const interruptedImport: Row = {
  name: 'interrupted-import',
  title: 'interrupted import',
  async run(context) {
    const { cluster, log, database } = context;
    const sets = new TwoSets(context);
    const before = await database.checksum(0);
    await sets.commit({ old: { readOnly: true }, next: { imports: true } });
    await sets.says('is read-only: importing', 90);
    const begun = Date.now();
    await sets.ready(120);
    const lasts = Date.now() - begun;
    log(`without a kill the new set is ready ${lasts} ms after the import began`);
    let repeated = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      await sets.removeNext();
      await sets.commit({ old: { readOnly: true }, next: { imports: true } });
      await sets.says('is read-only: importing', 90);
      await elapse((lasts * kill) / KILLS);
      await cluster.kill(`${sets.nextName}-0`);
      await sets.ready(120);
      check((await sets.next.checksum(0)) === before, 'the new set has other data than the old one');
      const again = (await sets.log()).includes('imported and compared');
      log(
        `killed ${Math.round((lasts * kill) / KILLS)} ms after it began: equal, ${again ? 'imported anew' : 'it was complete'}`,
      );
      repeated += again ? 1 : 0;
    }
    check(repeated > 0, 'no kill came while data was imported');
    await sets.removeNext();

    await context.apply(3);
    await context.system.rolledOut();
    await context.whileWriting(async (writer) => {
      await writer.goesOn(30);
      await writer.nothingLost(0);
    });
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};
