import { App, Chart, Yaml } from 'cdk8s';
import fc from 'fast-check';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  MariaDb,
  MariaDbVersion,
  MySql,
  MySqlVersion,
  Postgres,
  Redis,
  RedisVersion,
  ReplicatedFiles,
  Valkey,
  ValkeyVersion,
} from '../../lib';
import { acceptedProps, NamedProps } from '../arbitraries';

// Manifests of every engine with all kinds of props, for test/schemas/check: `samples.ts FOLDER`. The same at every
// run, so that what is found once is found again; properties.test.ts takes others at each run.
const SEED = 42;
const COUNT = 60;
const COUNT_OF_OTHERS = 15;

/** Others than PostgreSQL get what every engine has. */
const OWN = { parameters: undefined, database: undefined, user: undefined, initScripts: undefined };
/** Redis keeps its data several times on the volume. */
const isLarge = ({ storage }: NamedProps): boolean =>
  ((storage.size ?? storage.sizeLimit)?.toMebibytes() ?? Infinity) >= 64;

const ENGINES: { readonly [name: string]: (chart: Chart, props: NamedProps) => void } = {
  postgres: (chart, props) => new Postgres(chart, 'sample', props),
  mariadb: (chart, props) => new MariaDb(chart, 'sample', { ...props, ...OWN, version: MariaDbVersion.V11_8 }),
  mysql: (chart, props) => new MySql(chart, 'sample', { ...props, ...OWN, version: MySqlVersion.V9_7 }),
  redis: (chart, props) => new Redis(chart, 'sample', { ...props, ...OWN, version: RedisVersion.V8 }),
  files: (chart, props) =>
    new ReplicatedFiles(chart, 'sample', {
      ...props,
      replicationPort: props.port,
      container: { image: 'app:1', portNumber: 80 },
    }),
  valkey: (chart, props) => new Valkey(chart, 'sample', { ...props, ...OWN, version: ValkeyVersion.V9 }),
};

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const [engine, make] of Object.entries(ENGINES)) {
  fc.sample(acceptedProps.filter(isLarge), {
    seed: SEED,
    numRuns: engine === 'postgres' ? COUNT : COUNT_OF_OTHERS,
  }).forEach((props, i) => {
    const chart = new Chart(new App(), 'sample');
    make(chart, props);
    writeFileSync(
      join(folder, `${engine}-${String(i).padStart(2, '0')}.yaml`),
      Yaml.stringify(...(chart.toJson() as unknown[])),
    );
  });
}
console.log(`${COUNT} samples of Postgres and ${COUNT_OF_OTHERS} of each other engine, made with seed ${SEED}`);
