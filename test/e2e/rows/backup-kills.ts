import { Context } from '../context';
import { isReady } from '../objects';
import { check, until } from '../poll';
import { killJob, startJob } from '../store';
import { StoreProxy } from '../store-proxy';
import { Moment } from '../history';
import { withHistory } from './with-history';
import { Row } from './row';

/** Before a request reaches the store, and when the store has done what it asks for. */
const WHEN = ['hold', 'keep'] as const;
/** Of a restore; more are of the same kind. */
const MOST = 24;
const OF_LOG = 10;

/**
 * Promise 14 for base backups: killed at each request that one makes, there is no index without a backup that restores,
 * and the next is complete.
 */
export const killedBackup: Row = {
  name: 'killed-backup',
  title: 'killed backup',
  slow: 'two kills at each request of a backup',
  async run(context) {
    return withHistory(context, {}, async (set, history) => {
      const proxy = await set.store.behindProxy();
      const requests = /(\/|%2F)base(\/|%2F)/;
      await proxy.fail({ kind: 'count', requests, number: 0 });
      await set.backup();
      const points = (await proxy.seen()).length;
      check(points >= 6, `a backup makes only ${points} requests`);
      const before = await set.names();
      /**
       * When jobs were begun, as backups are named, and how many rows there were then. A job that is killed may have
       * its end before it knows.
       */
      const begun: { readonly stamp: string; readonly count: number }[] = [];
      for (let n = 1; n <= points; n++) {
        for (const kind of WHEN) {
          await history.more(1);
          await proxy.fail({ kind, requests, number: n });
          begun.push({ stamp: `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`, count: history.last });
          const job = await startJob(context.cluster, set.backupJob);
          await held(proxy);
          await killJob(context.cluster, job);
          await proxy.untilGone();
          await proxy.fail();
        }
      }
      const [, last] = /backup (\d{8}T\d{6}Z) is complete/.exec(await set.backup()) ?? [];
      check(last !== undefined, 'the next backup does not say that it is complete');
      const names = (await set.names()).filter((name) => !before.includes(name));
      check(names.length > 1, 'none was complete, although the last requests come after the index');
      for (const name of names) {
        const least = name === last ? history.last : (begun.filter(({ stamp }) => stamp <= name).at(-1)?.count ?? 0);
        const there = await set.restore(name, (database) => history.countIn(database));
        check(there >= least, `backup ${name} began with ${least}, and ${there} are restored`);
      }
      context.log(
        `a backup killed at each of its ${points} requests, before and after: the ${names.length - 1} that were complete restore, as does the next`,
      );
    });
  },
};

/**
 * Promise 14 for the log: the primary's pod killed at each request that sends it. No part is missing in the store, and
 * none is taken for sent.
 */
export const killedShip: Row = {
  name: 'killed-ship',
  title: 'killed while log is sent',
  slow: 'twenty kills of the primary',
  async run(context) {
    return withHistory(context, {}, async (set, history) => {
      const { system } = context;
      const proxy = await set.store.behindProxy();
      const moments: Moment[] = [];
      for (let n = 1; n <= OF_LOG; n++) {
        for (const kind of WHEN) {
          moments.push(await history.more(3));
          await proxy.fail({ kind, requests: /(\/|%2F)log\b/, number: n });
          // One part takes fewer requests than so many.
          await until(`request ${n} is held`, 60, async () => {
            await history.more(1);
            await history.endLog();
            return proxy.held();
          });
          const former = (await context.cluster.pod(system.podName(0))).metadata.uid;
          await system.watching(async (watch) => {
            await system.kill(0);
            await proxy.untilGone();
            await proxy.fail();
            await watch.successor(system.podName(0), [former], 60, isReady);
          });
        }
      }
      await set.backup();
      const said = await set.shipLog();
      check(!/GAP|STORE DIFFERS/.test(said), `log is missing in the store:\n${said}`);
      for (const n of [0, 9, 19]) {
        await set.isAsItWas(history, `after ${n} kills`, moments[n]);
      }
      context.log(
        `the primary's pod killed ${moments.length} times while it sent log; three times in between are restored exactly`,
      );
    });
  },
};

/** Promise 14 for restores: killed at each request that one makes, it begins again, and is whole in the end. */
export const killedRestore: Row = {
  name: 'killed-restore',
  title: 'killed restore',
  slow: 'a kill at each request of a restore',
  async run(context) {
    return withHistory(context, {}, async (set, history) => {
      await history.more(40);
      await set.backup();
      await history.more(40);
      await history.endLog();
      const moment = await history.more(1);
      await set.backup();
      const proxy = await set.store.behindProxy();
      const requests = /^(GET|HEAD)./;
      await proxy.fail({ kind: 'count', requests, number: 0 });
      await set.isAsItWas(history, 'undisturbed', moment);
      const points = Math.min((await proxy.seen()).length, MOST);
      const there = await set.restore(
        moment.instant,
        (database) => history.countIn(database),
        async (pod) => {
          for (let n = 1; n <= points; n++) {
            await proxy.fail({ kind: 'hold', requests, number: n });
            await held(proxy);
            await context.cluster.kill(pod);
            await proxy.untilGone();
            await proxy.fail();
          }
        },
      );
      check(there === moment.count, `at ${moment.instant} there were ${moment.count}, and ${there} are restored`);
      context.log(`a restore killed at its first ${points} requests: all ${there} are there in the end`);
    });
  },
};

/**
 * Promise 22 on a real store: what is older than the window goes, and only what may. Killed at each deletion, or where
 * none is allowed, what stays is sound.
 */
export const retention: Row = {
  name: 'retention',
  title: 'retention',
  slow: 'a kill at each deletion',
  async run(context) {
    return withHistory(context, {}, async (set, history) => {
      await history.more(5);
      const base = await set.newest();
      const [kept, ...old] = [
        await set.store.age(base, 20),
        await set.store.age(base, 30),
        await set.store.age(base, 40),
      ];
      const proxy = await set.store.behindProxy();
      const requests = /^(DELETE.|POST.*delete)/;
      const stays = async (why: string): Promise<void> => {
        const names = await set.names();
        check(
          [kept, ...old].every((name) => names.includes(name)),
          `a backup was deleted ${why}`,
        );
      };
      await set.backup();
      await stays('before any was proven');
      await set.proof();
      await proxy.fail({ kind: 'status', requests, number: 403 });
      check(
        (await set.backup()).includes('could not be deleted, and stays'),
        'that the store lets nothing be deleted is not said',
      );
      await stays('in a store that lets nothing be deleted');
      let points = 0;
      for (;;) {
        await proxy.fail({ kind: 'hold', requests, number: points + 1 });
        const job = await startJob(context.cluster, set.backupJob);
        if (!(await heldBeforeEnd(proxy, context, job))) break;
        await killJob(context.cluster, job);
        await proxy.untilGone();
        points++;
        const lacking = await set.store.missingChunks();
        check(lacking.length === 0, `killed at deletion ${points}, there is an index without ${lacking.join()}`);
      }
      check(points >= 3, `only ${points} deletions`);
      const names = await set.names();
      check(names.includes(kept), 'what the first day of the window needs is gone');
      check(
        old.every((name) => !names.includes(name)),
        `what is older than the window is there still: ${names.join()}`,
      );
      await proxy.fail();
      check(
        (await set.restore('latest', (database) => history.countIn(database))) === history.last,
        'what stays does not restore',
      );
      context.log(
        `${old.length} backups older than the window went, in ${points} deletions, at each of which the job was killed once`,
      );
    });
  },
};

async function held(proxy: StoreProxy): Promise<void> {
  await until('the request is made', 60, () => proxy.held());
}

/** False if the job came to its end before. */
async function heldBeforeEnd(proxy: StoreProxy, { cluster }: Context, job: string): Promise<boolean> {
  return (
    (await until('the job makes the request, or ends', 120, async () => {
      if ((await proxy.held()) !== undefined) return 'held';
      const state = await cluster.kubectl(
        'get',
        'job',
        job,
        '-o',
        'jsonpath={.status.conditions[?(@.status=="True")].type}',
      );
      check(!state.includes('Failed'), `the job ${job} failed`);
      return state.includes('Complete') ? 'complete' : undefined;
    })) === 'held'
  );
}
