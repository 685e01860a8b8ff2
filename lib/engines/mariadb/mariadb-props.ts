import { ReplicatedSystemProps } from '../../core/replicated-system-props';
import { MariaDbVersion } from './mariadb-version';

/**
 * What makes a MariaDB, wherever it runs: props of `MariaDbEngine`, and of `MariaDb` in addition to those that every
 * system has.
 */
export interface MariaDbOptions {
  /**
   * The version, and with it the image.
   */
  readonly version: MariaDbVersion;

  /**
   * Settings of the section `[mariadbd]` by name, over the library's defaults. The few that keep the replicas in step
   * cannot be set.
   *
   * @default - MariaDB's own, but sizes that follow the memory and the volume
   * @see https://mariadb.com/docs/server/server-management/variables-and-modes/server-system-variables
   */
  readonly parameters?: { [name: string]: string };

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
 * Props of `MariaDb`.
 */
export interface MariaDbProps extends ReplicatedSystemProps, MariaDbOptions {}
