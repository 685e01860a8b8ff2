import { Database } from './driver';

/** A time, and how many things there were then. */
export interface Moment {
  readonly instant: string;
  readonly count: number;
}

/** What is written so that it is known afterwards which time was restored: rows, say, in the words of any engine. */
export interface History {
  /** How many there are. */
  readonly last: number;
  /** So many more, and a time when all of them were there; then one more, as a time is reached by something later. */
  more(count: number): Promise<Moment>;
  /** Has what was written come to the store before it would by itself, where an engine knows how. */
  endLog(): Promise<void>;
  /** How many a set has. */
  countIn(database: Database): Promise<number>;
  /** What else must be the same in a set that was restored, where the count does not tell it. */
  checksumOf?(database: Database): Promise<string>;
}
