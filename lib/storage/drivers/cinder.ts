import { BlockStorageProps } from './file-system';

/**
 * Props of `StorageProvisioner.cinder`.
 *
 * @see
 * https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/cinder-csi-plugin/using-cinder-csi-plugin.md#supported-parameters
 */
export interface CinderProps extends BlockStorageProps {
  /**
   * Name or id of a volume type that exists in Cinder.
   *
   * @default - Cinder's own default type
   */
  readonly volumeType?: string;

  /**
   * Availability zone of the volumes. Do not set it where the pods should spread over zones.
   *
   * @default - the zone of the node that the pod is scheduled on
   */
  readonly availability?: string;
}
