import { LineCounter, parseAllDocuments } from 'yaml';

// `Yaml.load` of cdk8s passes over what it cannot parse, and does not say where an object was.

/** One document of a file. */
export interface YamlDocument {
  readonly content: unknown;
  readonly line: number;
}

/** More than any cluster holds. A few lines of nested aliases ("billion laughs") would expand to far more. */
const MOST_VALUES = 20_000_000;

/**
 * The documents of a YAML or JSON file, read as Kubernetes reads them: of a repeated key the last one counts, and
 * timestamps are strings.
 *
 * @throws if one cannot be parsed; the message names the line
 */
export function readDocuments(text: string): YamlDocument[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1', // the one that cdk8s writes
    customTags: (tags) =>
      tags.filter(
        (tag) =>
          typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
      ),
    uniqueKeys: false,
    logLevel: 'error',
    lineCounter,
  });
  return [...documents].map((document) => {
    const line = lineCounter.linePos(document.contents?.range?.[0] ?? 0).line;
    if (document.errors.length > 0) throw new Error(document.errors[0].message.replace(/:?\n[^]*$/, ''));
    // The parser's own limit counts every use of an anchor, and large charts have many.
    const content = document.toJS({ maxAliasCount: -1 }) as unknown;
    if (countValues(content, new Map()) > MOST_VALUES)
      throw new Error(`aliases expand to more than ${MOST_VALUES} values at line ${line}`);
    return { content, line };
  });
}

/** How many values there are when all aliases are expanded. A shared value is counted once and added for every use. */
function countValues(value: unknown, sizes: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  // `key: {{ .Values.x }}` is a mapping whose key is a mapping, which JSON does not have.
  const template = Object.keys(value).find((key) => /^\{ .* \}$/.test(key));
  if (template !== undefined) throw new Error(`a mapping as a key: {${template}}`);
  const size = Object.values(value).reduce((sum: number, inner) => sum + countValues(inner, sizes), 1);
  sizes.set(value, size);
  return size;
}
