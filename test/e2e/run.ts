import { writeFileSync } from 'node:fs';
import { Cluster } from './cluster';
import { Context } from './context';
import { diagnosis } from './diagnosis';
import { inNamespace, Log, logOf, startClient } from './namespace';
import { Options, Plan, readOptions } from './options';
import { checksFor } from './pipeline';
import { messageOf } from './poll';
import { System } from './system';
import { count, list, Outcome, PipelineResult, reasonsOf, Result, table } from './table';

/**
 * `npm run e2e`: the promises on the cluster that KUBECONFIG names, for every engine, and then what the pipelines that apply the YAML
 * do with it. See CONTRIBUTING.md for the variables, and options.ts for the arguments.
 */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const results: Result[] = [];
  for (const plan of options.plans) {
    await suite(plan, options, results);
  }
  const pipeline = options.pipeline ? await checks(options) : [];
  const counts = count([...results, ...pipeline]);
  const reasons = [
    ...reasonsOf(results, ({ driver, row }) => `${driver}, ${row.number ?? ''} ${row.title}`), ...reasonsOf(pipeline, ({ title }) => title),
  ];
  if (options.summaryFile !== undefined) {
    writeFileSync(options.summaryFile, `${JSON.stringify({ ...counts, reasons })}\n`);
  }
  process.exitCode = counts.failed > 0 ? 1 : 0;
  const parts = [results.length > 0 ? table(results) : [], pipeline.length > 0 ? list(pipeline) : [], reasons].flat();
  process.stdout.write(`\n${parts.join('\n')}\n${counts.passed} ok, ${counts.failed} FAILED, ${counts.notRun} not run\n`);
}

/** The rows of one engine, in a namespace of its own. */
async function suite({ driver, rows }: Plan, options: Options, results: Result[]): Promise<void> {
  const log = logOf(driver.name);
  await inNamespace(driver.name, options.keep, log, async (cluster, atEnd) => {
    const client = await startClient(cluster, driver, atEnd);
    atEnd(async () => options.nodes.bringAllBack());
    const context = new Context(cluster, new System(cluster, driver), client, driver.open(client), options.storageClassName, options.nodes, log);
    for (const row of rows) {
      const outcome = await judge(row.number === undefined ? row.title : `row ${row.number} ${row.title}`, log, cluster, async () => {
        await context.steady(3, row.storage);
        return row.run(context);
      });
      if (outcome.outcome === 'FAILED') {
        context.discard();
      }
      results.push({ driver: driver.name, row, ...outcome });
    }
  });
}

/** What pipelines do, each in a namespace of its own. */
async function checks(options: Options): Promise<PipelineResult[]> {
  const results: PipelineResult[] = [];
  for (const check of checksFor(options.full)) {
    const log = logOf(check.name);
    await inNamespace(check.name, options.keep, log, async (cluster, atEnd) => {
      results.push({ title: check.title, ...await judge(check.title, log, cluster, () => check.run({ cluster, atEnd, options, log })) });
    });
  }
  return results;
}

/** @param work gives why it could not be done here, if so */
async function judge(title: string, log: Log, cluster: Cluster, work: () => Promise<string | undefined>): Promise<Outcome> {
  const start = Date.now();
  const end = (outcome: Outcome['outcome'], why?: string): Outcome => {
    const seconds = (Date.now() - start) / 1000;
    log(`${title}: ${outcome}, ${seconds.toFixed(1)} s${why === undefined ? '' : `: ${why}`}`);
    return { outcome, seconds, why };
  };
  log(title);
  try {
    const notRun = await work();
    return notRun === undefined ? end('ok') : end('not run', notRun);
  } catch (error) {
    const failed = end('FAILED', messageOf(error));
    console.log(await diagnosis(cluster));
    return failed;
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
