import { Cluster } from '../cluster';
import { Driver } from '../driver';
import { Log } from '../journal';
import { Lock } from '../lock';
import { AtEnd } from '../namespace';
import type { Options } from '../options';

/** What a check has: a namespace of its own, which is removed afterwards. */
export interface CheckContext {
  readonly cluster: Cluster;
  readonly atEnd: AtEnd;
  readonly options: Options;
  readonly log: Log;
  /** For a check that is `idle`: held for the whole time else. */
  readonly lock: Lock;
}

/** Something that must hold when a pipeline applies the YAML: of no engine, and so no row of the promises. */
export interface Check {
  /** Part of the namespace's name. */
  readonly name: string;
  readonly title: string;
  /** Of which it starts a set. */
  readonly driver?: Driver;
  /** It waits nearly all of its time, and says by the lock when it does not: so it runs beside the others. */
  readonly idle?: boolean;
  /** Why it may take longer than three minutes. */
  readonly slow?: string;
  /** The exported function that made it, where it is not exported itself. */
  readonly madeBy?: object;
  /** What it looks at, beyond what it imports and its driver is made from. */
  basis?(): Promise<string>;
  /** Throws if it does not hold. Gives why it could not be tested here, if so: then it counts as not run. */
  run(context: CheckContext): Promise<string | undefined>;
}
