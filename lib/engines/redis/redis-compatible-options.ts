/**
 * What makes a Redis or a Valkey, wherever it runs.
 */
export interface RedisCompatibleOptions {
  /**
   * Settings of the configuration file by name, over the library's defaults. The few that keep the replicas in step
   * cannot be set.
   *
   * `maxmemory` may be at most three quarters of the memory, and a quarter of the volume: on it are, at times, two
   * copies of the data as a log and two as snapshots. The default, two fifths of the memory, leaves room for all that
   * is written while a snapshot is taken.
   *
   * @default - the server's own, but sizes that follow the memory and the volume
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/config/
   */
  readonly parameters?: { [name: string]: string };

  /**
   * Acknowledge a write before it is on the primary's volume (`appendfsync everysec`): when the primary's node dies,
   * what was acknowledged in the last second is lost. In return no command waits for the disk: for a cache, or where a
   * second may be lost.
   *
   * @default false - what is acknowledged is on the primary's volume (`appendfsync always`)
   */
  readonly mayLoseLastSecond?: boolean;

  /**
   * Name of the application's user, with the Secret's `password`. It may do all that does not administer the server.
   * `default` is the user of clients that know only a password; the superuser is always `superuser`.
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
