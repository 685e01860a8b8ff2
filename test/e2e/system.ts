import { Cluster } from './cluster';
import { Driver, SetOptions } from './driver';
import { Claim, hasStarted, instanceOf, isReady, Pod } from './objects';
import { PodWatch } from './pod-watch';

/** How many copies each run of each server's container has given away. */
export type Copies = ReadonlyMap<string, { readonly ordinal: number; readonly count: number }>;

/** Less than a command may take (kubectl.ts). */
const READY_SECONDS = 170;

/** The set under test, as Kubernetes' objects. */
export class System {
  constructor(
    public readonly cluster: Cluster,
    public readonly driver: Driver,
  ) {}

  public podName(ordinal: number): string {
    return `${this.driver.setName}-${ordinal}`;
  }

  public claimName(ordinal: number): string {
    return `data-${this.podName(ordinal)}`;
  }

  public async apply(options: SetOptions): Promise<void> {
    await this.cluster.apply(this.driver.manifest(options));
  }

  /** The set's pods by ordinal. */
  public async pods(): Promise<Pod[]> {
    const pods = (await this.cluster.pods()).filter((pod) => this.ordinalOf(pod) !== undefined);
    return pods.sort((one, other) => (this.ordinalOf(one) ?? 0) - (this.ordinalOf(other) ?? 0));
  }

  /** Undefined for a pod of something else. */
  public ordinalOf(pod: Pod): number | undefined {
    return this.ordinalOfName(pod.metadata.name);
  }

  /** Has the controller's own word that every pod is of the latest template. */
  public async rolledOut(): Promise<void> {
    await this.cluster.kubectl('rollout', 'status', 'statefulset', this.driver.setName, `--timeout=${READY_SECONDS}s`);
  }

  /** By hand, as an operator would; comes back when no other pod is left. */
  public async scaleTo(replicas: number): Promise<void> {
    await this.cluster.kubectl('scale', 'statefulset', this.driver.setName, `--replicas=${replicas}`);
    await this.ready(replicas);
  }

  /** Waits until there are exactly these pods and all are ready. */
  public async ready(replicas: number, seconds = READY_SECONDS): Promise<Pod[]> {
    return this.watching((watch) => this.readyIn(watch, replicas, [], seconds));
  }

  /** The same in a watch that is open already; none of the pods may be a former one. */
  public readyIn(watch: PodWatch, replicas: number, former: string[], seconds = READY_SECONDS): Promise<Pod[]> {
    return watch.until(`${replicas} pods are ready`, seconds, () => {
      const surplus = watch
        .names()
        .some((name) => (this.ordinalOfName(name) ?? -1) >= replicas && watch.current(name) !== undefined);
      const pods = Array.from({ length: replicas }, (_, ordinal) => watch.current(this.podName(ordinal)));
      return (
        !surplus &&
        pods.every((pod): pod is Pod => pod !== undefined && isReady(pod) && !former.includes(pod.metadata.uid)) &&
        pods
      );
    });
  }

  public async watching<T>(work: (watch: PodWatch) => Promise<T>): Promise<T> {
    const watch = this.cluster.watchPods();
    try {
      const there = await this.cluster.pods();
      await watch.until('the watch has begun', 30, () =>
        there.every((pod) => watch.events.some((event) => event.pod.metadata.uid === pod.metadata.uid)),
      );
      return await work(watch);
    } finally {
      await watch.close();
    }
  }

  public async claim(ordinal: number): Promise<Claim | undefined> {
    return (await this.cluster.claims()).find((claim) => claim.metadata.name === this.claimName(ordinal));
  }

  /** The name of the volume that is bound to the ordinal's claim. */
  public async volume(ordinal: number): Promise<string | undefined> {
    return (await this.claim(ordinal))?.spec.volumeName;
  }

  /** Grace 0 for the pods of these ordinals. */
  public kill(...ordinals: number[]): Promise<void> {
    return this.cluster.kill(...ordinals.map((ordinal) => this.podName(ordinal)));
  }

  /** The volume is gone for good once the pod that uses it is. */
  public async deleteClaim(ordinal: number): Promise<void> {
    await this.cluster.kubectl('delete', 'pvc', this.claimName(ordinal), '--wait=false');
  }

  /** The whole set, its claims, and so its data. */
  public async deleteAll(): Promise<void> {
    const { setName } = this.driver;
    await this.cluster.kubectl('delete', 'statefulset', setName, '--ignore-not-found', '--cascade=orphan');
    const pods = await this.pods();
    if (pods.length > 0) {
      await this.cluster.kill(...pods.map((pod) => pod.metadata.name));
    }
    // A job that has ended keeps its pod, and that its claim.
    await this.cluster.kubectl('delete', 'cronjobs,jobs', '--all', '--cascade=foreground', '--wait=true');
    await this.cluster.kubectl('delete', 'pvc', '--all', '--wait=true');
  }

  public serverLog(ordinal: number): Promise<string> {
    return this.cluster.logs(this.podName(ordinal), this.driver.container);
  }

  /** What the container said that gives a volume its data. */
  public prepareLog(ordinal: number): Promise<string> {
    return this.cluster.logs(this.podName(ordinal), 'prepare');
  }

  public sidecarLog(ordinal: number): Promise<string> {
    return this.cluster.logs(this.podName(ordinal), 'sync');
  }

  /** By the servers' own logs. To be compared with a later one by `copiesSince`. */
  public async copies(): Promise<Copies> {
    const copies = new Map<string, { ordinal: number; count: number }>();
    for (const pod of await this.pods()) {
      const ordinal = this.ordinalOf(pod) ?? 0;
      // A server that has not started yet has no log, and gave nothing away.
      const { donor } = this.driver;
      const log = hasStarted(pod, donor) ? await this.cluster.logs(this.podName(ordinal), donor) : '';
      copies.set(instanceOf(pod, donor), { ordinal, count: this.driver.copiesServed(log) });
    }
    return copies;
  }

  /** How many copies were given away since, by ordinal of the source; ordinals that gave none are left out. */
  public async copiesSince(before: Copies): Promise<Map<number, number>> {
    const since = new Map<number, number>();
    for (const [instance, { ordinal, count }] of await this.copies()) {
      const more = count - (before.get(instance)?.count ?? 0);
      if (more > 0) {
        since.set(ordinal, more);
      }
    }
    return since;
  }

  private ordinalOfName(name: string): number | undefined {
    const [, ordinal] = new RegExp(`^${this.driver.setName}-(\\d+)$`).exec(name) ?? [];
    return ordinal === undefined ? undefined : Number(ordinal);
  }
}
