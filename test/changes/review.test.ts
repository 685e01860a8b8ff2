import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { Finding, FindingLevel, Review } from '../../lib';
import { findingLine } from '../../lib/changes/finding-formats';
import { claim, object, statefulSet } from './sets';

const larger = claim({ resources: { requests: { storage: '20Gi' } } });
const before = [statefulSet({ name: 'a' }), statefulSet({ name: 'b' }), statefulSet({ name: 'c' }), object('v1', 'Namespace', 'shop')];
const after = [statefulSet({ name: 'a', spec: { replicas: 5 } }), statefulSet({ name: 'b', claims: [larger] }), statefulSet({ name: 'c', spec: { serviceName: 'x' } })];

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'review-')); });
afterEach(() => rmSync(folder, { recursive: true }));

test('the worst comes first, whichever object it is about', () => {
  const review = Review.fromYaml(Yaml.stringify(...before), Yaml.stringify(...after));
  expect(review.findings.map(({ level, resource }) => `${level} ${resource}`)).toEqual([
    'error StatefulSet/default/c', 'error Namespace//shop', 'warning StatefulSet/default/b', 'note StatefulSet/default/a',
  ]);
  expect(review.findingsWithLevel(FindingLevel.WARNING).map(({ rule }) => rule)).toEqual(['volume-grown']);
});

test('nothing is found in what stays, nor in an empty repository', () => {
  const yaml = Yaml.stringify(...before);
  expect(Review.fromYaml(yaml, yaml).findings).toEqual([]);
  expect(Review.fromYaml('', yaml).findings).toEqual([]);
});

test('a finding is in the new file, or in the old one if the object is gone', () => {
  const [old, now] = ['old.yaml', 'new.yaml'].map((name) => join(folder, name));
  writeFileSync(old, Yaml.stringify(...before));
  writeFileSync(now, Yaml.stringify(...after));
  const places = new Map(Review.fromPaths(old, now).findings.map(({ resource, file, line }) => [resource, { file, line }]));
  expect(places.get('StatefulSet/default/a')).toEqual({ file: now, line: 1 });
  expect(places.get('Namespace//shop')?.file).toBe(old);
  const line = places.get('StatefulSet/default/c')?.line ?? 0;
  expect(Yaml.stringify(...after).split('\n').slice(line - 1, line + 3).map((text) => text.trim())).toEqual(['apiVersion: apps/v1', 'kind: StatefulSet', 'metadata:', 'name: c']);
});

test('texts have no files', () => {
  const [finding] = Review.fromYaml(Yaml.stringify(...before), '').findings;
  expect(Object.keys(finding)).not.toContain('file');
});

const about = { rule: 'r', level: FindingLevel.NOTE, resource: 'StatefulSet/default/a', reason: 'why', remedy: 'what to do' };

test.each<[Finding, string]>([
  [about, 'note StatefulSet/default/a r: why; what to do'],
  [{ ...about, field: 'f' }, 'note StatefulSet/default/a r: f: why; what to do'],
  [{ ...about, field: 'f', before: '1', after: '2' }, 'note StatefulSet/default/a r: f 1 -> 2: why; what to do'],
  [{ ...about, field: 'f', after: '2' }, 'note StatefulSet/default/a r: f (none) -> 2: why; what to do'],
  [{ ...about, field: 'f', before: '' }, 'note StatefulSet/default/a r: f \'\' -> (none): why; what to do'],
  [{ ...about, field: 'f', before: 'a\n  b', after: 'c\r\nd' }, 'note StatefulSet/default/a r: f a b -> c d: why; what to do'],
])('a finding is one line: %#', (finding, line) => {
  expect(findingLine(finding)).toBe(line);
});
