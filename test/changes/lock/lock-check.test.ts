import { RetiredVolumes } from '../../../lib';
import { Manifests } from '../../../lib/changes/facts/manifests';
import { readSets } from '../../../lib/changes/facts/set-facts';
import { findingLine } from '../../../lib/changes/finding-formats';
import { checkLock, LockChange, Retirement } from '../../../lib/changes/lock/lock-check';
import {
  EMPTY_LOCK,
  formatLock,
  LockContent,
  NO_ENVIRONMENT,
  NOTHING_LOCKED,
  parseLock,
} from '../../../lib/changes/lock/lock-format';
import { claim, Fields, ownSet, statefulSet } from '../sets';

const { KEPT, DELETED } = RetiredVolumes;
const orders = statefulSet();
const shop = statefulSet({ namespace: 'shop' });
const larger = statefulSet({ claims: [claim({ resources: { requests: { storage: '20Gi' } } })] });
const goes = { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } };

function change(lock: LockContent, sets: Fields[], ...retirements: Retirement[]): LockChange {
  return checkLock(lock, new Map([[NO_ENVIRONMENT, { systems: readSets(Manifests.of(sets)), retirements }]]), true);
}

/** The lock as it is read back from its file. */
function written({ content }: LockChange): LockContent {
  return parseLock(formatLock(content), 'lock');
}

const lockOf = (...sets: Fields[]): LockContent => written(change(EMPTY_LOCK, sets));
const lines = ({ findings }: LockChange): string[] => findings.map(findingLine);
const keys = ({ content }: LockChange): string[][] => {
  const { systems, retired } = content.get(NO_ENVIRONMENT) ?? NOTHING_LOCKED;
  return [systems, retired].map((sets) => [...sets.keys()]);
};

test('sets that keep data are locked, and no others', () => {
  const first = change(EMPTY_LOCK, [
    orders,
    shop,
    statefulSet({ name: 'api', claims: [] }),
    ownSet({ name: 'cache', claims: [] }),
  ]);
  expect(keys(first)).toEqual([
    ['StatefulSet/default/orders', 'StatefulSet/shop/orders', 'StatefulSet/default/cache'],
    [],
  ]);
  expect(first.findings).toEqual([]);
  expect(first.differences).toEqual([
    'systems default/cache: new',
    'systems default/orders: new',
    'systems shop/orders: new',
  ]);
  expect(change(written(first), [ownSet({ name: 'cache', claims: [] }), shop, orders])).toMatchObject({
    findings: [],
    differences: [],
  });
});

test('the default namespace is the same, written out or not', () => {
  expect(change(lockOf(orders), [statefulSet({ namespace: 'default' })])).toMatchObject({
    findings: [],
    differences: [],
  });
});

test('a password that the manifest itself has may change in silence, since the lock does not know it', () => {
  const [a, b] = ['a', 'b'].map((value) => statefulSet({ env: [{ name: 'POSTGRES_PASSWORD', value }] }));
  expect(change(lockOf(a), [b])).toMatchObject({ findings: [], differences: [] });
});

test('each field that differs is a line', () => {
  expect(change(lockOf(orders), [statefulSet({ spec: { replicas: 5, serviceName: 'x' } })]).differences).toEqual([
    'systems default/orders: replicas 3 -> 5',
    'systems default/orders: serviceName "orders" -> "x"',
  ]);
});

test.each<[string, Fields[], string]>([
  ['is gone', [], 'error StatefulSet/default/orders set-removed'],
  [
    'has another name',
    [statefulSet({ name: 'sales' })],
    'error StatefulSet/default/orders set-renamed: metadata.name orders -> sales',
  ],
  ['moves', [shop], 'error StatefulSet/default/orders set-moved: metadata.namespace default -> shop'],
  ['grows', [larger], 'warning StatefulSet/default/orders volume-grown'],
  [
    'keeps its data nowhere any more',
    [statefulSet({ claims: [] })],
    'error StatefulSet/default/orders claim-template-removed',
  ],
])('of a locked set that %s is said what a review says', (_, sets, line) => {
  expect(lines(change(lockOf(orders), sets))).toEqual([expect.stringContaining(line)]);
});

describe('a retired set', () => {
  test.each<[string, Fields, Retirement, string, boolean]>([
    [
      'stays on its volumes',
      orders,
      { name: 'orders', volumes: KEPT },
      'its PVCs are kept: data-orders-0 data-orders-1 data-orders-2',
      true,
    ],
    [
      'leaves volumes to be deleted',
      orders,
      { name: 'orders', volumes: DELETED },
      'kubectl delete persistentvolumeclaim data-orders-0 data-orders-1 data-orders-2',
      false,
    ],
    [
      'leaves volumes to be deleted in its namespace',
      shop,
      { name: 'orders', namespace: 'shop', volumes: DELETED },
      'data-orders-2 --namespace shop',
      false,
    ],
    [
      'takes its volumes with it',
      statefulSet({ spec: goes }),
      { name: 'orders', volumes: DELETED },
      'its PVCs are deleted with it',
      false,
    ],
    [
      'has no volumes',
      ownSet({ claims: [] }),
      { name: 'orders', volumes: DELETED },
      'its data is deleted with its pods',
      false,
    ],
    [
      'is named with the default namespace',
      orders,
      { name: 'orders', namespace: 'default', volumes: KEPT },
      'its PVCs are kept',
      true,
    ],
  ])('%s', (_, set, retirement, says, isKept) => {
    const after = change(lockOf(set), [], retirement);
    expect(lines(after)).toEqual([
      expect.stringMatching(
        /^note StatefulSet\/\w+\/orders set-retired: it is deleted by the deployment tool if that prunes, otherwise by hand; /,
      ),
    ]);
    expect(lines(after)[0]).toContain(says);
    expect(keys(after).map(({ length }) => length)).toEqual([0, isKept ? 1 : 0]);
    expect(change(written(after), [], retirement)).toMatchObject({ findings: [], differences: [] });
    expect(change(written(after), [])).toMatchObject({ findings: [], differences: [] });
  });

  test.each<[string, Fields, string]>([
    [
      'whose volumes go with it',
      statefulSet({ spec: goes }),
      'error StatefulSet/default/orders retired-without-volumes: its PVCs are deleted with the StatefulSet',
    ],
    [
      'that has none',
      ownSet({ claims: [] }),
      'error StatefulSet/default/orders retired-without-volumes: it has no volumes to keep',
    ],
  ])('%s cannot keep them', (_, set, line) => {
    expect(lines(change(lockOf(set), [], { name: 'orders', volumes: KEPT }))).toEqual([expect.stringContaining(line)]);
  });

  test('is gone from the code', () => {
    expect(lines(change(lockOf(orders), [orders], { name: 'orders', volumes: KEPT }))).toEqual([
      'error StatefulSet/default/orders retired-but-defined: it is marked as retired but still defined; remove either the RetiredSystem or the system itself from the code',
    ]);
  });

  test('that the lock does not know is none', () => {
    expect(change(EMPTY_LOCK, [], { name: 'orders', volumes: DELETED })).toMatchObject({
      findings: [],
      differences: [],
    });
  });

  test('of another namespace retires nothing here', () => {
    expect(lines(change(lockOf(orders), [], { name: 'orders', namespace: 'shop', volumes: KEPT }))).toEqual([
      expect.stringContaining('set-removed'),
    ]);
    expect(keys(change(lockOf(orders, shop), [orders], { name: 'orders', namespace: 'shop', volumes: KEPT }))).toEqual([
      ['StatefulSet/default/orders'],
      ['StatefulSet/shop/orders'],
    ]);
  });

  test('lets another of its name come elsewhere, which is no move', () => {
    expect(lines(change(lockOf(orders), [shop], { name: 'orders', volumes: KEPT }))).toEqual([
      expect.stringContaining('set-retired'),
    ]);
  });
});

describe('a set that comes back', () => {
  const retired = written(change(lockOf(orders), [], { name: 'orders', volumes: KEPT }));

  test('finds its volumes', () => {
    const back = change(retired, [orders]);
    expect(back.findings).toEqual([]);
    expect(keys(back)).toEqual([['StatefulSet/default/orders'], []]);
    expect(back.differences).toEqual(['systems default/orders: new', 'retired default/orders: removed']);
  });

  test.each<[string, Fields, string]>([
    ['another database', statefulSet({ image: 'mysql:8.4' }), 'error StatefulSet/default/orders engine-changed'],
    ['larger volumes', larger, 'warning StatefulSet/default/orders volume-grown'],
  ])('is compared with them: %s', (_, set, line) => {
    expect(lines(change(retired, [set]))[0]).toContain(line);
  });

  test('and keeps no data on them, leaves them as they are', () => {
    const back = change(retired, [statefulSet({ claims: [] })]);
    expect(back).toMatchObject({ findings: [], differences: [] });
    expect(keys(back)).toEqual([[], ['StatefulSet/default/orders']]);
  });

  test('may be anything, once its volumes are deleted', () => {
    const forgotten = change(retired, [], { name: 'orders', volumes: DELETED });
    expect(forgotten.differences).toEqual(['retired default/orders: removed']);
    expect(change(written(forgotten), [statefulSet({ image: 'mysql:8.4' })]).findings).toEqual([]);
  });
});
