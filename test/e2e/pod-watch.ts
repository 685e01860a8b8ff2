import { Stream } from './kubectl';
import { isReady, Pod } from './objects';

/** What the API server told about a pod, in its order: the order of events is evidence that no clock can blur. */
export interface PodEvent {
  /** When it arrived here, in milliseconds. */
  readonly at: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly pod: Pod;
}

/**
 * All that happens to the pods of a namespace, from the pods that there are on. A watch that breaks fails whoever waits
 * on it: with a gap in it, the order would prove nothing.
 */
export class PodWatch {
  public readonly events: PodEvent[] = [];
  private readonly stream: Stream;
  private waiting: (() => void)[] = [];
  private broken = false;

  constructor(namespace: string) {
    this.stream = new Stream(['get', '--raw', `/api/v1/namespaces/${namespace}/pods?watch=1`], (line) => {
      const { type, object } = JSON.parse(line) as { type: PodEvent['type']; object: Pod };
      this.events.push({ at: Date.now(), type, pod: object });
      this.wake();
    });
    void this.stream.ended.then(() => {
      this.broken = true;
      this.wake();
    });
  }

  public async close(): Promise<void> {
    await this.stream.kill();
  }

  /**
   * Waits until the test gives something; it is asked again after each event, of which the last must have come within
   * the time.
   */
  public async until<T>(what: string, seconds: number, test: () => T | undefined | false): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const answer = test();
      if (answer !== undefined && answer !== false && (this.events.at(-1)?.at ?? 0) <= end) {
        return answer;
      }
      if (this.broken) {
        throw new Error(`the watch broke while waiting: ${what}`);
      }
      const left = end - Date.now();
      if (left <= 0) {
        throw new Error(`not within ${seconds} s: ${what} (${this.describe()})`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** The pod of this name as last seen; undefined once it is deleted. */
  public current(name: string): Pod | undefined {
    const last = this.events.filter((event) => event.pod.metadata.name === name).at(-1);
    return last === undefined || last.type === 'DELETED' ? undefined : last.pod;
  }

  /** Waits for a pod of this name that is none of the former ones, and for what else is asked of it. */
  public successor(
    name: string,
    former: string[],
    seconds: number,
    test: (pod: Pod) => boolean = isReady,
  ): Promise<Pod> {
    return this.until(`a new pod ${name}${test === isReady ? ', ready' : ''}`, seconds, () => {
      const pod = this.current(name);
      return pod !== undefined && !former.includes(pod.metadata.uid) && test(pod) && pod;
    });
  }

  /** Of all pods that there are or were. */
  public names(): string[] {
    return [...new Set(this.events.map((event) => event.pod.metadata.name))];
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    waiting.forEach((resume) => resume());
  }

  private describe(): string {
    return this.names()
      .map((name) => {
        const pod = this.current(name);
        const state =
          pod === undefined
            ? 'gone'
            : isReady(pod)
              ? 'ready'
              : pod.metadata.deletionTimestamp === undefined
                ? 'not ready'
                : 'terminating';
        return `${name} ${state}`;
      })
      .join(', ');
  }
}
