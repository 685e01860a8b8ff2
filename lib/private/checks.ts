import { Duration } from 'cdk8s';
import { Container } from 'cdk8s-plus-28';
import { Storage, StorageKind } from '../storage';

/** One pod is a system, but without volumes it takes two for one to lose its data. */
export function checkReplicas(replicas: number, storage: Storage): number {
  const least = storage.kind === StorageKind.EPHEMERAL ? 2 : 1;
  if (!Number.isInteger(replicas) || replicas < least) {
    const why = least === 2 ? ' on ephemeral storage, where only the other pods can bring the data back' : '';
    throw new Error(`replicas must be a whole number of at least ${least}${why}, got ${replicas}`);
  }
  return replicas;
}

/** The scripts and Kubernetes count in whole seconds. */
export function checkDuration(prop: string, duration: Duration, least: Duration): Duration {
  if (duration.toMilliseconds() < least.toMilliseconds() || duration.toMilliseconds() % 1000 !== 0) {
    throw new Error(`${prop} must be whole seconds, at least ${least.toSeconds()}, got ${duration.toHumanString()}`);
  }
  return duration;
}

/** All containers of a pod share one network: a port can be had once. */
export function checkPorts(containers: Container[]): void {
  const owners = new Map<string, string>();
  for (const container of containers) {
    for (const port of container.ports) {
      const key = `${port.number}/${port.protocol ?? 'TCP'}`;
      const owner = owners.get(key);
      if (owner !== undefined) {
        throw new Error(`port ${key} of container '${container.name}' collides with container '${owner}' of the same pod: give one of them another port`);
      }
      owners.set(key, container.name);
    }
  }
}

/** A port that a process without privileges may listen on. */
export function checkPort(prop: string, port: number): number {
  if (!Number.isInteger(port) || port < 1024 || port > 65535) {
    throw new Error(`${prop} must be a whole number from 1024 to 65535 (the server is not root), got ${port}`);
  }
  return port;
}
