import { Client } from './client';
import { Cluster } from './cluster';
import { Driver } from './driver';
import { atInterruption, unlessInterrupted } from './interruption';
import { Log } from './journal';
import { Lock } from './lock';

/** What is done at the end, before the namespace is removed. */
export type AtEnd = (cleanUp: () => Promise<void>) => void;

/** Where and how the work is done. */
export interface NamespaceOptions {
  /** Part of the namespace's. */
  readonly name: string;
  /** Leave it for a person to look at. */
  readonly keep: boolean;
  readonly log: Log;
  /** It is made and removed beside others, and while nobody is alone; what is done in it asks for itself. */
  readonly lock: Lock;
}

/**
 * Does the work in a namespace of its own, which is removed whatever happens; unless it is to be kept for a person to
 * look at.
 */
export async function inNamespace<T>(
  { name, keep, log, lock }: NamespaceOptions,
  work: (cluster: Cluster, atEnd: AtEnd) => Promise<T>,
): Promise<T> {
  const cluster = new Cluster(`e2e-${name}-${Date.now().toString(36).slice(-5)}`);
  const cleanUps: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    for (const cleanUp of cleanUps) {
      await cleanUp();
    }
    if (keep) {
      log(`namespace ${cluster.namespace} is kept`);
    } else {
      await cluster.remove();
      log(`namespace ${cluster.namespace} and its volumes are removed`);
    }
  };
  const forget = atInterruption(end);
  try {
    await lock.beside(() => cluster.create());
    log(`namespace ${cluster.namespace}`);
    return await work(cluster, (cleanUp) => cleanUps.push(cleanUp));
  } finally {
    await lock.beside(async () => {
      await unlessInterrupted();
      forget();
      await end();
    });
  }
}

/** The Secret that the engine's sets need, and a pod that is their client. */
export async function startClient(cluster: Cluster, driver: Driver, atEnd: AtEnd): Promise<Client> {
  const client = new Client(cluster, {
    image: driver.image,
    secretName: driver.secretName,
    environment: driver.clientEnvironment,
  });
  atEnd(() => client.stop());
  await cluster.apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: driver.secretName },
      stringData: driver.secret,
    }),
  );
  await client.start();
  return client;
}
