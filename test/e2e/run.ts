import { writeFileSync } from 'node:fs';
import { Client } from './client';
import { Cluster } from './cluster';
import { Context } from './context';
import { diagnosis } from './diagnosis';
import { Options, Plan, readOptions } from './options';
import { messageOf } from './poll';
import { Row } from './rows/row';
import { System } from './system';
import { count, Result, table } from './table';

/**
 * `npm run e2e`: the promises on the cluster that KUBECONFIG names, for every engine. See CONTRIBUTING.md for the
 * variables, and options.ts for the arguments.
 */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const results: Result[] = [];
  for (const plan of options.plans) {
    await suite(plan, options, results);
  }
  const counts = count(results);
  if (options.summaryFile !== undefined) {
    writeFileSync(options.summaryFile, `${JSON.stringify(counts)}\n`);
  }
  process.exitCode = counts.failed > 0 ? 1 : 0;
  process.stdout.write(`\n${table(results)}\n`);
}

/** The rows of one engine, in a namespace of its own, which is removed whatever happens. */
async function suite({ driver, rows }: Plan, options: Options, results: Result[]): Promise<void> {
  const cluster = new Cluster(`e2e-${driver.name}-${Date.now().toString(36).slice(-5)}`);
  const log = (text: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${driver.name}: ${text}`);
  const client = new Client(cluster, { image: driver.image, secretName: driver.secretName, environment: driver.clientEnvironment });
  const end = async (): Promise<void> => {
    await client.stop();
    await options.nodes?.bringAllBack();
    if (options.keep) {
      log(`namespace ${cluster.namespace} is kept`);
    } else {
      await cluster.remove();
      log(`namespace ${cluster.namespace} and its volumes are removed`);
    }
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    log(`${signal}: cleaning up`);
    void end().catch((error: unknown) => log(messageOf(error))).finally(() => process.exit(1));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await cluster.create();
    log(`namespace ${cluster.namespace}`);
    await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: driver.secretName }, stringData: driver.secret }));
    await client.start();
    const context = new Context(cluster, new System(cluster, driver), client, driver.open(client), options.storageClassName, options.nodes, log);
    for (const row of rows) {
      results.push(await judge(row, context));
    }
  } finally {
    await end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function judge(row: Row, context: Context): Promise<Result> {
  const { log, system, cluster } = context;
  const start = Date.now();
  const result = (outcome: Result['outcome'], why?: string): Result => {
    const seconds = (Date.now() - start) / 1000;
    log(`row ${row.number} ${row.title}: ${outcome}, ${seconds.toFixed(1)} s${why === undefined ? '' : `: ${why}`}`);
    return { driver: system.driver.name, row, outcome, seconds, why };
  };
  log(`row ${row.number} ${row.title}`);
  try {
    await context.steady(3, row.storage);
    const notRun = await row.run(context);
    return notRun === undefined ? result('ok') : result('not run', notRun);
  } catch (error) {
    context.discard();
    const failed = result('FAILED', messageOf(error));
    console.log(await diagnosis(cluster));
    return failed;
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
