import { existsSync } from 'node:fs';
import { relative } from 'node:path';

/** Set by `cdk8s-stateful synth`, which replaces the output only by a synthesis that succeeded. */
export const OUTPUT_IS_KEPT = 'CDK8S_STATEFUL_OUTPUT_IS_KEPT';

/**
 * The error by which synth is refused. If nobody catches it the reasons are printed alone: where in this library it was thrown is of no use.
 *
 * @param outdir where the manifests would have been written
 */
export function refusal(message: string, outdir: string): Error {
  const isCommand = process.env.CDK8S_OUTDIR !== undefined;
  const isEmptied = isCommand && process.env[OUTPUT_IS_KEPT] === undefined && !existsSync(outdir);
  const error = new Error(isEmptied
    ? `${message}\n  The cdk8s command had removed '${relative(process.cwd(), outdir)}' before: restore it from version control; 'npx cdk8s-stateful synth' keeps it where synth is refused`
    : message);
  if (isCommand && process.listenerCount('uncaughtException') === 0) {
    process.once('uncaughtException', (uncaught) => {
      console.error(uncaught === error ? error.message : uncaught);
      process.exit(1);
    });
  }
  return error;
}
