import { parseArgs } from 'node:util';
import { FindingLevel } from '../finding';
import { FORMATS } from '../finding-formats';
import { writePlans } from '../plans/grow-plan';
import { Review } from '../review';

/** Where the command writes. */
export interface Terminal {
  /** The help. */
  readonly usage: string;
  /** Writes to standard output. */
  readonly out: (text: string) => unknown;
  /** Writes to standard error. */
  readonly err: (text: string) => unknown;
}

/** Runs `review` and returns the exit code. */
export function reviewCommand(args: string[], terminal: Terminal): number {
  const complain = (message: string): number => {
    terminal.err(`cdk8s-stateful review: ${message}\n`);
    return 2;
  };
  try {
    const options = {
      format: { type: 'string', default: 'text' },
      plans: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (values.help) {
      terminal.out(terminal.usage);
      return 0;
    }
    if (positionals.length !== 2)
      return complain(`expected two files or folders, OLD and NEW, got ${positionals.length}; see --help`);
    if (!Object.hasOwn(FORMATS, values.format)) {
      return complain(`--format must be one of ${Object.keys(FORMATS).join(', ')}, got '${values.format}'`);
    }
    const review = Review.fromPaths(positionals[0], positionals[1]);
    if (review._isFirst())
      terminal.err(`cdk8s-stateful review: no manifests in ${positionals[0]}, nothing to compare with\n`);
    terminal.out(FORMATS[values.format](review.findings));
    if (values.plans !== undefined) {
      for (const file of writePlans(values.plans, review._plans()))
        terminal.err(`plan: bash ${file} FILE, where FILE contains the new manifests\n`);
    }
    if (review.findingsWithLevel(FindingLevel.ERROR).length > 0) return 2;
    return review.findingsWithLevel(FindingLevel.WARNING).length > 0 ? 1 : 0;
  } catch (error) {
    return complain((error as Error).message);
  }
}
