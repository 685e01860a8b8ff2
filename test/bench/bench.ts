import { Client } from '../e2e/client';
import { Cluster } from '../e2e/cluster';
import { Context } from '../e2e/context';
import { Driver } from '../e2e/driver';
import { run } from '../e2e/kubectl';
import { startClient } from '../e2e/namespace';
import { Nodes } from '../e2e/nodes';
import { check } from '../e2e/poll';
import { System } from '../e2e/system';
import { CREDENTIALS, IMAGE, PASSWORD } from './manifests';

/** Deletes what a figure made on this machine. */
type CleanUp = () => void | Promise<void>;

/**
 * What a figure gets: a namespace of its own with a client pod, made when it is first asked for, and a way to say what
 * happens.
 */
export class Bench {
  private opened?: { readonly cluster: Cluster; readonly clients: Client[] };
  private readonly cleanUps: CleanUp[] = [];

  constructor(
    private readonly figure: string,
    public readonly storageClassName: string,
    public readonly log: (text: string) => void,
  ) {}

  /** Whether the figure has asked for a cluster. */
  public get hasCluster(): boolean {
    return this.opened !== undefined;
  }

  public async cluster(): Promise<Cluster> {
    if (this.opened === undefined) {
      const cluster = new Cluster(`bench-${this.figure}-${Date.now().toString(36).slice(-5)}`);
      this.opened = { cluster, clients: [] };
      await cluster.create();
      await cluster.apply(
        JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: CREDENTIALS }, stringData: PASSWORD }),
      );
      this.log(`namespace ${cluster.namespace}`);
    }
    return this.opened.cluster;
  }

  /** @param node where it must not run */
  public async client(node?: string): Promise<Client> {
    const cluster = await this.cluster();
    const client = new Client(cluster, {
      image: IMAGE,
      secretName: CREDENTIALS,
      environment: { PGPASSWORD: 'password' },
    });
    this.opened?.clients.push(client);
    await client.start(node);
    return client;
  }

  /**
   * What a row of promises has: a set as those are tested with, the Secret that its engine needs, and a client pod for
   * it.
   */
  public async contextOf(driver: Driver): Promise<Context> {
    const cluster = await this.cluster();
    const client = await startClient(cluster, driver, (cleanUp) => this.atTheEnd(cleanUp));
    return new Context(
      cluster,
      new System(cluster, driver),
      client,
      driver.open(client),
      this.storageClassName,
      new Nodes({}),
      this.log,
    );
  }

  /** For what is not in the namespace. */
  public atTheEnd(cleanUp: CleanUp): void {
    this.cleanUps.push(cleanUp);
  }

  public async close(): Promise<void> {
    for (const cleanUp of this.cleanUps) {
      await cleanUp();
    }
    if (this.opened !== undefined) {
      const { cluster, clients } = this.opened;
      await Promise.all(clients.map((client) => client.stop()));
      await cluster.remove();
      this.log(`namespace ${cluster.namespace} and its volumes are removed`);
    }
  }
}

/** A script's output in the client pod, or an error. */
export async function output(client: Client, script: string): Promise<string> {
  const { code, out, err } = await client.run(script);
  check(code === 0, `exit code ${code} in the client pod: ${err.trim()}`);
  return out.trim();
}

/** A script's output in a container of the set's. */
export function inContainer(cluster: Cluster, pod: string, container: string, script: string): Promise<string> {
  return run('kubectl', ['exec', '-n', cluster.namespace, pod, '-c', container, '--', 'bash', '-c', script]);
}
