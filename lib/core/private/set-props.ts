import { Duration } from 'cdk8s';
import { Backup } from '../../backups/backup';
import { RestorePoint } from '../../backups/restore-point';
import { Credentials } from '../credentials';
import { PrimaryVolumeLoss } from '../primary-volume-loss';
import { ReplicatedSystemProps } from '../replicated-system-props';
import { Storage } from '../../storage/storage';
import { VolumeRetention } from '../volume-retention';
import { checkEnum, checkInstance, checkObject, isDuration, shown } from '../../values/checks';

/** Anyone who asks for more has mistaken the unit. */
const LONGEST = Duration.days(30);

/** Upper bound of the scan for other ordinals, of an ordinal 0 without data (`bootstrap.sh`). */
const MOST_REPLICAS = 1000;

/**
 * Refuse props of the wrong kind before anything is made of them, each by its name. What their values must be is said
 * where they are resolved.
 */
export function checkProps(props: ReplicatedSystemProps): void {
  checkObject('props', props);
  checkInstance('storage', props.storage, Storage, 'a Storage, as Storage.remote({ storageClassName, size })');
  checkInstance(
    'credentials',
    props.credentials,
    Credentials,
    "Credentials, as Credentials.fromSecret('orders-credentials')",
  );
  checkReplicas(props.replicas, props.storage);
  if (props.backup !== undefined) checkInstance('backup', props.backup, Backup, 'a Backup, as Backup.to(store)');
  if (props.restoreFrom !== undefined)
    checkInstance('restoreFrom', props.restoreFrom, RestorePoint, 'a RestorePoint, as RestorePoint.latest(store, set)');
  checkEnum('onPrimaryVolumeLoss', props.onPrimaryVolumeLoss ?? PrimaryVolumeLoss.RECOVER, PrimaryVolumeLoss);
  checkEnum('volumesWhenDeleted', props.volumesWhenDeleted ?? VolumeRetention.RETAIN, VolumeRetention);
  checkEnum('volumesWhenScaled', props.volumesWhenScaled ?? VolumeRetention.RETAIN, VolumeRetention);
}

/** The scripts and Kubernetes count in whole seconds. */
export function checkDuration(prop: string, duration: Duration, least: Duration): Duration {
  if (!isDuration(duration)) {
    throw new Error(`${prop} must be a Duration, as Duration.seconds(60), got ${shown(duration)}`);
  }
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < least.toSeconds()) {
    throw new Error(`${prop} must be whole seconds, at least ${least.toSeconds()}, got ${seconds} seconds`);
  }
  if (seconds > LONGEST.toSeconds()) {
    throw new Error(`${prop} must be at most ${LONGEST.toDays()} days, got ${duration.toHumanString()}`);
  }
  return duration;
}

/** One pod is a system, but without volumes it takes two for one to lose its data. */
export function checkReplicas(replicas: number, storage: Storage): number {
  const least = storage._diesWithPod ? 2 : 1;
  if (!Number.isInteger(replicas) || replicas < least || replicas > MOST_REPLICAS) {
    const why = least === 2 ? ' on ephemeral storage, where only the other pods can bring the data back' : '';
    throw new Error(`replicas must be a whole number from ${least} to ${MOST_REPLICAS}${why}, got ${shown(replicas)}`);
  }
  return replicas;
}
