import { ReplicatedStatefulSet } from '../../../lib';
import { serialize, test as accepts } from '../../../lib/changes/testing/manifest-serializer';
import { synthesize } from '../../manifests';
import { stubProps } from '../../stub-engine';

const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db' } };

test('a manifest prints as the YAML that a cluster gets', () => {
  expect(service).toMatchInlineSnapshot(`
apiVersion: v1
kind: Service
metadata:
  name: db
`);
});

test('the manifests of a chart print as one file', () => {
  expect(serialize([service, service]).match(/^---$/gm)).toHaveLength(1);
});

test('other values keep the usual form', () => {
  expect([{}, [], [service, 1], null, 'v1'].map(accepts)).toEqual([false, false, false, false, false]);
});

describe('the scripts of a set', () => {
  const [scripts, config] = synthesize((scope) => new ReplicatedStatefulSet(scope, 'orders', stubProps));

  test('print as the number of their lines: they come with the library, and the name says when they are others', () => {
    const text = serialize([scripts, config]);
    expect(text).toContain('  engine.sh: (1 lines)\n');
    expect(text).toContain(`  name: ${scripts.metadata.name}\n`);
    expect(text).not.toContain('#!/');
    expect(text).toContain('port=7000'); // what is the set's own is all there
    expect(scripts.data?.['engine.sh']).toBe('engine_prepare() { :; }\n'); // nothing has changed
  });

  test('are known by their label, and nothing else is cut', () => {
    const { labels, ...metadata } = scripts.metadata;
    expect(labels).toBeDefined();
    expect(serialize({ ...scripts, metadata })).toContain('#!/');
    expect(serialize({ ...scripts, kind: 'Secret' })).toContain('#!/');
  });
});
