import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { print } from 'sh-syntax';

// `npm run lint`: the form of all shell scripts, as shfmt has it, their columns, and words that nobody searches for at
// night. With `--write` scripts are put into form.

const ROOT = join(__dirname, '..');
const FORM = {
  useTabs: false,
  tabWidth: 2,
  indent: 2,
  switchCaseIndent: true,
  spaceRedirects: false,
  binaryNextLine: false,
  variant: 1,
} as const;
/** Each with what to say. In log lines, errors, comments and docs, for users and for those who maintain this. */
const WORDS: readonly [RegExp, string][] = [
  [/\banew\b/i, 'again'],
  [/\bin place of\b/i, 'instead of'],
  [/\bbeside\b/i, 'next to, in addition to, or alongside'],
  [/\bwhoever\b/i, 'anyone who, or who it is'],
  [/(?<![=\w])nobody\b(?!["\\ ]*yet)/i, 'no one, or what has none of it'],
  [/\bpod and claim\b/i, 'the pod and PVC'],
  [/\bthe reason stands above\b/i, 'see the error above'],
  [/\bmend(s|ed|ing)?\b/i, 'reconcile'],
];
/** A key of an array that shfmt would take for arithmetic, and change. */
const KEY = /\[[a-z]{2,}(?:-[a-z]{2,})+\]/;
/** What people read: all of the library, and of what is written about it. */
const READ = /^(lib|docs|examples)\/.*\.(ts|sh|md|awk|pl|yaml)$|^README\.md$/;
/** What a line of a script may have; one text, which would not be found any more if it were broken, does not count. */
const COLUMNS = 120;
/** And a script, as eslint has it of other files. */
const LINES = 300;
const TEXT = /"(?:[^"\\]|\\.)*"|'[^']*'/g;
const LEAST_TEXT = 40;
const UNBREAKABLE = /^ *# *(?:shellcheck |\S.*\|)/;
const GENERATED = 'examples/repository/applied/';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
}).split('\n');

function findWords(file: string): string[] {
  return readFileSync(join(ROOT, file), 'utf8')
    .split('\n')
    .flatMap((line, i) =>
      WORDS.filter(([word]) => word.test(line)).map(
        ([word, better]) => `${file}:${i + 1}: '${word.exec(line)?.[0]}': say '${better}'`,
      ),
    );
}

function findLong(file: string): string[] {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  const tooMany = lines.length - 1 > LINES ? [`${file}: ${lines.length - 1} lines, at most ${LINES}`] : [];
  return [
    ...tooMany,
    ...lines.flatMap((line, i) => {
      const longest = Math.max(0, ...(line.match(TEXT) ?? []).map((text) => text.length));
      const isLong = line.length > COLUMNS && (longest < LEAST_TEXT || line.length - longest > COLUMNS - LEAST_TEXT);
      return isLong && !UNBREAKABLE.test(line) ? [`${file}:${i + 1}: ${line.length} columns, at most ${COLUMNS}`] : [];
    }),
  ];
}

async function misformed(file: string, write: boolean): Promise<string[]> {
  const path = join(ROOT, file);
  const text = readFileSync(path, 'utf8');
  const key = KEY.exec(text.replace(/^\s*#.*$/gm, ''))?.[0];
  if (key !== undefined) return [`${file}: ${key}: put the key in quotes, as shfmt takes it for arithmetic`];
  const formed = await print(text, FORM);
  if (formed === text) return [];
  if (write) writeFileSync(path, formed);
  const lines = text.split('\n');
  const line = formed.split('\n').findIndex((other, i) => other !== lines[i]);
  return write ? [] : [`${file}:${line + 1}: not as shfmt has it: npx ts-node test/lint-text.ts --write`];
}

async function main(write: boolean): Promise<void> {
  const scripts = tracked.filter((file) => file.endsWith('.sh'));
  const found = tracked.filter((file) => READ.test(file) && !file.startsWith(GENERATED)).flatMap(findWords);
  found.push(...scripts.flatMap(findLong));
  for (const file of scripts) found.push(...(await misformed(file, write)));
  found.forEach((line) => process.stderr.write(`${line}\n`));
  if (found.length > 0) process.exitCode = 1;
}

void main(process.argv.includes('--write'));
