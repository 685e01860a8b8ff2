import { Manifests } from '../../../lib/changes/facts/manifests';
import { findingLine } from '../../../lib/changes/finding-formats';
import { otherObjects } from '../../../lib/changes/rules/other-objects';
import { Fields, object, statefulSet } from '../sets';

function said(before: Fields[], after: Fields[]): string[] {
  return otherObjects(Manifests.of(before), Manifests.of(after)).map(findingLine);
}

const pvc = (spec: Fields = {}, metadata: Fields = {}): Fields =>
  object(
    'v1',
    'PersistentVolumeClaim',
    'wiki',
    {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'remote',
        resources: { requests: { storage: '10Gi' } },
        ...spec,
      },
    },
    metadata,
  );
const requesting = (storage: unknown): Fields => pvc({ resources: { requests: { storage } } });
const storageClass = (fields: Fields = {}): Fields =>
  object('storage.k8s.io/v1', 'StorageClass', 'remote', { provisioner: 'csi', ...fields });
const service = (spec: Fields = {}, namespace?: string): Fields =>
  object('v1', 'Service', 'orders', { spec }, namespace === undefined ? {} : { namespace });
const headless = service({ clusterIP: 'None' });
const namespace = (annotations: Fields = {}): Fields => object('v1', 'Namespace', 'shop', {}, { annotations });
const secret = (fields: Fields): Fields => object('v1', 'Secret', 'db', fields);
const using = statefulSet({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const KEPT = [
  { 'argocd.argoproj.io/sync-options': 'ServerSideApply=true,Prune=false' },
  { 'helm.sh/resource-policy': 'keep' },
  { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
];

test.each<[string, Fields[], Fields[]]>([
  ['a claim that stays', [pvc()], [pvc()]],
  ['a claim with what the cluster filled in', [pvc()], [pvc({ volumeMode: 'Filesystem', volumeName: 'pvc-1' })]],
  ['a larger claim', [pvc()], [requesting('20Gi')]],
  ['the same size in another unit', [pvc()], [requesting(10737418240)]],
  ...KEPT.map((annotations): [string, Fields[], Fields[]] => [
    `a claim that is kept by ${Object.keys(annotations)[0]}`,
    [pvc({}, { annotations })],
    [],
  ]),
  ...KEPT.map((annotations): [string, Fields[], Fields[]] => [
    `a namespace that is kept by ${Object.keys(annotations)[0]}`,
    [namespace(annotations)],
    [],
  ]),
  [
    'a class with its defaults written out',
    [storageClass()],
    [storageClass({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', parameters: {} })],
  ],
  [
    'a class that lets volumes grow from now on',
    [storageClass()],
    [storageClass({ allowVolumeExpansion: true, mountOptions: ['noatime'] })],
  ],
  ['a class that is gone', [storageClass()], []],
  [
    'a Service whose address is left out, as it is then kept',
    [service({ clusterIP: '10.0.0.1' }), headless],
    [service({})],
  ],
  ['headless, left out', [headless], [service({})]],
  ['another type', [service({ clusterIP: '10.0.0.1' })], [service({ type: 'NodePort' })]],
  ['a Service that governs nobody is gone', [headless], []],
  [
    'a Service that no longer governs is gone',
    [headless, statefulSet()],
    [statefulSet({ spec: { serviceName: 'other' } })],
  ],
  ['a Service of another namespace is gone', [service({ clusterIP: 'None' }, 'shop'), statefulSet()], [statefulSet()]],
  [
    'a Secret written otherwise',
    [using, secret({ data: { password: base64('s3cret') } })],
    [using, secret({ stringData: { password: 's3cret' } })],
  ],
  [
    'a Secret with a key more',
    [using, secret({ data: { password: 'eA==' } })],
    [using, secret({ data: { password: 'eA==', other: 'eQ==' } })],
  ],
  [
    'a Secret that no set uses',
    [statefulSet(), secret({ data: { password: 'eA==' } })],
    [statefulSet(), secret({ data: { password: 'eQ==' } })],
  ],
  [
    'a Secret that a set of another namespace uses',
    [{ ...using, metadata: { name: 'orders', namespace: 'shop' } }, secret({ data: { password: 'eA==' } })],
    [secret({ data: { password: 'eQ==' } })],
  ],
  [
    'a certificate that is renewed',
    [using, secret({ data: { 'tls.crt': 'eA==' } })],
    [using, secret({ data: { 'tls.crt': 'eQ==' } })],
  ],
  ['labels that the selector selects', [], [statefulSet()]],
])('nothing is said of %s', (_, before, after) => {
  expect(said(before, after)).toEqual([]);
});

test.each<[string, Fields[], Fields[], string]>([
  [
    'a namespace is gone',
    [namespace()],
    [],
    'error Namespace//shop namespace-removed: deleting a namespace deletes everything in it',
  ],
  [
    'a claim is gone',
    [pvc()],
    [],
    'error PersistentVolumeClaim/default/wiki claim-removed: a tool that prunes deletes the PVC',
  ],
  [
    'a claim is gone that Argo CD prunes and only keeps when the application is deleted',
    [pvc({}, { annotations: { 'argocd.argoproj.io/sync-options': 'Delete=false' } })],
    [],
    'claim-removed',
  ],
  [
    'a smaller claim',
    [pvc()],
    [requesting('10G')],
    'error PersistentVolumeClaim/default/wiki claim-changed: spec.resources.requests.storage 10Gi -> 10G: volumes cannot shrink; restore 10Gi',
  ],
  [
    'another class of a claim',
    [pvc()],
    [pvc({ storageClassName: 'fast' })],
    'claim-changed: spec.storageClassName remote -> fast',
  ],
  [
    'other access modes',
    [pvc()],
    [pvc({ accessModes: ['ReadWriteMany'] })],
    'claim-changed: spec.accessModes ["ReadWriteOnce"] -> ["ReadWriteMany"]',
  ],
  ['another volume', [pvc({ volumeName: 'a' })], [pvc({ volumeName: 'b' })], 'claim-changed: spec.volumeName a -> b'],
  [
    'a provisioner',
    [storageClass()],
    [storageClass({ provisioner: 'other' })],
    'error StorageClass//remote storage-class-immutable: provisioner csi -> other',
  ],
  [
    'a reclaim policy',
    [storageClass({ reclaimPolicy: 'Retain' })],
    [storageClass()],
    'storage-class-immutable: reclaimPolicy Retain -> Delete',
  ],
  [
    'parameters',
    [storageClass()],
    [storageClass({ parameters: { type: 'gp3' } })],
    'storage-class-immutable: parameters {} -> {"type":"gp3"}',
  ],
  [
    'the governing Service is gone',
    [headless, statefulSet()],
    [statefulSet()],
    'error Service/default/orders service-removed: it gives the pods of orders their DNS names',
  ],
  [
    'the governing Service is gone, and only one of the two writes the default namespace out',
    [headless, statefulSet({ namespace: 'default' })],
    [statefulSet()],
    'service-removed',
  ],
  [
    'headless from now on',
    [service()],
    [headless],
    'error Service/default/orders service-cluster-ip-changed: spec.clusterIP (none) -> None',
  ],
  [
    'headless no longer',
    [headless],
    [service({ clusterIP: '10.0.0.1' })],
    'service-cluster-ip-changed: spec.clusterIP None -> 10.0.0.1',
  ],
  [
    'headless no longer, as the type needs an address',
    [headless],
    [service({ type: 'LoadBalancer' })],
    'service-cluster-ip-changed: spec.type ClusterIP -> LoadBalancer',
  ],
  [
    'another address',
    [service({ clusterIP: '10.0.0.1' })],
    [service({ clusterIP: '10.0.0.2' })],
    'service-cluster-ip-changed: spec.clusterIP 10.0.0.1 -> 10.0.0.2',
  ],
  [
    'a password',
    [using, secret({ data: { password: base64('old-one'), user: 'eA==' } })],
    [using, secret({ stringData: { password: 'new-one', user: 'x' } })],
    'warning Secret/default/db secret-value-changed: data[password]: the database keeps',
  ],
  [
    'a password that is gone',
    [using, secret({ data: { password: 'eA==' } })],
    [using, secret({})],
    'secret-value-changed: data[password]',
  ],
  [
    'labels that the selector does not select',
    [],
    [statefulSet({ spec: { selector: { matchLabels: { app: 'other' } } } })],
    'error StatefulSet/default/orders selector-mismatch: spec.template.metadata.labels app=other -> app=orders',
  ],
])('%s', (_, before, after, words) => {
  const lines = said(before, after);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(words);
  expect(lines[0]).not.toMatch(/old-one|new-one/);
});

test('many objects take no longer than they must', () => {
  const objects = Array.from({ length: 2500 }, (_, i) => [
    { ...using, metadata: { name: `set-${i}` } },
    object('v1', 'Secret', `secret-${i}`, { data: { a: 'eA==' } }),
    object('v1', 'Service', `service-${i}`),
    object('v1', 'ConfigMap', `config-${i}`),
  ]).flat();
  const begin = performance.now();
  expect(said(objects, objects.slice(1))).toEqual([]);
  // More than a minute when every Secret and every Service was looked for in every set.
  expect(performance.now() - begin).toBeLessThan(5000);
});
