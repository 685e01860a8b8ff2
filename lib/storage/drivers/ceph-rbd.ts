import { BlockStorageProps } from './file-system';

/**
 * Features of an RBD image.
 *
 * @see https://docs.ceph.com/en/latest/rbd/rbd-config-ref/#image-features
 */
export enum CephRbdImageFeature {
  /** Clones and snapshots; every kernel has it. */
  LAYERING = 'layering',

  /** One writer at a time holds a lock. Kernel 4.9 or later. */
  EXCLUSIVE_LOCK = 'exclusive-lock',

  /** Remembers which blocks exist. Kernel 5.3 or later; needs EXCLUSIVE_LOCK. */
  OBJECT_MAP = 'object-map',

  /** Quick differences between snapshots. Kernel 5.3 or later; needs OBJECT_MAP. */
  FAST_DIFF = 'fast-diff',

  /** Clones that can be cut loose with their snapshots. Kernel 5.1 or later. */
  DEEP_FLATTEN = 'deep-flatten',

  /** A journal for mirroring; only with rbd-nbd. Needs EXCLUSIVE_LOCK. */
  JOURNALING = 'journaling',
}

/**
 * What Ceph RBD takes, with Rook or without.
 */
export interface CephRbdPoolProps extends BlockStorageProps {
  /** Replicated pool that holds the images. */
  readonly pool: string;

  /**
   * Erasure-coded pool that holds the data of the images, `pool` holding their metadata then.
   *
   * @default - `pool` holds both
   */
  readonly dataPool?: string;

  /**
   * Features of the images.
   *
   * @default [CephRbdImageFeature.LAYERING]
   */
  readonly imageFeatures?: CephRbdImageFeature[];
}

/**
 * Props of `StorageProvisioner.cephRbd`.
 *
 * @see https://github.com/ceph/ceph-csi/blob/devel/examples/rbd/storageclass.yaml
 */
export interface CephRbdProps extends CephRbdPoolProps {
  /** Id of the Ceph cluster, as in the ConfigMap `ceph-csi-config`. */
  readonly clusterId: string;

  /** Name of the Secret with the credentials of a Ceph client that may use the pool. */
  readonly secretName: string;

  /** Namespace of that Secret. */
  readonly secretNamespace: string;
}

/**
 * Props of `StorageProvisioner.rookCephRbd`.
 *
 * The Secrets are the ones that Rook makes in the cluster's namespace.
 *
 * @see https://rook.io/docs/rook/latest/Storage-Configuration/Block-Storage-RBD/block-storage/
 */
export interface RookCephRbdProps extends CephRbdPoolProps {
  /**
   * Namespace of the CephCluster.
   *
   * @default 'rook-ceph'
   */
  readonly clusterNamespace?: string;

  /**
   * Namespace of the Rook operator, which the name of the driver begins with.
   *
   * @default - `clusterNamespace`
   */
  readonly operatorNamespace?: string;
}
