import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FindingLevel, Review } from '../../lib';

interface Expectation {
  readonly why: string;
  /** The rule that must find it, and the object it is found at; in the order of their names, each once. */
  readonly findings: { readonly rule: string; readonly object: string }[];
}

const PAIRS = join(__dirname, 'pairs');

// Changes of StatefulSets as other generators write them; what is planted in each stands in its expect.json.
const pairs = readdirSync(PAIRS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const state = (which: string): string => {
      const folder = join(PAIRS, name, which);
      return existsSync(folder) ? folder : `${folder}.yaml`;
    };
    const expectation = JSON.parse(readFileSync(join(PAIRS, name, 'expect.json'), 'utf8')) as Expectation;
    return { name, before: state('before'), after: state('after'), ...expectation };
  });

const faulty = pairs.filter(({ findings }) => findings.length > 0);
const harmless = pairs.filter(({ findings }) => findings.length === 0);

test.each(faulty)('$name: $why', ({ before, after, findings }) => {
  expect(findingsWithLevel(before, after)).toEqual(findings.map(({ rule, object }) => `${rule} ${object}`).sort());
});

test.each(harmless)('nothing is raised by $name: $why', ({ before, after }) => {
  expect(findingsWithLevel(before, after)).toEqual([]);
});

test.each(pairs)('nothing is raised by $name that does not change', ({ before }) => {
  expect(Review.fromPaths(before, before).findings).toEqual([]);
});

function findingsWithLevel(before: string, after: string): string[] {
  const findings = Review.fromPaths(before, after).findings.filter(({ level }) => level !== FindingLevel.NOTE);
  // A rule that finds several fields of one object counts once.
  return [...new Set(findings.map(({ rule, resource }) => `${rule} ${resource}`))].sort();
}
