import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Credentials } from '../../core/credentials';
import { checkDatabaseProps } from '../../core/private/set-props';
import { ReplicatedStatefulSet } from '../../core/replicated-stateful-set';
import { PostgresProps } from './postgres-props';
import { PostgresVersion } from './postgres-version';
import { postgresEngine } from './private/postgres-engine';

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
   * @throws what `ReplicatedStatefulSet` does; if a parameter is one that the library must own, with the prop to use in its place;
   * if the database or user name is not plain, or the library's own; if there are fewer replicas than `synchronousReplicas`; if `importFrom` is a
   * set of a newer major version, of another namespace, with another database or user, or whose superuser cannot connect from here
   */
  constructor(scope: Construct, id: string, props: PostgresProps) {
    checkDatabaseProps(props, PostgresVersion, 'PostgresVersion.V18');
    const database = props.database ?? 'app';
    const user = props.user ?? 'app';
    const namespace = props.metadata?.namespace ?? Chart.of(scope).namespace;
    super(scope, id, { ...props, engine: postgresEngine({ ...props, database, user, namespace }) });
    this.database = database;
    this.user = user;
    this.version = props.version;
    this.credentials = props.credentials;
    this.superuserFromNetwork = props.superuserFromNetwork ?? false;
  }
}
