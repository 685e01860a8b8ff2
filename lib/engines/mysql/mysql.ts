import { Construct } from 'constructs';
import { checkDatabaseProps } from '../../core/private/set-props';
import { ReplicatedStatefulSet } from '../../core/replicated-stateful-set';
import { MySqlProps } from './mysql-props';
import { mySqlEngine } from './private/mysql-engine';
import { MySqlVersion } from './mysql-version';

/**
 * MySQL: a primary, and replicas that read.
 *
 * @example
 * const orders = new MySql(chart, 'orders', {
 *   version: MySqlVersion.V9_7,
 *   replicas: 3,
 *   storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
 *   credentials: Credentials.fromSecret('orders-credentials'),
 * });
 */
export class MySql extends ReplicatedStatefulSet {
  /** Name of the application's database. */
  public readonly database: string;

  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws what `ReplicatedStatefulSet` does; if a parameter is one that the library must own, with what to do in place of it; if the
   * database or user name is not plain, or the library's own
   */
  constructor(scope: Construct, id: string, props: MySqlProps) {
    checkDatabaseProps(props, MySqlVersion, 'MySqlVersion.V9_7');
    const database = props.database ?? 'app';
    const user = props.user ?? 'app';
    super(scope, id, { ...props, engine: mySqlEngine({ ...props, database, user }) });
    this.database = database;
    this.user = user;
  }
}
