import { spawn } from 'node:child_process';

/** Programs that were started and have not ended: an interrupted run ends them. */
const running = new Set<() => void>();

/** Runs a program to its end and gives its output and the seconds that it took. */
export function timed(
  command: string,
  args: string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ out: string; seconds: number }> {
  return new Promise((resolve, reject) => {
    const begin = process.hrtime.bigint();
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = (): void => void child.kill();
    running.add(end);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      running.delete(end);
      if (code === 0) {
        resolve({ out, seconds: Number(process.hrtime.bigint() - begin) / 1e9 });
      } else {
        reject(new Error(`${[command, ...args].join(' ')}: ${code ?? 'killed'}: ${err.trim()}`));
      }
    });
  });
}

export function endAll(): void {
  running.forEach((end) => end());
}
