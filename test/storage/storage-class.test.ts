import { ApiObject, App, Chart, Duration, JsonPatch, Testing } from 'cdk8s';
import { PersistentVolumeReclaimPolicy } from 'cdk8s-plus-28';
import { Construct } from 'constructs';

import {
  AwsEbsVolumeType,
  AzureDiskCaching,
  AzureDiskSku,
  CephRbdImageFeature,
  FileSystem,
  GcePdReplication,
  GcePdType,
  LonghornDataLocality,
} from '../../lib/storage/drivers';
import { StorageClass, VolumeBindingMode } from '../../lib/storage/storage-class';
import { StorageProvisioner } from '../../lib/storage/storage-provisioner';

const provisioner = StorageProvisioner.awsEbs();

test.each([
  ['EBS, minimal', StorageProvisioner.awsEbs()],
  [
    'EBS, full',
    StorageProvisioner.awsEbs({
      volumeType: AwsEbsVolumeType.GP3,
      iops: 6000,
      throughput: 250,
      encrypted: true,
      kmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/orders',
      fileSystem: FileSystem.XFS,
    }),
  ],
  ['EBS, provisioned', StorageProvisioner.awsEbs({ volumeType: AwsEbsVolumeType.IO2, iops: 20000, encrypted: false })],
  ['GCE PD, minimal', StorageProvisioner.gcePd()],
  [
    'GCE PD, regional',
    StorageProvisioner.gcePd({ diskType: GcePdType.PD_SSD, replicationType: GcePdReplication.REGIONAL_PD }),
  ],
  [
    'GCE PD, full',
    StorageProvisioner.gcePd({
      diskType: GcePdType.HYPERDISK_BALANCED,
      replicationType: GcePdReplication.NONE,
      iops: 7000,
      throughput: 250,
      kmsKey: 'projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k',
      fileSystem: FileSystem.XFS,
    }),
  ],
  ['Azure Disk, minimal', StorageProvisioner.azureDisk()],
  [
    'Azure Disk, full',
    StorageProvisioner.azureDisk({
      skuName: AzureDiskSku.PREMIUM_V2_LRS,
      cachingMode: AzureDiskCaching.NONE,
      iops: 5000,
      throughput: 200,
      diskEncryptionSetId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/e',
      fileSystem: FileSystem.XFS,
    }),
  ],
  [
    'Ceph RBD, minimal',
    StorageProvisioner.cephRbd({ clusterId: 'c1', pool: 'rbd', secretName: 'csi-rbd-secret', secretNamespace: 'ceph' }),
  ],
  [
    'Ceph RBD, full',
    StorageProvisioner.cephRbd({
      clusterId: 'c1',
      pool: 'rbd',
      dataPool: 'ec',
      secretName: 'csi-rbd-secret',
      secretNamespace: 'ceph',
      fileSystem: FileSystem.EXT4,
      imageFeatures: [CephRbdImageFeature.LAYERING, CephRbdImageFeature.EXCLUSIVE_LOCK, CephRbdImageFeature.OBJECT_MAP],
    }),
  ],
  ['Rook, minimal', StorageProvisioner.rookCephRbd({ pool: 'replicapool' })],
  [
    'Rook, full',
    StorageProvisioner.rookCephRbd({
      pool: 'replicapool',
      dataPool: 'ec',
      clusterNamespace: 'ceph-a',
      operatorNamespace: 'rook',
      imageFeatures: [CephRbdImageFeature.LAYERING],
    }),
  ],
  ['Longhorn, minimal', StorageProvisioner.longhorn()],
  [
    'Longhorn, full',
    StorageProvisioner.longhorn({
      numberOfReplicas: 2,
      staleReplicaTimeout: Duration.hours(48),
      dataLocality: LonghornDataLocality.BEST_EFFORT,
      fileSystem: FileSystem.XFS,
    }),
  ],
  ['Cinder, minimal', StorageProvisioner.cinder()],
  ['Cinder, full', StorageProvisioner.cinder({ volumeType: 'ssd', availability: 'nova', fileSystem: FileSystem.XFS })],
  ['vSphere, minimal', StorageProvisioner.vsphere()],
  [
    'vSphere, full',
    StorageProvisioner.vsphere({
      storagePolicyName: 'vSAN Default Storage Policy',
      datastoreUrl: 'ds:///vmfs/volumes/vsan:52cdfa80721ff516-ea1e993113acfc77/',
      fileSystem: FileSystem.XFS,
    }),
  ],
  ['other, minimal', StorageProvisioner.other('block.csi.ibm.com')],
  [
    'other, full',
    StorageProvisioner.other('linstor.csi.linbit.com', {
      'csi.storage.k8s.io/fstype': 'xfs',
      'linstor.csi.linbit.com/placementCount': '3',
    }),
  ],
])('%s', (_, each) => {
  expect(only((chart) => new StorageClass(chart, 'remote', { provisioner: each }))).toMatchSnapshot();
});

test('all props', () => {
  expect(
    only(
      (chart) =>
        new StorageClass(chart, 'remote', {
          provisioner,
          name: 'orders.fast',
          reclaimPolicy: PersistentVolumeReclaimPolicy.DELETE,
          volumeBindingMode: VolumeBindingMode.IMMEDIATE,
          allowVolumeExpansion: false,
          mountOptions: ['noatime', 'discard'],
        }),
    ),
  ).toMatchSnapshot();
});

test('empty mount options are left out', () => {
  const manifest = only((chart) => new StorageClass(chart, 'remote', { provisioner, mountOptions: [] }));
  expect(Object.keys(manifest)).not.toContain('mountOptions');
});

test.each([
  [{}, 'Remote', 'id must be a dns subdomain'],
  [{ name: '' }, 'remote', 'name must be a dns subdomain'],
  [{ name: 'a_b' }, 'remote', 'name must be a dns subdomain'],
])('refuses %o with id %s', (props, id, message) => {
  expect(() => new StorageClass(Testing.chart(), id, { provisioner, ...props })).toThrow(message);
});

test('belongs to no namespace', () => {
  const chart = new Chart(Testing.app(), 'chart', { namespace: 'orders' });
  new StorageClass(chart, 'remote', { provisioner });
  expect(Testing.synth(chart)).toMatchObject([{ metadata: { name: 'remote' } }]);
  expect(JSON.stringify(Testing.synth(chart))).not.toContain('namespace');
});

test('its place in the tree changes nothing', () => {
  const flat = only((chart) => new StorageClass(chart, 'remote', { provisioner }));
  const deep = only(
    (chart) => new StorageClass(new Construct(new Construct(chart, 'team'), 'db'), 'remote', { provisioner }),
  );
  expect(deep).toEqual(flat);
});

test('can be labelled and patched', () => {
  const manifest = only((chart) => {
    const storageClass = new StorageClass(chart, 'remote', { provisioner });
    storageClass.metadata.addAnnotation('storageclass.kubernetes.io/is-default-class', 'true');
    ApiObject.of(storageClass).addJsonPatch(JsonPatch.add('/parameters/blockExpress', 'true'));
  });
  expect(manifest).toMatchObject({
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    parameters: { blockExpress: 'true', type: 'gp3' },
  });
});

/** The one manifest of a chart. */
function only(build: (chart: Chart) => void): object {
  const chart = new Chart(new App(), 'test');
  build(chart);
  const [manifest, ...others] = Testing.synth(chart) as object[];
  expect(others).toEqual([]);
  return manifest;
}
