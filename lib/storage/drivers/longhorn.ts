import { Duration } from 'cdk8s';

import { BlockStorageProps } from './file-system';

/**
 * Whether Longhorn keeps a copy on the node of the pod. Its strict-local is left out: the only copy is there then.
 *
 * @see https://longhorn.io/docs/latest/high-availability/data-locality/
 */
export enum LonghornDataLocality {
  /** Copies are wherever there is room. */
  DISABLED = 'disabled',

  /** One copy follows the pod, for faster reads. */
  BEST_EFFORT = 'best-effort',
}

/**
 * Props of `StorageProvisioner.longhorn`.
 *
 * @see https://longhorn.io/docs/latest/references/storage-class-parameters/
 */
export interface LonghornProps extends BlockStorageProps {
  /**
   * Copies of each volume, on as many nodes: at least 2, as a single copy dies with its node.
   *
   * @default 3
   */
  readonly numberOfReplicas?: number;

  /**
   * How long a copy may be in error before Longhorn removes it, in whole minutes.
   *
   * @default - Longhorn's own
   */
  readonly staleReplicaTimeout?: Duration;

  /**
   * Whether a copy is kept on the node of the pod.
   *
   * @default - what the Longhorn installation is set to
   */
  readonly dataLocality?: LonghornDataLocality;
}
