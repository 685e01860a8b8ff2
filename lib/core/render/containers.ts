import { Duration, Size } from 'cdk8s';
import {
  Capability, ConfigMap, Container, ContainerProps, ContainerResources, Cpu, EmptyDirMedium, EnvFieldPaths, EnvValue, Handler,
  ImagePullPolicy, Probe, Secret, Volume, VolumeMount, Workload,
} from 'cdk8s-plus-28';
import { Engine, EngineSource } from '../engine';
import { ReplicatedSystemProps } from '../replicated-system-props';
import { Storage, StorageKind } from '../../storage/storage';
import { checkDuration } from '../private/pod-checks';
import { SetNames } from '../private/names';
import { resourcesOf } from '../resources';
import { shown } from '../../values/checks';
import { POD_INDEX_LABEL } from './services';
import { DATA_VOLUME } from './stateful-set';

/** Where the scripts look for what is mounted; see `lib/core/scripts/common.sh`. */
const SCRIPTS_PATH = '/opt/stateful';
const CONFIG_PATH = '/etc/stateful';
const STATE_PATH = '/run/stateful';
/** A few small files; what is large has a scratch directory of the engine's. */
const STATE_SIZE = Size.mebibytes(16);
/** Where the Secret is mounted. */
export const CREDENTIALS_PATH = '/run/secrets/stateful';
/** Where `prepare` has the Secret of the database that the first data comes from. */
export const SOURCE_CREDENTIALS_PATH = '/run/secrets/source';
const INIT_PATH = '/docker-entrypoint-initdb.d';

/** How long one attempt of a startup probe waits. */
const STARTUP_ATTEMPT = Duration.seconds(10);

/** Nothing that recovers takes longer. */
const LONGEST_RECOVERY = Duration.days(1);

const READ_AND_RUN = 0o555;
const READ = 0o444;

/** Enough for a small database; explicit, as cdk8s-plus would ask for a whole CPU for each container. */
export const DEFAULT_RESOURCES: ContainerResources = {
  cpu: { request: Cpu.millis(250) },
  memory: { request: Size.gibibytes(1), limit: Size.gibibytes(1) },
};

/** Below this the sidecar is killed as soon as it starts its client. */
const LEAST_SIDECAR_MIB = 32;

/** A shell and a client that stay; measured in `test/bench`. */
const SIDECAR_RESOURCES: ContainerResources = {
  cpu: { request: Cpu.millis(10) },
  memory: { request: Size.mebibytes(32), limit: Size.mebibytes(128) },
};

/** The same, and what copies the data: it has a limit of its own, above which the copy would be killed again and again. */
const DONOR_RESOURCES: ContainerResources = {
  cpu: { request: Cpu.millis(10) },
  memory: { request: Size.mebibytes(64), limit: Size.mebibytes(512) },
};

interface ContainersProps extends ReplicatedSystemProps {
  readonly engine: Engine;
}

/**
 * The three containers that every pod has: `prepare` gives the volume its data, the engine's own serves, `sync` keeps it in step.
 *
 * @returns the volume with the data
 */
export function addContainers(pod: Workload, names: SetNames, props: ContainersProps): Volume {
  const { engine } = props;
  const resources = resourcesOf('resources', props.resources, DEFAULT_RESOURCES);
  const volume = dataVolume(pod, props.storage);
  const data = mount(volume, engine.volumePath);
  const init = engine.initFiles === undefined ? [] : [mount(files(pod, 'init', names.initFiles, READ_AND_RUN), INIT_PATH, true)];
  const source = engine.source === undefined ? [] : [mount(sourceVolume(pod, engine.source), SOURCE_CREDENTIALS_PATH, true)];
  const shared = [
    mount(files(pod, 'scripts', names.scripts, READ_AND_RUN), SCRIPTS_PATH, true),
    mount(files(pod, 'config', names.config, READ), CONFIG_PATH, true),
    mount(credentialsVolume(pod, props), CREDENTIALS_PATH, true),
    mount(stateVolume(pod), STATE_PATH),
    ...engine.scratch.map((directory) => mount(Volume.fromEmptyDir(pod, `Volume-${directory.name}`, directory.name, {
      medium: directory.inMemory === true ? EmptyDirMedium.MEMORY : undefined,
      sizeLimit: directory.sizeLimit,
    }), directory.path)),
  ];

  // The server runs in `prepare` too, while it initialises and recovers: so it gets what the server gets. The pod's request is no
  // larger for it, as init containers are done before the others begin.
  pod.addInitContainer(container({
    name: 'prepare', image: engine.image, command: script(engine, 'prepare.sh'), resources,
    envVariables: engine.environment, volumeMounts: [data, ...shared, ...init, ...source],
  }));
  pod.attachContainer(new Container(container({
    name: engine.name, image: engine.image, command: script(engine, 'run.sh'), resources,
    envVariables: engine.environment, volumeMounts: [data, ...shared],
    ports: [{ name: engine.name, number: engine.port }],
    startup: untilStarted(engine, 'started-server.sh', startupBudget(props)),
    // An open port is all it asks for: a server that recovers listens, and must never be killed for not answering yet.
    liveness: Probe.fromTcpSocket({ port: engine.port, periodSeconds: Duration.seconds(10), timeoutSeconds: Duration.seconds(5), failureThreshold: 6 }),
    lifecycle: { preStop: Handler.fromCommand(script(engine, 'pre-stop.sh')) },
  })));
  pod.attachContainer(new Container(container({
    name: 'sync', image: engine.image, command: script(engine, 'sync.sh'),
    resources: sidecarResources(props),
    ...engine.copyPort === undefined ? { volumeMounts: shared } : {
      volumeMounts: [{ ...data, readOnly: true }, ...shared],
      ports: [{ name: 'copy', number: engine.copyPort }],
    },
    // If the pod is never ready, only this sidecar restarts.
    startup: untilStarted(engine, 'started-sync.sh', Duration.hours(1)),
    // One small process, which succeeds only if the file is there, and leaves the sign that Kubernetes has seen it (sync.sh). It is asked
    // at once when the startup probe has succeeded; to be asked more often would cost more than all else in an idle pod.
    readiness: Probe.fromCommand(['cp', `${STATE_PATH}/ready`, `${STATE_PATH}/probed`], {
      periodSeconds: Duration.seconds(10), timeoutSeconds: Duration.seconds(5), failureThreshold: 1,
    }),
  })));
  return volume;
}

/** Until the server listens. One that recovers first must not be killed for it: its next start would recover anew, for ever. */
function startupBudget({ engine, startupTimeout = Duration.minutes(10) }: ContainersProps): Duration {
  const timeout = checkDuration('startupTimeout', startupTimeout, STARTUP_ATTEMPT);
  return engine.recoversBeforeListening === true ? Duration.seconds(timeout.toSeconds() + LONGEST_RECOVERY.toSeconds()) : timeout;
}

function sidecarResources({ engine, syncResources }: ContainersProps): ContainerResources {
  const resources = resourcesOf('syncResources', syncResources, engine.copyPort === undefined ? SIDECAR_RESOURCES : DONOR_RESOURCES);
  const limit = resources.memory?.limit;
  if (limit !== undefined && limit.toMebibytes() < LEAST_SIDECAR_MIB) {
    throw new Error(`syncResources.memory.limit must be at least ${LEAST_SIDECAR_MIB} mebibytes, got ${shown(limit)}`);
  }
  return resources;
}

/** A probe that waits, and answers the moment that all is well: one that is asked anew each second costs half a second on average. */
function untilStarted(engine: Engine, name: string, budget: Duration): Probe {
  return Probe.fromCommand(script(engine, name), {
    periodSeconds: Duration.seconds(1), timeoutSeconds: STARTUP_ATTEMPT,
    failureThreshold: Math.ceil(budget.toSeconds() / STARTUP_ATTEMPT.toSeconds()),
  });
}

function container(props: ContainerProps): ContainerProps {
  return {
    ...props,
    envVariables: { POD_INDEX: EnvValue.fromFieldRef(EnvFieldPaths.POD_LABEL, { key: POD_INDEX_LABEL }), ...props.envVariables },
    imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
    securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: [Capability.ALL] } },
  };
}

/** The command that runs a script: by its first line, or by the engine's shell. */
function script({ shell }: Engine, name: string): string[] {
  const path = `${SCRIPTS_PATH}/${name}`;
  return shell === undefined ? [path] : [shell, path];
}

function mount(volume: Volume, path: string, readOnly?: boolean): VolumeMount {
  return { volume, path, readOnly };
}

function files(pod: Workload, volumeName: string, configMapName: string, defaultMode: number): Volume {
  const configMap = ConfigMap.fromConfigMapName(pod, `ConfigMap-${volumeName}`, configMapName);
  return Volume.fromConfigMap(pod, `Volume-${volumeName}`, configMap, { name: volumeName, defaultMode });
}

function credentialsVolume(pod: Workload, props: ContainersProps): Volume {
  return secretVolume(pod, 'credentials', props.credentials.secretName, props.engine.secretKeys);
}

/** Optional, as the Secret goes with the database that it belongs to, and pods must start also after that. */
function sourceVolume(pod: Workload, source: EngineSource): Volume {
  return secretVolume(pod, 'source', source.secretName, source.secretKeys, true);
}

/** Passwords, and keys that are made of them, stand there: so they are in memory, as a mounted Secret is, and never on the node's disk. */
function stateVolume(pod: Workload): Volume {
  return Volume.fromEmptyDir(pod, 'Volume-state', 'state', { medium: EmptyDirMedium.MEMORY, sizeLimit: STATE_SIZE });
}

function secretVolume(pod: Workload, name: string, secretName: string, keys: { [fileName: string]: string }, optional?: boolean): Volume {
  const secret = Secret.fromSecretName(pod, `Secret-${name}`, secretName);
  const items = Object.fromEntries(Object.entries(keys).map(([path, key]) => [key, { path }]));
  return Volume.fromSecret(pod, `Volume-${name}`, secret, { name, defaultMode: READ, items, optional });
}

/** On remote storage the volume comes from the claim template of the same name, and this one is left out of the pod (pod-template.ts). */
function dataVolume(pod: Workload, storage: Storage): Volume {
  return Volume.fromEmptyDir(pod, 'Volume-data', DATA_VOLUME, storage.kind === StorageKind.EPHEMERAL
    ? { medium: storage.medium, sizeLimit: storage.sizeLimit }
    : undefined);
}
