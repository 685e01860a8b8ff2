import { Stream } from './kubectl';

/** A container's log, read while it is written: with the pod, the log goes too. */
export class LogFollower {
  private readonly lines: string[] = [];
  private readonly stream: Stream;

  constructor(namespace: string, pod: string, container: string) {
    this.stream = new Stream(['logs', '-n', namespace, '-f', '--timestamps', '--tail=20', pod, '-c', container], (line) => this.lines.push(line));
  }

  public get text(): string {
    return this.lines.join('\n');
  }

  /** Once the container has ended, or after so long; what came until then. */
  public async stop(): Promise<string> {
    const timer = setTimeout(() => void this.stream.kill(), 5000);
    await this.stream.ended;
    clearTimeout(timer);
    return this.text;
  }
}
