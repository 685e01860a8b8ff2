import { BlockStorageProps } from './file-system';

/**
 * Props of `StorageProvisioner.vsphere`.
 *
 * @see
 * https://github.com/kubernetes-sigs/vsphere-csi-driver/blob/master/example/vanilla-k8s-RWO-filesystem-volumes/example-sc.yaml
 */
export interface VsphereProps extends BlockStorageProps {
  /**
   * Name of the storage policy that picks the datastore.
   *
   * @default - no policy
   */
  readonly storagePolicyName?: string;

  /**
   * URL of the datastore, `ds:///vmfs/volumes/.../`. It must be one that all hosts share.
   *
   * @default - a shared datastore that vSphere picks by the policy
   */
  readonly datastoreUrl?: string;
}
