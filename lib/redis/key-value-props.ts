import { ReplicatedProps } from '../replicated-props';

/**
 * Props that `Redis` and `Valkey` have in common.
 */
export interface KeyValueProps extends ReplicatedProps {
  /**
   * Settings of the configuration file by name, over the library's defaults. The few that keep the replicas in step cannot be set.
   *
   * `appendfsync: 'always'` makes an acknowledged write survive the node; with the default, `everysec`, the last second of writes
   * may be lost when the node dies. `maxmemory` may be at most a quarter of the volume: on it are, at times, two copies of the data
   * as a log and two as snapshots.
   *
   * @default - the server's own, but sizes that follow the memory and the volume
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/config/
   */
  readonly parameters?: { [name: string]: string };

  /**
   * Name of the application's user, with the Secret's `password`. It may do all that does not administer the server. `default` is the
   * user of clients that know only a password; the superuser is always `superuser`.
   *
   * @default 'app'
   */
  readonly user?: string;

  /**
   * The port.
   *
   * @default 6379
   */
  readonly port?: number;
}
