import { BlockStorageProps } from './file-system';

/**
 * Disk types of Google Compute Engine that suit a database: all are SSDs.
 *
 * Which of them attach depends on the machine family of the nodes; the newest families take Hyperdisk only.
 *
 * @see https://cloud.google.com/compute/docs/disks
 */
export enum GcePdType {
  /** SSD at a moderate price. */
  PD_BALANCED = 'pd-balanced',

  /** SSD. */
  PD_SSD = 'pd-ssd',

  /** SSD with provisioned IOPS. */
  PD_EXTREME = 'pd-extreme',

  /** IOPS and throughput are set independently of the size. */
  HYPERDISK_BALANCED = 'hyperdisk-balanced',

  /** As HYPERDISK_BALANCED, with a copy in a second zone. */
  HYPERDISK_BALANCED_HIGH_AVAILABILITY = 'hyperdisk-balanced-high-availability',

  /** The highest provisioned IOPS. */
  HYPERDISK_EXTREME = 'hyperdisk-extreme',
}

/**
 * How many zones hold a persistent disk.
 */
export enum GcePdReplication {
  /** One zone. The replicas of the database are its copies in other zones. */
  NONE = 'none',

  /** Two zones of the region: the volume survives the loss of one. For pd-balanced and pd-ssd. */
  REGIONAL_PD = 'regional-pd',
}

/**
 * Props of `StorageProvisioner.gcePd`.
 *
 * @see https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver#createvolume-parameters
 */
export interface GcePdProps extends BlockStorageProps {
  /**
   * Type of the disks.
   *
   * @default GcePdType.PD_BALANCED - the driver's own default is pd-standard, which is a hard disk
   */
  readonly diskType?: GcePdType;

  /**
   * How many zones hold each disk.
   *
   * @default - the driver's own, GcePdReplication.NONE
   */
  readonly replicationType?: GcePdReplication;

  /**
   * I/O operations per second of each disk, for pd-extreme and Hyperdisk.
   *
   * @default - Google's, which depends on type and size
   */
  readonly iops?: number;

  /**
   * Throughput of each disk in MiB/s, for hyperdisk-balanced and hyperdisk-balanced-high-availability.
   *
   * @default - Google's, which depends on type and size
   */
  readonly throughput?: number;

  /**
   * Full resource name of the key that encrypts the disks.
   *
   * @default - a key that Google manages
   */
  readonly kmsKey?: string;
}
