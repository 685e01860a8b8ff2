import { k8s } from 'cdk8s-plus-28';

/** What the pod template has beside what cdk8s-plus can express. */
export interface PodTemplateModel {
  readonly selector: { [label: string]: string };
  readonly nodeSelector: { [label: string]: string } | undefined;
  readonly priorityClassName: string | undefined;
  /** Names of volumes that come from claim templates, and so must not stand among the pod's. */
  readonly claimed: string[];
}

/**
 * The pod spec that cdk8s-plus made, with what it has no API for: spreading by preference, the pod's seccomp profile, placement.
 */
export function completePodSpec(spec: k8s.PodSpec, model: PodTemplateModel): k8s.PodSpec {
  return {
    ...spec,
    // Left out where they say what Kubernetes does anyway: the reviewer need not read them.
    hostNetwork: spec.hostNetwork === true ? true : undefined,
    setHostnameAsFqdn: spec.setHostnameAsFqdn === true ? true : undefined,
    restartPolicy: undefined,
    dnsPolicy: spec.dnsPolicy === 'ClusterFirst' ? undefined : spec.dnsPolicy,
    // The Services' addresses as environment variables serve nobody, and a thousand of them slow a shell.
    enableServiceLinks: false,
    nodeSelector: model.nodeSelector,
    priorityClassName: model.priorityClassName,
    securityContext: { ...spec.securityContext, seccompProfile: { type: 'RuntimeDefault' } },
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: model.selector },
    })),
    volumes: (spec.volumes ?? []).filter((volume) => !model.claimed.includes(volume.name)),
  };
}
