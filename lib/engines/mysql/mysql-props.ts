import { Size } from 'cdk8s';
import { ReplicatedSystemProps } from '../../core/replicated-system-props';
import { MySqlVersion } from './mysql-version';

/**
 * What makes a MySQL, wherever it runs: props of `MySqlEngine`, and of `MySql` in addition to those that every system
 * has.
 */
export interface MySqlOptions {
  /**
   * The version, and with it the image.
   */
  readonly version: MySqlVersion;

  /**
   * Settings of the section `[mysqld]` by name, over the library's defaults. The few that keep the replicas in step
   * cannot be set.
   *
   * @default - MySQL's own, but sizes that follow the memory and the volume
   * @see https://dev.mysql.com/doc/refman/9.7/en/server-system-variables.html
   */
  readonly parameters?: { [name: string]: string };

  /**
   * How much of the binary log is kept on each volume, for replicas that were away. MySQL itself bounds it by age only
   * (`binlog_expire_logs_seconds`, a month by default); the sidecar, which looks once a second, removes what is beyond
   * this.
   *
   * @default - a fifth of the volume
   */
  readonly maxLogSize?: Size;

  /**
   * Name of the database that is made for the application.
   *
   * @default 'app'
   */
  readonly database?: string;

  /**
   * Name of the application's user, who may do everything in that database. The superuser is `root`.
   *
   * @default 'app'
   */
  readonly user?: string;

  /**
   * The port.
   *
   * @default 3306
   */
  readonly port?: number;

  /**
   * Files of `/docker-entrypoint-initdb.d` by name: `.sql`, or `.sh`. They run once, as root in the application's
   * database, in the order of their names, when the very first database is made, and never again.
   *
   * @default - none
   */
  readonly initScripts?: { [fileName: string]: string };
}

/**
 * Props of `MySql`.
 */
export interface MySqlProps extends ReplicatedSystemProps, MySqlOptions {}
