import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Manifests, resourceId } from '../../../lib/changes/facts/manifests';
import { refusalOf } from '../../refusal';

const service = (name: string, namespace?: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n${namespace === undefined ? '' : `  namespace: ${namespace}\n`}`;
const ids = (manifests: Manifests): string[] => manifests.all().map(resourceId);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'manifests-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

test.each([
  [
    'several documents, and empty ones',
    `---\n---\n${service('a')}---\n${service('b')}---\n`,
    ['Service/default/a', 'Service/default/b'],
  ],
  [
    'a list, as kubectl prints it',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }],
    }),
    ['Service/default/a'],
  ],
  [
    'a list within a list',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'v1',
          kind: 'ServiceList',
          items: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }],
        },
      ],
    }),
    ['Service/default/a'],
  ],
  ['a list without items', 'apiVersion: v1\nkind: List\nitems: null\n', []],
  ['carriage returns', service('a', 'shop').replaceAll('\n', '\r\n'), ['Service/shop/a']],
  [
    'kinds without namespace',
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: other}\n',
    ['Namespace//shop'],
  ],
  [
    'a group of Kubernetes',
    'apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\n',
    ['StorageClass//fast'],
  ],
  ['values of a chart', 'image:\n  repository: postgres\nkind: standalone\n', []],
  ['a kustomization', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n', []],
  ['text, numbers and lists', 'x\n---\n1\n---\n- a\n---\nnull\n', []],
  ['a manifest without a name', 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n', []],
  [
    'kinds of others that are called alike',
    `${service('a')}---\n${service('a').replace('v1', 'serving.knative.dev/v1')}---\n${service('b').replace('v1', 'apps.kruise.io/v1beta1')}`,
    ['Service/default/a'],
  ],
])('of %s', (_, text, expected) => {
  expect(ids(Manifests.parse(text))).toEqual(expected);
});

test('the default namespace is the same, written out or not; others are not', () => {
  const manifests = Manifests.parse([service('a', 'default'), service('a', 'shop'), service('b')].join('---\n'));
  expect(ids(manifests)).toEqual(['Service/default/a', 'Service/shop/a', 'Service/default/b']);
  expect(manifests.find('Service', 'a', undefined)?.namespace).toBe('default');
  expect(manifests.find('Service', 'a', 'shop')?.namespace).toBe('shop');
  expect(manifests.find('Service', 'b', 'shop')).toBeUndefined();
  expect(manifests.find('ConfigMap', 'a', undefined)).toBeUndefined();
});

test('of an object that is there twice the last counts, as when it is applied', () => {
  const manifests = Manifests.parse(
    `${service('a')}spec: {type: NodePort}\n---\n${service('a', 'default')}spec: {type: LoadBalancer}\n`,
  );
  expect(manifests.all().map(({ object }) => object.spec)).toEqual([{ type: 'LoadBalancer' }]);
  expect(manifests.ofKind('Service')).toHaveLength(1);
});

test('a folder is read with the folders in it, in the order of their names, and each object knows where it was', () => {
  write({
    'b.yml': `# first\n${service('b')}---\n${service('c')}`,
    'a/deep/a.json': JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }),
    'a/values.yaml': 'a: 1\n',
    'package.json': '{"name": "x"}',
    'notes.md': service('notes'),
    'empty.yaml': '',
    'folder.yaml/readme': '',
    'node_modules/x/service.yaml': service('x'),
    '.github/workflow.yaml': 'on: [push]\n---\n{{',
  });
  symlinkSync('b.yml', join(folder, 'link.yaml'));
  symlinkSync('nowhere', join(folder, 'broken.yaml'));
  expect(
    Manifests.read(folder)
      .all()
      .map(({ name, file, line }) => [name, file, line]),
  ).toEqual([
    ['a', join(folder, 'a/deep/a.json'), 1],
    ['b', join(folder, 'link.yaml'), 2],
    ['c', join(folder, 'link.yaml'), 7],
  ]);
  expect(ids(Manifests.read(join(folder, 'notes.md')))).toEqual(['Service/default/notes']);
});

test.each([
  ['not-there', {}, /not-there/],
  [
    'broken.yaml',
    { 'broken.yaml': `${service('a')}spec:\n\ttype: x\n` },
    /^cannot read .*broken\.yaml: .* at line 6, column 1$/,
  ],
  [
    '.',
    { 'good.yaml': service('a'), 'deep/broken.json': '{"a": [1}' },
    /^cannot read .*deep\/broken\.json: .* at line 1, column \d$/,
  ],
  [
    'template.yaml',
    { 'template.yaml': '{{- if .Values.on }}\na: 1\n{{- end }}\n' },
    /template\.yaml: .* at line 1, column 3; templates must be rendered first \(helm template\)$/,
  ],
  [
    'template.yaml',
    { 'template.yaml': service('{{ .Release.Name }}') },
    /template\.yaml: a mapping as a key: {{ \.Release\.Name }}; templates must/,
  ],
])('what cannot be read is named: %s', (path, files, message) => {
  write(files);
  expect(refusalOf(() => Manifests.read(join(folder, path)))).toMatch(message);
});

test('objects are taken as they are', () => {
  expect(ids(Manifests.of([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }, null, 'x', {}]))).toEqual([
    'Service/default/a',
  ]);
});
