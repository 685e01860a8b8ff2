import { Row } from './rows/row';

export interface Outcome {
  readonly outcome: 'ok' | 'FAILED' | 'not run';
  readonly seconds: number;
  /** Why not, where it is not ok. */
  readonly why?: string;
}

export interface Result extends Outcome {
  readonly driver: string;
  readonly row: Row;
}

export interface PipelineResult extends Outcome {
  readonly title: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

export function count(results: Outcome[]): Counts {
  const of = (outcome: Outcome['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  return { passed: of('ok'), failed: of('FAILED'), notRun: of('not run') };
}

/** Why, for each that is not ok. */
export function reasonsOf<T extends Outcome>(results: T[], nameOf: (result: T) => string): string[] {
  return results.filter((result) => result.why !== undefined).map((result) => `${nameOf(result)}: ${result.outcome}: ${result.why?.split('\n')[0]}`);
}

/** The table of promises: a line a row, a column an engine and version. */
export function table(results: Result[]): string[] {
  const drivers = [...new Set(results.map((result) => result.driver))];
  const rows = [...new Set(results.map((result) => result.row))].sort((one, other) => (one.number ?? Infinity) - (other.number ?? Infinity));
  const wide = Math.max(...rows.map((row) => row.title.length), 'promise'.length);
  const line = (number: string, title: string, cells: string[]): string =>
    `${number.padStart(2)}  ${title.padEnd(wide)}${cells.map((cell) => `  ${cell.padEnd(18)}`).join('')}`.trimEnd();
  const cell = (row: Row, driver: string): string => {
    const result = results.find((candidate) => candidate.row === row && candidate.driver === driver);
    return result === undefined ? '' : show(result);
  };
  const total = drivers.map((driver) => {
    const seconds = results.filter((result) => result.driver === driver).reduce((sum, result) => sum + result.seconds, 0);
    return `        ${seconds.toFixed(1).padStart(6)} s`;
  });
  return [
    line(' #', 'promise', drivers),
    ...rows.map((row) => line(String(row.number ?? ''), row.title, drivers.map((driver) => cell(row, driver)))),
    line('', 'all', total),
  ];
}

/** What pipelines do with the YAML: a line each. */
export function list(results: PipelineResult[]): string[] {
  return results.map((result) => `${show(result)}  ${result.title}`);
}

function show({ outcome, seconds }: Outcome): string {
  return `${outcome.padEnd(8)}${seconds.toFixed(1).padStart(6)} s`;
}
