import { createRequire } from 'node:module';

/**
 * The parser that cdk8s brings: this library has no dependency but its peers, and jsii lets none be named that it did not compile.
 * `Yaml.load` of cdk8s itself does not do: it passes over what it cannot parse, and does not say where an object was.
 */
const { parseAllDocuments, LineCounter } = createRequire(require.resolve('cdk8s'))('yaml') as typeof import('yaml');

/** One document of a file. */
export interface YamlDocument {
  readonly content: unknown;
  readonly line: number;
}

/**
 * The documents of a YAML or JSON file.
 *
 * @throws if one cannot be parsed, with the line
 */
export function readDocuments(text: string): YamlDocument[] {
  const lineCounter = new LineCounter();
  // The version that cdk8s writes. Aliases are not counted: the limit that guards against bombs is far below what a large chart uses.
  const documents = parseAllDocuments(text, { version: '1.1', lineCounter });
  return [...documents].map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors[0].message);
    return { content: document.toJS() as unknown, line: lineCounter.linePos(document.contents?.range?.[0] ?? 0).line };
  });
}
