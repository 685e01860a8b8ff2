import { Backup, BackupStore, RestorePoint } from '../../../lib';
import { Cluster } from '../../e2e/cluster';
import { check } from '../../e2e/poll';
import { runJob, Store } from '../../e2e/store';
import { output } from '../bench';
import { Figure } from '../figure';
import { ourSet, toYaml } from '../manifests';
import { PlainStore } from '../plain-store';
import { BenchSet } from '../set';

const SCALE = 55; // 800 MB
const GIBIBYTES = 4;
const SECONDS = 600;
const BIN = '/usr/lib/postgresql/$PG_MAJOR/bin';

/**
 * How fast all data goes into a store and comes back out of it, and what a proof takes, beside tar and rclone alone.
 */
export const backup: Figure = {
  name: 'backup',
  lines: [
    {
      what: 'a base backup of 800 MB: compressed, sent, compared',
      unit: 'MB/s',
      ours: 'base',
      beside: 'put',
      aim: { of: 'ratio', atLeast: 0.9 },
    },
    {
      what: 'restored: fetched, checked, the log replayed',
      unit: 'MB/s',
      ours: 'restore',
      beside: 'get',
      aim: { of: 'ratio', atLeast: 0.9 },
    },
    { what: 'restored, for 10 GB', unit: 'min', ours: 'restore.minutes' },
    { what: 'proven, for 10 GB', unit: 'min', ours: 'proof.minutes' },
  ],

  async open(bench) {
    const cluster = await bench.cluster();
    const client = await bench.client();
    const { storageClassName } = bench;
    await new Store(cluster).start();
    const store = BackupStore.s3(Store.OPTIONS);
    const set = new BenchSet(cluster, 'ours');
    const props = { replicas: 1, gibibytes: GIBIBYTES, storageClassName };
    await set.apply(toYaml(ourSet({ name: 'ours', ...props }, { backup: Backup.to(store) })), 1);
    bench.log('loading 800 MB');
    await output(client, `${BIN}/pgbench -i -q -s ${SCALE} "host=${set.primary} user=app dbname=app"`);
    const { podIP } = (await cluster.pod(set.pod(0))).status; // the plain pod has the password in no variable
    const plain = new PlainStore(cluster, { storageClassName, gibibytes: GIBIBYTES });
    const bytes = await plain.start(
      `PGPASSWORD=bench ${BIN}/pg_basebackup -d "host=${podIP} user=replicator" -D . -X fetch -c fast`,
    );
    bench.log(`${Math.round(bytes / 1e6)} MB of files`);
    const rate = (seconds: number): number => bytes / 1e6 / seconds;
    const minutes = (seconds: number): number => ((1e10 / bytes) * seconds) / 60;

    return async (round) => {
      const put = await plain.put(String(round));
      const base = secondsOf(
        await runJob(cluster, 'ours-backup', SECONDS),
        /: backup \S+: copying/,
        /: all data is sent/,
      );
      bench.log(`sent in ${base} s; tar and rclone: ${put.toFixed(1)} s`);
      const get = await plain.get(String(round));
      const restore = await restored(
        cluster,
        ourSet(
          { name: 'again', ...props },
          { restoreFrom: RestorePoint.latest(store, { name: 'ours', namespaceName: cluster.namespace }) },
        ),
      );
      bench.log(`restored in ${restore} s; tar and rclone: ${get.toFixed(1)} s`);
      const [, proof] = /PROVEN: .*; (\d+) s$/m.exec(await runJob(cluster, 'ours-proof', SECONDS)) ?? [];
      return {
        put: [rate(put)],
        base: [rate(base)],
        get: [rate(get)],
        restore: [rate(restore)],
        'restore.minutes': [minutes(restore)],
        'proof.minutes': [minutes(Number(proof))],
      };
    };
  },
};

async function restored(cluster: Cluster, manifests: object[]): Promise<number> {
  const [set, yaml] = [new BenchSet(cluster, 'again'), toYaml(manifests)];
  try {
    await set.apply(yaml, 1);
    return secondsOf(await cluster.logs(set.pod(0), 'prepare'), /: restoring /, /: restored /);
  } finally {
    await set.remove(yaml, 1);
  }
}

/** Between two lines of a log, by their times, which are whole seconds: of what takes many. */
function secondsOf(log: string, from: RegExp, to: RegExp): number {
  const lines = log.split('\n');
  const [begin, end] = [from, to].map((pattern) =>
    Date.parse(lines.find((line) => pattern.test(line))?.split(' ')[0] ?? ''),
  );
  check(end >= begin, `the log does not say how long it took:\n${log}`);
  return Math.max(1, (end - begin) / 1000);
}
