import { AbstractPod, k8s } from 'cdk8s-plus-28';
import { checkResources } from '../resources';
import { errorOf, shown } from '../../values/checks';
import { isImage } from '../../values/image';

const CONTAINER_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * All containers of a pod share one network: a port can be had once. Containers may be added until synth, so this is a
 * validation, which cdk8s calls before it writes anything.
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
        errors.push(
          `port ${key} of container '${container.name}' collides with container '${owner}' of the same pod: give one of them another port`,
        );
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
    ...repeated(names).map(
      (name) => `container name '${name}' is there twice: give each container of the pod a 'name' of its own`,
    ),
    ...names
      .filter((name) => !CONTAINER_NAME.test(name))
      .map((name) => `container name must be a DNS label (a-z, 0-9, '-', at most 63 characters), got '${name}'`),
    ...all
      .filter(({ image }) => !isImage(image))
      .map(
        ({ name, image }) =>
          `image of container '${name}' must be a reference in lower case without blanks, got ${shown(image)}`,
      ),
    ...all.flatMap(({ name, ports }) =>
      ports
        .filter(({ number }) => !(Number.isInteger(number) && number >= 1 && number <= 65535))
        .map(
          ({ number }) => `port of container '${name}' must be a whole number from 1 to 65535, got ${shown(number)}`,
        ),
    ),
    ...all.flatMap(({ name, resources }) =>
      resources === undefined ? [] : errorOf(() => checkResources(`resources of container '${name}'`, resources)),
    ),
  ];
}

/** What it refuses of the volumes, those of the library included. */
export function volumeErrors({ volumes = [], initContainers = [], containers }: k8s.PodSpec): string[] {
  return [
    ...repeated(volumes.map(({ name }) => name)).map(
      (name) => `volume '${name}' is there twice in the pod: give one of them another name`,
    ),
    ...[...initContainers, ...containers].flatMap(({ name, volumeMounts = [] }) =>
      repeated(volumeMounts.map(({ mountPath }) => mountPath)).map(
        (path) => `container '${name}' must mount one volume at '${path}', got two: give one of them another path`,
      ),
    ),
  ];
}

function repeated(texts: string[]): string[] {
  return [...new Set(texts.filter((text, place) => texts.indexOf(text) !== place))];
}
