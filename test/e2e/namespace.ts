import { Client } from './client';
import { Cluster } from './cluster';
import { Driver } from './driver';
import { messageOf } from './poll';

export type Log = (text: string) => void;

/** Says when and of whom. */
export function logOf(subject: string): Log {
  return (text) => console.log(`${new Date().toISOString().slice(11, 19)} ${subject}: ${text}`);
}

/** What is done at the end, before the namespace is removed. */
export type AtEnd = (cleanUp: () => Promise<void>) => void;

/** Does the work in a namespace of its own, which is removed whatever happens; unless it is to be kept for a person to look at. */
export async function inNamespace(name: string, keep: boolean, log: Log, work: (cluster: Cluster, atEnd: AtEnd) => Promise<void>): Promise<void> {
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
  const onSignal = (signal: NodeJS.Signals): void => {
    log(`${signal}: cleaning up`);
    void end().catch((error: unknown) => log(messageOf(error))).finally(() => process.exit(1));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await cluster.create();
    log(`namespace ${cluster.namespace}`);
    await work(cluster, (cleanUp) => cleanUps.push(cleanUp));
  } finally {
    await end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** The Secret that the engine's sets need, and a pod that is their client. */
export async function startClient(cluster: Cluster, driver: Driver, atEnd: AtEnd): Promise<Client> {
  const client = new Client(cluster, { image: driver.image, secretName: driver.secretName, environment: driver.clientEnvironment });
  atEnd(() => client.stop());
  await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: driver.secretName }, stringData: driver.secret }));
  await client.start();
  return client;
}
