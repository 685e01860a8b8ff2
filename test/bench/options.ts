import { Figure } from './figure';
import { FIGURES } from './figures';

const RUNS = 3;

/** What the command line and the environment ask for. */
export interface Options {
  readonly figures: Figure[];
  readonly runs: number;
  readonly storageClassName: string;
  readonly outputFile: string;
}

/**
 * @param args names of figures, all without any, and `--runs N`
 * @throws if one of them is neither
 */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options {
  const names = [...args];
  const at = names.indexOf('--runs');
  const runs = at < 0 ? RUNS : Number(names.splice(at, 2)[1]);
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Error('--runs must be followed by a whole number of at least 1');
  }
  const unknown = names.filter((name) => !FIGURES.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `not a figure: ${unknown.join(', ')}; there are ${FIGURES.map((figure) => figure.name).join(', ')}`,
    );
  }
  return {
    figures: FIGURES.filter((figure) => names.length === 0 || names.includes(figure.name)),
    runs,
    storageClassName: environment.E2E_STORAGE_CLASS ?? 'remote',
    outputFile: environment.BENCH_OUTPUT ?? 'dist/bench.json',
  };
}
