import { Chart, Size, Testing } from 'cdk8s';
import { EmptyDirMedium } from 'cdk8s-plus-28';
import fc from 'fast-check';

import { AccessMode, Storage, StorageKind } from '../../lib/storage/storage';
import { StorageClass } from '../../lib/storage/storage-class';
import { StorageProvisioner } from '../../lib/storage/storage-provisioner';

const size = Size.gibibytes(100);

function remoteClass(id: string): StorageClass {
  return new StorageClass(Testing.chart(), id, { provisioner: StorageProvisioner.awsEbs() });
}

describe('remote', () => {
  test('by the name of a class', () => {
    expect({ ...Storage.remote({ size, storageClassName: 'gp3' }) }).toEqual({
      kind: StorageKind.REMOTE,
      size,
      storageClassName: 'gp3',
      accessMode: AccessMode.READ_WRITE_ONCE,
    });
  });

  test('by a class of the app', () => {
    const storage = Storage.remote({ size, storageClass: remoteClass('fast') });
    expect(storage.storageClassName).toBe('fast');
  });

  test('with the access mode that was asked for', () => {
    const storage = Storage.remote({ size, storageClassName: 'gp3', accessMode: AccessMode.READ_WRITE_ONCE });
    expect(storage.accessMode).toBe('ReadWriteOnce');
  });

  test('needs a class, as the default class may be local', () => {
    expect(() => Storage.remote({ size })).toThrow(
      'supply one of storageClassName and storageClass, got neither: the default class of the cluster is not used, as it may be node-local',
    );
  });

  test('takes one class only', () => {
    expect(() => Storage.remote({ size, storageClassName: 'gp3', storageClass: remoteClass('fast') })).toThrow(
      'supply only one of storageClassName and storageClass, got "gp3" and storageClass "fast"',
    );
  });

  test.each(['', 'GP3', 'a_b', '-a', 'a..b', 'a\nb', 'a'.repeat(254)])(
    'refuses %j as the name of a class',
    (storageClassName) => {
      expect(() => Storage.remote({ size, storageClassName })).toThrow('storageClassName must be a dns subdomain');
    },
  );

  test('refuses sizes of zero, and access modes with many writers', () => {
    expect(() => Storage.remote({ size: Size.gibibytes(0), storageClassName: 'gp3' })).toThrow(
      'size must be a whole number of mebibytes',
    );
    const accessMode = 'ReadWriteMany' as AccessMode;
    expect(() => Storage.remote({ size, storageClassName: 'nfs', accessMode })).toThrow(
      'accessMode must be one of ReadWriteOncePod, ReadWriteOnce, got "ReadWriteMany": each volume has one writer',
    );
  });
});

describe('the refusal of local classes by name', () => {
  test.each([
    'local-storage',
    'local-path',
    'hostpath',
    'microk8s-hostpath',
    'csi-hostpath-sc',
    'hostpath-csi',
    'hostpath-provisioner',
    'openebs-hostpath',
    'openebs-device',
    'openebs-lvmpv',
    'openebs-zfspv',
    'csi-rawfile-default',
    'topolvm-provisioner',
    'lvms-vg1',
    'directpv-min-io',
    'csi-driver-lvm-linear',
    'csi-driver-lvm-mirror',
    'csi-driver-lvm-striped',
    'csi-carina-sc',
  ])('%s', (storageClassName) => {
    expect(() => Storage.remote({ size, storageClassName })).toThrow(
      `storageClassName "${storageClassName}" is the usual name of node-local storage`,
    );
    expect(() => Storage.localForDevelopmentOnlyDataDiesWithTheNode({ size, storageClassName })).not.toThrow();
  });

  test('gives the reason and what to do', () => {
    expect(() => Storage.remote({ size, storageClassName: 'local-path' })).toThrow(
      'storageClassName "local-path" is the usual name of node-local storage (Rancher local-path), where the data dies with its node: ' +
        'name a class of remote storage, or use Storage.localForDevelopmentOnlyDataDiesWithTheNode() on a development cluster',
    );
  });

  test.each(['standard', 'default', 'gp3', 'longhorn', 'remote', 'local-path-of-the-sea'])(
    'not %s, which may be remote',
    (storageClassName) => {
      expect(Storage.remote({ size, storageClassName }).storageClassName).toBe(storageClassName);
    },
  );
});

describe('ephemeral', () => {
  test('is an emptyDir on the disk without limit', () => {
    expect({ ...Storage.ephemeral() }).toEqual({ kind: StorageKind.EPHEMERAL, medium: EmptyDirMedium.DEFAULT });
  });

  test('takes medium and limit', () => {
    expect({ ...Storage.ephemeral({ medium: EmptyDirMedium.MEMORY, sizeLimit: size }) }).toEqual({
      kind: StorageKind.EPHEMERAL,
      medium: EmptyDirMedium.MEMORY,
      sizeLimit: size,
    });
  });

  test('refuses a limit of zero', () => {
    expect(() => Storage.ephemeral({ sizeLimit: Size.mebibytes(0) })).toThrow(
      'sizeLimit must be a whole number of mebibytes greater than zero, got 0Mi',
    );
  });
});

describe('local, for development', () => {
  test('takes the default class of the cluster', () => {
    expect({ ...Storage.localForDevelopmentOnlyDataDiesWithTheNode({ size }) }).toEqual({
      kind: StorageKind.LOCAL,
      size,
      accessMode: AccessMode.READ_WRITE_ONCE,
    });
  });

  test('refuses an empty name, which would mean no class at all', () => {
    expect(() => Storage.localForDevelopmentOnlyDataDiesWithTheNode({ size, storageClassName: '' })).toThrow(
      'storageClassName must be a dns subdomain',
    );
  });
});

test('a name is taken as it is or refused in one line', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 260 }), (storageClassName) => {
      let storage: Storage;
      try {
        storage = Storage.remote({ size, storageClassName });
      } catch (e) {
        expect((e as Error).message).toMatch(/^[a-z].*[^.]$/);
        return;
      }
      expect(storage.storageClassName).toBe(storageClassName);
    }),
  );
});

test('the name of a class does not depend on its place in the tree', () => {
  const app = Testing.app();
  const deep = new Chart(new Chart(new Chart(app, 'a'), 'b'), 'c');
  const storageClass = new StorageClass(deep, 'fast', { provisioner: StorageProvisioner.awsEbs() });
  expect(Storage.remote({ size, storageClass }).storageClassName).toBe('fast');
});
