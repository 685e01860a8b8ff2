import { Size } from 'cdk8s';
import { Credentials } from './credentials';

/**
 * A replicated system as its engine sees it: what the props say, resolved and checked. An engine derives its
 * configuration from this, and never from the props.
 */
export interface ReplicatedSystem {
  /**
   * Name of the StatefulSet.
   */
  readonly name: string;

  /**
   * Name of its namespace.
   *
   * @default - the one that it is applied to
   */
  readonly namespaceName?: string;

  /**
   * How many pods there are, the primary included.
   */
  readonly replicas: number;

  /**
   * The memory that the server may use, from which the sizes of its caches follow; a whole number of mebibytes.
   */
  readonly memory: Size;

  /**
   * How much fits on the volume of each pod, from which the sizes of logs follow.
   *
   * @default - no limit is known: an emptyDir without `sizeLimit`
   */
  readonly volume?: Size;

  /**
   * The passwords, by reference to a Secret.
   */
  readonly credentials: Credentials;
}
