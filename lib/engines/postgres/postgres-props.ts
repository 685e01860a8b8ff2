import { ReplicatedSystemProps } from '../../core/replicated-system-props';
import { PostgresSource } from './postgres-source';
import { PostgresVersion } from './postgres-version';

/**
 * What makes a PostgreSQL, wherever it runs: props of `PostgresEngine`, and of `Postgres` in addition to those that
 * every system has.
 */
export interface PostgresOptions {
  /**
   * The version, and with it the image.
   */
  readonly version: PostgresVersion;

  /**
   * Settings of `postgresql.conf` by name, over the library's defaults. The few that keep the replicas in step cannot
   * be set.
   *
   * They are all there is: `ALTER SYSTEM` is refused, and what it once wrote is not read, unless `allow_alter_system`
   * is `on`. What it then sets counts above these, also where the server does not start with it.
   *
   * @default - PostgreSQL's own, but sizes that follow the memory and the volume
   * @see https://www.postgresql.org/docs/current/runtime-config.html
   */
  readonly parameters?: { [name: string]: string };

  /**
   * Name of the database that is made for the application, which the user owns.
   *
   * @default 'app'
   */
  readonly database?: string;

  /**
   * Name of the user that is made for the application. The superuser is `postgres`.
   *
   * @default 'app'
   */
  readonly user?: string;

  /**
   * The port.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * Files of `/docker-entrypoint-initdb.d` by name: `.sql`, or `.sh`. They run once, as the superuser in the
   * application's database, in the order of their names, when the very first database is made, and never again; not
   * where `importFrom` brings the data.
   *
   * @default - none
   */
  readonly initScripts?: { [fileName: string]: string };

  /**
   * Arguments of `initdb` about encoding, locale, and the size of the log's files, each as `--name=value`:
   * `--locale=de_DE.utf8`, or, for an order of text that no C library decides, `--locale-provider=builtin` with
   * `--builtin-locale=C.UTF-8`. They take effect when the very first database is made, and never again.
   *
   * @default - `--data-checksums`, and for text the order of the builtin locale `C.UTF-8`, which no C library decides
   */
  readonly initdbArguments?: string[];

  /**
   * How many replicas must have a commit on their volumes before the client hears of it. Any of them count, by their
   * names; neither a copy that is being made nor another receiver of the log does. While fewer follow, commits wait:
   * reads go on, and the log of `sync` says so.
   *
   * @default 0 a commit is acknowledged when it is on the primary's volume, and reaches the replicas a moment later
   */
  readonly synchronousReplicas?: number;

  /**
   * Let the superuser connect from other pods too, with the Secret's `superuser-password`. Without, it connects from
   * the pod itself only: by `kubectl exec`, or by `kubectl port-forward`. A set that another one imports (`importFrom`)
   * needs it until that is done.
   *
   * @default false
   */
  readonly superuserFromNetwork?: boolean;

  /**
   * Nothing can be written, not even by the superuser; reads go on. It takes a restart of the primary to begin and to
   * end. Not with unlogged tables or prepared transactions, which would be lost: then the primary goes on as it is, and
   * its log says so. A changed password has to wait until it ends.
   *
   * For a set whose data moves to another (`importFrom`).
   *
   * @default false
   */
  readonly readOnly?: boolean;

  /**
   * Another set, of the same or an older major version, whose roles and databases the very first database of this one
   * takes over. Ordinal 0 waits until that set is `readOnly`, copies everything, compares it row by row, and then
   * serves. Once any ordinal has data, this has no effect any more.
   *
   * @default - the very first database is a new one
   */
  readonly importFrom?: PostgresSource;
}

/**
 * Props of `Postgres`.
 */
export interface PostgresProps extends ReplicatedSystemProps, PostgresOptions {}
