import { Construct } from 'constructs';
import { Credentials } from '../../core/credentials';
import { ReplicatedStatefulSet } from '../../core/replicated-stateful-set';
import { PostgresEngine } from './postgres-engine';
import { PostgresProps } from './postgres-props';
import { PostgresVersion } from './postgres-version';

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

  /** The version, and with it the image. */
  public readonly version: PostgresVersion;

  /** Whether the superuser can connect from other pods. */
  public readonly superuserFromNetwork: boolean;

  /** The passwords, by reference to a Secret. */
  public readonly credentials: Credentials;

  /**
   * @throws what `ReplicatedStatefulSet` does; if a parameter is one that the library must own, with the prop to use in
   * its place; if the database or user name is not plain, or the library's own; if there are fewer replicas than
   * `synchronousReplicas`; if `importFrom` is a set of a newer major version, of another namespace, with another
   * database or user, or whose superuser cannot connect from here
   */
  constructor(scope: Construct, id: string, props: PostgresProps) {
    const engine = new PostgresEngine(props);
    super(scope, id, { ...props, engine });
    this.database = engine.database;
    this.user = engine.user;
    this.version = props.version;
    this.credentials = props.credentials;
    this.superuserFromNetwork = props.superuserFromNetwork ?? false;
  }
}
