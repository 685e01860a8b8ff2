/**
 * File system of the volumes of a class.
 */
export enum FileSystem {
  /** The default of every driver, and the safe choice. */
  EXT4 = 'ext4',

  /**
   * Grows better with very large volumes. Not with Ceph on the nodes that run its OSDs: it can deadlock there, says
   * Rook.
   */
  XFS = 'xfs',
}

/**
 * What all block storage drivers take.
 */
export interface BlockStorageProps {
  /**
   * File system of the volumes.
   *
   * It is always written into the class, since the kubelet applies a pod's fsGroup only when it is: a non-root database
   * could not write to its volume otherwise.
   *
   * @default FileSystem.EXT4
   * @see https://kubernetes-csi.github.io/docs/support-fsgroup.html
   */
  readonly fileSystem?: FileSystem;
}
