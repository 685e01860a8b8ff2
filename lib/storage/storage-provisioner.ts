import { refuseLocalProvisioner } from './private/local-provisioners';
import {
  Parameters,
  awsEbsParameters,
  azureDiskParameters,
  cephRbdParameters,
  cinderParameters,
  gcePdParameters,
  longhornParameters,
  rookCephRbdDriver,
  rookCephRbdParameters,
  vsphereParameters,
} from './private/provisioner-parameters';
import { checkObject, checkTexts } from '../values/checks';
import {
  AwsEbsProps,
  AzureDiskProps,
  CephRbdProps,
  CinderProps,
  GcePdProps,
  LonghornProps,
  RookCephRbdProps,
  VsphereProps,
} from './drivers';

// What Kubernetes calls a qualified name, which it compares in lower case.
const QUALIFIED_NAME = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?$/i;

/**
 * A driver of remote storage, with the parameters of one class of its volumes.
 */
export class StorageProvisioner {
  /**
   * AWS Elastic Block Store, driver `ebs.csi.aws.com`.
   *
   * @throws if a prop does not fit the volume type
   */
  public static awsEbs(props: AwsEbsProps = {}): StorageProvisioner {
    return new StorageProvisioner('ebs.csi.aws.com', awsEbsParameters(checkObject('props', props)));
  }

  /**
   * Google Compute Engine persistent disks and Hyperdisk, driver `pd.csi.storage.gke.io`.
   *
   * @throws if a prop does not fit the disk type
   */
  public static gcePd(props: GcePdProps = {}): StorageProvisioner {
    return new StorageProvisioner('pd.csi.storage.gke.io', gcePdParameters(checkObject('props', props)));
  }

  /**
   * Azure managed disks, driver `disk.csi.azure.com`.
   *
   * @throws if a prop does not fit the disk type
   */
  public static azureDisk(props: AzureDiskProps = {}): StorageProvisioner {
    return new StorageProvisioner('disk.csi.azure.com', azureDiskParameters(checkObject('props', props)));
  }

  /**
   * Ceph block devices, driver `rbd.csi.ceph.com`.
   *
   * @throws if an image feature lacks the one that it needs, or a name is no DNS subdomain
   */
  public static cephRbd(props: CephRbdProps): StorageProvisioner {
    return new StorageProvisioner('rbd.csi.ceph.com', cephRbdParameters(checkObject('props', props)));
  }

  /**
   * Ceph block devices of a cluster that Rook runs, driver `rook-ceph.rbd.csi.ceph.com`.
   *
   * @throws if an image feature lacks the one that it needs, or a name is no DNS subdomain
   */
  public static rookCephRbd(props: RookCephRbdProps): StorageProvisioner {
    return new StorageProvisioner(rookCephRbdDriver(checkObject('props', props)), rookCephRbdParameters(props));
  }

  /**
   * Longhorn, driver `driver.longhorn.io`.
   *
   * @throws if there are fewer than two copies, or the timeout is not in whole minutes
   */
  public static longhorn(props: LonghornProps = {}): StorageProvisioner {
    return new StorageProvisioner('driver.longhorn.io', longhornParameters(checkObject('props', props)));
  }

  /** OpenStack Cinder, driver `cinder.csi.openstack.org`. */
  public static cinder(props: CinderProps = {}): StorageProvisioner {
    return new StorageProvisioner('cinder.csi.openstack.org', cinderParameters(checkObject('props', props)));
  }

  /** VMware vSphere, driver `csi.vsphere.vmware.com`. */
  public static vsphere(props: VsphereProps = {}): StorageProvisioner {
    return new StorageProvisioner('csi.vsphere.vmware.com', vsphereParameters(checkObject('props', props)));
  }

  /**
   * Any other driver of remote storage. Its parameters go into the class as they are.
   *
   * Give `csi.storage.k8s.io/fstype` among them: without it the kubelet may not apply the pod's fsGroup, and a non-root
   * database cannot write to its volume.
   *
   * @param provisioner name of the driver, `block.csi.ibm.com` for example
   * @param parameters what the driver's documentation lists
   * @throws if the driver is known to keep its volumes on one node, or its name is not a qualified name
   */
  public static other(provisioner: string, parameters: { [key: string]: string } = {}): StorageProvisioner {
    if ((typeof provisioner as unknown) !== 'string' || !QUALIFIED_NAME.test(provisioner)) {
      throw new Error(
        `provisioner must be the name of a storage driver, like "block.csi.ibm.com", got ${JSON.stringify(provisioner)}`,
      );
    }
    return new StorageProvisioner(provisioner, checkTexts('parameters', parameters));
  }

  private constructor(
    /** Name of the driver. */
    public readonly provisioner: string,
    private readonly given: Parameters,
  ) {
    refuseLocalProvisioner(provisioner, given);
  }

  /** Parameters of the class, as the driver reads them. */
  public get parameters(): { [key: string]: string } {
    return { ...this.given };
  }
}
