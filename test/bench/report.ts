import { cpus, totalmem } from 'node:os';
import { Aim, Figure, Line, Samples } from './figure';

/** A figure's rounds. */
export interface Measured {
  readonly figure: Figure;
  readonly rounds: Samples[];
}

interface Series {
  readonly median: number;
  readonly values: number[];
}

interface Result {
  readonly figure: string;
  readonly what: string;
  readonly unit: string;
  readonly ours: Series;
  readonly beside?: Series;
  /** Of the medians. */
  readonly ratio?: number;
  readonly aim?: Aim;
  readonly met?: boolean;
}

export function results(measured: Measured[]): Result[] {
  return measured.flatMap(({ figure, rounds }) => figure.lines.map((line) => result(figure.name, line, rounds)));
}

function result(figure: string, line: Line, rounds: Samples[]): Result {
  const { what, unit, aim } = line;
  const series = (name: string): Series => {
    const values = rounds.flatMap((round) => round[name] ?? []);
    return { median: median(values), values };
  };
  const ours = series(line.ours);
  const beside = line.beside === undefined ? undefined : series(line.beside);
  const ratio = beside && ours.median / beside.median;
  const judged = aim?.of === 'ratio' ? ratio : ours.median;
  const met = aim && judged !== undefined && judged <= (aim.atMost ?? Infinity) && judged >= (aim.atLeast ?? -Infinity);
  return { figure, what, unit, ours, beside, ratio, aim, met };
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Everything, for a program to read. */
export function toJson(all: Result[], runs: number): string {
  const machine = { cpu: cpus()[0].model, cpus: cpus().length, memoryGiB: Math.round(totalmem() / 1024 ** 3) };
  return `${JSON.stringify({ date: new Date().toISOString(), machine, runs, results: all }, undefined, 2)}\n`;
}

const COLUMNS = ['figure', 'what', 'ours', 'beside', 'unit', 'ratio', 'aim', 'met'];

export function table(all: Result[]): string {
  const rows = [COLUMNS, ...all.map(cells)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells({ figure, what, ours, beside, unit, ratio, aim, met }: Result): string[] {
  const bound =
    aim === undefined
      ? ''
      : `${aim.atMost === undefined ? `at least ${aim.atLeast}` : `at most ${aim.atMost}`} ${aim.of === 'ratio' ? 'x' : unit}`;
  return [
    figure,
    what,
    digits(ours.median),
    beside === undefined ? '' : digits(beside.median),
    unit,
    ratio === undefined ? '' : `${ratio.toFixed(2)} x`,
    bound,
    met === undefined ? '' : met ? 'yes' : 'NO',
  ];
}

function digits(value: number): string {
  return value.toFixed(value >= 100 ? 0 : 2);
}
