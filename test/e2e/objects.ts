/** Of Kubernetes' objects, as JSON, the fields that the suite reads. */

export interface Metadata {
  readonly name: string;
  readonly uid: string;
  readonly deletionTimestamp?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  /** The digest, or what the runtime has in its place. */
  readonly imageID?: string;
  readonly state: {
    readonly running?: { readonly startedAt: string };
    readonly waiting?: { readonly reason?: string };
    readonly terminated?: { readonly exitCode: number; readonly finishedAt: string };
  };
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: { readonly name: string; readonly image: string }[];
    readonly initContainers?: {
      readonly name: string;
      readonly volumeMounts?: { readonly name: string; readonly mountPath: string }[];
    }[];
    readonly volumes?: {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
      readonly configMap?: { readonly name: string };
    }[];
  };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: { readonly type: string; readonly status: string; readonly lastTransitionTime?: string }[];
    readonly containerStatuses?: ContainerStatus[];
    readonly initContainerStatuses?: ContainerStatus[];
  };
}

export interface Claim {
  readonly metadata: Metadata;
  readonly spec: { readonly storageClassName?: string; readonly volumeName?: string };
  readonly status: { readonly phase?: string; readonly capacity?: { readonly storage: string } };
}

export interface Volume {
  readonly metadata: Metadata;
  readonly spec: { readonly claimRef?: { readonly namespace: string } };
}

export interface Node {
  readonly metadata: Metadata;
  readonly spec: { readonly taints?: { readonly key: string }[] };
  readonly status: { readonly conditions?: { readonly type: string; readonly status: string }[] };
}

export interface List<T> {
  readonly items: T[];
}

export function isReady(object: Pod | Node): boolean {
  return (
    object.metadata.deletionTimestamp === undefined &&
    (object.status.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True')
  );
}

/** One run of a container: a restart or a new pod is another one, with a log of its own. */
export function instanceOf(pod: Pod, container: string): string {
  const status = pod.status.containerStatuses?.find((candidate) => candidate.name === container);
  return `${pod.metadata.uid}/${status?.restartCount ?? 0}`;
}

export function hasStarted(pod: Pod, container: string): boolean {
  const state = pod.status.containerStatuses?.find((candidate) => candidate.name === container)?.state;
  return state?.running !== undefined || state?.terminated !== undefined;
}
