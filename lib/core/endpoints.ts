/**
 * Where clients reach something: a Service, or one pod.
 */
export interface Endpoint {
  /**
   * DNS name.
   */
  readonly host: string;

  /**
   * TCP port.
   */
  readonly port: number;

  /**
   * `host:port`.
   */
  readonly address: string;
}

/**
 * Where clients read.
 *
 * The Service balances over every pod that is ready, ordinal 0 included: a Service's selector cannot say "not 0". A
 * driver that takes a list of hosts can have the exact one.
 */
export interface ReadEndpoint extends Endpoint {
  /**
   * The replicas alone, ordinals 1 and up; empty where there are none.
   */
  readonly replicas: Endpoint[];
}
