import { Client } from '../e2e/client';
import { Bench, output } from './bench';
import { BenchSet } from './set';

const SCALE = 20;
const SECONDS = 20;
const BIN = '/usr/lib/postgresql/$PG_MAJOR/bin';

/** What pgbench works on. */
export async function load(client: Client, set: BenchSet, bench: Bench): Promise<void> {
  await output(client, `${BIN}/pgbench -i -q -s ${SCALE} "host=${set.primary} user=app dbname=app"`);
  const ask = (sql: string): Promise<string> =>
    output(client, `${BIN}/psql -XAtc "${sql}" "host=${set.primary} user=postgres dbname=postgres"`);
  const streaming = await ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'");
  const settings = await ask(
    "SELECT string_agg(name || setting, ' ' ORDER BY name) FROM pg_settings WHERE source = 'configuration file'",
  );
  bench.log(`${set.name}: loaded, ${streaming} replicas stream, settings ${settings.length} characters`);
}

/** How many a second. From a clean start: the log is flushed and the disk has what it must have. */
export async function transactions(client: Client, set: BenchSet): Promise<number> {
  await output(client, `${BIN}/psql -Xqc CHECKPOINT "host=${set.primary} user=postgres dbname=postgres"`);
  const report = await output(
    client,
    `${BIN}/pgbench -c 8 -j 2 -T ${SECONDS} "host=${set.primary} user=app dbname=app"`,
  );
  const rate = Number(/^tps = ([\d.]+)/m.exec(report)?.[1]);
  if (!(rate > 0)) {
    throw new Error(`pgbench tells no rate:\n${report}`);
  }
  return rate;
}
