import { Client } from '../../e2e/client';
import { until } from '../../e2e/poll';
import { output } from '../bench';
import { Figure } from '../figure';
import { bareSet, ourSet, SetProps, toYaml } from '../manifests';
import { BenchSet } from '../set';

const REPLICAS = 3;
const KILLS = 2;
const PSQL = '/usr/lib/postgresql/$PG_MAJOR/bin/psql'; // the one on PATH is a Perl wrapper

/** Through the Service of ordinal 0. Dead peers are noticed, as in any application that must go on. */
const conninfo = (set: BenchSet, user: string, database: string): string =>
  `host=${set.primary} user=${user} dbname=${database} connect_timeout=2 keepalives_idle=1 keepalives_interval=1 keepalives_count=3 tcp_user_timeout=4000`;

/**
 * One client with a connection that it keeps, a write each ten milliseconds; prints the time of each write that was
 * acknowledged. It connects again at once: the first look is a bare connection, tried all the time, as one that is lost
 * on its way to a pod that is gone is repeated by the kernel only after a second.
 */
const writerScript = (set: BenchSet, info: string): string => `
  while :; do
    until timeout 0.3 bash -c 'exec 3<>/dev/tcp/${set.primary}/5432' 2>/dev/null; do sleep 0.01; done
    while :; do printf 'INSERT INTO bench_writes DEFAULT VALUES RETURNING 1;\\nSELECT pg_sleep(0.01) \\\\g /dev/null\\n'; done 2>/dev/null |
      ${PSQL} -XAtqw -v ON_ERROR_STOP=1 -d "${info}" 2>/dev/null |
      while IFS= read -r _; do printf '%s\\n' "$EPOCHREALTIME"; done
  done`;

/**
 * How long nobody can write when the primary is killed: from the last write before to the first one after, as one
 * client sees it.
 */
export const kill: Figure = {
  name: 'kill',
  lines: [
    {
      what: 'primary killed: last write before to first after',
      unit: 's',
      ours: 'ours',
      beside: 'bare',
      aim: { of: 'ratio', atMost: 1.15 },
    },
  ],

  async open(bench) {
    const cluster = await bench.cluster();
    const props = (name: string, replicas: number): SetProps => ({
      name,
      replicas,
      gibibytes: 1,
      storageClassName: bench.storageClassName,
    });
    const ours = new BenchSet(cluster, 'ours');
    await ours.apply(toYaml(ourSet(props('ours', REPLICAS))), REPLICAS);
    const { nodeName } = (await cluster.pod(ours.pod(0))).spec;
    // The bare pod comes back to the node that has its volume; ours does too, as its replicas are on the others.
    const bare = new BenchSet(cluster, 'bare');
    await bare.apply(toYaml(bareSet({ ...props('bare', 1), node: nodeName })), 1);
    const client = await bench.client(nodeName);

    const measure = async (set: BenchSet, info: string): Promise<number> => {
      const seconds = await outage(client, writerScript(set, info), () => cluster.kill(set.pod(0)));
      const { nodeName: now } = (await cluster.pod(set.pod(0))).spec;
      bench.log(`${set.name}: ${seconds.toFixed(2)} s${now === nodeName ? '' : `, moved from ${nodeName} to ${now}`}`);
      // The next kill finds everybody at rest.
      await cluster.kubectl('rollout', 'status', 'statefulset', set.name, '--timeout=120s');
      return seconds;
    };
    const bareInfo = conninfo(bare, 'postgres', 'postgres');
    const ourInfo = conninfo(ours, 'app', 'app');
    for (const info of [bareInfo, ourInfo]) {
      await output(
        client,
        `${PSQL} -XAtqw -d "${info}" -c 'CREATE TABLE bench_writes (at timestamptz NOT NULL DEFAULT clock_timestamp())'`,
      );
    }
    return async () => {
      const seconds = { bare: [] as number[], ours: [] as number[] };
      for (let i = 0; i < KILLS; i++) {
        seconds.bare.push(await measure(bare, bareInfo));
        seconds.ours.push(await measure(ours, ourInfo));
      }
      return seconds;
    };
  },
};

/** The longest time between two acknowledged writes while the fault is done and overcome. */
async function outage(client: Client, script: string, fault: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  const writer = client.stream(script, (line) => times.push(Number(line)));
  const goesOn = async (): Promise<void> => {
    const before = times.length;
    await until('writes are acknowledged', 120, () => Promise.resolve(times.length > before + 100));
  };
  try {
    await goesOn();
    const before = times.length;
    await fault();
    // A write that was on its way when the fault was asked for is no sign of recovery: the pause is.
    await until('the writer was interrupted and goes on', 120, () =>
      Promise.resolve(longestPause(times.slice(before)) > 0.5),
    );
    await goesOn();
    return longestPause(times.slice(before - 1));
  } finally {
    await writer.stop();
  }
}

function longestPause(times: number[]): number {
  return times.reduce((longest, time, index) => Math.max(longest, index === 0 ? 0 : time - times[index - 1]), 0);
}
