import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { diagnosis } from '../e2e/diagnosis';
import { messageOf } from '../e2e/poll';
import { Bench } from './bench';
import { endAll } from './child';
import { Figure, Samples } from './figure';
import { readOptions } from './options';
import { Measured, results, table, toJson } from './report';

/**
 * `npm run bench`: the figures, on the cluster that KUBECONFIG names, each beside what it is compared to. It judges
 * nothing: a figure that misses its aim is no failure, one that cannot be measured is.
 */
async function main(): Promise<void> {
  const { figures, runs, storageClassName, outputFile } = readOptions(process.argv.slice(2), process.env);
  const measured: Measured[] = [];
  for (const figure of figures) {
    const log = (text: string): void =>
      console.log(`${new Date().toISOString().slice(11, 19)} ${figure.name}: ${text}`);
    const bench = new Bench(figure.name, storageClassName, log);
    const onSignal = (signal: NodeJS.Signals): void => {
      log(`${signal}: cleaning up`);
      endAll();
      void bench
        .close()
        .catch((error: unknown) => log(messageOf(error)))
        .finally(() => process.exit(1));
    };
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    const rounds: Samples[] = [];
    try {
      await measure(figure, bench, runs, rounds);
    } catch (error) {
      process.exitCode = 1;
      log(`FAILED: ${messageOf(error)}`);
      if (bench.hasCluster) {
        console.log(await diagnosis(await bench.cluster()));
      }
    } finally {
      await bench.close();
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    }
    if (rounds.length > 0) {
      measured.push({ figure, rounds });
      console.log(`\n${table(results(measured.slice(-1)))}\n`);
    }
  }
  const all = results(measured);
  mkdirSync(dirname(outputFile), { recursive: true });
  writeFileSync(outputFile, toJson(all, runs));
  console.log(`${table(all)}\n\nin full: ${outputFile}`);
}

/** @param rounds gets each round as it ends: what was measured before something failed is not lost */
async function measure(figure: Figure, bench: Bench, runs: number, rounds: Samples[]): Promise<void> {
  const oneRound = await figure.open(bench);
  for (let round = 1; round <= runs; round++) {
    bench.log(`run ${round} of ${runs}`);
    rounds.push(await oneRound(round));
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
