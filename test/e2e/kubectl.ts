import { ChildProcess, spawn } from 'node:child_process';

/** kubectl, as a child process: the suite asks a cluster for nothing that a user's own kubectl could not. */
const TIME_LIMIT_MS = 180_000;

/** Where a command runs. */
export interface Place {
  readonly cwd?: string;
  /** Added to the environment that there is. */
  readonly environment?: { readonly [name: string]: string };
}

/**
 * Runs a command to its end.
 *
 * @param input what it reads from standard input
 * @returns what it printed
 * @throws with what it printed to standard error, if it fails or takes more than three minutes
 */
export function run(command: string, args: string[], input?: string, place: Place = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: place.cwd,
      env: { ...process.env, ...place.environment },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) {
        resolve(Buffer.concat(out).toString());
      } else {
        reject(
          new Error(`${[command, ...args].join(' ')}: ${code ?? 'killed'}: ${Buffer.concat(err).toString().trim()}`),
        );
      }
    });
    // A child that ends without reading is seen by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** A command that goes on, read line by line. Its standard input stays open until `stop`. */
export class Stream {
  /** Settles when the command has ended and all its lines were given. */
  public readonly ended: Promise<void>;
  /** The last that it printed to standard error: of interest only where it ended by itself. */
  public complaint = '';
  private readonly child: ChildProcess;
  private rest = '';

  constructor(args: string[], onLine: (line: string) => void) {
    const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child = child;
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      const lines = (this.rest + chunk).split('\n');
      this.rest = lines.pop() ?? '';
      lines.forEach(onLine);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.complaint = chunk.toString().trim();
    });
    child.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.on('close', () => resolve());
      child.on('error', () => resolve());
    });
  }

  public write(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Closes the command's input, which ends what runs in the pod, and then the command. */
  public async stop(): Promise<void> {
    this.child.stdin?.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the command here and at once: for those that read no input. */
  public async kill(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }
}
