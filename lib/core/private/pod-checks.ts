import { Duration } from 'cdk8s';
import { AbstractPod } from 'cdk8s-plus-28';
import { Storage, StorageKind } from '../../storage/storage';
import { checkResources } from '../resources';
import { errorOf, shown } from '../../values/checks';
import { isImage } from '../../engines/shared/version';

const CONTAINER_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whoever asks for more has mistaken the unit. */
const LONGEST = Duration.days(30);

/** As far as an ordinal 0 without data looks for others (`blank.sh`). */
const MOST_REPLICAS = 1000;

/** One pod is a system, but without volumes it takes two for one to lose its data. */
export function checkReplicas(replicas: number, storage: Storage): number {
  const least = storage.kind === StorageKind.EPHEMERAL ? 2 : 1;
  if (!Number.isInteger(replicas) || replicas < least || replicas > MOST_REPLICAS) {
    const why = least === 2 ? ' on ephemeral storage, where only the other pods can bring the data back' : '';
    throw new Error(`replicas must be a whole number from ${least} to ${MOST_REPLICAS}${why}, got ${shown(replicas)}`);
  }
  return replicas;
}

/** The scripts and Kubernetes count in whole seconds. */
export function checkDuration(prop: string, duration: Duration, least: Duration): Duration {
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < least.toSeconds()) {
    throw new Error(`${prop} must be whole seconds, at least ${least.toSeconds()}, got ${seconds} seconds`);
  }
  if (seconds > LONGEST.toSeconds()) {
    throw new Error(`${prop} must be at most ${LONGEST.toDays()} days, got ${duration.toHumanString()}`);
  }
  return duration;
}

/**
 * All containers of a pod share one network: a port can be had once. Containers may be added until synth, so this is a validation,
 * which cdk8s calls before it writes anything.
 */
export function portCollisions(pod: AbstractPod): string[] {
  const errors: string[] = [];
  const owners = new Map<string, string>();
  const sidecars = pod.initContainers.filter((container) => container.restartPolicy !== undefined);
  for (const container of [...pod.containers, ...sidecars]) {
    for (const port of container.ports) {
      const key = `${port.number}/${port.protocol ?? 'TCP'}`;
      const owner = owners.get(key);
      if (owner !== undefined) {
        errors.push(`port ${key} of container '${container.name}' collides with container '${owner}' of the same pod: give one of them another port`);
      }
      owners.set(key, container.name);
    }
  }
  return errors;
}

/** What the API server refuses of a pod's containers; those that are added may be anything. */
export function containerErrors(pod: AbstractPod): string[] {
  const all = [...pod.initContainers, ...pod.containers];
  const names = all.map(({ name }) => name);
  return [
    ...[...new Set(names.filter((name, place) => names.indexOf(name) !== place))].map((name) => (
      `container name '${name}' is there twice: give each container of the pod a 'name' of its own`
    )),
    ...names.filter((name) => !CONTAINER_NAME.test(name)).map((name) => `container name must be a DNS label (a-z, 0-9, '-', at most 63 characters), got '${name}'`),
    ...all.filter(({ image }) => !isImage(image)).map(({ name, image }) => `image of container '${name}' must be a reference in lower case without blanks, got ${shown(image)}`),
    ...all.flatMap(({ name, ports }) => ports.filter(({ number }) => !(Number.isInteger(number) && number >= 1 && number <= 65535)).map(({ number }) => (
      `port of container '${name}' must be a whole number from 1 to 65535, got ${shown(number)}`
    ))),
    ...all.flatMap(({ name, resources }) => (resources === undefined ? [] : errorOf(() => checkResources(`resources of container '${name}'`, resources)))),
    ...all.flatMap(({ name, mounts }) => {
      const paths = mounts.map(({ path }) => path);
      return paths.filter((path, place) => paths.indexOf(path) !== place).map((path) => `container '${name}' must mount one volume at '${path}', got two: give one of them another path`);
    }),
  ];
}

/** A port that a process without privileges may listen on. */
export function checkPort(prop: string, port: number): number {
  if (!Number.isInteger(port) || port < 1024 || port > 65535) {
    throw new Error(`${prop} must be a whole number from 1024 to 65535 (the server is not root), got ${shown(port)}`);
  }
  return port;
}
