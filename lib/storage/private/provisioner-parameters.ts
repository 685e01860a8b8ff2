import {
  AwsEbsProps,
  AwsEbsVolumeType,
  AzureDiskCaching,
  AzureDiskProps,
  AzureDiskSku,
  BlockStorageProps,
  CephRbdImageFeature,
  CephRbdPoolProps,
  CephRbdProps,
  CinderProps,
  FileSystem,
  GcePdProps,
  GcePdReplication,
  GcePdType,
  LonghornProps,
  RookCephRbdProps,
  VsphereProps,
} from '../drivers';
import { dnsSubdomain } from '../../values/dns-subdomain';
import { checkEnum, isDuration, shown } from '../../values/checks';

/** Parameters of a StorageClass: Kubernetes takes strings only. */
export interface Parameters {
  readonly [key: string]: string;
}

/**
 * AWS refuses io1 and io2 without IOPS, and takes a throughput for other types than gp3 in silence: both are errors
 * here.
 */
export function awsEbsParameters(props: AwsEbsProps): Parameters {
  const { GP3, IO1, IO2 } = AwsEbsVolumeType;
  const type = { prop: 'volumeType', value: checkEnum('volumeType', props.volumeType ?? GP3, AwsEbsVolumeType) };
  if ((type.value === IO1 || type.value === IO2) && props.iops === undefined) {
    throw new Error(`iops is required for volumeType ${type.value}, got none: supply iops, or choose ${GP3}`);
  }
  if (props.kmsKeyId !== undefined && props.encrypted === false) {
    throw new Error(
      `kmsKeyId needs encrypted volumes, got ${JSON.stringify(props.kmsKeyId)} with encrypted false: leave one of the two out`,
    );
  }
  return parameters(props, {
    type: type.value,
    iops: rate('iops', props.iops, type, [GP3, IO1, IO2]),
    throughput: rate('throughput', props.throughput, type, [GP3]),
    encrypted: String(props.encrypted ?? true),
    kmsKeyId: props.kmsKeyId,
  });
}

/**
 * The driver passes on whatever it is given, so what does not fit the disk type would show only as a claim that stays
 * pending.
 */
export function gcePdParameters(props: GcePdProps): Parameters {
  const {
    PD_BALANCED,
    PD_SSD,
    PD_EXTREME,
    HYPERDISK_BALANCED,
    HYPERDISK_BALANCED_HIGH_AVAILABILITY,
    HYPERDISK_EXTREME,
  } = GcePdType;
  const balanced = [HYPERDISK_BALANCED, HYPERDISK_BALANCED_HIGH_AVAILABILITY];
  const type = { prop: 'diskType', value: checkEnum('diskType', props.diskType ?? PD_BALANCED, GcePdType) };
  if (props.replicationType === GcePdReplication.REGIONAL_PD) {
    onlyFor('replicationType regional-pd', type, [PD_BALANCED, PD_SSD]);
  }
  const throughput = rate('throughput', props.throughput, type, balanced);
  return parameters(props, {
    type: type.value,
    'replication-type': props.replicationType,
    'provisioned-iops-on-create': rate('iops', props.iops, type, [PD_EXTREME, ...balanced, HYPERDISK_EXTREME]),
    'provisioned-throughput-on-create': throughput && `${throughput}Mi`,
    'disk-encryption-kms-key': props.kmsKey,
  });
}

/** Host caching is written out always: its default depends on the type, and PremiumV2 and Ultra disks take none. */
export function azureDiskParameters(props: AzureDiskProps): Parameters {
  const provisioned = [AzureDiskSku.PREMIUM_V2_LRS, AzureDiskSku.ULTRA_SSD_LRS];
  const type = {
    prop: 'skuName',
    value: checkEnum('skuName', props.skuName ?? AzureDiskSku.PREMIUM_LRS, AzureDiskSku),
  };
  const uncached = provisioned.includes(type.value);
  const cachingMode = props.cachingMode ?? (uncached ? AzureDiskCaching.NONE : AzureDiskCaching.READ_ONLY);
  if (uncached && cachingMode !== AzureDiskCaching.NONE) {
    throw new Error(
      `cachingMode must be ${AzureDiskCaching.NONE} for skuName ${type.value}, got ${cachingMode}: azure does not cache such disks`,
    );
  }
  return parameters(props, {
    skuName: type.value,
    cachingMode,
    DiskIOPSReadWrite: rate('iops', props.iops, type, provisioned),
    DiskMBpsReadWrite: rate('throughput', props.throughput, type, provisioned),
    diskEncryptionSetID: props.diskEncryptionSetId,
  });
}

/** One Secret serves both the controller and the nodes, as in the examples of ceph-csi. */
export function cephRbdParameters(props: CephRbdProps): Parameters {
  const secret = dnsSubdomain(props.secretName, 'secretName');
  return cephParameters(props, props.clusterId, dnsSubdomain(props.secretNamespace, 'secretNamespace'), secret, secret);
}

/** Rook calls its cluster by its namespace, and keeps one Secret for the controller and one for the nodes in it. */
export function rookCephRbdParameters(props: RookCephRbdProps): Parameters {
  const namespace = dnsSubdomain(props.clusterNamespace ?? ROOK_NAMESPACE, 'clusterNamespace');
  return cephParameters(props, namespace, namespace, 'rook-csi-rbd-provisioner', 'rook-csi-rbd-node');
}

/** Rook names its driver after the namespace of its operator. */
export function rookCephRbdDriver(props: RookCephRbdProps): string {
  const namespace = props.operatorNamespace ?? props.clusterNamespace ?? ROOK_NAMESPACE;
  return `${dnsSubdomain(namespace, 'operatorNamespace')}.rbd.csi.ceph.com`;
}

/** The number of copies is written out always: the default of an installation may be one. */
export function longhornParameters(props: LonghornProps): Parameters {
  const replicas = props.numberOfReplicas ?? 3;
  if (!Number.isInteger(replicas) || replicas < 2) {
    throw new Error(
      `numberOfReplicas must be a whole number of at least 2, got ${replicas}: the data of a single copy dies with its node`,
    );
  }
  if (props.staleReplicaTimeout !== undefined && !isDuration(props.staleReplicaTimeout)) {
    throw new Error(
      `staleReplicaTimeout must be a Duration, as Duration.minutes(30), got ${shown(props.staleReplicaTimeout)}`,
    );
  }
  const minutes = props.staleReplicaTimeout?.toMinutes({ integral: false });
  if (minutes !== undefined && (!Number.isSafeInteger(minutes) || minutes <= 0)) {
    throw new Error(
      `staleReplicaTimeout must be a whole number of minutes greater than zero, got ${props.staleReplicaTimeout?.toHumanString()}`,
    );
  }
  return parameters(props, {
    numberOfReplicas: String(replicas),
    staleReplicaTimeout: minutes?.toString(),
    dataLocality: props.dataLocality,
  });
}

/** Cinder knows two parameters only. */
export function cinderParameters(props: CinderProps): Parameters {
  return parameters(props, { type: props.volumeType, availability: props.availability });
}

/** The lower case is the spelling of the driver. */
export function vsphereParameters(props: VsphereProps): Parameters {
  return parameters(props, { storagepolicyname: props.storagePolicyName, datastoreurl: props.datastoreUrl });
}

const ROOK_NAMESPACE = 'rook-ceph';

const NEEDED_FEATURE: ReadonlyMap<CephRbdImageFeature, CephRbdImageFeature> = new Map([
  [CephRbdImageFeature.OBJECT_MAP, CephRbdImageFeature.EXCLUSIVE_LOCK],
  [CephRbdImageFeature.FAST_DIFF, CephRbdImageFeature.OBJECT_MAP],
  [CephRbdImageFeature.JOURNALING, CephRbdImageFeature.EXCLUSIVE_LOCK],
]);

function cephParameters(
  props: CephRbdPoolProps,
  clusterID: string,
  secretNamespace: string,
  controllerSecret: string,
  nodeSecret: string,
): Parameters {
  const features = props.imageFeatures ?? [CephRbdImageFeature.LAYERING];
  for (const feature of features) {
    const needed = NEEDED_FEATURE.get(feature);
    if (needed !== undefined && !features.includes(needed)) {
      throw new Error(`imageFeatures with ${feature} must have ${needed} too, got ${features.join(', ')}`);
    }
  }
  const secrets = {
    provisioner: controllerSecret,
    'controller-expand': controllerSecret,
    'controller-publish': controllerSecret,
    'node-stage': nodeSecret,
  };
  return parameters(props, {
    clusterID,
    pool: props.pool,
    dataPool: props.dataPool,
    imageFeatures: features.join(',') || undefined,
    ...Object.fromEntries(
      Object.entries(secrets).flatMap(([use, name]) => [
        [`csi.storage.k8s.io/${use}-secret-name`, name],
        [`csi.storage.k8s.io/${use}-secret-namespace`, secretNamespace],
      ]),
    ),
  });
}

// Drops what is not given and adds what the provisioner of every CSI driver reads. A given empty string is a mistake:
// the driver would take its default in silence.
function parameters(props: BlockStorageProps, given: { readonly [key: string]: string | undefined }): Parameters {
  const result: { [key: string]: string } = {
    'csi.storage.k8s.io/fstype': checkEnum('fileSystem', props.fileSystem ?? FileSystem.EXT4, FileSystem),
  };
  for (const [key, value] of Object.entries(given)) {
    if (value === '') {
      throw new Error(`parameter ${key} must not be empty, got "": leave it out for the default`);
    }
    if (value !== undefined) {
      result[key] = value;
    }
  }
  return result;
}

/** The prop that a driver's other parameters depend on, and its value. */
interface Type {
  readonly prop: string;
  readonly value: string;
}

function rate(prop: string, value: number | undefined, type: Type, allowed: readonly string[]): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  onlyFor(prop, type, allowed);
  if (!Number.isSafeInteger(value) || value <= 0) {
    throw new Error(`${prop} must be a whole number greater than zero, got ${value}`);
  }
  return String(value);
}

function onlyFor(prop: string, type: Type, allowed: readonly string[]): void {
  if (!allowed.includes(type.value)) {
    throw new Error(
      `${prop} is only for ${type.prop} ${allowed.join(', ')}, got ${type.prop} ${type.value}: leave it out, or choose another ${type.prop}`,
    );
  }
}
