import { Credentials } from '../../core/credentials';
import { checkInstance, checkObject, checkText, shown } from '../../values/checks';
import type { Postgres } from './postgres';
import { PostgresVersion } from './postgres-version';

/**
 * Where a set is that this app does not build, or builds for another namespace.
 */
export interface PostgresEndpointOptions {
  /**
   * DNS name of its primary, as `orders-primary.shop.svc`.
   */
  readonly host: string;

  /**
   * Its port.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * Its passwords, by reference to a Secret in the *new* set's namespace. Only the superuser's is used.
   */
  readonly credentials: Credentials;
}

/**
 * The set whose roles and databases a new one begins with: the way from one major version to the next.
 */
export class PostgresSource {
  /**
   * A set of this app, in the same namespace.
   *
   * @param set of the same or an older major version, with the same `database` and `user`
   * @throws if it is no `Postgres`
   */
  public static fromSet(set: Postgres): PostgresSource {
    if ((set as Partial<Postgres> | undefined)?.primary === undefined || !(set.version instanceof PostgresVersion)) {
      throw new Error(
        `importFrom must be of a Postgres, got ${shown(set)}; for a set elsewhere use PostgresSource.fromEndpoint`,
      );
    }
    return new PostgresSource(set.primary.host, set.primary.port, set.credentials, set);
  }

  /**
   * A set that lives elsewhere. It must be one of this library, as it must have been made read-only, and its superuser
   * let in (`superuserFromNetwork`), by the props of these names.
   */
  public static fromEndpoint(options: PostgresEndpointOptions): PostgresSource {
    checkObject('options', options);
    checkText('host', options.host);
    checkInstance(
      'credentials',
      options.credentials,
      Credentials,
      "Credentials, as Credentials.fromSecret('orders-credentials')",
    );
    return new PostgresSource(options.host, options.port ?? 5432, options.credentials);
  }

  private constructor(
    /** DNS name of the primary. */
    public readonly host: string,
    /** Its port. */
    public readonly port: number,
    /** Its passwords, of which the superuser's is used. */
    public readonly credentials: Credentials,
    /** The set itself, where this app builds it. */
    public readonly set?: Postgres,
  ) {}
}
