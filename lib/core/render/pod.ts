import { k8s } from 'cdk8s-plus-28';
import { SetModel } from '../model';
import { RCLONE_DISK, SHIP_DISK } from '../resources';
import { DATA_VOLUME, RCLONE, SHIP } from './layout';
import { podVolumes, volumeMounts } from './volumes';

/**
 * The pod spec that cdk8s-plus made, with our volumes, and with what it has no API for: spreading by preference, the
 * seccomp profile, placement.
 */
export function completePodSpec(spec: k8s.PodSpec, model: SetModel): k8s.PodSpec {
  const withMounts = (container: k8s.Container): k8s.Container => ({
    ...container,
    ...diskOf(container),
    volumeMounts: [...volumeMounts(model, container.name), ...(container.volumeMounts ?? [])],
  });
  return {
    ...spec,
    initContainers: spec.initContainers?.map(withMounts),
    containers: spec.containers.map(withMounts),
    // What somebody else's container mounts by `dataVolume` is ours.
    volumes: [...podVolumes(model), ...(spec.volumes ?? []).filter(({ name }) => name !== DATA_VOLUME)],
    // Left out where they say what Kubernetes does anyway: the reviewer need not read them.
    hostNetwork: spec.hostNetwork === true ? true : undefined,
    setHostnameAsFqdn: spec.setHostnameAsFqdn === true ? true : undefined,
    restartPolicy: undefined,
    dnsPolicy: spec.dnsPolicy === 'ClusterFirst' ? undefined : spec.dnsPolicy,
    // The Services' addresses as environment variables serve no one, and a thousand of them slow a shell.
    enableServiceLinks: false,
    serviceAccountName:
      spec.serviceAccountName ?? model.backup?.store.serviceAccountName ?? model.restoreFrom?.store.serviceAccountName,
    nodeSelector: model.nodeSelector,
    priorityClassName: model.priorityClassName,
    securityContext: { ...spec.securityContext, seccompProfile: { type: 'RuntimeDefault' } },
    affinity: { ...spec.affinity, podAntiAffinity: spread(spec.affinity?.podAntiAffinity, model.selector) },
  };
}

/** What the containers of a store ask of the node's disk. cdk8s-plus knows whole gibibytes of it only. */
function diskOf({ name, resources }: k8s.Container): Pick<k8s.Container, 'resources'> {
  const size = new Map([
    [RCLONE, RCLONE_DISK],
    [SHIP, SHIP_DISK],
  ]).get(name);
  if (size === undefined) return {};
  return {
    resources: {
      ...resources,
      requests: { ...resources?.requests, 'ephemeral-storage': k8s.Quantity.fromString(`${size.toMebibytes()}Mi`) },
    },
  };
}

/**
 * Over nodes, and over zones, by preference. No topologySpreadConstraints: a node that lacks the label of one of them
 * has no part in the spreading by any, so that without zones there is none over nodes either.
 * @see https://github.com/kubernetes/kubernetes/issues/122278
 */
function spread(given: k8s.PodAntiAffinity | undefined, selector: { [label: string]: string }): k8s.PodAntiAffinity {
  const apart = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    weight: 100,
    podAffinityTerm: { topologyKey, labelSelector: { matchLabels: selector } },
  }));
  return {
    ...given,
    preferredDuringSchedulingIgnoredDuringExecution: [
      ...(given?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
      ...apart,
    ],
  };
}
