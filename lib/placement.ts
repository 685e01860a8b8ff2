/**
 * Which taint a pod tolerates.
 */
export interface Toleration {
  /**
   * The taint's key.
   *
   * @default - all keys
   */
  readonly key?: string;

  /**
   * The taint's value.
   *
   * @default - any value
   */
  readonly value?: string;

  /**
   * The taint's effect, as `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
   *
   * @default - all effects
   */
  readonly effect?: string;

  /**
   * How many seconds a `NoExecute` taint is tolerated.
   *
   * @default - for ever
   */
  readonly tolerationSeconds?: number;
}

/**
 * Where the pods may run.
 *
 * They are spread over nodes and zones by preference, always. Not by force: with three nodes, the pod of a dead node would find no
 * other place, as the dead node still counts.
 */
export interface Placement {
  /**
   * Labels that a node must have.
   *
   * @default - any node
   */
  readonly nodeSelector?: { [label: string]: string };

  /**
   * Taints that the pods tolerate.
   *
   * @default - what Kubernetes adds: a dead node for 300 seconds
   */
  readonly tolerations?: Toleration[];

  /**
   * Priority class of the pods.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;
}
