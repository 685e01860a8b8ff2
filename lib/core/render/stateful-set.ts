import { k8s } from 'cdk8s-plus-28';
import { Storage, StorageKind } from '../../storage/storage';
import { VolumeRetention } from '../volume-retention';
import { withoutEmpty } from '../../values/plain-json';
import { toQuantity } from '../../values/quantity';

/** Name of the volume, and so the beginning of every claim's name. */
export const DATA_VOLUME = 'data';

/** All that the StatefulSet is made of. */
export interface StatefulSetModel {
  readonly serviceName: string;
  readonly replicas: number;
  readonly selector: k8s.LabelSelector;
  readonly podMetadata: object;
  readonly podSpec: k8s.PodSpec;
  readonly storage: Storage;
  readonly whenDeleted: VolumeRetention;
  readonly whenScaled: VolumeRetention;
}

/**
 * The spec as plain JSON. Fields that newer Kubernetes versions add can be patched in: nothing here drops what it does not know.
 */
export function statefulSetSpec(model: StatefulSetModel): object {
  const { storage } = model;
  const hasClaims = storage.kind !== StorageKind.EPHEMERAL;
  const spec: k8s.StatefulSetSpec = {
    serviceName: model.serviceName,
    replicas: model.replicas,
    // Pods are placed, volumes attached and images pulled all at once; the scripts keep the order in which servers start and stop.
    podManagementPolicy: 'Parallel',
    selector: model.selector,
    template: { metadata: model.podMetadata, spec: model.podSpec },
  };
  return {
    ...withoutEmpty(k8s.toJson_StatefulSetSpec(spec) ?? {}),
    // Plain JSON, as the typed step strips apiVersion and kind: without them Argo CD sees a difference for ever (argo-cd#11143).
    ...hasClaims && {
      volumeClaimTemplates: [{
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: DATA_VOLUME },
        spec: {
          accessModes: [storage.accessMode],
          ...storage.storageClassName !== undefined && { storageClassName: storage.storageClassName },
          resources: { requests: { storage: storage.size && toQuantity(storage.size, 'size') } },
        },
      }],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: model.whenDeleted, whenScaled: model.whenScaled },
    },
  };
}
