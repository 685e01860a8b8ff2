import { App, Chart, Yaml } from 'cdk8s';
import fc from 'fast-check';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Postgres } from '../../lib';
import { acceptedProps } from '../arbitraries';

// Manifests of Postgres with all kinds of props, for test/schemas/check: `samples.ts FOLDER`. The same at every run, so that what
// is found once is found again; properties.test.ts takes others at each run.
const SEED = 42;
const COUNT = 60;

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
fc.sample(acceptedProps, { seed: SEED, numRuns: COUNT }).forEach((props, i) => {
  const chart = new Chart(new App(), 'sample');
  new Postgres(chart, 'sample', props);
  writeFileSync(join(folder, `sample-${String(i).padStart(2, '0')}.yaml`), Yaml.stringify(...chart.toJson() as unknown[]));
});
console.log(`${COUNT} samples of Postgres, made with seed ${SEED}`);
