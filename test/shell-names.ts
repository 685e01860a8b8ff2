/**
 * What a shell script sets and defines, by a reader that knows so much of the language as the scripts of this
 * repository use.
 */
export interface ShellNames {
  readonly functions: string[];
  /** Each variable that is set outside of a function, or in one that does not declare it `local`. */
  readonly globals: string[];
}

const NAME = String.raw`[A-Za-z_]\w*`;
/** `a=1 b+=2 c[3]=4`, where no command comes after: before one they are for that alone. */
const ASSIGNMENTS = new RegExp(
  String.raw`(?:^|[;{&|()]|\b(?:then|do|else|if|while|until|elif))[ \t]*((?:${NAME}(?:\[[^\]]*\])?\+?=[^\s;&|)]*[ \t]*)+)(?=$|[;&|)}])`,
  'gm',
);
const ASSIGNED = new RegExp(String.raw`(?:^|\s)(${NAME})(?:\[[^\]]*\])?\+?=`, 'g');
/** Whose other words are names. */
const READ = new RegExp(String.raw`\bread((?:[ \t]+(?:-\w+(?:[ \t]+[\d.]+)?|${NAME}))+)`, 'g');
const OTHERS = [
  new RegExp(String.raw`\bmapfile[ \t]+(?:-\w+[ \t]+)*(${NAME})`, 'g'),
  new RegExp(String.raw`\bfor[ \t]+(${NAME})[ \t]+in\b`, 'g'),
  new RegExp(String.raw`\bprintf[ \t]+-v[ \t]+(${NAME})`, 'g'),
  new RegExp(String.raw`\bcoproc[ \t]+(${NAME})`, 'g'),
  new RegExp(String.raw`\{(${NAME})\}(?=[<>])`, 'g'), // exec {a}<file
];
const DEFAULT = new RegExp(String.raw`\$\{(${NAME}):=`, 'g');
const LOCAL = new RegExp(String.raw`\blocal((?:[ \t]+(?:-\w+|${NAME}(?:=[^\s;&|)]*)?))+)`, 'g');
const FUNCTION = new RegExp(String.raw`^(?:function )?(${NAME})[ \t]*\(\)[ \t]*`);

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found);
const words = (list: string): string[] =>
  list
    .split(/\s+/)
    .map((word) => word.split('=')[0])
    .filter((word) => /^[A-Za-z_]/.test(word));

/** From a quote or an opening parenthesis on: the index after its end. */
function skip(text: string, from: number, end: string): number {
  let i = from;
  while (i < text.length && !text.startsWith(end, i)) {
    if (end === "'") i += 1;
    else if (text[i] === '\\') i += 2;
    else i = nested(text, i, end === '"') ?? i + 1;
  }
  return i + end.length;
}
/** Where something begins that has its own quotes: the index after its end. */
function nested(text: string, i: number, quoted: boolean): number | undefined {
  if (text.startsWith('((', i) && !quoted) return skip(text, i + 2, '))');
  if (text.startsWith('$((', i)) return skip(text, i + 3, '))');
  if (text.startsWith('$(', i)) return skip(text, i + 2, ')');
  if (text.startsWith('${', i)) return skip(text, i + 2, '}');
  if (text[i] === '"') return skip(text, i + 1, '"');
  if (text[i] === "'" && !quoted) return skip(text, i + 1, "'");
  return undefined;
}

/** A `_` for each value: what is in quotes, expansions, arithmetic, lists of arrays. */
function withoutValues(text: string): string {
  let result = '';
  for (let i = 0; i < text.length;) {
    const after = text.startsWith('=(', i) ? skip(text, i + 2, ')') : nested(text, i, false);
    if (text[i] === '#' && /(^|[\s;])$/.test(result)) i = (text.indexOf('\n', i) + 1 || text.length + 1) - 1;
    else if (text[i] === '\\') i += 2;
    else if (after === undefined) result += text[i++];
    else {
      result += text[i] === '=' ? '=_' : '_';
      i = after;
    }
  }
  return result;
}

function setIn(text: string): string[] {
  const rest = withoutValues(text);
  const local = new Set(all(rest, LOCAL).flatMap(words));
  const code = rest.replace(LOCAL, '');
  return [
    ...all(text, DEFAULT),
    ...all(code, ASSIGNMENTS).flatMap((list) => all(list, ASSIGNED)),
    ...all(code, READ).flatMap(words),
    ...OTHERS.flatMap((pattern) => all(code, pattern)),
  ].filter((name) => name !== '_' && !local.has(name));
}

/** Functions begin at the beginning of a line, and end with a `}` there, or with their only line. */
export function shellNames(script: string): ShellNames {
  const functions: string[] = [];
  const globals = new Set<string>();
  const outside: string[] = [];
  let body: string[] | undefined;
  for (const line of script.split('\n')) {
    const head = FUNCTION.exec(line);
    if (body === undefined && head !== null) {
      functions.push(head[1]);
      body = [line.slice(head[0].length)];
    } else {
      (body ?? outside).push(line);
    }
    if (body !== undefined && (/^[})]/.test(line) || (head !== null && /[})]\s*$/.test(line)))) {
      setIn(body.join('\n')).forEach((variable) => globals.add(variable));
      body = undefined;
    }
  }
  setIn(outside.join('\n')).forEach((variable) => globals.add(variable));
  return { functions, globals: [...globals].sort() };
}
