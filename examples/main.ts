import { join } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { StatefulApp } from '../lib';
import { AppExample } from './app';
import { FilesExample } from './files';
import { LedgerExample } from './ledger';
import { MariaDbExample } from './mariadb';
import { MySqlExample } from './mysql';
import { PostgresExample } from './postgres';
import { PostgresBackupExample } from './postgres-backup';
import { PostgresEphemeralExample } from './postgres-ephemeral';
import { PostgresUpgradeExample } from './postgres-upgrade';
import { RedisExample } from './redis';
import { ValkeyExample } from './valkey';

// All examples in one app, which is what `npm run synth` runs, with a lock. Each is also an app of its own, without
// one: `npm run example postgres`.
const app = new StatefulApp({ lockFile: join(__dirname, 'stateful.lock.json') });
const charts = [
  new PostgresExample(app, 'postgres'),
  new PostgresBackupExample(app, 'postgres-backup'),
  new PostgresEphemeralExample(app, 'postgres-ephemeral'),
  new PostgresUpgradeExample(app, 'postgres-upgrade'),
  new AppExample(app, 'app'),
  new FilesExample(app, 'files'),
  new MariaDbExample(app, 'mariadb'),
  new MySqlExample(app, 'mysql'),
  new RedisExample(app, 'redis'),
  new ValkeyExample(app, 'valkey'),
  new LedgerExample(app, 'ledger'),
];

/** For example `1 StatefulSet, 3 Services`. */
function summary(chart: Chart): string {
  const counts = new Map<string, number>();
  for (const object of chart.node.findAll()) {
    if (object instanceof ApiObject) counts.set(object.kind, (counts.get(object.kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${count > 1 ? plural(kind) : kind}`).join(', ');
}

function plural(kind: string): string {
  return kind.replace(/y$/, 'ie').replace(/s$/, 'se') + 's';
}

// On standard error, since the cdk8s command keeps an app's standard output to itself.
console.error(`${charts.length} charts`);
app.synth();
for (const chart of charts) console.error(`  ${chart.node.id}: ${summary(chart)}`);
