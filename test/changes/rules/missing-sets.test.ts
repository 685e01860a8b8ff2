import { Manifests } from '../../../lib/changes/facts/manifests';
import { readSets } from '../../../lib/changes/facts/set-facts';
import { findingLine } from '../../../lib/changes/finding-formats';
import { compareSets } from '../../../lib/changes/rules/compare-sets';
import { claim, Fields, ownSet, statefulSet } from '../sets';

function said(before: Fields[], after: Fields[]): string[] {
  return compareSets(readSets(Manifests.of(before)), readSets(Manifests.of(after))).map(findingLine);
}

const orders = statefulSet();
const CLAIMS = 'data-orders-0, data-orders-1, data-orders-2';

test.each<[string, Fields[], Fields[], string[]]>([
  ['nothing is gone', [orders], [statefulSet({ namespace: 'default' })], []],
  ['another is added', [orders], [orders, statefulSet({ name: 'sales' })], []],
  ['one without data is gone', [statefulSet({ claims: [] })], [], []],
  ['one is gone', [orders], [], ['error StatefulSet/default/orders set-removed:', `leaving behind ${CLAIMS}`]],
  [
    'one is gone whose claims go with it',
    [statefulSet({ spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } } })],
    [],
    ['set-removed: the database is deleted with it, and its data too;'],
  ],
  [
    'one is gone that has no claims',
    [ownSet({ claims: [] })],
    [],
    ['set-removed: the database is deleted with it, and its data too;'],
  ],
  [
    'one of many pods is gone',
    [statefulSet({ spec: { replicas: 12 } })],
    [],
    ['leaving behind data-orders-0, data-orders-1 ... data-orders-11;'],
  ],
  [
    'it is in another namespace',
    [orders],
    [statefulSet({ namespace: 'shop' })],
    ['set-moved: metadata.namespace default -> shop:', `it starts empty there and leaves behind ${CLAIMS};`],
  ],
  [
    'it has another name',
    [orders],
    [statefulSet({ name: 'sales' })],
    ['set-renamed: metadata.name orders -> sales:', `'sales' starts empty and leaves behind ${CLAIMS};`],
  ],
  [
    'it has another name, and another packager',
    [statefulSet({ image: 'bitnami/postgresql:17' })],
    [statefulSet({ name: 'sales' })],
    ['set-renamed'],
  ],
  [
    'it has another name, and has no volumes',
    [ownSet({ claims: [] })],
    [ownSet({ name: 'sales', claims: [] })],
    ['set-renamed', 'and leaves behind none of its data;'],
  ],
  [
    'another database comes in its stead',
    [orders],
    [statefulSet({ name: 'cache', image: 'redis:8' })],
    ['set-removed'],
  ],
  [
    'one with other claims comes in its stead',
    [orders],
    [statefulSet({ name: 'sales', claims: [claim({}, { name: 'pgdata' })] })],
    ['set-removed'],
  ],
  [
    'one of another namespace and name comes in its stead',
    [orders],
    [statefulSet({ name: 'sales', namespace: 'shop' })],
    ['set-removed'],
  ],
])('%s', (_, before, after, words) => {
  const lines = said(before, after);
  expect(lines).toHaveLength(words.length > 0 ? 1 : 0);
  for (const word of words) expect(lines[0]).toContain(word);
});

test('of two of one name in two namespaces the one that is gone is named', () => {
  const shop = statefulSet({ namespace: 'shop' });
  expect(said([orders, shop], [orders])).toEqual([expect.stringContaining('StatefulSet/shop/orders set-removed')]);
});
