import { BlockStorageProps } from './file-system';

/**
 * Volume types of AWS EBS that suit a database: all are SSDs.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
 */
export enum AwsEbsVolumeType {
  /** General purpose; IOPS and throughput are set independently of the size. */
  GP3 = 'gp3',

  /** General purpose, older: IOPS grow with the size. */
  GP2 = 'gp2',

  /** Provisioned IOPS with the highest durability. */
  IO2 = 'io2',

  /** Provisioned IOPS, older. */
  IO1 = 'io1',
}

/**
 * Props of `StorageProvisioner.awsEbs`.
 *
 * @see https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
 */
export interface AwsEbsProps extends BlockStorageProps {
  /**
   * Type of the volumes.
   *
   * @default AwsEbsVolumeType.GP3
   */
  readonly volumeType?: AwsEbsVolumeType;

  /**
   * I/O operations per second of each volume, for gp3, io1 and io2.
   *
   * @default - AWS' baseline of 3000 for gp3; required for io1 and io2
   */
  readonly iops?: number;

  /**
   * Throughput of each volume in MiB/s, for gp3.
   *
   * @default - AWS' baseline of 125
   */
  readonly throughput?: number;

  /**
   * Whether the volumes are encrypted.
   *
   * @default true - the driver's own default is false
   */
  readonly encrypted?: boolean;

  /**
   * ARN of the key that encrypts the volumes.
   *
   * @default - AWS' own key for EBS in the region
   */
  readonly kmsKeyId?: string;
}
