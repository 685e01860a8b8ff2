import { Manifests } from '../../../lib/changes/facts/manifests';
import { isOwn, pvcNames, readSets, setResourceId } from '../../../lib/changes/facts/set-facts';
import { claim, factsOf, ownSet, SetChange, statefulSet } from '../sets';

test('what decides over the data of a usual set', () => {
  expect(factsOf(statefulSet())).toEqual({
    name: 'orders',
    namespace: undefined,
    engine: 'postgres',
    version: '17.4',
    image: 'postgres',
    isAlpine: false,
    isOnDelete: false,
    storage: 'volumes',
    replicas: 3,
    firstOrdinal: 0,
    selector: { matchLabels: { app: 'orders' } },
    serviceName: 'orders',
    podManagementPolicy: 'OrderedReady',
    claims: {
      data: {
        storageClassName: 'remote',
        size: '10Gi',
        accessModes: ['ReadWriteOnce'],
        mounts: ['/var/lib/postgresql/data'],
      },
    },
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
    dataSettings: { PGDATA: '/var/lib/postgresql/data' },
    layout: {},
    runAsUser: undefined,
    fsGroup: undefined,
    gracePeriod: 30,
    credentials: {},
    initScripts: undefined,
    podTemplate: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
  });
});

test.each<[string, SetChange, object]>([
  ['replicas left out', { spec: { replicas: undefined } }, { replicas: 1 }],
  ['no replicas', { spec: { replicas: 0 } }, { replicas: 0 }],
  ['another first ordinal', { spec: { ordinals: { start: 5 } } }, { firstOrdinal: 5 }],
  ['no selector', { spec: { selector: undefined } }, { selector: {} }],
  [
    'retention of one kind',
    { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } } },
    { whenDeleted: 'Retain', whenScaled: 'Delete' },
  ],
  [
    "the container's user before the pod's",
    { pod: { securityContext: { runAsUser: 1, fsGroup: 2 } }, container: { securityContext: { runAsUser: 3 } } },
    { runAsUser: 3, fsGroup: 2 },
  ],
  ["the pod's user", { pod: { securityContext: { runAsUser: 0 } } }, { runAsUser: 0 }],
  ['time to stop', { pod: { terminationGracePeriodSeconds: 0 } }, { gracePeriod: 0 }],
  [
    'the version that Spilo runs',
    { image: 'spilo-15:3.0-p1', env: [{ name: 'PGVERSION', value: '14' }] },
    { version: '14' },
  ],
  [
    'a variable of that name elsewhere',
    { image: 'mysql:8.4', env: [{ name: 'PGVERSION', value: '14' }] },
    { version: '8.4' },
  ],
  ['a claim', { claims: [claim()] }, { storage: 'volumes' }],
  ['no claim', { claims: [] }, { storage: 'none' }],
])('with %s', (_, change, expected) => {
  expect(factsOf(statefulSet(change))).toMatchObject(expected);
});

test('the pods of a set of this library have the data, also without claims; its labels say what it is', () => {
  const labels = { 'app.kubernetes.io/name': 'redis', 'app.kubernetes.io/version': '8' };
  expect(factsOf(ownSet({ claims: [] })).storage).toBe('ephemeral');
  expect(factsOf(ownSet({ labels, image: 'mirror/own:latest' }))).toMatchObject({ engine: 'redis', version: '8' });
  expect(factsOf(statefulSet({ labels }))).toMatchObject({ engine: 'postgres', version: '17.4' });
  expect([ownSet(), statefulSet()].map((set) => isOwn(factsOf(set)))).toEqual([true, false]);
});

test('the pods restart with any change of the template, and with none outside of it', () => {
  const { podTemplate } = factsOf(statefulSet());
  expect(factsOf(statefulSet({ pod: { priorityClassName: 'high' } })).podTemplate).not.toBe(podTemplate);
  expect(factsOf(statefulSet({ spec: { replicas: 5 }, labels: { a: 'b' } })).podTemplate).toBe(podTemplate);
});

test('nobody can try passwords on the digest of the template, since none is in it', () => {
  const template = (value: string): string =>
    factsOf(statefulSet({ env: [{ name: 'POSTGRES_PASSWORD', value }] })).podTemplate;
  expect(template('s3cret')).toBe(template('other'));
});

test('claims are named by template, set and ordinal', () => {
  const facts = factsOf(
    statefulSet({ claims: [claim(), claim({}, { name: 'wal' })], spec: { ordinals: { start: 9 } } }),
  );
  expect(pvcNames(facts, 0, 2)).toEqual(['data-orders-9', 'wal-orders-9', 'data-orders-10', 'wal-orders-10']);
  expect(pvcNames(facts, 2, 1)).toEqual([]);
});

test('sets go by namespace and name', () => {
  const manifests = Manifests.of([statefulSet(), statefulSet({ namespace: 'shop' }), statefulSet({ name: 'sales' })]);
  expect([...readSets(manifests).keys()]).toEqual([
    'StatefulSet/default/orders',
    'StatefulSet/shop/orders',
    'StatefulSet/default/sales',
  ]);
  expect(setResourceId({ name: 'orders' })).toBe('StatefulSet/default/orders');
});
