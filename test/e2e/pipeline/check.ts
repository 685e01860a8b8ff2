import { Cluster } from '../cluster';
import { AtEnd, Log } from '../namespace';
import { Options } from '../options';

/** What a check has: a namespace of its own, which is removed afterwards. */
export interface CheckContext {
  readonly cluster: Cluster;
  readonly atEnd: AtEnd;
  readonly options: Options;
  readonly log: Log;
}

/** Something that must hold when a pipeline applies the YAML: of no engine, and so no row of the promises. */
export interface Check {
  /** Part of the namespace's name. */
  readonly name: string;
  readonly title: string;
  /** Throws if it does not hold. Gives why it could not be tested here, if so: then it counts as not run. */
  run(context: CheckContext): Promise<string | undefined>;
}
