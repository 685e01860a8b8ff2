import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

// What is written for people: its links lead somewhere, and what the scripts say in capitals can be looked up.

const REPOSITORY = join(__dirname, '..');
const LEFT_OUT = ['node_modules', '.git', '.venv', 'dist', 'coverage'];
/** Made by programs. */
const GENERATED = ['API.md', 'test/api/cdk8s-stateful.public.api.md'];
const COLUMNS = 120;

function filesBelow(folder: string, extension: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, extension);
    return entry.name.endsWith(extension) ? [path] : [];
  });
}

const textOf = new Map(filesBelow(REPOSITORY, '.md').map((path) => [path, readFileSync(path, 'utf8')]));
const written = [...textOf.keys()].filter((path) => !GENERATED.includes(relative(REPOSITORY, path)));
const withoutCode = (text: string): string => text.replace(/^ *```[^]*?^ *```$/gm, '');

/** As GitHub makes them of headings; of two of one text the second has a number. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutCode(text).matchAll(/^#{1,6} (.*)$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]*>/g, '');
    const slug = plain
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let name = slug;
    for (let n = 1; anchors.has(name); n++) name = `${slug}-${n}`;
    anchors.add(name);
  }
  for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]*)"/g)) anchors.add(id);
  return anchors;
}

function linksOf(text: string): string[] {
  const plain = withoutCode(text).replace(/`[^`\n]*`/g, '');
  return [...plain.matchAll(/\]\(([^)\s]+)\)/g), ...plain.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(
    ([, target]) => target,
  );
}

function isBroken(from: string, link: string): boolean {
  const [path, anchor] = link.split('#');
  const target = path === '' ? from : resolve(dirname(from), path);
  if (!existsSync(target)) return true;
  if (anchor === undefined) return false;
  return statSync(target).isDirectory() || !anchorsOf(textOf.get(target) ?? '').has(anchor);
}

test.each(written.map((path) => [relative(REPOSITORY, path), path]))('links of %s lead somewhere', (_, path) => {
  const links = linksOf(textOf.get(path) ?? '').filter((link) => !/^[a-z]+:/.test(link));
  expect(links.filter((link) => isBroken(path, link))).toEqual([]);
});

const forUsers = written.filter((path) => !relative(REPOSITORY, path).startsWith('test/'));
test.each(forUsers.map((path) => [relative(REPOSITORY, path), path]))(
  'lines of %s have at most 120 columns',
  (_, path) => {
    // A row of a table cannot be broken, nor can an address, or what a program prints.
    const lines = withoutCode(textOf.get(path) ?? '')
      .split('\n')
      .filter((line) => !/^\||https?:/.test(line));
    expect(lines.filter((line) => [...line].length > COLUMNS)).toEqual([]);
  },
);

test('each page of docs/ and of an engine is in the list of them', () => {
  const index = textOf.get(join(REPOSITORY, 'docs', 'README.md')) ?? '';
  const operations = textOf.get(join(REPOSITORY, 'docs', 'operations', 'README.md')) ?? '';
  const listed = [
    ...linksOf(index).map((link) => resolve(REPOSITORY, 'docs', link)),
    ...linksOf(operations).map((link) => resolve(REPOSITORY, 'docs', 'operations', link)),
  ];
  const pages = written.filter(
    (path) =>
      /^(docs|lib\/engines)\//.test(relative(REPOSITORY, path)) && path !== join(REPOSITORY, 'docs', 'README.md'),
  );
  expect(pages.filter((path) => !listed.includes(path)).map((path) => relative(REPOSITORY, path))).toEqual([]);
});

/** The first words of a line of the log, up to what differs from case to case, as the runbook writes them. */
function beginningOf(line: string): string {
  return line
    .replace(/\$\{?set_name\}?-0/g, 'orders-0')
    .replace(/\$source_host/g, 'orders-primary')
    .replace(/\$\(count_of [^)]*\)/g, '3')
    .replace(/\$[^]*/, '')
    .replace(/^([A-Z -]+: [^.,:(]*)[^]*/, '$1')
    .trim();
}

test('the runbook has each line of a log that begins in capitals', () => {
  const runbook = (textOf.get(join(REPOSITORY, 'docs', 'operations', 'runbook.md')) ?? '').replace(/\s+/g, ' ');
  const scripts = filesBelow(join(REPOSITORY, 'lib'), '.sh').filter((path) => path.includes('/scripts/'));
  const lines = scripts.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/"((?:[A-Z]{4,}|[A-Z]{3,} [A-Z][-A-Z ]+): [^"]*)"/g)].map(
      ([, line]) => line,
    ),
  );
  expect(lines.length).toBeGreaterThan(15);
  const beginnings = lines.map(beginningOf).filter((line) => !/^(ERROR|OPENSSL)\b/.test(line));
  expect(beginnings.filter((line) => !runbook.includes(line))).toEqual([]);
});
