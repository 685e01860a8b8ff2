import { ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { settingsFile } from '../../../lib/core/render/settings';

// The scripts under test are run by a real bash, perl, flock and getent, as in a pod: these must be there. They are on
// every Debian; on macOS the tests fail for want of them, in a Debian container they do not.

const LIB = join(__dirname, '..', '..', '..', 'lib');
/** Stands in for an engine. */
const STUB = join(__dirname, 'stub');
const PATIENCE = 15_000;
jest.setTimeout(2 * PATIENCE);

/**
 * As the kubelet brings a Secret: `put FOLDER PASSWORD [KEY...]` writes a folder, of all keys or these, and then swaps
 * the link that leads to it.
 */
export const PUT_SECRET = `put() {
  local key folder=$credentials/$1 value=$2 keys=(superuser-password replication-password password)
  if (($# > 2)); then shift 2; cp -r "$credentials/..data/" "$folder"; else mkdir "$folder"; set -- "\${keys[@]}"; fi
  for key in "$@"; do printf %s "$value" >"$folder/$key"; done
  for key in "\${keys[@]}"; do ln -sfn "..data/$key" "$credentials/$key"; done
  ln -sfn "\${folder##*/}" "$credentials/new" && mv -T "$credentials/new" "$credentials/..data"
}`;

/** What has become of a script. */
export interface Result {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  /** What it logged, line by line, without the time. */
  readonly log: string[];
}

/** What a pod's scripts find around them, in a temporary folder. */
export class Sandbox {
  public readonly folder = mkdtempSync(join(tmpdir(), 'cdk8s-stateful-'));
  /** How long a script may take until it is taken for stuck, in milliseconds. */
  public patience = PATIENCE;
  private readonly running = new Set<Script>();
  private readonly environment: { [name: string]: string };

  /**
   * @param ordinal the pod's
   * @param settings of settings.sh, over the usual ones
   * @param engine shell text over that of the stub, or the folders of a real engine's scripts
   */
  constructor(
    ordinal: number,
    settings: { [name: string]: string } = {},
    engine: string | { readonly scriptsOf: string; readonly and?: string } = '',
  ) {
    for (const name of ['scripts', 'config', 'state', 'volume', 'credentials', 'stub'])
      mkdirSync(join(this.folder, name));
    this.link(join(LIB, 'core', 'backup-scripts'));
    this.link(join(LIB, 'core', 'scripts'));
    if (typeof engine === 'string') {
      for (const part of ['engine.sh', 'engine-sync.sh'])
        this.write(`scripts/${part}`, `${readFileSync(join(STUB, part), 'utf8')}\n${engine}\n`);
    } else {
      const scripts = join(LIB, 'engines', engine.scriptsOf, 'scripts');
      this.link(scripts);
      if (engine.and !== undefined) this.link(join(LIB, 'engines', engine.and, 'scripts'));
      for (const name of [engine.and, engine.scriptsOf]) {
        const ofBackups = join(LIB, 'engines', name ?? '', 'backup-scripts');
        if (existsSync(ofBackups)) this.link(ofBackups);
      }
    }
    this.write(
      'config/settings.sh',
      settingsFile({
        port: '1',
        volume: join(this.folder, 'volume'),
        credentials: join(this.folder, 'credentials'),
        max_lag: '60',
        leave_timeout: '150',
        lost_primary: 'recover',
        ...settings,
      }),
    );
    this.write('config/replicas', '3\n');
    this.write('stub/calls', '');
    this.write(
      'hosts',
      `127.0.0.1\tlocalhost\n10.0.0.9\torders-${ordinal}.orders.shop.svc.cluster.local\torders-${ordinal}\n`,
    );
    this.environment = {
      PATH: process.env.PATH ?? '',
      HOSTNAME: `orders-${ordinal}`,
      POD_INDEX: String(ordinal),
      STUB: join(this.folder, 'stub'),
      STATEFUL_SCRIPTS: join(this.folder, 'scripts'),
      STATEFUL_CONFIG: join(this.folder, 'config'),
      STATEFUL_STATE: join(this.folder, 'state'),
      STATEFUL_HOSTS: join(this.folder, 'hosts'),
    };
  }

  /** The scripts of a folder, instead of those that have the same names. */
  private link(from: string): void {
    for (const name of readdirSync(from)) {
      const path = join(this.folder, 'scripts', name);
      rmSync(path, { force: true });
      symlinkSync(join(from, name), path);
    }
  }

  /** At once, as scripts may be reading it. */
  public write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, 'new'), text);
    renameSync(join(this.folder, 'new'), join(this.folder, path));
  }

  public read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  public has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  public list(path: string): string[] {
    return readdirSync(join(this.folder, path)).sort();
  }

  public remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }

  /** What the scripts called of the engine, in that order. */
  public get calls(): string[] {
    return this.read('stub/calls').split('\n').slice(0, -1);
  }

  /** A peer that accepts connections. Without `position` it has not replayed all that it received. */
  public peer(ordinal: number, says: { identity: string; rows?: string; size?: string; position?: string }): void {
    Object.entries(says).forEach(([file, text]) => this.write(`stub/peers/${ordinal}/${file}`, `${text}\n`));
  }

  /**
   * Starts a script of the pod by its name, or any text after `pod.sh`, in a process group of its own: it may kill its
   * group.
   */
  public start(script: string, env: { [name: string]: string } = {}): Script {
    const file = join(this.folder, 'scripts', script);
    const args = /^[-\w]+\.sh$/.test(script) ? [file] : ['-c', `. "$STATEFUL_SCRIPTS/pod.sh"\n${script}`];
    const child = new Script(
      spawn('bash', args, { env: { ...this.environment, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
      this.patience,
    );
    this.running.add(child);
    return child;
  }

  /** Runs it to its end. */
  public run(script: string, env: { [name: string]: string } = {}): Promise<Result> {
    return this.start(script, env).ended;
  }

  /** Resolves when it is so; fails, with what the script has logged, if that takes too long. */
  public async until(what: string, isSo: () => boolean, script?: Script): Promise<void> {
    for (const begin = Date.now(); !isSo();) {
      if (Date.now() - begin > PATIENCE) {
        throw new Error(`not so in time: ${what}; logged:\n${script?.log.join('\n')}`);
      }
      await sleep(5);
    }
  }

  public async dispose(): Promise<void> {
    this.running.forEach((script) => script.kill('SIGKILL'));
    await Promise.all([...this.running].map((script) => script.ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A script that runs, or did. */
export class Script {
  public readonly ended: Promise<Result>;
  private readonly text = { out: '', err: '' };

  constructor(
    public readonly process: ChildProcessByStdio<null, Readable, Readable>,
    patience = PATIENCE,
  ) {
    process.stdout.setEncoding('utf8').on('data', (chunk: string) => (this.text.out += chunk));
    process.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.text.err += chunk));
    // One that hangs is ended, and its test then says what was logged until there.
    const timer = setTimeout(() => this.kill('SIGKILL'), patience);
    this.ended = new Promise((resolve) =>
      process.on('close', (status, signal) => {
        clearTimeout(timer);
        resolve({ status, signal, out: this.text.out, log: this.log });
      }),
    );
  }

  public get log(): string[] {
    return this.text.err
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^[-\d]+T[:\d]+Z \w+: /, ''));
  }

  /** Resolves when it has logged a line with these words; fails if it ends before. */
  public async logs(words: string): Promise<void> {
    const said = (): boolean => this.log.some((line) => line.includes(words));
    let ended = false;
    while (!said() && !ended) {
      ended = await Promise.race([once(this.process.stderr, 'data').then(() => false), this.ended.then(() => true)]);
    }
    if (!said()) {
      throw new Error(`ended without logging '${words}', but:\n${this.log.join('\n')}`);
    }
  }

  /** To the script alone, as the kubelet does it. */
  public tell(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** To all its processes, as when the pod dies. */
  public kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.process.pid ?? NaN), signal);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'ESRCH') throw e; // they have all ended
    }
  }
}

/** A port of this machine that no one listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What somebody says who is connected to, until he hangs up. */
export async function hear(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (chunk: string) => (heard += chunk));
  await once(socket, 'close');
  return heard;
}
