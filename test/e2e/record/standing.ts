import { Outcome } from '../table';

/** One run of a cell, as it is noted. */
export interface Run extends Outcome {
  readonly at: string;
  /** Of what the cell rested on. */
  readonly basis: string;
  /** The options with which the driver's sets were made; see made.ts. */
  readonly made?: readonly string[];
  /** The file with all that was told, in the record's folder. */
  readonly log: string;
}

/** What failed once may do so again: only so many in a row tell that it does not. */
export const IN_A_ROW = 5;

/** Where a cell stands today. */
export interface Standing {
  /** How many runs in a row it takes yet until it is green. */
  readonly lacks: number;
  /** How many there are. */
  readonly inARow: number;
  /** The last one on today's basis: of those that tested all, if there are any. */
  readonly last?: Run;
}

/**
 * Green is what ran on today's basis and did not fail; what failed on it before, or on an earlier one and was not
 * cleared since, once it ran five times in a row. A run that could not test all counts for nothing.
 *
 * @param runs in the order of time
 * @param isOfToday whether a run was on today's basis
 */
export function standing(runs: readonly Run[], isOfToday: (run: Run) => boolean): Standing {
  const own = runs.filter(isOfToday);
  const begin = own.length === 0 ? runs.length : runs.indexOf(own[0]);
  const inherited = isInDoubt(runs.slice(0, begin));
  const tested = own.filter(({ outcome }) => outcome !== 'not run');
  const inARow = tested.length - 1 - tested.map(({ outcome }) => outcome).lastIndexOf('FAILED');
  const needed = inherited || tested.length > inARow ? IN_A_ROW : 1;
  return { lacks: Math.max(0, needed - inARow), inARow, last: tested.at(-1) ?? own.at(-1) };
}

/** Whether it failed, and did not run five times in a row on one basis since. */
function isInDoubt(runs: readonly Run[]): boolean {
  let inDoubt = false;
  let basis = '';
  let inARow = 0;
  for (const run of runs) {
    if (run.outcome === 'FAILED') {
      inDoubt = true;
      inARow = 0;
    } else if (run.outcome === 'ok') {
      inARow = run.basis === basis ? inARow + 1 : 1;
      basis = run.basis;
      inDoubt &&= inARow < IN_A_ROW;
    }
  }
  return inDoubt;
}
