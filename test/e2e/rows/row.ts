import { Context, Kind } from '../context';

/** One promise of the library, by its number; or what is no promise of a set, but tested like one. */
export interface Row {
  readonly number?: number;
  readonly title: string;
  /** Of the set of three pods, with data, that the row begins with; remote if not told otherwise. */
  readonly storage?: Kind;
  /** Throws if the promise does not hold. Gives what could not be tested here, and why: then the row counts as not run. */
  run(context: Context): Promise<string | undefined>;
}
