import { Construct } from 'constructs';
import { ReplicatedStatefulSet } from '../../core/replicated-stateful-set';
import { MariaDbEngine } from './mariadb-engine';
import { MariaDbProps } from './mariadb-props';

/**
 * MariaDB: a primary, and replicas that read.
 *
 * @example
 * const orders = new MariaDb(chart, 'orders', {
 *   version: MariaDbVersion.V11_8,
 *   replicas: 3,
 *   storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
 *   credentials: Credentials.fromSecret('orders-credentials'),
 * });
 */
export class MariaDb extends ReplicatedStatefulSet {
  /** Name of the application's database. */
  public readonly database: string;

  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws what `ReplicatedStatefulSet` does; if a parameter is one that the library must own, with what to do instead
   * of it; if the database or user name is not plain, or the library's own
   */
  constructor(scope: Construct, id: string, props: MariaDbProps) {
    const engine = new MariaDbEngine(props);
    super(scope, id, { ...props, engine });
    this.database = engine.database;
    this.user = engine.user;
  }
}
