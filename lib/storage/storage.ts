import { Size } from 'cdk8s';
import { EmptyDirMedium, k8s } from 'cdk8s-plus-28';

import { dnsSubdomain } from '../values/dns-subdomain';
import { refuseLocalClassName } from './private/local-provisioners';
import { toQuantity } from '../values/quantity';
import { checkEnum, checkInstance, checkObject } from '../values/checks';
import { StorageClass } from './storage-class';

/**
 * Where the data of each pod lives, and so what it survives.
 */
export enum StorageKind {
  /** A volume of its own on remote storage: it survives the pod and the node. */
  REMOTE = 'remote',

  /** An emptyDir: it dies with the pod, and the other pods bring the data back. */
  EPHEMERAL = 'ephemeral',

  /** A volume of its own on the disk of one node, for development: it survives the pod, not the node. */
  LOCAL = 'local',
}

/**
 * Who may mount a volume at the same time.
 *
 * Only the modes with one writer exist here: two servers on one data directory destroy it.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
 */
export enum AccessMode {
  /**
   * One pod in the whole cluster, enforced by the scheduler and the kubelet.
   *
   * A replacement never runs alongside a predecessor that is not quite gone. It needs a CSI driver; and before
   * Kubernetes 1.32 the kubelet does not apply fsGroup to such volumes unless the driver's fsGroupPolicy is File, so
   * that a non-root database cannot write to them (drivers of EBS, GCE PD and Cinder, among others).
   *
   * @see https://github.com/kubernetes/kubernetes/pull/128244
   */
  READ_WRITE_ONCE_POD = 'ReadWriteOncePod',

  /**
   * One node: pods on that node may share the volume. Every driver has it.
   *
   * The server's container also takes a lock on the volume and waits for it, so that a replacement on the same node
   * does not touch the data before the last process of its predecessor has ended.
   */
  READ_WRITE_ONCE = 'ReadWriteOnce',
}

/** The access mode of remote storage when none is asked for. */
const DEFAULT_ACCESS_MODE = AccessMode.READ_WRITE_ONCE;

/**
 * Props of `Storage.remote`.
 */
export interface RemoteStorageProps {
  /**
   * Size of each pod's volume, a whole number of mebibytes.
   *
   * Claim templates are immutable: to grow volumes later, edit the claims, on a class that allows expansion.
   */
  readonly size: Size;

  /**
   * Name of a class that exists in the cluster.
   *
   * @default - `storageClass` is used; exactly one of the two must be given, since the cluster's default class may be
   * local
   */
  readonly storageClassName?: string;

  /**
   * A class that this app defines.
   *
   * @default - `storageClassName` is used; exactly one of the two must be given
   */
  readonly storageClass?: StorageClass;

  /**
   * Who may mount the volume at the same time.
   *
   * @default AccessMode.READ_WRITE_ONCE
   */
  readonly accessMode?: AccessMode;
}

/**
 * Props of `Storage.ephemeral`.
 */
export interface EphemeralStorageProps {
  /**
   * What holds the data: the node's disk, or its memory, which counts against the memory limits of the containers.
   *
   * @default EmptyDirMedium.DEFAULT - the node's disk
   */
  readonly medium?: EmptyDirMedium;

  /**
   * How large the data may grow before the kubelet evicts the pod; a whole number of mebibytes.
   *
   * @default - no limit but the size of the node's disk or memory
   */
  readonly sizeLimit?: Size;
}

/**
 * Props of `Storage.localForDevelopmentOnlyDataDiesWithTheNode`.
 */
export interface LocalStorageProps {
  /** Size of each pod's volume, a whole number of mebibytes; few local provisioners enforce it. */
  readonly size: Size;

  /**
   * Name of a class that exists in the cluster.
   *
   * @default - the cluster's default class, which is the local one in minikube, kind, k3d and Docker Desktop
   */
  readonly storageClassName?: string;
}

/**
 * The storage of each pod of a replicated system.
 */
export class Storage {
  /**
   * A volume for each pod on remote storage, re-attached wherever the pod goes.
   *
   * @throws if the size is zero or no whole number of mebibytes, if not exactly one of `storageClassName` and
   * `storageClass` is given, or if the class is known to be node-local
   */
  public static remote(props: RemoteStorageProps): Storage {
    checkObject('props', props);
    return new Storage(StorageKind.REMOTE, {
      size: checked(props.size, 'size'),
      storageClassName: remoteClassName(props),
      accessMode: oneWriter(props.accessMode ?? DEFAULT_ACCESS_MODE),
    });
  }

  /**
   * No volume: each pod starts empty, and only the synchronisation holds the data. It is lost when all pods are gone at
   * once.
   *
   * @throws if the size limit is zero or no whole number of mebibytes
   */
  public static ephemeral(props: EphemeralStorageProps = {}): Storage {
    checkObject('props', props);
    return new Storage(StorageKind.EPHEMERAL, {
      medium: checkEnum('medium', props.medium ?? EmptyDirMedium.DEFAULT, EmptyDirMedium),
      sizeLimit: props.sizeLimit && checked(props.sizeLimit, 'sizeLimit'),
    });
  }

  /**
   * A volume for each pod on the disk of one node, for a development cluster that has nothing else.
   *
   * When the node dies its pods cannot start elsewhere, and their data is gone: nothing that this library promises
   * about the loss of a node holds. The access mode is ReadWriteOnce, since ReadWriteOncePod needs a CSI driver.
   *
   * @throws if the size is zero or no whole number of mebibytes
   */
  public static localForDevelopmentOnlyDataDiesWithTheNode(props: LocalStorageProps): Storage {
    checkObject('props', props);
    return new Storage(StorageKind.LOCAL, {
      size: checked(props.size, 'size'),
      storageClassName:
        props.storageClassName === undefined ? undefined : dnsSubdomain(props.storageClassName, 'storageClassName'),
      accessMode: AccessMode.READ_WRITE_ONCE,
    });
  }

  /** Size of each pod's volume; undefined when ephemeral. */
  public readonly size?: Size;

  /** Class of each pod's volume; undefined when ephemeral, and when local storage takes the cluster's default class. */
  public readonly storageClassName?: string;

  /** Who may mount the volume at the same time; undefined when ephemeral. */
  public readonly accessMode?: AccessMode;

  /** What holds the data when ephemeral; undefined otherwise. */
  public readonly medium?: EmptyDirMedium;

  /** How large the data may grow when ephemeral; undefined otherwise, and when there is no limit. */
  public readonly sizeLimit?: Size;

  /**
   * How much data fits on each pod's volume; undefined where nothing limits it.
   *
   * @internal
   */
  public get _capacity(): Size | undefined {
    return this.size ?? this.sizeLimit;
  }

  /**
   * Whether the data dies with its pod, so that it takes another pod to bring it back.
   *
   * @internal
   */
  public get _diesWithPod(): boolean {
    return this.kind === StorageKind.EPHEMERAL;
  }

  /**
   * Spec of the claims, one a pod; undefined where the pods have none.
   *
   * @internal
   */
  public get _claimSpec(): object | undefined {
    return (
      this.size && {
        accessModes: [this.accessMode],
        ...(this.storageClassName !== undefined && { storageClassName: this.storageClassName }),
        resources: { requests: { storage: toQuantity(this.size, 'size') } },
      }
    );
  }

  /**
   * The volume that is in the pod itself; undefined where it has a claim.
   *
   * @internal
   */
  public get _emptyDir(): k8s.EmptyDirVolumeSource | undefined {
    return this._diesWithPod
      ? {
          medium: this.medium,
          sizeLimit: this.sizeLimit && k8s.Quantity.fromString(`${this.sizeLimit.toMebibytes()}Mi`),
        }
      : undefined;
  }

  private constructor(
    /** Where the data lives. */
    public readonly kind: StorageKind,
    resolved: Resolved,
  ) {
    this.size = resolved.size;
    this.storageClassName = resolved.storageClassName;
    this.accessMode = resolved.accessMode;
    this.medium = resolved.medium;
    this.sizeLimit = resolved.sizeLimit;
  }
}

interface Resolved {
  readonly size?: Size;
  readonly storageClassName?: string;
  readonly accessMode?: AccessMode;
  readonly medium?: EmptyDirMedium;
  readonly sizeLimit?: Size;
}

function checked(size: Size, prop: string): Size {
  toQuantity(size, prop);
  return size;
}

function remoteClassName(props: RemoteStorageProps): string {
  const { storageClassName, storageClass } = props;
  if (storageClass !== undefined && storageClassName !== undefined) {
    throw new Error(
      `supply only one of storageClassName and storageClass, got ${JSON.stringify(storageClassName)} and storageClass ${JSON.stringify(storageClass.name)}`,
    );
  }
  if (storageClass !== undefined) {
    checkInstance(
      'storageClass',
      storageClass,
      StorageClass,
      'a StorageClass; name one that exists as storageClassName',
    );
    return storageClass.name;
  }
  if (storageClassName === undefined) {
    throw new Error(
      'supply one of storageClassName and storageClass, got neither: the default class of the cluster is not used, as it may be node-local',
    );
  }
  refuseLocalClassName(dnsSubdomain(storageClassName, 'storageClassName'));
  return storageClassName;
}

// Plain JavaScript callers can pass any string, and an access mode with many writers must not slip through.
function oneWriter(accessMode: AccessMode): AccessMode {
  const allowed = Object.values(AccessMode);
  if (!allowed.includes(accessMode)) {
    throw new Error(
      `accessMode must be one of ${allowed.join(', ')}, got ${JSON.stringify(accessMode)}: each volume has one writer`,
    );
  }
  return accessMode;
}
