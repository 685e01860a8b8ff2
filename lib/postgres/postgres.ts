import { Construct } from 'constructs';
import { ReplicatedStatefulSet } from '../replicated-stateful-set';
import { PostgresProps } from './postgres-props';
import { postgresEngine } from './private/engine';

/**
 * PostgreSQL: a primary, and streaming replicas that read.
 *
 * @example
 * const orders = new Postgres(chart, 'orders', {
 *   version: PostgresVersion.V18,
 *   replicas: 3,
 *   storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
 *   credentials: Credentials.fromSecret('orders-credentials'),
 * });
 */
export class Postgres extends ReplicatedStatefulSet {
  /** Name of the application's database. */
  public readonly database: string;

  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws what `ReplicatedStatefulSet` does; if a parameter is one that the library must own, with the prop to use in its place;
   * if the database or user name is not plain, or the library's own
   */
  constructor(scope: Construct, id: string, props: PostgresProps) {
    const database = props.database ?? 'app';
    const user = props.user ?? 'app';
    super(scope, id, { ...props, engine: postgresEngine({ ...props, database, user }) });
    this.database = database;
    this.user = user;
  }
}
