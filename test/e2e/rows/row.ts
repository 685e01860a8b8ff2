import { Context, Kind } from '../context';

/** One promise of the library; or what is no promise of a set, but tested like one. */
export interface Row {
  /** The promise's, in the README's table; absent for what is tested beside them. */
  readonly number?: number;
  /** On the command line, beside the number: lower case, with hyphens. */
  readonly name: string;
  readonly title: string;
  /** Of the set of three pods, with data, that the row begins with; remote if not told otherwise. */
  readonly storage?: Kind;
  /** Takes a node or the API server away from everybody: no other row runs meanwhile. */
  readonly alone?: boolean;
  /** Why it may take longer than three minutes; the table shows every other that does. */
  readonly slow?: string;
  /**
   * Throws if the promise does not hold. Gives what could not be tested here, and why: then the row counts as not run.
   */
  run(context: Context): Promise<string | undefined>;
}
