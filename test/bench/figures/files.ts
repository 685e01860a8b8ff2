import { Cluster } from '../../e2e/cluster';
import { FilesDriver } from '../../e2e/files-driver';
import { Stream } from '../../e2e/kubectl';
import { check, until } from '../../e2e/poll';
import { System } from '../../e2e/system';
import { inContainer } from '../bench';
import { Figure } from '../figure';

const REPLICAS = 3;
const TIMES = 5;
const APPLICATION = 'application';
const AIM = { of: 'value' as const, atMost: 2 };

/**
 * What the application does, in its folder; and what can be seen on a replica when it has got there. `$i` is of this
 * time only.
 */
const CHANGES = {
  written: { what: 'a file is written', act: 'echo $i >tree/0/$i', seen: '[[ -s tree/0/$i ]]' },
  changed: {
    what: 'a file is changed',
    act: 'echo $i >tree/1/1.new; mv tree/1/1.new tree/1/1',
    seen: '[[ $(<tree/1/1) == $i ]]',
  },
  deleted: { what: 'a file is deleted', act: 'rm tree/0/$i', seen: '[[ ! -e tree/0/$i ]]' },
  renamed: {
    what: 'a folder of 100 files is renamed',
    act: 'mv tree/5 tree/5-$i',
    seen: '[[ -e tree/5-$i/99 && ! -e tree/5 ]]',
  },
  many: {
    what: '100 files are changed, each',
    act: 'for n in {0..99}; do echo $i >tree/7/$n.new; mv tree/7/$n.new tree/7/$n; done',
    seen: '[[ $(cat tree/7/* | sort -u) == $i ]]',
  },
  gone: { what: 'a folder of 100 files is deleted', act: 'rm -r tree/5-$i', seen: '[[ ! -e tree/5-$i ]]' },
};
type Change = keyof typeof CHANGES;

/**
 * How soon a replica of plain files has what the primary's application did, among 10,000 files. The nodes' clocks must
 * agree.
 */
export const files: Figure = {
  name: 'files',
  lines: Object.entries(CHANGES).map(([name, { what }]) => ({
    what: `10,000 files: ${what}`,
    unit: 's',
    ours: name,
    aim: AIM,
  })),

  async open(bench) {
    const context = await bench.contextOf(FilesDriver.all[0]);
    const { cluster, system } = context;
    await context.steady(REPLICAS);
    return async () => {
      const seconds: { [series in Change]: number[] } = {
        written: [],
        changed: [],
        deleted: [],
        renamed: [],
        many: [],
        gone: [],
      };
      for (let time = 0; time < TIMES; time++) {
        const i = String(Date.now());
        for (const change of Object.keys(CHANGES) as Change[]) {
          seconds[change].push(...(await measure(cluster, system, CHANGES[change], i)));
        }
        await inContainer(
          cluster,
          system.podName(0),
          APPLICATION,
          `cd /data && mkdir tree/5 && for n in {0..99}; do echo ${i} >tree/5/$n; done`,
        );
        await context.allEqual(REPLICAS);
      }
      bench.log(
        Object.entries(seconds)
          .map(([name, values]) => `${name} ${Math.max(...values).toFixed(2)}`)
          .join(', '),
      );
      return seconds;
    };
  },
};

/** Seconds from the end of what the application did until each replica has it. */
async function measure(
  cluster: Cluster,
  system: System,
  { act, seen }: { act: string; seen: string },
  i: string,
): Promise<number[]> {
  const begin = `cd /data && i=${i}`;
  const pods = Array.from({ length: REPLICAS - 1 }, (_, below) => system.podName(below + 1));
  const watches = pods.map((pod) => {
    const lines: string[] = [];
    const stream = new Stream(
      [
        'exec',
        '-i',
        '-n',
        cluster.namespace,
        pod,
        '-c',
        APPLICATION,
        '--',
        'bash',
        '-c',
        `
      ${begin}; exec {bed}<> <(:)
      echo watching
      until ${seen}; do read -rt 0.01 -u "$bed"; done 2>/dev/null
      echo "$EPOCHREALTIME"`,
      ],
      (line) => lines.push(line),
    );
    return { lines, stream };
  });
  try {
    await until('the replicas are watched', 30, () => Promise.resolve(watches.every(({ lines }) => lines.length > 0)));
    const done = Number(
      await inContainer(cluster, system.podName(0), APPLICATION, `${begin}; ${act}; echo "$EPOCHREALTIME"`),
    );
    await until(`each replica has: ${act}`, 60, () => Promise.resolve(watches.every(({ lines }) => lines.length > 1)));
    const seconds = watches.map(({ lines: [, time] }) => Number(time) - done);
    check(
      seconds.every((value) => value > -0.1),
      `a replica had the change ${Math.min(...seconds)} s after it: the nodes' clocks do not agree`,
    );
    return seconds;
  } finally {
    await Promise.all(watches.map(({ stream }) => stream.stop()));
  }
}
