import { constructionOf } from '../backed-up';
import { check, elapse, until } from '../poll';
import { PostgresDriver } from '../postgres-driver';
import { BackedUp } from '../rows/backup';
import { Ticks, withBackups } from '../rows/backup-faults';
import { Moment } from '../history';
import { Row } from '../rows/row';
import { TwoSets } from './two-sets';

/**
 * Promise 20 across a major version: each time is restored from the backups of the set that took the writes then, also
 * the last one before writes stopped, which the store had not yet.
 */
export const backupsOfBoth: Row = {
  name: 'backups-of-both',
  title: 'backups across a major version',
  slow: 'a major version, and three restores',
  async run(context) {
    return withBackups(context, {}, async ({ engine, set, ask, ticks }) => {
      const { V18 } = PostgresDriver;
      const sets = new TwoSets(context, set.prop);
      const next = new BackedUp(context, constructionOf(V18), { setName: sets.nextName, open: V18.open.bind(V18) });
      const before = await ticks.more(5);
      await ask(engine.endLog);
      await sets.commit({ old: { readOnly: false }, next: { imports: true } });
      await sets.says('ready to import; waiting for postgres-primary to become read-only', 60);
      let unsent: Moment | undefined;
      await set.store.whileAway(async () => {
        unsent = await ticks.more(5);
        await sets.commit({ old: { readOnly: true }, next: { imports: true } });
        await until('writes have stopped', 90, async () =>
          (await context.system.sidecarLog(0).catch(() => '')).includes('read-only: no writes are possible'),
        );
      });
      await sets.says('imported and compared', 150);
      await sets.ready(120);
      await until('the new set has its first backup', 120, async () => (await next.bases()) > 0);
      await elapse(1000); // its end is noted in whole seconds
      const moved = new Ticks((statement) => sets.next.superuser(statement), engine, ticks.last);
      const after = await moved.more(5);
      await sets.next.superuser(engine.endLog);
      await set.sent();
      await set.isAsItWas(ticks, 'before the upgrade', before);
      check(unsent !== undefined, 'nothing was left unsent');
      await set.isAsItWas(ticks, 'just before writes stopped', unsent);
      await next.isAsItWas(moved, 'after the upgrade', after);
      await sets.removeNext();
      context.log('restored before the upgrade, just before writes stopped, and after it');
    });
  },
};
