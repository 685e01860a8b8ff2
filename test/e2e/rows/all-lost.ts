import { BackupEncryption } from '../../../lib';
import { check } from '../poll';
import { Row } from './row';
import { withHistory } from './with-history';

const PASSPHRASE = 'passphrase';

/**
 * Promise 21: all volumes are lost. Ordinal 0 stops, and with `restoreFrom` the same definition has its data back, from
 * what only the passphrase opens.
 */
export const allLost: Row = {
  name: 'all-lost',
  title: 'all volumes lost',
  slow: 'the whole set is made three times',
  async run(context) {
    const { cluster, database, system } = context;
    await cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: PASSPHRASE },
        stringData: { passphrase: 'twenty characters and some' },
      }),
    );
    const encryption = BackupEncryption.fromSecret(PASSPHRASE);
    return withHistory(context, { encryption }, async (set, history) => {
      await history.more(10);
      await history.endLog();
      const sum = await history.checksumOf?.(database);
      const isWhole = async (): Promise<void> => {
        const there = await history.countIn(database);
        check(there === history.last, `${history.last} were there, and ${there} are restored`);
        const other = await history.checksumOf?.(database);
        check(other === sum, `the set had ${sum}, and restored are ${other}`);
      };
      await set.sent();
      await system.deleteAll();
      await set.applySet();
      context.log(await set.stops());
      await set.applySet('latest');
      await cluster.kubectl('delete', 'pod', system.podName(0), '--wait=false');
      await system.ready(3, 170);
      await isWhole();
      await context.following(3);
      await history.more(5);
      await set.hasBackups(2);
      // And again: the same definition, and what was written since.
      await history.endLog();
      await set.sent();
      await system.deleteAll();
      await set.applySet('latest');
      await system.ready(3, 170);
      await isWhole();
      context.log(`restored twice, the second time what was restored and written since: ${history.last}`);
    });
  },
};
