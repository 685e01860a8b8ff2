import { join } from 'node:path';
import { run } from '../e2e/kubectl';

/**
 * The tools' own code, in a program of a few lines each; a module each, as they do not agree on versions of Kubernetes'
 * packages.
 */
export type GoProgram = 'argo-cd' | 'flux' | 'helm';

/**
 * Runs one of the programs in the folders beside this file. Go builds it first, which takes up to a minute on a new
 * machine.
 */
export function goRun(program: GoProgram, args: string[], input = ''): Promise<string> {
  return run('go', ['run', '-C', join(__dirname, program), '.', ...args], input);
}

/** Whether there is Go; npm cannot install it. */
export function hasGo(): Promise<boolean> {
  return run('go', ['version']).then(
    () => true,
    () => false,
  );
}
