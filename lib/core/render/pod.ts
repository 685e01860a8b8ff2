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
    affinity: { ...spec.affinity, podAntiAffinity: spread(spec.affinity?.podAntiAffinity, model.selector) },
    volumes: (spec.volumes ?? []).filter((volume) => !model.claimed.includes(volume.name)),
  };
}

/**
 * Over nodes, and over zones, by preference. No topologySpreadConstraints: a node that lacks the label of one of them has no part in the
 * spreading by any, so that without zones there is none over nodes either.
 * @see https://github.com/kubernetes/kubernetes/issues/122278
 */
function spread(given: k8s.PodAntiAffinity | undefined, selector: { [label: string]: string }): k8s.PodAntiAffinity {
  const apart = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    weight: 100, podAffinityTerm: { topologyKey, labelSelector: { matchLabels: selector } },
  }));
  return { ...given, preferredDuringSchedulingIgnoredDuringExecution: [...given?.preferredDuringSchedulingIgnoredDuringExecution ?? [], ...apart] };
}
