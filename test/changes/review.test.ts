import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Yaml } from 'cdk8s';
import { Finding, FindingLevel, Review } from '../../lib';
import { findingLine } from '../../lib/changes/finding-formats';
import { claim, object, statefulSet } from './sets';

const larger = claim({ resources: { requests: { storage: '20Gi' } } });
const before = [
  statefulSet({ name: 'a' }),
  statefulSet({ name: 'b' }),
  statefulSet({ name: 'c' }),
  object('v1', 'Namespace', 'shop'),
];
const after = [
  statefulSet({ name: 'a', spec: { replicas: 5 } }),
  statefulSet({ name: 'b', claims: [larger] }),
  statefulSet({ name: 'c', spec: { serviceName: 'x' } }),
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'review-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the worst comes first, whichever object it is about', () => {
  const review = Review.fromYaml(Yaml.stringify(...before), Yaml.stringify(...after));
  expect(review.findings.map(({ level, resource }) => `${level} ${resource}`)).toEqual([
    'error StatefulSet/default/c',
    'error Namespace//shop',
    'warning StatefulSet/default/b',
    'note StatefulSet/default/a',
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
  const places = new Map(
    Review.fromPaths(old, now).findings.map(({ resource, file, line }) => [resource, { file, line }]),
  );
  expect(places.get('StatefulSet/default/a')).toEqual({ file: now, line: 1 });
  expect(places.get('Namespace//shop')?.file).toBe(old);
  const line = places.get('StatefulSet/default/c')?.line ?? 0;
  expect(
    Yaml.stringify(...after)
      .split('\n')
      .slice(line - 1, line + 3)
      .map((text) => text.trim()),
  ).toEqual(['apiVersion: apps/v1', 'kind: StatefulSet', 'metadata:', 'name: c']);
});

test('texts have no files', () => {
  const [finding] = Review.fromYaml(Yaml.stringify(...before), '').findings;
  expect(Object.keys(finding)).not.toContain('file');
});

const about = {
  rule: 'r',
  level: FindingLevel.NOTE,
  resource: 'StatefulSet/default/a',
  reason: 'why',
  remedy: 'what to do',
};

test.each<[Finding, string]>([
  [about, 'note StatefulSet/default/a r: why; what to do'],
  [{ ...about, field: 'f' }, 'note StatefulSet/default/a r: f: why; what to do'],
  [{ ...about, field: 'f', before: '1', after: '2' }, 'note StatefulSet/default/a r: f 1 -> 2: why; what to do'],
  [{ ...about, field: 'f', after: '2' }, 'note StatefulSet/default/a r: f (none) -> 2: why; what to do'],
  [{ ...about, field: 'f', before: '' }, "note StatefulSet/default/a r: f '' -> (none): why; what to do"],
  [
    { ...about, field: 'f', before: 'a\n  b', after: 'c\r\nd' },
    'note StatefulSet/default/a r: f a b -> c d: why; what to do',
  ],
])('a finding is one line: %#', (finding, line) => {
  expect(findingLine(finding)).toBe(line);
});

describe('manifests of several environments', () => {
  const sized = (storage: string): string =>
    Yaml.stringify(
      statefulSet({ claims: [claim({ resources: { requests: { storage } } })] }),
      object('v1', 'ConfigMap', 'orders-config'),
    );

  /** Writes the sizes of one StatefulSet by the file that it is in. */
  function repository(name: string, sizes: Readonly<Record<string, string>>): string {
    for (const [file, size] of Object.entries(sizes)) {
      mkdirSync(dirname(join(folder, name, file)), { recursive: true });
      writeFileSync(join(folder, name, file), sized(size));
    }
    return join(folder, name);
  }

  const lines = (old: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] =>
    Review.fromPaths(repository('old', old), repository('new', now))
      .findings.map(findingLine)
      .map((line) => line.replace(/: .*/, ''));

  test.each([
    ['folders', 'dev/orders.k8s.yaml', 'prod/orders.k8s.yaml', ['dev', 'prod']],
    [
      'folders of folders',
      'manifests/dev/orders.yaml',
      'manifests/prod/orders.yaml',
      ['manifests/dev', 'manifests/prod'],
    ],
    ['files', 'dev-orders.k8s.yaml', 'prod-orders.k8s.yaml', ['dev-orders.k8s.yaml', 'prod-orders.k8s.yaml']],
  ])('are compared each by itself: %s', (_, dev, prod, names) => {
    expect(lines({ [dev]: '10Gi', [prod]: '100Gi' }, { [dev]: '5Gi', [prod]: '100Gi' })).toEqual([
      `error [${names[0]}] StatefulSet/default/orders volume-shrunk`,
    ]);
    expect(lines({ [dev]: '10Gi', [prod]: '100Gi' }, { [dev]: '20Gi', [prod]: '50Gi' })).toEqual([
      `error [${names[1]}] StatefulSet/default/orders volume-shrunk`,
      `warning [${names[0]}] StatefulSet/default/orders volume-grown`,
    ]);
    expect(lines({ [dev]: '10Gi', [prod]: '100Gi' }, { [dev]: '10Gi', [prod]: '100Gi' })).toEqual([]);
  });

  test('one may be added, and one that is gone is found', () => {
    expect(
      lines(
        { 'dev/a.yaml': '10Gi', 'prod/a.yaml': '10Gi' },
        { 'dev/a.yaml': '10Gi', 'prod/a.yaml': '10Gi', 'test/a.yaml': '1Gi' },
      ),
    ).toEqual([]);
    rmSync(join(folder, 'new'), { recursive: true });
    expect(lines({ 'dev/a.yaml': '10Gi', 'prod/a.yaml': '10Gi' }, { 'prod/a.yaml': '10Gi' })).toEqual([
      'error [dev] StatefulSet/default/orders set-removed',
    ]);
  });

  test('a StatefulSet that is in one file only may be in another one afterwards', () => {
    expect(lines({ 'one/a.yaml': '10Gi' }, { 'two/b.yaml': '10Gi' })).toEqual([]);
    expect(lines({ 'one/a.yaml': '10Gi' }, { 'two/b.yaml': '5Gi' })).toEqual([
      'error StatefulSet/default/orders volume-shrunk',
    ]);
  });

  test('plans say which they are for', () => {
    const [old, now] = [
      ['old', '10Gi'],
      ['new', '20Gi'],
    ].map(([name, size]) => repository(name, { 'dev/a.yaml': size, 'prod/a.yaml': size }));
    expect(
      Review.fromPaths(old, now)
        ._plans()
        .map(({ environment, fileName }) => [environment, fileName]),
    ).toEqual([
      ['dev', 'grow-data-of-orders-to-20Gi.sh'],
      ['prod', 'grow-data-of-orders-to-20Gi.sh'],
    ]);
  });
});
