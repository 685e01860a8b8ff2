import fc, { Arbitrary } from 'fast-check';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A tree of files as text, an entry a line: what a replica must have in common with the primary. */
export function treeOf(folder: string): string[] {
  const lines: string[] = [];
  const walk = (path: string): void => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const each = join(path, name);
      const info = lstatSync(join(folder, each));
      const mode = modeHere(info.mode).toString(8);
      if (info.isSymbolicLink())
        lines.push(`link ${JSON.stringify(each)} to ${JSON.stringify(readlinkSync(join(folder, each)))}`);
      else if (info.isDirectory()) lines.push(`folder ${mode} ${JSON.stringify(each)}`);
      else lines.push(`file ${mode} ${JSON.stringify(each)}: ${readFileSync(join(folder, each), 'utf8')}`);
      if (info.isDirectory()) walk(each);
    }
  };
  walk('.');
  return lines;
}

/** What a mode is on a replica: no one but the copier writes, who can read all. */
function modeHere(mode: number): number {
  return (mode & 0o055) | ((mode & 0o111) !== 0 ? 0o700 : 0o600);
}

/** As a word of the shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

// Few names, so that changes meet, and each with what has broken scripts: blanks, quotes, what the shell, awk, sed or
// xargs take for their own, and what awk takes for equal numbers.
const name = fc.constantFrom(
  'a',
  'b',
  ' c d ',
  '-e',
  '$f',
  'g\'"',
  'h\\n',
  'i%20',
  '1.1',
  '1.10',
  '*',
  'x.partial',
  '{}',
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const content = fc.constantFrom('', 'one', 'two', 'three');
const mode = fc.constantFrom('644', '640', '600', '755', '750', '700', '666', '777');

/** A change of a tree, as a command in its folder; one that cannot be made changes nothing. */
export const change: Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(path, content)
      .map(
        ([to, text]) =>
          `mkdir -p -- "$(dirname -- ${quoted(`./${to}`)})" && printf %s ${quoted(text)} >${quoted(`./${to}`)}`,
      ),
  },
  { weight: 2, arbitrary: path.map((to) => `mkdir -p -- ${quoted(to)}`) },
  { weight: 4, arbitrary: fc.tuple(path, path).map(([from, to]) => `mv -T -- ${quoted(from)} ${quoted(to)}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(path, path)
      .map(
        ([one, other]) =>
          `mv -T -- ${quoted(one)} ../aside && mv -T -- ${quoted(other)} ${quoted(one)} && mv -T -- ../aside ${quoted(other)} || rm -rf ../aside`,
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(path, name).map(
      ([folder, below]) =>
        // a folder that comes to be in a new one of its own name
        `mv -T -- ${quoted(folder)} ../aside && mkdir -- ${quoted(folder)} && mv -T -- ../aside ${quoted(`${folder}/${below}`)}`,
    ),
  },
  { weight: 2, arbitrary: path.map((gone) => `rm -rf -- ${quoted(gone)}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.oneof(path, fc.constantFrom('1.1', '1.10', '01', '1', 'a b', ' ', '%20', '/etc')), path)
      .map(([target, to]) => `rm -f -- ${quoted(to)} && ln -sT -- ${quoted(target)} ${quoted(to)}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(mode, path)
      .map(([to, file]) => `[ ! -L ${quoted(file)} ] && [ -f ${quoted(file)} ] && chmod ${to} -- ${quoted(file)}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('755', '750', '770', '2775', '1777', '711'), path)
      .map(([to, file]) => `[ ! -L ${quoted(file)} ] && [ -d ${quoted(file)} ] && chmod ${to} -- ${quoted(file)}`),
  },
);
