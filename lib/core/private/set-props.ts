import { Duration } from 'cdk8s';
import { Credentials } from '../credentials';
import { LostPrimary } from '../lost-primary';
import { ReplicatedSystemProps } from '../replicated-system-props';
import { Storage } from '../../storage/storage';
import { VolumeRetention } from '../volume-retention';
import { checkReplicas } from './pod-checks';
import { checkEnum, checkInstance, checkObject, isDuration, shown } from '../../values/checks';

/**
 * Refuse props of the wrong kind before anything is made of them, each by its name. What their values must be is said where they are used.
 */
export function checkSetProps(props: ReplicatedSystemProps): void {
  checkObject('props', props);
  checkInstance('storage', props.storage, Storage, 'a Storage, as Storage.remote({ storageClassName, size })');
  checkInstance('credentials', props.credentials, Credentials, "Credentials, as Credentials.fromSecret('orders-credentials')");
  checkReplicas(props.replicas, props.storage);
  for (const prop of ['maxLag', 'terminationGracePeriod', 'startupTimeout'] as const) {
    checkKindOfDuration(prop, props[prop]);
  }
  checkEnum('lostPrimary', props.lostPrimary ?? LostPrimary.RECOVER, LostPrimary);
  checkEnum('volumesWhenDeleted', props.volumesWhenDeleted ?? VolumeRetention.RETAIN, VolumeRetention);
  checkEnum('volumesWhenScaled', props.volumesWhenScaled ?? VolumeRetention.RETAIN, VolumeRetention);
}

/** The same of a database whose version is a class of its own. */
export function checkDatabaseProps(props: ReplicatedSystemProps & { readonly version: unknown }, version: { readonly prototype: object; readonly name: string }, example: string): void {
  checkSetProps(props);
  checkInstance('version', props.version, version, `a ${version.name}, as ${example}`);
}

function checkKindOfDuration(prop: string, duration: Duration | undefined): void {
  if (duration !== undefined && !isDuration(duration)) {
    throw new Error(`${prop} must be a Duration, as Duration.seconds(60), got ${shown(duration)}`);
  }
}
