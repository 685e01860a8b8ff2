import { BlockStorageProps } from './file-system';

/**
 * Disk types of Azure that suit a database: all are SSDs.
 *
 * LRS disks live in one zone; ZRS disks in three, so that the volume survives the loss of one.
 *
 * @see https://learn.microsoft.com/en-us/azure/virtual-machines/disks-types
 */
export enum AzureDiskSku {
  /** Premium SSD, one zone. Needs a VM size with premium storage. */
  PREMIUM_LRS = 'Premium_LRS',

  /** Premium SSD, three zones. */
  PREMIUM_ZRS = 'Premium_ZRS',

  /** Premium SSD v2: IOPS and throughput are set independently of the size. One zone. */
  PREMIUM_V2_LRS = 'PremiumV2_LRS',

  /** Ultra disk: the highest provisioned IOPS. One zone. */
  ULTRA_SSD_LRS = 'UltraSSD_LRS',

  /** Standard SSD, one zone. */
  STANDARD_SSD_LRS = 'StandardSSD_LRS',

  /** Standard SSD, three zones. */
  STANDARD_SSD_ZRS = 'StandardSSD_ZRS',
}

/**
 * What the host caches. ReadWrite is left out on purpose: writes that only the host's cache holds are lost with the
 * host.
 *
 * @see https://learn.microsoft.com/en-us/azure/virtual-machines/premium-storage-performance#disk-caching
 */
export enum AzureDiskCaching {
  /** Nothing. */
  NONE = 'None',

  /** What was read; writes go through. Not for PremiumV2_LRS and UltraSSD_LRS. */
  READ_ONLY = 'ReadOnly',
}

/**
 * Props of `StorageProvisioner.azureDisk`.
 *
 * @see https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md
 */
export interface AzureDiskProps extends BlockStorageProps {
  /**
   * Type of the disks.
   *
   * @default AzureDiskSku.PREMIUM_LRS - the driver's own default is StandardSSD_LRS
   */
  readonly skuName?: AzureDiskSku;

  /**
   * What the host caches.
   *
   * @default - AzureDiskCaching.NONE for PremiumV2_LRS and UltraSSD_LRS, else AzureDiskCaching.READ_ONLY
   */
  readonly cachingMode?: AzureDiskCaching;

  /**
   * I/O operations per second of each disk, for PremiumV2_LRS and UltraSSD_LRS.
   *
   * @default - Azure's, which depends on type and size
   */
  readonly iops?: number;

  /**
   * Throughput of each disk in MB/s, for PremiumV2_LRS and UltraSSD_LRS.
   *
   * @default - Azure's, which depends on type and size
   */
  readonly throughput?: number;

  /**
   * Resource id of the disk encryption set that encrypts the disks.
   *
   * @default - a key that Azure manages
   */
  readonly diskEncryptionSetId?: string;
}
