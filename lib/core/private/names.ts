import { ApiObjectMetadata } from 'cdk8s';
import { shown } from '../../values/checks';
import { PodScripts } from './pod-scripts';

/**
 * A StatefulSet's name may have 52 characters: the controller adds a hash of eleven to it in a label of at most 63.
 * @see https://github.com/kubernetes/kubernetes/issues/64023
 */
const MAX_SET_NAME = 52;

const DNS_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** The set's name is also its Service's, which may not begin with a digit. */
export function checkSetName(name: string): void {
  if ((typeof name as unknown) !== 'string' || !DNS_LABEL.test(name)) {
    throw new Error(
      `name must be a DNS label (a-z, 0-9, '-', beginning with a letter), got ${shown(name)}: set 'name', or use another construct id`,
    );
  }
  if (name.length > MAX_SET_NAME) {
    throw new Error(`name must have at most ${MAX_SET_NAME} characters, got ${name.length}: '${name}'`);
  }
}

/** Every object of the set is named by the set's name. */
export function refuseName(prop: string, metadata: ApiObjectMetadata | undefined): void {
  if (metadata?.name !== undefined) {
    throw new Error(`${prop}.name must not be given, got '${metadata.name}': use the prop 'name'`);
  }
}

/** Pods are where their set is. */
export function refuseNamespace(prop: string, metadata: ApiObjectMetadata | undefined): void {
  if (metadata?.namespace !== undefined) {
    throw new Error(
      `${prop}.namespace must not be given, got '${metadata.namespace}': pods are in the namespace of their set`,
    );
  }
}

/** Names of the objects of a set, all of them made from its own. */
export interface SetNames {
  readonly [object: string]: string;
  readonly headlessService: string;
  readonly primaryService: string;
  readonly readService: string;
  readonly scripts: string;
  readonly backupScripts: string;
  readonly config: string;
  readonly initFiles: string;
  readonly backup: string;
  readonly proof: string;
}

/**
 * The names of all objects of a set. That of the scripts says by a digest what they are: other scripts are another
 * object, so that no running pod ever meets them. Each set has its own, though many have the same scripts: kustomize
 * and Helm refuse an object that comes from two charts, and two Applications of Argo CD would take it from each other.
 */
export function namesOf(setName: string, scripts: PodScripts): SetNames {
  return {
    headlessService: setName,
    primaryService: `${setName}-primary`,
    readService: `${setName}-read`,
    scripts: `${setName}-scripts-${scripts.digest}`,
    backupScripts: `${setName}-backup-scripts${scripts.ofBackups === undefined ? '' : `-${scripts.ofBackups.digest}`}`,
    config: `${setName}-config`,
    initFiles: `${setName}-init`,
    backup: `${setName}-backup`,
    proof: `${setName}-proof`,
  };
}
