import { LineCounter, parseAllDocuments } from 'yaml';

// `Yaml.load` of cdk8s passes over what it cannot parse, and does not say where an object was.

/** One document of a file. */
export interface YamlDocument {
  readonly content: unknown;
  readonly line: number;
}

/** More than any cluster holds; a few lines of aliases of aliases ("billion laughs") would be far more when they are written out. */
const MOST_VALUES = 20_000_000;

/**
 * The documents of a YAML or JSON file, read as Kubernetes reads them: of a key that is there twice the last counts, and what looks like a time
 * is text.
 *
 * @throws if one cannot be parsed, with the line
 */
export function readDocuments(text: string): YamlDocument[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1', // the one that cdk8s writes
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME'))),
    uniqueKeys: false,
    logLevel: 'error',
    lineCounter,
  });
  return [...documents].map((document) => {
    const line = lineCounter.linePos(document.contents?.range?.[0] ?? 0).line;
    if (document.errors.length > 0) throw new Error(document.errors[0].message.replace(/:?\n[^]*$/, ''));
    // The parser's own limit counts each use of an anchor, of which a large chart has many.
    const content = document.toJS({ maxAliasCount: -1 }) as unknown;
    if (countValues(content, new Map()) > MOST_VALUES) throw new Error(`aliases that stand for more than ${MOST_VALUES} values at line ${line}`);
    return { content, line };
  });
}

/** How many values there would be if aliases were written out; what is shared is counted once and added where it is used. */
function countValues(value: unknown, sizes: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  // `key: {{ .Values.x }}` is a mapping whose key is a mapping, which JSON cannot have.
  const template = Object.keys(value).find((key) => /^\{ .* \}$/.test(key));
  if (template !== undefined) throw new Error(`a mapping as a key: {${template}}`);
  const size = Object.values(value).reduce((sum: number, inner) => sum + countValues(inner, sizes), 1);
  sizes.set(value, size);
  return size;
}
