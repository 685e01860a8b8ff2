import { Bench } from './bench';

/** What is held against a median: the ratio to what was measured beside it, or the value itself. */
export interface Aim {
  readonly of: 'ratio' | 'value';
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** A line of the table: a series of values, and the series that was measured beside it in the same run. */
export interface Line {
  readonly what: string;
  readonly unit: string;
  readonly ours: string;
  readonly beside?: string;
  /** Some lines are there to explain others, and have none. */
  readonly aim?: Aim;
}

/** What one round measured: values by the name of their series. */
export interface Samples {
  readonly [series: string]: number[];
}

/** Something that is measured. One figure a file. */
export interface Figure {
  /** As it is chosen on the command line. */
  readonly name: string;
  readonly lines: Line[];
  /**
   * Makes what all rounds share, and gives the measuring of one round: ours and what is beside it, one after the other.
   */
  open(bench: Bench): Promise<(round: number) => Promise<Samples>>;
}
