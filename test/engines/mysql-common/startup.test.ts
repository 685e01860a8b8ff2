import { App, Chart, Duration } from 'cdk8s';
import {
  Credentials,
  MariaDb,
  MariaDbVersion,
  MySql,
  MySqlVersion,
  Postgres,
  PostgresVersion,
  Storage,
} from '../../../lib';

// MySQL and MariaDB open their port when crash recovery is done. A probe that ends it has it begin again, for ever.

const common = { replicas: 2, storage: Storage.ephemeral(), credentials: Credentials.fromSecret('secret') };
const SETS = {
  mysql: (chart: Chart, startupTimeout?: Duration) =>
    new MySql(chart, 'orders', { ...common, version: MySqlVersion.V9_7, startupTimeout }),
  mariadb: (chart: Chart, startupTimeout?: Duration) =>
    new MariaDb(chart, 'orders', { ...common, version: MariaDbVersion.V11_8, startupTimeout }),
  postgres: (chart: Chart, startupTimeout?: Duration) =>
    new Postgres(chart, 'orders', { ...common, version: PostgresVersion.V18, startupTimeout }),
};

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: {
          readonly startupProbe: { readonly failureThreshold: number; readonly timeoutSeconds: number };
        }[];
      };
    };
  };
}

/** Seconds that the server may take until it listens. */
function budget(engine: keyof typeof SETS, startupTimeout?: Duration): number {
  const chart = new Chart(new App(), 'test');
  SETS[engine](chart, startupTimeout);
  const set = (chart.toJson() as Manifest[]).find(({ kind }) => kind === 'StatefulSet');
  const probe = set?.spec.template.spec.containers[0].startupProbe;
  return (probe?.failureThreshold ?? 0) * (probe?.timeoutSeconds ?? 0);
}

const DAY = 86_400;

test.each(['mysql', 'mariadb'] as const)(
  '%s may recover for a day before it listens, next to the time that a start takes',
  (engine) => {
    expect(budget(engine)).toBe(DAY + 600);
    expect(budget(engine, Duration.seconds(20))).toBe(DAY + 20);
  },
);

test('PostgreSQL listens meanwhile', () => {
  expect(budget('postgres')).toBe(600);
});
