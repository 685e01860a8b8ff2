import { Cluster } from '../../e2e/cluster';
import { until } from '../../e2e/poll';
import { output } from '../bench';
import { Figure } from '../figure';
import { ourSet, toYaml } from '../manifests';
import { BenchSet, readyAt } from '../set';
import { TarPair } from '../tar';

const SCALE = 55; // 800 MB
const WRITES = 200; // per second
const GIBIBYTES = 4;
const BIN = '/usr/lib/postgresql/$PG_MAJOR/bin';
const NEW = 2; // ordinal of the replica that joins; it copies from the one below

/** In seconds: what a replica that joined took for each part. */
interface Join {
  readonly copy: number;
  readonly readyAfter: number;
  readonly whole: number;
  readonly node: string;
}

/**
 * How long a replica takes that joins with data in place, beside what tar moves between two such volumes on the same
 * two nodes.
 */
export const join: Figure = {
  name: 'join',
  lines: [
    {
      what: 'a replica joins, 800 MB: the copy, checked and synced',
      unit: 'MB/s',
      ours: 'copy',
      beside: 'tar',
      aim: { of: 'ratio', atLeast: 0.8 },
    },
    { what: 'ready after the end of the copy', unit: 's', ours: 'readyAfter', aim: { of: 'value', atMost: 2 } },
    { what: 'from kubectl scale to ready', unit: 's', ours: 'whole' },
    {
      what: `the copy while ${WRITES} writes a second go on`,
      unit: 'MB/s',
      ours: 'writing.copy',
      beside: 'tar',
      aim: { of: 'ratio', atLeast: 0.8 },
    },
    {
      what: 'then ready after the end of the copy',
      unit: 's',
      ours: 'writing.readyAfter',
      aim: { of: 'value', atMost: 2 },
    },
    { what: 'then from kubectl scale to ready', unit: 's', ours: 'writing.whole' },
  ],

  async open(bench) {
    const cluster = await bench.cluster();
    const client = await bench.client();
    const { storageClassName } = bench;
    const set = new BenchSet(cluster, 'ours');
    await set.apply(toYaml(ourSet({ name: 'ours', replicas: NEW, gibibytes: GIBIBYTES, storageClassName })), NEW);
    bench.log('loading 800 MB');
    const database = `host=${set.primary} user=app dbname=app`;
    await output(client, `${BIN}/pgbench -i -q -s ${SCALE} "${database}"`);
    const source = `${set.pod(NEW - 1)}.${set.name}`;
    const end = await output(client, `${BIN}/psql -XAtc 'SELECT pg_current_wal_flush_lsn()' "${database}"`);
    await until(
      'the source has replayed all',
      120,
      async () =>
        (await output(
          client,
          `${BIN}/psql -XAtc "SELECT pg_last_wal_replay_lsn() >= '${end}'" "host=${source} user=app dbname=app"`,
        )) === 't',
    );

    const tar = new TarPair(cluster, { storageClassName, gibibytes: GIBIBYTES });
    const { nodeName: sourceNode } = (await cluster.pod(set.pod(NEW - 1))).spec;
    const { podIP } = (await cluster.pod(set.pod(NEW - 1))).status; // the tar pods have the password in no variable
    const bytes = await tar.source(
      sourceNode ?? '',
      `PGPASSWORD=bench ${BIN}/pg_basebackup -d "host=${podIP} user=replicator" -D . -X stream -c fast`,
    );
    bench.log(`${Math.round(bytes / 1e6)} MB of files`);
    const rate = (seconds: number): number => bytes / 1e6 / seconds;

    const joined = async (writing: boolean): Promise<Join> => {
      const writer = !writing
        ? undefined
        : client.stream(
            `${BIN}/pgbench -n -c 4 -R ${WRITES} -T 600 "${database}" >/dev/null 2>&1 & wait $!`,
            () => undefined,
          );
      try {
        const times = await measure(cluster, set);
        bench.log(
          `${writing ? `with ${WRITES} writes/s: ` : ''}copied in ${times.copy.toFixed(2)} s, ${rate(times.copy).toFixed(0)} MB/s; ` +
            `ready ${times.readyAfter.toFixed(2)} s after it, ${times.whole.toFixed(1)} s in all`,
        );
        return times;
      } finally {
        await writer?.stop();
        await set.scale(NEW);
        await cluster.kubectl('wait', 'pod', set.pod(NEW), '--for=delete', '--timeout=120s');
        await set.removeClaim(NEW);
      }
    };
    return async () => {
      const quiet = await joined(false);
      const moved = await tar.move(quiet.node);
      bench.log(`tar: ${moved.toFixed(2)} s, ${rate(moved).toFixed(0)} MB/s`);
      const busy = await joined(true);
      return {
        tar: [rate(moved)],
        copy: [rate(quiet.copy)],
        readyAfter: [quiet.readyAfter],
        whole: [quiet.whole],
        'writing.copy': [rate(busy.copy)],
        'writing.readyAfter': [busy.readyAfter],
        'writing.whole': [busy.whole],
      };
    };
  },
};

/** The moments of the copy are those at which the container runtime got the lines of the log. */
async function measure(cluster: Cluster, set: BenchSet): Promise<Join> {
  return set.watching(async (watch) => {
    const begin = Date.now();
    await set.scale(NEW + 1);
    const pod = (await set.ready(watch, NEW + 1))[NEW];
    const log = await cluster.kubectl('logs', set.pod(NEW), '-c', 'prepare', '--timestamps');
    const copying = timeOf(log, 'copying from');
    const copied = timeOf(log, 'copied from');
    const ready = readyAt(watch, pod);
    return {
      copy: (copied - copying) / 1000,
      readyAfter: (ready - copied) / 1000,
      whole: (ready - begin) / 1000,
      node: pod.spec.nodeName ?? '',
    };
  });
}

function timeOf(log: string, text: string): number {
  const line = log.split('\n').find((candidate) => candidate.includes(`prepare: ${text}`));
  if (line === undefined) {
    throw new Error(`the log of prepare does not say '${text}':\n${log}`);
  }
  return Date.parse(line.slice(0, line.indexOf(' ')));
}
