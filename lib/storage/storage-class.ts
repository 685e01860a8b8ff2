import { ApiObject, JsonPatch } from 'cdk8s';
import { PersistentVolumeReclaimPolicy, Resource } from 'cdk8s-plus-28';
import { Construct } from 'constructs';

import { dnsSubdomain } from '../values/dns-subdomain';
import { checkEnum, checkFlag, checkInstance, checkList, checkObject, checkText } from '../values/checks';
import { StorageProvisioner } from './storage-provisioner';

/**
 * When the volume of a claim is made.
 *
 * @see https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
 */
export enum VolumeBindingMode {
  /** When a pod needs it: the scheduler picks the node first, and the volume is made in its zone. */
  WAIT_FOR_FIRST_CONSUMER = 'WaitForFirstConsumer',

  /** At once. In a cluster of several zones the pod must follow the volume, and may find no room there. */
  IMMEDIATE = 'Immediate',
}

/**
 * Props of `StorageClass`.
 */
export interface StorageClassProps {
  /** The driver that makes the volumes, and its parameters. */
  readonly provisioner: StorageProvisioner;

  /**
   * Name of the class, a DNS subdomain. It is unique in the whole cluster.
   *
   * @default - the id of the construct
   */
  readonly name?: string;

  /**
   * What becomes of a volume when its claim is deleted.
   *
   * @default PersistentVolumeReclaimPolicy.RETAIN - data outlives mistakes; who deletes claims deletes the volumes too,
   * by hand
   */
  readonly reclaimPolicy?: PersistentVolumeReclaimPolicy;

  /**
   * When the volume of a claim is made.
   *
   * @default VolumeBindingMode.WAIT_FOR_FIRST_CONSUMER
   */
  readonly volumeBindingMode?: VolumeBindingMode;

  /**
   * Whether a claim may grow.
   *
   * @default true
   */
  readonly allowVolumeExpansion?: boolean;

  /**
   * Options that the volumes are mounted with, such as `noatime`. They are not validated: a bad one fails the mount.
   *
   * @default - none
   */
  readonly mountOptions?: string[];
}

/**
 * A class of remote storage.
 *
 * Kubernetes does not let provisioner, parameters, reclaim policy and binding mode of a class change: give a changed
 * class a new name. Volumes that exist keep what they were made with.
 *
 * @see https://kubernetes.io/docs/concepts/storage/storage-classes/
 */
export class StorageClass extends Resource {
  /** Name of this kind of object in RBAC rules. */
  public readonly resourceType = 'storageclasses';

  protected readonly apiObject: ApiObject;

  /**
   * @throws if the name is no DNS subdomain
   */
  constructor(scope: Construct, id: string, props: StorageClassProps) {
    super(scope, id);
    const { provisioner, parameters } = checkInstance(
      'provisioner',
      checkObject('props', props).provisioner,
      StorageProvisioner,
      'a StorageProvisioner, as StorageProvisioner.awsEbs()',
    );
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: dnsSubdomain(props.name ?? id, props.name === undefined ? 'id' : 'name') },
      provisioner,
      ...(Object.keys(parameters).length > 0 && { parameters }),
      reclaimPolicy: checkEnum(
        'reclaimPolicy',
        props.reclaimPolicy ?? PersistentVolumeReclaimPolicy.RETAIN,
        PersistentVolumeReclaimPolicy,
      ),
      volumeBindingMode: checkEnum(
        'volumeBindingMode',
        props.volumeBindingMode ?? VolumeBindingMode.WAIT_FOR_FIRST_CONSUMER,
        VolumeBindingMode,
      ),
      allowVolumeExpansion: checkFlag('allowVolumeExpansion', props.allowVolumeExpansion ?? true),
      ...(props.mountOptions?.length && {
        mountOptions: checkList('mountOptions', props.mountOptions).map((option) => checkText('mountOptions', option)),
      }),
    });
    // A class belongs to no namespace, but cdk8s gives every object its chart's.
    if (this.apiObject.metadata.namespace !== undefined) {
      this.apiObject.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
    }
  }
}
