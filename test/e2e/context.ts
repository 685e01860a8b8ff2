import { Client } from './client';
import { Cluster } from './cluster';
import { Database, SetOptions } from './driver';
import { Nodes } from './nodes';
import { isReady } from './objects';
import { check, until } from './poll';
import { System } from './system';
import { Writer } from './writer';

/** What the set's data is on. */
export type Kind = 'remote' | 'ephemeral';

/** All that a row has: one namespace with a client in it, and a set that is in a known state when the row begins. */
export class Context {
  /** Another name of the image, from now on. */
  public image?: string;
  private kind?: Kind;

  constructor(
    public readonly cluster: Cluster,
    public readonly system: System,
    public readonly client: Client,
    public readonly database: Database,
    public readonly storageClassName: string,
    public readonly nodes: Nodes,
    public readonly log: (text: string) => void,
  ) {}

  /** A row failed: the next one gets a new set. */
  public discard(): void {
    this.kind = undefined;
  }

  /** @param more what the row varies beside the number of pods */
  public apply(replicas: number, more: Partial<SetOptions> = {}): Promise<void> {
    const storageClassName = this.kind === 'ephemeral' ? undefined : this.storageClassName;
    return this.system.apply({ replicas, storageClassName, image: this.image, ...more });
  }

  /**
   * So many pods, ready and following, with data, which all of them have: the set that there is, brought to this state,
   * or a new one.
   */
  public async steady(replicas: number, kind: Kind = 'remote'): Promise<void> {
    const isNew = this.kind !== kind;
    if (isNew) {
      this.log(`a new set, ${kind}, ${replicas} pods`);
      this.kind = undefined;
      await this.system.deleteAll();
      this.kind = kind;
    }
    await this.apply(replicas);
    await this.system.rolledOut();
    await this.system.ready(replicas);
    if (isNew) {
      await this.database.load();
    }
    await this.following(replicas);
    for (let ordinal = 1; ordinal < replicas; ordinal++) {
      await until(`ordinal ${ordinal} has replayed what the primary has`, 60, () => this.database.hasCaughtUp(ordinal));
    }
  }

  /** Every replica gets the primary's changes. */
  public async following(replicas: number): Promise<void> {
    const wanted = Array.from({ length: replicas - 1 }, (_, below) => below + 1).join();
    await until(
      `ordinals ${wanted} follow the primary`,
      30,
      async () => (await this.database.followers()).join() === wanted,
    );
  }

  /** Nobody may write meanwhile. Every ordinal has the same data; gives the checksum. */
  public async allEqual(replicas: number): Promise<string> {
    const first = await this.checksum();
    for (let ordinal = 1; ordinal < replicas; ordinal++) {
      await this.equal(ordinal, first);
    }
    return first;
  }

  /**
   * The primary's, once no write is on its way: one whose client was stopped goes on, and a replica may show it before
   * the primary does.
   */
  public async checksum(): Promise<string> {
    await until(
      'no application is connected to the primary any more',
      30,
      async () => (await this.database.hasApplication?.()) !== true,
    );
    return this.database.checksum(0);
  }

  /** The replica, once it has replayed what the primary has, has the data with this checksum. */
  public async equal(ordinal: number, checksum: string): Promise<void> {
    await until(`ordinal ${ordinal} has replayed what the primary has`, 30, () => this.database.hasCaughtUp(ordinal));
    const own = await this.database.checksum(ordinal);
    check(own === checksum, `ordinal ${ordinal} has other data than the primary:\n${own}\ninstead of\n${checksum}`);
  }

  /**
   * Lets an application write while the work is done, which begins when the replicas have something that it wrote, and
   * so could lose it.
   */
  public async whileWriting<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    const writer = new Writer(this.client, this.database);
    try {
      await writer.goesOn(30);
      const ready = (await this.system.pods()).filter(isReady).map((pod) => this.system.ordinalOf(pod) ?? 0);
      await writer.isOn(
        ready.filter((ordinal) => ordinal > 0),
        30,
      );
      return await work(writer);
    } finally {
      await writer.stop();
    }
  }
}
