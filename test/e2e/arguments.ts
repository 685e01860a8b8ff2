/** What the command line says, taken apart: words that select, and flags. */
export interface Arguments {
  readonly words: readonly string[];
  readonly parallel?: number;
  readonly repeat?: number;
  readonly fresh: boolean;
}

/** @throws for a flag that there is not, or that lacks its number */
export function parseArguments(args: readonly string[]): Arguments {
  const words: string[] = [];
  const numbers: { parallel?: number; repeat?: number } = {};
  let fresh = false;
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = args[i].split('=', 2);
    if (flag === '--parallel' || flag === '--repeat') {
      const value = inline ?? args[++i] ?? '';
      if (!/^[1-9]\d{0,2}$/.test(value)) {
        throw new Error(`${flag} needs a number from 1 to 999, got '${value}'`);
      }
      numbers[flag === '--parallel' ? 'parallel' : 'repeat'] = Number(value);
    } else if (args[i] === '--fresh') {
      fresh = true;
    } else if (flag.startsWith('-')) {
      throw new Error(`no such flag: ${args[i]}; there are --parallel N, --repeat N and --fresh`);
    } else {
      words.push(args[i]);
    }
  }
  return { words, ...numbers, fresh };
}
