import { readFileSync, writeFileSync } from 'node:fs';
import { ApiObject, ApiObjectProps, App, Chart, Size } from 'cdk8s';
import { Credentials, Postgres, PostgresVersion, Storage } from '../../lib';

/**
 * A program of its own, so that each measuring starts in the same state: one app with so many databases, each in a
 * chart of its own or all in one, by the library, or the same objects as plain ApiObjects. Prints the milliseconds from
 * the first construct to the last file written.
 *
 *   scale-app.ts ours|plain charts|chart COUNT OUTDIR JSON-FILE
 *
 * `ours` writes the objects of one database to the JSON file, `plain` reads them there.
 */
const [kind, charts, count, outdir, file] = process.argv.slice(2);

const ours = (scope: Chart, name: string): void => {
  new Postgres(scope, name, {
    version: PostgresVersion.V17,
    replicas: 3,
    storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(10) }),
    credentials: Credentials.fromSecret(`${name}-credentials`),
  });
};

const NAME = 'database-0';
// Where the name stands; a copy for each database is made before the clock runs.
const objects = kind === 'plain' ? readFileSync(file, 'utf8') : '';
const copies = Array.from(
  { length: kind === 'plain' ? Number(count) : 0 },
  (_, index) => JSON.parse(objects.replaceAll(NAME, `database-${index}`)) as ApiObjectProps[],
);
const plain = (scope: Chart, name: string, index: number): void => {
  copies[index].forEach((object, number) => new ApiObject(scope, `${name}-${number}`, object));
};

const make = kind === 'ours' ? ours : plain;
const begin = process.hrtime.bigint();
const app = new App({ outdir });
const shared = charts === 'chart' ? new Chart(app, 'all') : undefined;
for (let index = 0; index < Number(count); index++) {
  const name = `database-${index}`;
  make(shared ?? new Chart(app, name), name, index);
}
app.synth();
console.log(Number(process.hrtime.bigint() - begin) / 1e6);

if (kind === 'ours') {
  const chart = new Chart(new App(), 'one');
  ours(chart, NAME);
  writeFileSync(file, JSON.stringify(chart.toJson()));
}
