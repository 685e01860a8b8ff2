import { Duration } from 'cdk8s';
import fc from 'fast-check';

import {
  AwsEbsVolumeType,
  AzureDiskCaching,
  AzureDiskSku,
  CephRbdImageFeature,
  FileSystem,
  GcePdReplication,
  GcePdType,
} from '../../lib/storage/drivers';
import { Storage } from '../../lib/storage/storage';
import { StorageProvisioner } from '../../lib/storage/storage-provisioner';

const ceph = { clusterId: 'c1', pool: 'rbd', secretName: 'csi-rbd-secret', secretNamespace: 'ceph' };

describe('the refusal of local provisioners', () => {
  test.each([
    'kubernetes.io/no-provisioner',
    'kubernetes.io/host-path',
    'rancher.io/local-path',
    'cluster.local/local-path-provisioner',
    'k8s.io/minikube-hostpath',
    'docker.io/hostpath',
    'microk8s.io/hostpath',
    'hostpath.csi.k8s.io',
    'kubevirt.io.hostpath-provisioner',
    'kubevirt.io/hostpath-provisioner',
    'org.democratic-csi.local-hostpath',
    'openebs.io/local',
    'local.csi.openebs.io',
    'zfs.csi.openebs.io',
    'device.csi.openebs.io',
    'rawfile.csi.openebs.io',
    'topolvm.io',
    'topolvm.cybozu.com',
    'directpv-min-io',
    'direct-csi-min-io',
    'lvm.csi.metal-stack.io',
    'lvm.driver.harvesterhci.io',
    'carina.storage.io',
    'disk.hwameistor.io',
    'lvm.hwameistor.io',
    'local.csi.aliyun.com',
    'yodaplugin.csi.alibabacloud.com',
    'localplugin.csi.alibabacloud.com',
    'lvmplugin.csi.alibabacloud.com',
    'local.csi.storage.deckhouse.io',
    'localdisk.csi.acstor.io',
  ])('%s', (provisioner) => {
    expect(() => StorageProvisioner.other(provisioner)).toThrow(
      `provisioner "${provisioner}" keeps each volume on one node`,
    );
  });

  test('gives the reason and what to do', () => {
    expect(() => StorageProvisioner.other('rancher.io/local-path')).toThrow(
      'provisioner "rancher.io/local-path" keeps each volume on one node (Rancher local-path), so the data dies with that node: ' +
        'use a provisioner of remote storage, or Storage.localForDevelopmentOnlyDataDiesWithTheNode() on a development cluster',
    );
    expect(typeof Storage.localForDevelopmentOnlyDataDiesWithTheNode).toBe('function');
  });

  test.each([
    ['driver.longhorn.io', { dataLocality: 'strict-local' }, 'Longhorn with dataLocality strict-local'],
    ['driver.longhorn.io', { numberOfReplicas: '1' }, 'Longhorn with numberOfReplicas 1'],
    ['lvm.hwameistor.io', { replicaNumber: '1' }, 'HwameiStor LVM without replicaNumber 2'],
  ])('%s with %o', (provisioner, parameters, reason) => {
    expect(() => StorageProvisioner.other(provisioner, parameters)).toThrow(reason);
  });

  test.each([
    ['driver.longhorn.io', { dataLocality: 'best-effort', numberOfReplicas: '2' }],
    ['lvm.hwameistor.io', { replicaNumber: '2' }],
    ['linstor.csi.linbit.com', { 'linstor.csi.linbit.com/placementCount': '3' }],
    ['io.openebs.csi-mayastor', { repl: '3' }],
    ['remote.stand.dev', {}],
    ['kubernetes.io/aws-ebs', {}],
  ])('not %s with %o', (provisioner, parameters) => {
    const storage = StorageProvisioner.other(provisioner, parameters);
    expect(storage.provisioner).toBe(provisioner);
    expect(storage.parameters).toEqual(parameters);
  });
});

test.each([
  ['', 'provisioner must be the name of a storage driver'],
  ['a b', 'provisioner must be the name of a storage driver'],
  ['a/b/c', 'provisioner must be the name of a storage driver'],
  ['a'.repeat(64), 'provisioner must be the name of a storage driver'],
])('other refuses %j', (provisioner, message) => {
  expect(() => StorageProvisioner.other(provisioner)).toThrow(message);
});

test.each([
  [
    'iops of gp2',
    () => StorageProvisioner.awsEbs({ volumeType: AwsEbsVolumeType.GP2, iops: 3000 }),
    'iops is only for volumeType gp3, io1, io2, got volumeType gp2: leave it out, or choose another volumeType',
  ],
  [
    'throughput of io2',
    () => StorageProvisioner.awsEbs({ volumeType: AwsEbsVolumeType.IO2, iops: 100, throughput: 125 }),
    'throughput is only for volumeType gp3, got volumeType io2: leave it out, or choose another volumeType',
  ],
  [
    'io1 without iops',
    () => StorageProvisioner.awsEbs({ volumeType: AwsEbsVolumeType.IO1 }),
    'iops is required for volumeType io1, got none: supply iops, or choose gp3',
  ],
  [
    'half an operation',
    () => StorageProvisioner.awsEbs({ iops: 3000.5 }),
    'iops must be a whole number greater than zero, got 3000.5',
  ],
  [
    'zero throughput',
    () => StorageProvisioner.awsEbs({ throughput: 0 }),
    'throughput must be a whole number greater than zero, got 0',
  ],
  [
    'a key for plain volumes',
    () => StorageProvisioner.awsEbs({ encrypted: false, kmsKeyId: 'arn:aws:kms:eu-west-1:1:key/k' }),
    'kmsKeyId needs encrypted volumes, got "arn:aws:kms:eu-west-1:1:key/k" with encrypted false: leave one of the two out',
  ],
  [
    'iops of pd-balanced',
    () => StorageProvisioner.gcePd({ iops: 3000 }),
    'iops is only for diskType pd-extreme, hyperdisk-balanced, hyperdisk-balanced-high-availability, hyperdisk-extreme, got diskType pd-balanced: leave it out, or choose another diskType',
  ],
  [
    'a regional hyperdisk',
    () =>
      StorageProvisioner.gcePd({
        diskType: GcePdType.HYPERDISK_BALANCED,
        replicationType: GcePdReplication.REGIONAL_PD,
      }),
    'replicationType regional-pd is only for diskType pd-balanced, pd-ssd, got diskType hyperdisk-balanced: leave it out, or choose another diskType',
  ],
  [
    'a cache for ultra disks',
    () =>
      StorageProvisioner.azureDisk({ skuName: AzureDiskSku.ULTRA_SSD_LRS, cachingMode: AzureDiskCaching.READ_ONLY }),
    'cachingMode must be None for skuName UltraSSD_LRS, got ReadOnly: azure does not cache such disks',
  ],
  [
    'iops of premium disks',
    () => StorageProvisioner.azureDisk({ iops: 500 }),
    'iops is only for skuName PremiumV2_LRS, UltraSSD_LRS, got skuName Premium_LRS: leave it out, or choose another skuName',
  ],
  [
    'fast-diff alone',
    () => StorageProvisioner.cephRbd({ ...ceph, imageFeatures: [CephRbdImageFeature.FAST_DIFF] }),
    'imageFeatures with fast-diff must have object-map too, got fast-diff',
  ],
  [
    'no pool',
    () => StorageProvisioner.rookCephRbd({ pool: '' }),
    'parameter pool must not be empty, got "": leave it out for the default',
  ],
  [
    'a secret that cannot be',
    () => StorageProvisioner.cephRbd({ ...ceph, secretName: 'My_Secret' }),
    "secretName must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got \"My_Secret\"",
  ],
  [
    'one copy',
    () => StorageProvisioner.longhorn({ numberOfReplicas: 1 }),
    'numberOfReplicas must be a whole number of at least 2, got 1: the data of a single copy dies with its node',
  ],
  [
    'half a minute',
    () => StorageProvisioner.longhorn({ staleReplicaTimeout: Duration.seconds(30) }),
    'staleReplicaTimeout must be a whole number of minutes greater than zero, got 30 seconds',
  ],
])('refused: %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('parameters are a copy', () => {
  const storage = StorageProvisioner.longhorn();
  storage.parameters.dataLocality = 'strict-local';
  expect(storage.parameters.dataLocality).toBeUndefined();
});

test('whatever typed props are given, they are refused in one line or come out as strings that say something', () => {
  const rate = fc.option(fc.oneof(fc.integer(), fc.double()), { nil: undefined });
  const text = fc.option(fc.string(), { nil: undefined });
  const fileSystem = fc.constantFrom(undefined, ...Object.values(FileSystem));
  const arbitrary = fc.oneof(
    fc
      .record({
        fileSystem,
        volumeType: fc.constantFrom(undefined, ...Object.values(AwsEbsVolumeType)),
        iops: rate,
        throughput: rate,
        kmsKeyId: text,
      })
      .map((props) => () => StorageProvisioner.awsEbs(props)),
    fc
      .record({
        fileSystem,
        diskType: fc.constantFrom(undefined, ...Object.values(GcePdType)),
        iops: rate,
        throughput: rate,
        kmsKey: text,
      })
      .map((props) => () => StorageProvisioner.gcePd(props)),
    fc
      .record({
        fileSystem,
        skuName: fc.constantFrom(undefined, ...Object.values(AzureDiskSku)),
        iops: rate,
        throughput: rate,
      })
      .map((props) => () => StorageProvisioner.azureDisk(props)),
    fc
      .record({ fileSystem, pool: fc.string(), imageFeatures: fc.subarray(Object.values(CephRbdImageFeature)) })
      .map((props) => () => StorageProvisioner.rookCephRbd(props)),
  );
  fc.assert(
    fc.property(arbitrary, (make) => {
      let parameters: { [key: string]: string };
      try {
        ({ parameters } = make());
      } catch (e) {
        expect((e as Error).message).toMatch(/^[a-z].*[^.]$/);
        return;
      }
      expect(Object.values(parameters).every((value) => typeof value === 'string' && value !== '')).toBe(true);
      expect(['ext4', 'xfs']).toContain(parameters['csi.storage.k8s.io/fstype']);
    }),
    { numRuns: 500 },
  );
});
