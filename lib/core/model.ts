import { ApiObjectMetadata, Chart, Duration, Size, SizeRoundingBehavior } from 'cdk8s';
import { ContainerResources, Pod } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Storage } from '../storage/storage';
import {
  checkMetadata,
  checkNamespace,
  checkNodeSelector,
  checkPriorityClass,
  Owned,
} from '../values/kubernetes-names';
import { Backup } from '../backups/backup';
import { RestorePoint } from '../backups/restore-point';
import { EngineConfig } from './engine';
import { PrimaryVolumeLoss } from './primary-volume-loss';
import { checkEngine } from './private/engine-checks';
import { checkSetName, namesOf, refuseName, refuseNamespace, SetNames } from './private/names';
import { PodScripts, podScripts } from './private/pod-scripts';
import { checkDuration, checkProps } from './private/set-props';
import { NAME_LABEL, SCRIPTS_LABEL } from '../values/labels';
import { POD_INDEX_LABEL } from './render/layout';
import { ReplicatedSystem } from './replicated-system';
import { ReplicatedStatefulSetProps } from './replicated-system-props';
import { DEFAULT_RESOURCES, resourcesOf, sidecarResources } from './resources';
import { VolumeRetention } from './volume-retention';

/** Values of labels, by their names. */
export interface Labels {
  readonly [label: string]: string;
}

/**
 * All that a set is made of: every prop resolved, checked and defaulted, once, here. What renders takes this and
 * nothing else.
 */
export interface SetModel extends ReplicatedSystem {
  readonly names: SetNames;
  readonly engine: EngineConfig;
  /** What runs in the pods. */
  readonly scripts: PodScripts;
  /** Where clients connect. */
  readonly port: number;
  readonly storage: Storage;
  readonly volumesWhenDeleted: VolumeRetention;
  readonly volumesWhenScaled: VolumeRetention;
  readonly onPrimaryVolumeLoss: PrimaryVolumeLoss;
  readonly backup: Backup | undefined;
  readonly restoreFrom: RestorePoint | undefined;
  readonly maxLag: Duration;
  readonly gracePeriod: Duration;
  /** How long the startup probe waits for the server. */
  readonly startupBudget: Duration;
  readonly resources: ContainerResources;
  readonly syncResources: ContainerResources;
  readonly selector: Labels;
  /** Of every object but its name. */
  readonly metadata: ApiObjectMetadata;
  /** What the StatefulSet and the pods have, and the other objects have not. */
  readonly versionLabel: Labels;
  readonly podLabels: Labels;
  readonly podMetadata: ApiObjectMetadata | undefined;
  readonly nodeSelector: Labels | undefined;
  readonly priorityClassName: string | undefined;
}

/** Of the configuration, for which a pod restarts. Other scripts have another name. */
export const HASH_ANNOTATION = 'cdk8s-stateful/config-hash';
const VERSION_LABEL = 'app.kubernetes.io/version';
const SHORTEST_GRACE_PERIOD = Duration.seconds(30);
/** How long one attempt of a startup probe waits. */
export const STARTUP_ATTEMPT = Duration.seconds(10);
/** A CronJob's name may have 52 characters. */
const LONGEST_WITH_BACKUPS = 45;
/** Nothing that recovers takes longer. */
const LONGEST_RECOVERY = Duration.days(1);

/** Labels and annotations that only the library sets, on objects and on pods. */
const OWNED_LABELS: Owned = {
  [NAME_LABEL]: "the pods are selected by it: use the prop 'name'",
  [VERSION_LABEL]: "it comes from the prop 'version'",
  [SCRIPTS_LABEL]: 'the ConfigMap of the scripts is known by it',
};
const OWNED_POD_LABELS: Owned = {
  ...OWNED_LABELS,
  [HASH_ANNOTATION]: 'the pods restart when it changes',
  [Pod.ADDRESS_LABEL]: "network policies and affinities select the pods by it: use the prop 'name'",
  [POD_INDEX_LABEL]: 'the StatefulSet controller sets it',
  'statefulset.kubernetes.io/pod-name': 'the StatefulSet controller sets it',
  'controller-revision-hash': 'the StatefulSet controller sets it',
};

/**
 * The model of a set.
 *
 * @throws by the name of the prop, if one of them cannot be
 */
export function modelOf(scope: Construct, id: string, props: ReplicatedStatefulSetProps): SetModel {
  checkProps(props);
  const name = props.name ?? id;
  checkSetName(name);
  refuseName('metadata', checkMetadata('metadata', props.metadata, OWNED_LABELS));
  refuseName('podMetadata', checkMetadata('podMetadata', props.podMetadata, OWNED_POD_LABELS));
  refuseNamespace('podMetadata', props.podMetadata);
  const { replicas, storage, credentials } = props;
  const resources = resourcesOf('resources', props.resources, DEFAULT_RESOURCES);
  const system: ReplicatedSystem = {
    name,
    namespaceName: checkNamespace('namespace', props.metadata?.namespace ?? Chart.of(scope).namespace),
    replicas,
    memory: memoryOf(resources),
    volume: storage._capacity,
    credentials,
  };
  const own = {
    storage,
    volumesWhenDeleted: props.volumesWhenDeleted ?? VolumeRetention.RETAIN,
    volumesWhenScaled: props.volumesWhenScaled ?? VolumeRetention.RETAIN,
    onPrimaryVolumeLoss: props.onPrimaryVolumeLoss ?? PrimaryVolumeLoss.RECOVER,
    backup: props.backup,
    restoreFrom: props.restoreFrom,
    maxLag: checkDuration('maxLag', props.maxLag ?? Duration.seconds(60), Duration.seconds(1)),
    gracePeriod: checkDuration(
      'terminationGracePeriod',
      props.terminationGracePeriod ?? Duration.minutes(5),
      SHORTEST_GRACE_PERIOD,
    ),
    resources,
    nodeSelector: checkNodeSelector(props.nodeSelector),
    priorityClassName: checkPriorityClass(props.priorityClassName),
    podMetadata: props.podMetadata,
    selector: { [NAME_LABEL]: name },
  };
  const startupTimeout = checkDuration('startupTimeout', props.startupTimeout ?? Duration.minutes(10), STARTUP_ATTEMPT);

  const engine = checkEngine(props.engine, system);
  if (engine.source !== undefined) refuseOwnHost(engine.source.host, name, system.namespaceName);
  checkBackups(engine, name, props);
  const labels = { 'app.kubernetes.io/name': engine.name, 'app.kubernetes.io/instance': name };
  const versionLabel = { [VERSION_LABEL]: engine.version };
  const hasStore = props.backup !== undefined || props.restoreFrom !== undefined;
  const scripts = podScripts(engine.scripts, hasStore ? (engine.backupScripts ?? {}) : undefined);
  return {
    ...system,
    ...own,
    engine,
    scripts,
    names: namesOf(name, scripts),
    port: engine.clientPort ?? engine.port,
    startupBudget:
      engine.recoversBeforeListening === true
        ? Duration.seconds(startupTimeout.toSeconds() + LONGEST_RECOVERY.toSeconds())
        : startupTimeout,
    syncResources: sidecarResources(props.syncResources, engine.copyPort !== undefined),
    metadata: { ...props.metadata, labels: { ...labels, ...props.metadata?.labels } },
    versionLabel,
    // cdk8s-plus selects pods by the last in network policies and affinities; its own value depends on the construct's
    // path.
    podLabels: { ...labels, ...props.podMetadata?.labels, ...versionLabel, ...own.selector, [Pod.ADDRESS_LABEL]: name },
  };
}

/** Less than what is asked for the server may have at times only. */
function memoryOf({ memory }: ContainerResources): Size {
  const size = memory?.limit ?? memory?.request ?? Size.gibibytes(1);
  return Size.mebibytes(size.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR }));
}

/** What an engine cannot do, and names that its jobs would have no room for. */
function checkBackups(
  { name: engineName, scripts, backupScripts, backsUpChanges, source }: EngineConfig,
  name: string,
  { backup, restoreFrom }: ReplicatedStatefulSetProps,
): void {
  if (backup === undefined && restoreFrom === undefined) return;
  if (backupScripts === undefined) {
    throw new Error(
      `${backup === undefined ? 'restoreFrom' : 'backup'} must not be given, as there are no backups of ${engineName} yet`,
    );
  }
  const both = Object.keys(scripts).find((file) => Object.hasOwn(backupScripts, file));
  if (both !== undefined) {
    throw new Error(
      `engine.scripts['${both}'] must not be given together with '${backup === undefined ? 'restoreFrom' : 'backup'}', as the backups of ${engineName} have a script of that name: rename it, or replace another function`,
    );
  }
  if (backup !== undefined && backup.fullBackupEvery > 1 && backsUpChanges !== true) {
    throw new Error(
      `backup must not have 'fullBackupEvery: ${backup.fullBackupEvery}', as every backup of ${engineName} is a full one: leave it out`,
    );
  }
  if (backup !== undefined && name.length > LONGEST_WITH_BACKUPS) {
    throw new Error(
      `name must have at most ${LONGEST_WITH_BACKUPS} characters with 'backup', as its jobs are named by it, got ${name.length}: '${name}'`,
    );
  }
  const [account, other] = [backup, restoreFrom].map((use) => use?.store.serviceAccountName);
  if (account !== undefined && other !== undefined && account !== other) {
    throw new Error(
      `restoreFrom must have a store with the serviceAccountName of 'backup', as a pod has one, got '${other}' and '${account}'`,
    );
  }
  if (restoreFrom !== undefined && source !== undefined) {
    throw new Error("restoreFrom must not be given together with 'importFrom': the first data comes from one of them");
  }
}

/** A set that waits for its own primary waits for ever. */
function refuseOwnHost(host: string, setName: string, namespace: string | undefined): void {
  const [own, of] = host.split('.');
  if (own === `${setName}-primary` && (of === undefined || of === namespace)) {
    throw new Error(`importFrom must be another set, got '${host}', which is the primary of this one`);
  }
}
