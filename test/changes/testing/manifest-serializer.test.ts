import { serialize, test as accepts } from '../../../lib/changes/testing/manifest-serializer';

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
