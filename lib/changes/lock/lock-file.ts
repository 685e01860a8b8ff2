import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EMPTY_LOCK, formatLock, LockContent, parseLock } from './lock-format';

const LOCK_FILE = 'stateful.lock.json';
const PROJECT_FILE = 'cdk8s.yaml';

/**
 * Where the lock of this app is: beside the `cdk8s.yaml` of its project.
 *
 * The cdk8s command runs an app in the project's folder. Whatever else runs one may do so from anywhere, and then the app's own file says
 * where the project is. In jest that is the test's.
 */
export function findLockFile(): string {
  const startedBy = require.main?.filename;
  const script = startedBy === undefined ? [] : [dirname(startedBy)];
  return findProjectLock(process.env.CDK8S_OUTDIR === undefined ? [...script, process.cwd()] : [process.cwd(), ...script]);
}

/** The same for the cdk8s command itself, which runs in the project's folder. Where its own files are says nothing: packages share them. */
export function findLockFileOfCommand(): string {
  return findProjectLock([process.cwd()]);
}

function findProjectLock(places: string[]): string {
  const project = places.map(findProject).find((folder) => folder !== undefined);
  return join(project ?? process.cwd(), LOCK_FILE);
}

/** Reads the lock; an empty one, if there is none yet. */
export function readLock(file: string): LockContent {
  return existsSync(file) ? parseLock(readFileSync(file, 'utf8'), basename(file)) : EMPTY_LOCK;
}

/** Whether there is a lock yet. */
export function lockExists(file: string): boolean {
  return existsSync(file);
}

/** Writes the lock, the whole of it or nothing. */
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
