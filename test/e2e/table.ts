import type { Cell } from './cell';
import type { Row } from './rows/row';

export interface Outcome {
  readonly outcome: 'ok' | 'FAILED' | 'not run';
  readonly seconds: number;
  /** Why not, where it is not ok. */
  readonly why?: string;
}

/** A cell as the table shows it. */
export interface Shown {
  readonly cell: Cell;
  /** Green may be by the record; `missing` is what has not run, or not often enough: then `word` says how often. */
  readonly state: Outcome['outcome'] | 'missing';
  /** In place of the state. */
  readonly word?: string;
  /** Of the last run. */
  readonly seconds?: number;
  readonly why?: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
  readonly missing: number;
}

/** What takes longer, on a quiet machine, has a reason that is written beside it. */
export const LONGEST_SECONDS = 180;

export function count(shown: readonly Shown[]): Counts {
  const of = (state: Shown['state']): number => shown.filter((one) => one.state === state).length;
  return { passed: of('ok'), failed: of('FAILED'), notRun: of('not run'), missing: of('missing') };
}

/** Why, for each that is not ok; and which take too long. */
export function reasonsOf(shown: readonly Shown[]): string[] {
  const ofStates = shown
    .filter(({ why }) => why !== undefined)
    .map((one) => `${nameOf(one)}: ${wordOf(one)}: ${one.why?.split('\n')[0]}`);
  const tooLong = shown
    .filter(isTooLong)
    .map(
      (one) =>
        `${nameOf(one)}: took ${one.seconds?.toFixed(1)} s, more than ${LONGEST_SECONDS} s, and no reason is given`,
    );
  return [...ofStates, ...tooLong];
}

/** The table of promises: a line a row, a column an engine and version. */
export function table(shown: readonly Shown[]): string[] {
  const engines = [...new Set(shown.map(({ cell }) => cell.engine))];
  const rows = [...new Set(shown.map(({ cell }) => cell.what as Row))].sort(
    (one, other) => (one.number ?? Infinity) - (other.number ?? Infinity),
  );
  const wide = Math.max(...rows.map((row) => row.title.length), 'promise'.length);
  const line = (number: string, title: string, cells: string[]): string =>
    `${number.padStart(2)}  ${title.padEnd(wide)}${cells.map((cell) => `  ${cell.padEnd(18)}`).join('')}`.trimEnd();
  const shownOf = (row: Row, engine: string): string => {
    const one = shown.find(({ cell }) => cell.what === row && cell.engine === engine);
    return one === undefined ? '' : show(one);
  };
  const total = engines.map((engine) => {
    const seconds = shown
      .filter(({ cell }) => cell.engine === engine)
      .reduce((sum, one) => sum + (one.seconds ?? 0), 0);
    return `        ${seconds.toFixed(1).padStart(6)} s`;
  });
  return [
    line(' #', 'promise', engines),
    ...rows.map((row) =>
      line(
        String(row.number ?? ''),
        row.title,
        engines.map((engine) => shownOf(row, engine)),
      ),
    ),
    line('', 'all', total),
  ];
}

/** What pipelines do with the YAML: a line each. */
export function list(shown: readonly Shown[]): string[] {
  return shown.map((one) => `${show(one)}  ${one.cell.what.title}`);
}

function show(one: Shown): string {
  const seconds = one.seconds === undefined ? '        ' : `${one.seconds.toFixed(1).padStart(6)} s`;
  return `${wordOf(one).padEnd(8)}${seconds}${isTooLong(one) ? '!' : ''}`;
}

function wordOf({ state, word }: Shown): string {
  return word ?? state;
}

function nameOf({ cell: { engine, what } }: Shown): string {
  return 'number' in what ? `${engine}, ${what.number} ${what.title}` : `${engine}, ${what.title}`;
}

function isTooLong({ cell: { what }, seconds = 0 }: Shown): boolean {
  return seconds > LONGEST_SECONDS && what.slow === undefined;
}
