import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Place, run } from './e2e/kubectl';

const REPOSITORY = join(__dirname, '..');

/** How the examples are built; what is left out is as it is here. */
export interface Surroundings extends Place {
  /** The repository, or a copy of it. */
  readonly repository?: string;
  /** The command that is Node. */
  readonly node?: readonly string[];
}

/**
 * Builds all examples in a process of its own, as a pipeline does, which leaves the lock alone, and gives the files
 * that it wrote, by name.
 */
export async function examplesOutput(surroundings: Surroundings = {}): Promise<Map<string, string>> {
  const { cwd = REPOSITORY, repository = REPOSITORY, environment, node = [process.execPath] } = surroundings;
  const out = mkdtempSync(join(tmpdir(), 'cdk8s-stateful-'));
  try {
    const [command, ...args] = [
      ...node,
      join(repository, 'node_modules/ts-node/dist/bin.js'),
      join(repository, 'examples/main.ts'),
    ];
    await run(command, args, undefined, { cwd, environment: { ...environment, CDK8S_OUTDIR: out, CI: 'true' } });
    return new Map(
      readdirSync(out)
        .sort()
        .map((name) => [name, readFileSync(join(out, name), 'utf8')]),
    );
  } finally {
    rmSync(out, { recursive: true });
  }
}
