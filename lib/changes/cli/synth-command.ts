import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { stringAt } from '../../values/json';
import { readDocuments } from '../facts/yaml';
import { OUTPUT_IS_KEPT } from '../lock/refusal';
import { Terminal } from './review-command';

/**
 * Runs `cdk8s synth` into a folder next to the output, and replaces the output with it only on success. `cdk8s synth`
 * deletes its output before it runs the app; this way a refused or failed synth leaves the previous manifests in place.
 *
 * @param args the arguments of `cdk8s synth`
 * @returns the exit code
 */
export function synthCommand(args: string[], terminal: Pick<Terminal, 'out' | 'err'>): number {
  if (args.some((arg) => ['--help', '--version'].includes(arg))) return cdk8s(args, terminal, (text) => text);
  const output = findOutput(args);
  if (args.some((arg) => ['--stdout', '-p'].includes(arg)))
    return withOutputMovedAside(output, () => cdk8s(args, terminal, (text) => text));
  const fresh = join(dirname(output), `.${basename(output)}.new`);
  const code = cdk8s([...withoutOutput(args), '--output', fresh], terminal, (text) => text.replaceAll(fresh, output));
  if (code === 0 && existsSync(fresh)) {
    const former = join(dirname(output), `.${basename(output)}.old`);
    rmSync(former, { recursive: true, force: true });
    if (existsSync(output)) renameSync(output, former);
    renameSync(fresh, output);
    rmSync(former, { recursive: true, force: true });
  } else {
    rmSync(fresh, { recursive: true, force: true });
  }
  return code;
}

/** With `--stdout` the CLI deletes its output too, and accepts no other. */
function withOutputMovedAside(output: string, run: () => number): number {
  const kept = join(dirname(output), `.${basename(output)}.kept`);
  if (existsSync(output) && !existsSync(kept)) renameSync(output, kept);
  try {
    return run();
  } finally {
    if (existsSync(kept)) {
      rmSync(output, { recursive: true, force: true });
      renameSync(kept, output);
    }
  }
}

const OUTPUT = /^(--output|-o)(?:=(.*))?$/;

/** The output as the CLI finds it: from the option, or from cdk8s.yaml. */
function findOutput(args: string[]): string {
  const given = args.flatMap((arg, place) => {
    const option = OUTPUT.exec(arg);
    return option === null ? [] : [option[2] ?? args[place + 1]];
  });
  const configured = existsSync('cdk8s.yaml')
    ? readDocuments(readFileSync('cdk8s.yaml', 'utf8')).map(({ content }) => stringAt(content, 'output'))
    : [];
  return [...given.slice(-1), ...configured].find((path) => path !== undefined) ?? 'dist';
}

function withoutOutput(args: string[]): string[] {
  return args.filter((arg, place) => !OUTPUT.test(arg) && !(place > 0 && ['--output', '-o'].includes(args[place - 1])));
}

/** The CLI's own stack trace, which only says that the app failed. The app has printed why. */
const OWN_TRACE = /^Error: command ".*" at .* returned a non-zero exit code \d+\n(?:[ ]+at .*\n?)*/m;

function cdk8s(args: string[], terminal: Pick<Terminal, 'out' | 'err'>, shown: (text: string) => string): number {
  const env = {
    ...process.env,
    [OUTPUT_IS_KEPT]: 'yes',
    PATH: [...binFolders(process.cwd()), process.env.PATH].join(delimiter),
  };
  const { error, status, stdout, stderr } = spawnSync('cdk8s', ['synth', ...args], {
    env,
    encoding: 'utf8',
    stdio: ['inherit', 'pipe', 'pipe'],
    maxBuffer: Infinity,
  });
  if (error !== undefined) {
    terminal.err(`cdk8s-stateful synth: cannot run cdk8s: ${error.message}; install cdk8s-cli\n`);
    return 2;
  }
  terminal.out(shown(stdout));
  terminal.err(shown(stderr).replace(OWN_TRACE, ''));
  return status ?? 2;
}

/** Where npm puts the commands of a project's packages, and of the workspace it belongs to. */
function binFolders(folder: string): string[] {
  const parent = dirname(folder);
  return [resolve(folder, 'node_modules', '.bin'), ...(parent === folder ? [] : binFolders(parent))];
}
