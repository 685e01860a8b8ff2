import { ApiObjectMetadata, Duration } from 'cdk8s';
import { ContainerResources } from 'cdk8s-plus-28';
import { Backup } from '../backups/backup';
import { RestorePoint } from '../backups/restore-point';
import { Credentials } from './credentials';
import { IEngine } from './engine';
import { PrimaryVolumeLoss } from './primary-volume-loss';
import { Storage } from '../storage/storage';
import { VolumeRetention } from './volume-retention';

/**
 * Props that every replicated system has, whatever its engine.
 */
export interface ReplicatedSystemProps {
  /**
   * Name of the StatefulSet; Services, claims and labels are named by it. A DNS label of at most 52 characters that
   * begins with a letter. It cannot change: a set of another name starts with new volumes.
   *
   * @default - the construct's id
   */
  readonly name?: string;

  /**
   * How many pods: the primary at ordinal 0, and read-only replicas above it. At least 1; at least 2 on ephemeral
   * storage, where the others are all that brings the data of one back.
   */
  readonly replicas: number;

  /**
   * Where the data is: remote volumes, or nothing but the other pods' copies.
   */
  readonly storage: Storage;

  /**
   * The passwords, by reference to a Secret.
   */
  readonly credentials: Credentials;

  /**
   * CPU and memory of the server's container. The memory also sets the sizes of the database's caches. What is left out
   * has its default: with a CPU alone the memory stays as it is.
   *
   * @default - 250m CPU requested and not limited, 1Gi memory requested and at most
   */
  readonly resources?: ContainerResources;

  /**
   * CPU and memory of the sidecar `sync`. What is left out has its default. A ResourceQuota on `limits.cpu` needs one
   * here too.
   *
   * @default - 10m CPU requested and not limited, 32Mi memory requested and at most 128Mi; where the sidecar gives
   * copies (MariaDB) 64Mi and 512Mi
   */
  readonly syncResources?: ContainerResources;

  /**
   * Labels, annotations and namespace of the StatefulSet and the objects that belong to it. `app.kubernetes.io/name`
   * and `instance` may be yours, what the library finds its pods and versions by may not.
   *
   * @default - the chart's, and the usual `app.kubernetes.io` labels
   */
  readonly metadata?: ApiObjectMetadata;

  /**
   * Labels and annotations of the pods, as for `metadata`.
   *
   * @default - the usual `app.kubernetes.io` labels
   */
  readonly podMetadata?: ApiObjectMetadata;

  /**
   * Labels that a node must have. The pods are spread over nodes and zones by preference, always; not by force, or the
   * pod of a dead node would find no other place, as the dead node still counts. Affinities and tolerations:
   * `scheduling` of the construct.
   *
   * @default - any node
   */
  readonly nodeSelector?: { [label: string]: string };

  /**
   * Priority class of the pods.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;

  /**
   * How long a replica may be out of sync before it is no longer ready, that is, before it leaves the read Service. The
   * primary's readiness never depends on it. A second to 30 days.
   *
   * @default Duration.seconds(60)
   */
  readonly maxLag?: Duration;

  /**
   * What happens if ordinal 0 comes back with an empty volume while others hold data.
   *
   * @default PrimaryVolumeLoss.RECOVER
   */
  readonly onPrimaryVolumeLoss?: PrimaryVolumeLoss;

  /**
   * That the set is backed up, and where to: base backups by a CronJob, and the log as it fills by a container of the
   * pods.
   *
   * @default - no backups: what a statement deletes is gone on all replicas at once
   */
  readonly backup?: Backup;

  /**
   * Where the first data comes from, where no ordinal holds any: backups of another set, or of this one.
   *
   * @default - a new database; where the store of `backup` has backups of this set, ordinal 0 stops and says so
   */
  readonly restoreFrom?: RestorePoint;

  /**
   * How long a pod may take to stop. Half of it may pass with waiting for the pods above; the rest is the server's,
   * which writes out what it has in memory. 30 seconds to 30 days.
   *
   * @default Duration.minutes(5)
   */
  readonly terminationGracePeriod?: Duration;

  /**
   * How long a server may take until it listens, ten seconds to 30 days. Recovery after a crash may take as long as it
   * needs: PostgreSQL, Redis and Valkey listen meanwhile; MySQL and MariaDB do not, and are given a day more than this.
   *
   * @default Duration.minutes(10)
   */
  readonly startupTimeout?: Duration;

  /**
   * What happens to the volumes when the StatefulSet is deleted.
   *
   * @default VolumeRetention.RETAIN
   */
  readonly volumesWhenDeleted?: VolumeRetention;

  /**
   * What happens to a pod's volume when the set is scaled down.
   *
   * @default VolumeRetention.RETAIN
   */
  readonly volumesWhenScaled?: VolumeRetention;
}

/**
 * Props of a `ReplicatedStatefulSet`.
 */
export interface ReplicatedStatefulSetProps extends ReplicatedSystemProps {
  /**
   * The database.
   */
  readonly engine: IEngine;
}
