import { check, elapse } from '../poll';
import { startJob } from '../store';
import { Fault } from '../store-proxy';
import { LOSS } from './backup';
import { Moment } from '../history';
import { withHistory } from './with-history';
import { Row } from './row';

const EVERY = /./;
/** What stores and what is between do. */
const FAULTS: readonly (Fault & { readonly what: string })[] = [
  { what: 'answers 500', kind: 'status', requests: EVERY, number: 500 },
  { what: 'answers 503', kind: 'status', requests: EVERY, number: 503 },
  { what: 'knows other keys', kind: 'status', requests: EVERY, number: 403 },
  { what: 'has lost its bucket', kind: 'status', requests: EVERY, number: 404 },
  { what: 'cuts all bodies', kind: 'cut', requests: EVERY, number: 100_000 },
  { what: 'is slow', kind: 'slow', requests: EVERY, number: 2_000_000 },
];
/** Twice what the database may lose, and a little for the container that sends to notice. */
const SECONDS = 2 * LOSS.toSeconds() + 5;

/**
 * Promise 19, where the store is there and fails: nothing counts as sent that it does not have, and no backup as
 * complete that is not.
 */
export const failingStore: Row = {
  name: 'failing-store',
  title: 'failing store',
  slow: 'six faults, and a restore for each',
  async run(context) {
    return withHistory(context, {}, async (set, history) => {
      const proxy = await set.store.behindProxy();
      const moments: { readonly what: string; readonly moment: Moment }[] = [];
      const during = async (what: string): Promise<void> => {
        await startJob(context.cluster, set.backupJob);
        const moment = await history.more(5);
        await history.endLog();
        moments.push({ what, moment });
        await elapse(SECONDS * 1000);
        await context.cluster.kubectl('delete', 'jobs', '--all', '--cascade=foreground', '--wait=true');
      };
      for (const fault of FAULTS) {
        await proxy.fail(fault);
        await during(fault.what);
        check((await proxy.seen()).length > 0, `nothing was asked of a store that ${fault.what}`);
        await proxy.fail();
      }
      check((await set.backup()).includes('is complete'), 'a backup in a store that answers again is not complete');
      const said = await set.shipLog();
      check(!/GAP|STORE DIFFERS/.test(said), `log is missing in the store:\n${said}`);
      for (const { what, moment } of moments) {
        await set.isAsItWas(history, `while the store ${what}`, moment);
      }
      const lacking = await set.store.missingChunks();
      check(lacking.length === 0, `there is an index without ${lacking.join()}`);
      context.log(
        `restored exactly in the midst of ${moments.length} faults of the store: ${moments.map(({ what }) => what).join(', ')}`,
      );
    });
  },
};
