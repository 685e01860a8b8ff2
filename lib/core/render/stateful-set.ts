import { k8s } from 'cdk8s-plus-28';
import { SetModel } from '../model';
import { withoutEmpty } from '../../values/plain-json';
import { DATA_VOLUME } from './layout';

/** What cdk8s-plus makes of the pods. */
export interface PodTemplate {
  readonly selector: k8s.LabelSelector;
  readonly metadata: object;
  readonly spec: k8s.PodSpec;
}

/**
 * The spec as plain JSON. Fields that newer Kubernetes versions add can be patched in: nothing here drops what it does
 * not know.
 */
export function statefulSetSpec(model: SetModel, template: PodTemplate): object {
  const spec: k8s.StatefulSetSpec = {
    serviceName: model.names.headlessService,
    replicas: model.replicas,
    // Pods are placed, volumes attached and images pulled all at once; the scripts keep the order in which servers
    // start and stop.
    podManagementPolicy: 'Parallel',
    selector: template.selector,
    template: { metadata: template.metadata, spec: template.spec },
  };
  const claim = model.storage._claimSpec;
  return {
    ...withoutEmpty(k8s.toJson_StatefulSetSpec(spec) ?? {}),
    // Plain JSON, as the typed step strips apiVersion and kind: without them Argo CD sees a difference for ever
    // (argo-cd#11143).
    ...(claim !== undefined && {
      volumeClaimTemplates: [
        { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: DATA_VOLUME }, spec: claim },
      ],
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: model.volumesWhenDeleted,
        whenScaled: model.volumesWhenScaled,
      },
    }),
  };
}
