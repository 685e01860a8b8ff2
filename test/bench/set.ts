import { Cluster } from '../e2e/cluster';
import { isReady, Pod } from '../e2e/objects';
import { PodWatch } from '../e2e/pod-watch';
import { until } from '../e2e/poll';

/** A set on the cluster, ours or a bare one, by its name. */
export class BenchSet {
  constructor(
    private readonly cluster: Cluster,
    public readonly name: string,
  ) {}

  public pod(ordinal: number): string {
    return `${this.name}-${ordinal}`;
  }

  /** The Service of ordinal 0. */
  public get primary(): string {
    return `${this.name}-primary`;
  }

  /** From `kubectl apply` to the moment when the last pod is ready, in seconds. */
  public async apply(yaml: string, replicas: number): Promise<number> {
    return this.watching(async (watch) => {
      const begin = Date.now();
      await this.cluster.apply(yaml);
      const pods = await this.ready(watch, replicas);
      const ready = pods.map((pod) => readyAt(watch, pod));
      return (Math.max(...ready) - begin) / 1000;
    });
  }

  public ready(watch: PodWatch, replicas: number): Promise<Pod[]> {
    return watch.until(`${replicas} pods of ${this.name} are ready`, 180, () => {
      const pods = Array.from({ length: replicas }, (_, ordinal) => watch.current(this.pod(ordinal)));
      return pods.every((pod): pod is Pod => pod !== undefined && isReady(pod)) && pods;
    });
  }

  public async scale(replicas: number): Promise<void> {
    await this.cluster.kubectl('scale', 'statefulset', this.name, `--replicas=${replicas}`);
  }

  /** Everything that the file made, its pods by force, and the claims: comes back when the volumes are gone too. */
  public async remove(yaml: string, replicas: number): Promise<void> {
    await this.cluster.kubectl('delete', 'statefulset', this.name, '--cascade=orphan', '--ignore-not-found');
    await this.cluster.kill(
      '--ignore-not-found',
      ...Array.from({ length: replicas }, (_, ordinal) => this.pod(ordinal)),
    );
    await this.cluster.deleteFile(yaml);
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      await this.removeClaim(ordinal);
    }
  }

  /** With its volume, whatever the class says. Nobody may use it any more. */
  public async removeClaim(ordinal: number): Promise<void> {
    await removeClaim(this.cluster, `data-${this.pod(ordinal)}`);
  }

  public async watching<T>(work: (watch: PodWatch) => Promise<T>): Promise<T> {
    const watch = this.cluster.watchPods();
    try {
      return await work(watch);
    } finally {
      await watch.close();
    }
  }
}

/** When the watch first saw this pod ready, in milliseconds. */
export function readyAt(watch: PodWatch, pod: Pod): number {
  const event = watch.events.find(
    (candidate) => candidate.pod.metadata.uid === pod.metadata.uid && isReady(candidate.pod),
  );
  if (event === undefined) {
    throw new Error(`pod ${pod.metadata.name} was never seen ready`);
  }
  return event.at;
}

/**
 * Deletes a claim and its volume, and waits for it: a volume that is still being deleted would slow down what is
 * measured next.
 */
export async function removeClaim(cluster: Cluster, name: string): Promise<void> {
  const volume = await cluster.kubectl('get', 'pvc', name, '--ignore-not-found', '-o', 'jsonpath={.spec.volumeName}');
  if (volume !== '') {
    await cluster.kubectl('patch', 'pv', volume, '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}');
  }
  await cluster.kubectl('delete', 'pvc', name, '--ignore-not-found', '--wait=true');
  await until(
    `volume ${volume} is gone`,
    120,
    async () =>
      volume === '' || (await cluster.kubectl('get', 'pv', volume, '--ignore-not-found', '-o', 'name')) === '',
  );
}
