import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { listAt, objectAt, stringAt, stringMapAt } from '../../values/json';
import { NAME_LABEL } from '../../values/labels';
import { formatBackupList, parseBackupList } from './backup-list';
import { Terminal } from './review-command';

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** The container that has the keys of the store; and before there is data, the one that waits for it. */
const CONTAINERS = ['ship', 'prepare'];
const SCRIPT = '/opt/stateful/list-backups.sh';
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Runs `backups`: asks a pod of the set, by kubectl, what the store has.
 *
 * @returns the exit code: 0 if there is a complete backup, 1 if there is none, 2 if that could not be found out
 */
export function backupsCommand(args: string[], terminal: Terminal): number {
  try {
    const options = {
      namespace: { type: 'string', short: 'n' },
      context: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (values.help) {
      terminal.out(terminal.usage);
      return 0;
    }
    if (positionals.length !== 1)
      throw new Error(`expected the name of one set, got ${positionals.length}; see --help`);
    const [name] = positionals;
    checkName('NAME', name);
    if (values.namespace !== undefined) checkName('--namespace', values.namespace);
    const place = [
      ...(values.namespace === undefined ? [] : ['--namespace', values.namespace]),
      ...(values.context === undefined ? [] : [`--context=${values.context}`]),
    ];
    const { namespace, said } = ask(name, place);
    const list = parseBackupList(said);
    if (list === undefined) throw new Error(`the answer of the set '${name}' was cut off: ask again`);
    terminal.out(
      values.json
        ? `${JSON.stringify({ set: name, namespace, ...list }, null, 2)}\n`
        : formatBackupList(`${namespace}/${name}`, list),
    );
    return list.backups.length > 0 ? 0 : 1;
  } catch (error) {
    terminal.err(`cdk8s-stateful backups: ${(error as Error).message}\n`);
    return 2;
  }
}

function checkName(what: string, name: string): void {
  if (!NAME.test(name))
    throw new Error(`${what} must be a DNS label (a-z, 0-9, '-', at most 63 characters), got '${printable(name)}'`);
}

/** What the script says in a pod of the set that can. */
function ask(name: string, place: string[]): { readonly namespace: string; readonly said: string } {
  const set = readJson(kubectl([...place, 'get', 'statefulset', name, '--output=json']));
  const labels = stringMapAt(set, 'spec', 'selector', 'matchLabels');
  if (labels[NAME_LABEL] === undefined)
    throw new Error(
      `the StatefulSet '${name}' was not made by cdk8s-stateful: its selector has no label ${NAME_LABEL}`,
    );
  const containers = listAt(set, 'spec', 'template', 'spec', 'containers').map((container) =>
    stringAt(container, 'name'),
  );
  if (!containers.includes(CONTAINERS[0]))
    throw new Error(`the set '${name}' has no backups: give it the prop 'backup', and apply that`);
  const selector = Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const pods = readJson(kubectl([...place, 'get', 'pods', `--selector=${selector}`, '--output=json']));
  const [pod, container] = findContainer(name, listAt(pods, 'items'));
  return {
    namespace: stringAt(set, 'metadata', 'namespace') ?? '',
    said: kubectl([...place, 'exec', pod, `--container=${container}`, '--', SCRIPT]),
  };
}

/** One that runs, and has the keys of the store: of the lowest ordinal. */
function findContainer(name: string, pods: unknown[]): [pod: string, container: string] {
  const found = pods
    .flatMap((pod): [string, string, number][] => {
      const podName = stringAt(pod, 'metadata', 'name') ?? '';
      const statuses = [
        ...listAt(pod, 'status', 'containerStatuses'),
        ...listAt(pod, 'status', 'initContainerStatuses'),
      ];
      const running = statuses
        .filter((status) => Object.hasOwn(objectAt(status, 'state'), 'running'))
        .map((status) => stringAt(status, 'name'));
      const container = CONTAINERS.find((candidate) => running.includes(candidate));
      return container === undefined ? [] : [[podName, container, Number(podName.split('-').at(-1))]];
    })
    .sort(([, , a], [, , b]) => a - b);
  if (found.length > 0) return [found[0][0], found[0][1]];
  if (pods.length === 0)
    throw new Error(`the set '${name}' has no pods: only a pod of it has the keys of the store. Is it scaled to 0?`);
  throw new Error(
    `no pod of the set '${name}' runs its container 'ship' or 'prepare', which have the keys of the store: kubectl describe pod ${name}-0 says why`,
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`kubectl did not answer with JSON: ${printable(text.slice(0, 200))}`);
  }
}

/** What kubectl prints. */
function kubectl(args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync('kubectl', args, {
    env: process.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: MOST_BYTES,
  });
  if (error !== undefined)
    throw new Error(
      `cannot run kubectl: ${error.message}${(error as NodeJS.ErrnoException).code === 'ENOENT' ? '; install it' : ''}`,
    );
  if (status === 0) return stdout;
  const lines = stderr
    .split('\n')
    .map((line) => printable(line.trim()))
    .filter((line) => line !== '' && !/^command terminated with exit code \d+$/.test(line));
  throw new Error(
    lines.length === 0
      ? `kubectl ${args.includes('exec') ? 'exec' : 'get'} failed, and does not say why`
      : lines.join('\n  '),
  );
}

/** What comes from elsewhere may have the terminal do what it likes. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
