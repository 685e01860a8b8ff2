import { run } from './kubectl';
import { Claim, List, Pod, Volume } from './objects';
import { PodWatch } from './pod-watch';
import { check, messageOf, until } from './poll';

/** One namespace of the cluster that KUBECONFIG names. */
export class Cluster {
  constructor(public readonly namespace: string) {}

  public kubectl(...args: string[]): Promise<string> {
    return run('kubectl', ['-n', this.namespace, ...args]);
  }

  /** @param yaml or JSON, one object or many */
  public apply(yaml: string): Promise<string> {
    return run('kubectl', ['-n', this.namespace, 'apply', '-f', '-'], yaml);
  }

  /** `kubectl delete -f`; comes back when all of it is gone. */
  public deleteFile(yaml: string): Promise<string> {
    return run('kubectl', ['-n', this.namespace, 'delete', '--ignore-not-found', '-f', '-'], yaml);
  }

  public watchPods(): PodWatch {
    return new PodWatch(this.namespace);
  }

  public pods(): Promise<Pod[]> {
    return this.list<Pod>('pods');
  }

  public async pod(name: string): Promise<Pod> {
    return JSON.parse(await this.kubectl('get', 'pod', name, '-o', 'json')) as Pod;
  }

  public claims(): Promise<Claim[]> {
    return this.list<Claim>('persistentvolumeclaims');
  }

  public logs(pod: string, container: string): Promise<string> {
    return this.kubectl('logs', pod, '-c', container);
  }

  /** Grace 0, by force: the pod's object goes at once, and its processes are killed. */
  public async kill(...pods: string[]): Promise<void> {
    await this.kubectl('delete', 'pod', '--grace-period=0', '--force', '--wait=false', ...pods);
  }

  public async create(): Promise<void> {
    await run(
      'kubectl',
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: this.namespace,
          labels: { 'pod-security.kubernetes.io/enforce': 'restricted', 'cdk8s-stateful/e2e': 'true' },
        },
      }),
    );
  }

  /** Deletes the namespace, in which nothing is worth waiting for. */
  public async leave(): Promise<void> {
    await run('kubectl', ['delete', 'namespace', this.namespace, '--wait=false', '--ignore-not-found']);
  }

  /**
   * Deletes the namespace and all that is in it. Volumes are told to go with their claims first, whatever their class
   * says: nothing stays behind.
   */
  public async remove(): Promise<void> {
    await this.leave();
    for (const volume of await this.volumes()) {
      await run('kubectl', [
        'patch',
        'pv',
        volume.metadata.name,
        '-p',
        '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}',
      ]).catch((error: unknown) => check(messageOf(error).includes('NotFound'), messageOf(error))); // one that was going already
    }
    // The order of stopping was tested before; here nothing is worth waiting for.
    await this.kubectl('delete', 'pod', '--all', '--grace-period=0', '--force', '--wait=false', '--ignore-not-found');
    await until(
      `namespace ${this.namespace} is gone`,
      120,
      async () =>
        (await run('kubectl', ['get', 'namespace', this.namespace, '--ignore-not-found', '-o', 'name'])) === '',
    );
    await until(`the volumes of ${this.namespace} are gone`, 120, async () => (await this.volumes()).length === 0);
  }

  private async volumes(): Promise<Volume[]> {
    const { items } = JSON.parse(await run('kubectl', ['get', 'pv', '-o', 'json'])) as List<Volume>;
    return items.filter((volume) => volume.spec.claimRef?.namespace === this.namespace);
  }

  private async list<T>(kind: string): Promise<T[]> {
    return (JSON.parse(await this.kubectl('get', kind, '-o', 'json')) as List<T>).items;
  }
}
