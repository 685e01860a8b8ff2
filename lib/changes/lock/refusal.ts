import { existsSync } from 'node:fs';
import { relative } from 'node:path';

/** Set by `cdk8s-stateful synth`, which only replaces the output if synth succeeds. */
export const OUTPUT_IS_KEPT = 'CDK8S_STATEFUL_OUTPUT_IS_KEPT';

/**
 * Why an app does not synthesize. The message is for people, and complete: where in this library it was thrown does not
 * matter.
 */
class Refusal extends Error {}

/**
 * The error that refuses a synth. If the app does not catch it, its message is printed without a stack trace, and the
 * exit code is 1.
 *
 * @param outdir where the manifests would have been written
 */
export function refusal(message: string, outdir: string): Error {
  const isDeleted =
    process.env.CDK8S_OUTDIR !== undefined && process.env[OUTPUT_IS_KEPT] === undefined && !existsSync(outdir);
  printWithoutStackTrace();
  return new Refusal(
    isDeleted
      ? `${message}\n  'cdk8s synth' deleted '${relative(process.cwd(), outdir)}' before it ran the app: restore it from version control, and run 'npx cdk8s-stateful synth', which keeps it if synth is refused`
      : message,
  );
}

/** Only where no one else handles what is not caught: a test runner does. */
function printWithoutStackTrace(): void {
  if (process.env.NODE_ENV === 'test' || process.listenerCount('uncaughtException') > 0) return;
  process.once('uncaughtException', (uncaught) => {
    console.error(uncaught instanceof Refusal ? uncaught.message : uncaught);
    process.exit(1);
  });
}
