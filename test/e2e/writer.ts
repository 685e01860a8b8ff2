import { Client } from './client';
import { Database } from './driver';
import { Stream } from './kubectl';
import { check, until } from './poll';

/** An application that writes all the time, through the primary's Service and every fault, and remembers what was acknowledged. */
export class Writer {
  public readonly acknowledged: number[] = [];
  /** Milliseconds, between two acknowledgements. */
  public longestGap = 0;
  /** When the first and the last acknowledgement came. */
  public first?: number;
  public last?: number;
  private readonly stream: Stream;

  constructor(client: Client, private readonly database: Database) {
    this.stream = client.stream(database.writerScript(), (line) => {
      const now = Date.now();
      this.longestGap = Math.max(this.longestGap, now - (this.last ?? now));
      this.first ??= now;
      this.last = now;
      this.acknowledged.push(Number(line));
    });
  }

  /** Waits until more writes were acknowledged: so the primary serves, and the fault that follows hits a writer at work. */
  public async goesOn(seconds: number): Promise<void> {
    const before = this.acknowledged.length;
    await until('writes through the primary are acknowledged', seconds, () => Promise.resolve(this.acknowledged.length > before + 10));
  }

  public stop(): Promise<void> {
    return this.stream.stop();
  }

  /** Fails if the ordinal lacks one of the first so many acknowledged writes; all of them if not told otherwise. */
  public async nothingLost(ordinal: number, count = this.acknowledged.length): Promise<void> {
    const there = await this.database.writtenIds(ordinal);
    const lost = this.acknowledged.slice(0, count).filter((id) => !there.has(id));
    check(lost.length === 0, `${lost.length} of ${count} acknowledged writes are lost on ordinal ${ordinal}: ${lost.slice(0, 5).join(', ')} ...`);
  }
}

/** A client that counts the writer's rows all the time. */
export class Reader {
  /** What it got, in order: a count, or an error. */
  public readonly answers: string[] = [];
  private readonly stream: Stream;

  constructor(client: Client, database: Database, ordinal: number) {
    this.stream = client.stream(database.readerScript(ordinal), (line) => this.answers.push(line));
  }

  public stop(): Promise<void> {
    return this.stream.stop();
  }
}
