import { Stream } from './kubectl';
import { within } from './poll';

/** A container's log, read while it is written: with the pod, the log goes too. */
export class LogFollower {
  private readonly lines: string[] = [];
  private readonly stream: Stream;
  private look: () => void = () => undefined;

  constructor(namespace: string, pod: string, container: string) {
    this.stream = new Stream(
      ['logs', '-n', namespace, '-f', '--timestamps', '--tail=20', pod, '-c', container],
      (line) => {
        this.lines.push(line);
        this.look();
      },
    );
  }

  public get text(): string {
    return this.lines.join('\n');
  }

  /** Comes back at the line with which the log holds. */
  public until(what: string, seconds: number, holds: (text: string) => boolean): Promise<void> {
    return within(
      what,
      seconds,
      new Promise((resolve) => {
        this.look = () => {
          if (holds(this.text)) resolve();
        };
        this.look();
      }),
    );
  }

  /** Ends it here and at once. */
  public kill(): Promise<void> {
    return this.stream.kill();
  }

  /** Once the container has ended, or after so long; what came until then. */
  public async stop(): Promise<string> {
    const timer = setTimeout(() => void this.stream.kill(), 5000);
    await this.stream.ended;
    clearTimeout(timer);
    return this.text;
  }
}
