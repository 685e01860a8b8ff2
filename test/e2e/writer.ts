import { Client } from './client';
import { Database } from './driver';
import { Stream } from './kubectl';
import { check, until } from './poll';

/** So many more acknowledgements say that an application goes on; or two of each kind of write, where that is more. */
const SOME = 10;

/**
 * An application that writes all the time, in every way that applications do, through the primary's Service and every
 * fault, and remembers what was acknowledged.
 */
export class Writer {
  public readonly acknowledged: number[] = [];
  /** When each of them was, in milliseconds. */
  public readonly times: number[] = [];
  /** Milliseconds, between two acknowledgements. */
  public longestGap = 0;
  private readonly nonsense: string[] = [];
  private readonly stream: Stream;

  constructor(
    client: Client,
    private readonly database: Database,
  ) {
    this.stream = client.stream(database.writerScript(), (line) => {
      if (!/^\d+$/.test(line)) {
        this.nonsense.push(line);
        return;
      }
      const now = Date.now();
      this.longestGap = Math.max(this.longestGap, now - (this.last ?? now));
      this.times.push(now);
      this.acknowledged.push(Number(line));
    });
  }

  /** When the first acknowledgement came. */
  public get first(): number | undefined {
    return this.times[0];
  }

  /** When the last acknowledgement came. */
  public get last(): number | undefined {
    return this.times.at(-1);
  }

  /**
   * Waits until more writes were acknowledged, of each kind: so the primary serves, and the fault that follows hits a
   * writer at work.
   */
  public async goesOn(seconds: number): Promise<void> {
    const before = this.acknowledged.length;
    const more = Math.max(SOME, 2 * (this.database.writerKinds ?? 0));
    await until('writes through the primary are acknowledged', seconds, () =>
      Promise.resolve(this.acknowledged.length > before + more),
    );
  }

  /**
   * Waits until these ordinals have all that was acknowledged when this was called: a fault that follows can then lose
   * something.
   */
  public async isOn(ordinals: number[], seconds: number): Promise<void> {
    const count = this.acknowledged.length;
    check(count > 0, 'the writer has written nothing that could be lost');
    for (const ordinal of ordinals) {
      await until(`ordinal ${ordinal} has what the writer wrote`, seconds, async () => {
        const missing = await this.missing(ordinal, count);
        check(missing.length === 0, `${missing.length} of ${count} are missing: ${missing.slice(0, 5).join(', ')}`);
        return true;
      });
    }
  }

  public stop(): Promise<void> {
    return this.stream.stop();
  }

  /** Fails if the ordinal lacks one of the first so many acknowledged writes; all of them if not told otherwise. */
  public async nothingLost(ordinal: number, count = this.acknowledged.length): Promise<void> {
    check(this.nonsense.length === 0, `the writer printed what is no id: ${this.nonsense.slice(0, 5).join(' | ')}`);
    const lost = await this.missing(ordinal, count);
    check(
      lost.length === 0,
      `${lost.length} of ${count} acknowledged writes are lost on ordinal ${ordinal}: ${lost.slice(0, 5).join(', ')} ...`,
    );
  }

  /** Of the first so many acknowledged writes, those that the ordinal has not. */
  public async missing(ordinal: number, count = this.acknowledged.length): Promise<number[]> {
    // Before the question: what comes meanwhile is not in its answer.
    const acknowledged = this.acknowledged.slice(0, count);
    const there = await this.database.writtenIds(ordinal);
    return acknowledged.filter((id) => !there.has(id));
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
