import { writeFileSync } from 'node:fs';
import { Cell, lanesOf, PIPELINE } from './cell';
import { atInterruption, handleSignals } from './interruption';
import { Options, readOptions } from './options';
import { Notebook } from './record/notebook';
import { Result, Scheme, Suite } from './suite';
import { count, list, reasonsOf, Shown, table } from './table';

/**
 * `npm run e2e`: the promises on the cluster that KUBECONFIG names, for every engine, and what the pipelines that apply
 * the YAML do with it. See CONTRIBUTING.md for the variables, and options.ts for the arguments.
 */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const lanes = lanesOf(options);
  const cells = lanes.flatMap((lane) => lane.cells);
  const notebook =
    options.record === undefined ? undefined : await Notebook.open(options.record, cells, options.storageClassName);
  if (options.fresh) {
    notebook?.forget();
  }
  handleSignals();
  atInterruption(() => options.nodes.bringAllBack());
  const suite = new Suite(options, schemeOf(options, cells, notebook));
  await suite.run(lanes);

  const shown =
    options.full && notebook !== undefined ? cells.map((cell) => notebook.show(cell)) : shownOf(suite.results);
  const [pipeline, engines] = [
    shown.filter(({ cell }) => cell.engine === PIPELINE),
    shown.filter(({ cell }) => cell.engine !== PIPELINE),
  ];
  const reasons = [...reasonsOf(shown), ...suite.troubles];
  const { passed, notRun, missing, ...counts } = count(shown);
  const failed = counts.failed + suite.troubles.length;
  if (options.summaryFile !== undefined) {
    writeFileSync(options.summaryFile, `${JSON.stringify({ passed, failed, notRun, reasons })}\n`);
  }
  process.exitCode = failed + missing > 0 ? 1 : 0;
  const parts = [engines.length > 0 ? table(engines) : [], pipeline.length > 0 ? list(pipeline) : [], reasons].flat();
  process.stdout.write(
    `\n${parts.join('\n')}\n${passed} ok, ${failed} FAILED, ${notRun} not run${missing > 0 ? `, ${missing} missing` : ''}\n`,
  );
}

/** In full, with a record, what it lacks; else all. */
function schemeOf({ full, repeat }: Options, cells: readonly Cell[], notebook: Notebook | undefined): Scheme {
  const times = new Map(
    cells.map((cell) => [cell, repeat ?? (full && notebook !== undefined ? notebook.lacks(cell) : 1)]),
  );
  if (full && notebook !== undefined) {
    console.log(
      `${cells.length} cells, of which ${cells.filter((cell) => notebook.lacks(cell) === 0).length} are green by the record`,
    );
  }
  return {
    times: (cell) => times.get(cell) ?? 0,
    seconds: (cell) => notebook?.seconds(cell),
    note: (cell, outcome, told, made) => notebook?.note(cell, outcome, told, made),
  };
}

/** The last run of each cell, and how many there were. */
function shownOf(results: readonly Result[]): Shown[] {
  return [...new Set(results.map(({ cell }) => cell))].map((cell) => {
    const runs = results.filter((result) => result.cell === cell);
    const {
      outcome: { outcome, seconds, why },
    } = runs[runs.length - 1];
    return { cell, state: outcome, seconds, why, ...(runs.length > 1 && { word: `${outcome} ${runs.length}x` }) };
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
