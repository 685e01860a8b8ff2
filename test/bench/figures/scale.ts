import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { timed } from '../child';
import { Figure } from '../figure';
import { check } from '../../e2e/poll';

const REPOSITORY = resolve(__dirname, '../../..');
const MANY = 1000;
const FEW = 100;

/** How an app is laid out: a chart, and with it a file, for each database; or one for all. */
const LAYOUTS = { charts: 'a chart each', chart: 'all in one chart' };

/**
 * What an app with a thousand databases costs, beside the same objects written as plain ApiObjects. cdk8s looks at the
 * whole app for each of its charts, so that theirs grows too.
 */
export const scale: Figure = {
  name: 'scale',
  lines: Object.entries(LAYOUTS).flatMap(([layout, title]) => [
    {
      what: `${MANY} databases, ${title}, beside plain ApiObjects`,
      unit: 'ms each',
      ours: `${layout}.ours`,
      beside: `${layout}.plain`,
      aim: { of: 'ratio' as const, atMost: 1.5 },
    },
    {
      what: `each of ${MANY} in terms of each of ${FEW}, beside the same of plain ApiObjects`,
      unit: 'times',
      ours: `${layout}.growth`,
      beside: `${layout}.plain-growth`,
      aim: { of: 'ratio' as const, atMost: 1.2 },
    },
  ]),

  open(bench) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-scale-'));
    bench.atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
    const each = async (kind: 'ours' | 'plain', layout: string, count: number): Promise<number> => {
      const out = join(folder, `${kind}-${layout}-${count}`);
      const program = [
        join(__dirname, '../scale-app.ts'),
        kind,
        layout,
        String(count),
        out,
        join(folder, 'objects.json'),
      ];
      const { out: printed } = await timed(join(REPOSITORY, 'node_modules/.bin/ts-node'), program, REPOSITORY);
      const milliseconds = Number(printed) / count;
      bench.log(`${kind}, ${count}, ${layout}: ${milliseconds.toFixed(2)} ms each`);
      return milliseconds;
    };
    return Promise.resolve(async () => {
      const samples: { [series: string]: number[] } = {};
      for (const layout of Object.keys(LAYOUTS)) {
        const [oursFew, ours] = [await each('ours', layout, FEW), await each('ours', layout, MANY)];
        const [plainFew, plain] = [await each('plain', layout, FEW), await each('plain', layout, MANY)];
        samples[`${layout}.ours`] = [ours];
        samples[`${layout}.plain`] = [plain];
        samples[`${layout}.growth`] = [ours / oursFew];
        samples[`${layout}.plain-growth`] = [plain / plainFew];
        sameFiles(join(folder, `ours-${layout}-${MANY}`), join(folder, `plain-${layout}-${MANY}`));
      }
      return samples;
    });
  },
};

/** Else the two were not the same work. */
function sameFiles(one: string, other: string): void {
  for (const name of readdirSync(one)) {
    check(
      readFileSync(join(one, name)).equals(readFileSync(join(other, name))),
      `the plain ApiObjects give another ${name} than the library`,
    );
  }
}
