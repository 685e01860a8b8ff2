import { Size } from 'cdk8s';
import { Context } from '../../e2e/context';
import { MariaDbDriver } from '../../e2e/mariadb-driver';
import { until } from '../../e2e/poll';
import { spentBy } from '../container';
import { Figure } from '../figure';
import { readyAt, removeClaim } from '../set';

const MEBIBYTE = 1024 * 1024;
const REPLICAS = 3;
const VOLUME = Size.gibibytes(4);
/** 837 MB in all, with what the engine has of its own; in parts, each of which the replicas get before the next. */
const PARTS = 20;
const PART_BYTES = 34 * MEBIBYTE;
const KILLS = 3;
const IDLE_SECONDS = 20;

/**
 * MariaDb, held against what mariadb-operator took on a cluster of three such nodes: 11 s, 47 to 50 s for 837 MB, 49
 * MiB in each pod.
 */
export const mariadb: Figure = {
  name: 'mariadb',
  lines: [
    {
      what: 'primary killed: last write before to first after',
      unit: 's',
      ours: 'kill',
      aim: { of: 'value', atMost: 11 },
    },
    {
      what: 'a fourth replica, 837 MB: from kubectl scale to ready',
      unit: 's',
      ours: 'join',
      aim: { of: 'value', atMost: 47 },
    },
    {
      what: 'memory of all our processes in an idle pod',
      unit: 'MiB',
      ours: 'memory',
      aim: { of: 'value', atMost: 49 },
    },
  ],

  async open(bench) {
    const context = await bench.contextOf(MariaDbDriver.all[0]);
    const { cluster, system } = context;
    await system.apply({ replicas: REPLICAS, storageClassName: bench.storageClassName, volumeSize: VOLUME });
    await system.ready(REPLICAS);
    await load(context);
    return async () => ({
      kill: await killed(context),
      join: [await joined(context)],
      memory: [(await spentBy(cluster, system.podName(1), 'sync', IDLE_SECONDS)).mebibytes],
    });
  },
};

async function load({ database }: Context): Promise<void> {
  await database.load();
  for (let part = 0; part < PARTS; part++) {
    await database.grow(PART_BYTES);
    await until(
      'the replicas have what was added',
      120,
      async () => (await database.hasCaughtUp(1)) && database.hasCaughtUp(2),
    );
  }
}

/** In seconds, as one client that connects anew at once sees it. */
async function killed(context: Context): Promise<number[]> {
  const { system, log } = context;
  const seconds: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await context.whileWriting(async (writer) => {
      const { uid } = (await system.pods())[0].metadata;
      await system.watching(async (watch) => {
        await system.kill(0);
        await watch.successor(system.podName(0), [uid], 120);
      });
      await writer.goesOn(60);
      await writer.nothingLost(0);
      seconds.push(writer.longestGap / 1000);
    });
    log(`primary killed: no write for ${seconds.at(-1)?.toFixed(1)} s`);
    // The next kill finds everybody at rest.
    await system.ready(REPLICAS);
    await context.following(REPLICAS);
  }
  return seconds;
}

/** In seconds. The replica is removed again, with its volume. */
async function joined(context: Context): Promise<number> {
  const { system, cluster, log } = context;
  const seconds = await system.watching(async (watch) => {
    const begin = Date.now();
    await cluster.kubectl('scale', 'statefulset', system.driver.setName, `--replicas=${REPLICAS + 1}`);
    const pods = await system.readyIn(watch, REPLICAS + 1, []);
    return (readyAt(watch, pods[REPLICAS]) - begin) / 1000;
  });
  log(`a fourth replica: ready after ${seconds.toFixed(1)} s`);
  await context.allEqual(REPLICAS + 1);
  await system.scaleTo(REPLICAS);
  await removeClaim(cluster, system.claimName(REPLICAS));
  return seconds;
}
