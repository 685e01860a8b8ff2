import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EMPTY_LOCK, formatLock, LockContent, parseLock } from './lock-format';

const LOCK_FILE = 'stateful.lock.json';
const PROJECT_FILE = 'cdk8s.yaml';

/**
 * Where the lock of this app is: next to the `cdk8s.yaml` of its project.
 *
 * The cdk8s CLI runs an app in the project's folder. Without the CLI it may run in any folder, and the project is found
 * from the location of the app's own file. In jest that is the test file.
 */
export function findLockFile(): string {
  const startedBy = require.main?.filename;
  const script = startedBy === undefined ? [] : [dirname(startedBy)];
  return findProjectLock(
    process.env.CDK8S_OUTDIR === undefined ? [...script, process.cwd()] : [process.cwd(), ...script],
  );
}

/**
 * The same for the cdk8s CLI itself, which runs in the project's folder. The location of its own files means nothing:
 * packages share them.
 */
export function findLockFileOfCommand(): string {
  return findProjectLock([process.cwd()]);
}

function findProjectLock(places: string[]): string {
  const project = places.map(findProject).find((folder) => folder !== undefined);
  return join(project ?? process.cwd(), LOCK_FILE);
}

/** Reads the lock, or an empty one if there is no file yet. */
export function readLock(file: string): LockContent {
  return existsSync(file) ? parseLock(readFileSync(file, 'utf8'), basename(file)) : EMPTY_LOCK;
}

/** Whether the file exists. */
export function lockExists(file: string): boolean {
  return existsSync(file);
}

/** Writes the lock atomically. */
export function writeLock(file: string, content: LockContent): void {
  const incoming = `${file}.${process.pid}`;
  try {
    writeFileSync(incoming, formatLock(content));
    renameSync(incoming, file);
  } catch (error) {
    rmSync(incoming, { force: true, recursive: true });
    throw new Error(`cannot write ${file}: ${(error as Error).message}`);
  }
}

function findProject(folder: string): string | undefined {
  if (existsSync(join(folder, PROJECT_FILE))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : findProject(parent);
}
