import { Construct } from 'constructs';
import { ReplicatedStatefulSet } from '../../core/replicated-stateful-set';
import { RedisEngine } from './redis-engine';
import { RedisProps } from './redis-props';

/**
 * Redis: a primary, and replicas that read.
 *
 * @example
 * const sessions = new Redis(chart, 'sessions', {
 *   version: RedisVersion.V8,
 *   replicas: 3,
 *   storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(10) }),
 *   credentials: Credentials.fromSecret('sessions-credentials'),
 * });
 */
export class Redis extends ReplicatedStatefulSet {
  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws what `ReplicatedStatefulSet` does; if a parameter is one that the library must own, with what to do instead
   * of it; if `maxmemory` does not fit the memory or the volume, or the volume is smaller than 64 mebibytes; if the
   * user's name is not plain, or the library's own
   */
  constructor(scope: Construct, id: string, props: RedisProps) {
    const engine = new RedisEngine(props);
    super(scope, id, { ...props, engine });
    this.user = engine.user;
  }
}
