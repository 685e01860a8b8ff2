import { ApiObject, ApiObjectMetadata, Chart, Duration, Lazy } from 'cdk8s';
import { FsGroupChangePolicy, LabelSelector, Pod, Volume, Workload } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Endpoint, ReadEndpoint } from './endpoints';
import { Engine } from './engine';
import { lookAnewAtEachSynth, namesTaken } from './private/app-objects';
import { checkDuration, containerErrors, portCollisions } from './private/pod-checks';
import { addContainers } from './render/containers';
import { checkEngine } from './private/engine-checks';
import { checkMetadata, metadataErrors, checkNamespace, checkNodeSelector, checkPriorityClass, Owned } from '../values/kubernetes-names';
import { checkSetName, namesOf, refuseName, refuseNamespace, SetNames } from './private/names';
import { addObjects } from './render/objects';
import { addPeersPolicy } from './render/peers-policy';
import { podFiles } from './render/pod-files';
import { completePodSpec } from './render/pod';
import { claimNames } from './private/registry';
import { endpoint, POD_INDEX_LABEL, readEndpoint } from './render/services';
import { checkSetProps } from './private/set-props';
import { DATA_VOLUME, statefulSetSpec } from './render/stateful-set';
import { ReplicatedSystemProps } from './replicated-system-props';
import { StorageKind } from '../storage/storage';
import { digestFiles } from '../values/digest';
import { NAME_LABEL } from '../values/labels';
import { VolumeRetention } from './volume-retention';

/**
 * Props of a `ReplicatedStatefulSet`.
 */
export interface ReplicatedStatefulSetProps extends ReplicatedSystemProps {
  /**
   * The database.
   */
  readonly engine: Engine;
}

/** A set that waits for its own primary waits for ever. */
function refuseOwnHost(host: string, setName: string, namespace: string | undefined): void {
  const [own, of] = host.split('.');
  if (own === `${setName}-primary` && (of === undefined || of === namespace)) {
    throw new Error(`importFrom must be another set, got '${host}', which is the primary of this one`);
  }
}

const HASH_ANNOTATION = 'cdk8s-stateful/config-hash';
const SHORTEST_GRACE_PERIOD = Duration.seconds(30);

/** What nobody else may say of the objects, and of the pods. */
const OWNED_LABELS: Owned = {
  [NAME_LABEL]: "the pods are selected by it: use the prop 'name'",
  'app.kubernetes.io/version': "it comes from the prop 'version'",
};
const OWNED_POD_LABELS: Owned = {
  ...OWNED_LABELS,
  [HASH_ANNOTATION]: 'the pods restart when it changes',
  [Pod.ADDRESS_LABEL]: "network policies and affinities select the pods by it: use the prop 'name'",
  [POD_INDEX_LABEL]: 'the StatefulSet controller sets it',
  'statefulset.kubernetes.io/pod-name': 'the StatefulSet controller sets it',
  'controller-revision-hash': 'the StatefulSet controller sets it',
};

/**
 * A primary at ordinal 0 and read-only replicas above it, each with its own data and its own DNS name, ordered when they start and
 * stop.
 *
 * This is the core that knows no database; `Postgres` is one on top of it. It is a cdk8s-plus workload: `addContainer`, `addVolume`,
 * `scheduling`, `connections` work as on a `StatefulSet`, and `ApiObject.of(it).addJsonPatch(...)` reaches the rest of the StatefulSet.
 *
 * Where a NetworkPolicy of the app closes the pods (`connections.allowFrom(api)`, say), one more is added, `<name>-peers`: the pods reach one
 * another, and the cluster's DNS, whatever the others name.
 */
export class ReplicatedStatefulSet extends Workload {
  /** @see base.Resource.apiObject */
  protected readonly apiObject: ApiObject;

  /** @see base.Resource.resourceType */
  public readonly resourceType = 'statefulsets';

  /** How many pods there are. */
  public readonly replicas: number;

  /** Where clients write: the Service of ordinal 0. */
  public readonly primary: Endpoint;

  /** Where clients read: the Service of all pods that are ready, and the list of the replicas. */
  public readonly read: ReadEndpoint;

  /** The volume with the pod's data, for containers that are added. What is written there by others than the server is nobody's data. */
  public readonly dataVolume: Volume;

  private readonly names: SetNames;
  private readonly port: number;
  private readonly namespace?: string;

  /**
   * @throws if a name is no DNS label, or taken in this app and namespace; if `replicas` is no whole number or too small; if a
   * duration is too short; if a script of the engine has a function of a shared name; at synth, if two
   * containers have one name, port or path of a volume, or ask for more than they may use; if another object of the app has the name of one of this set's
   */
  constructor(scope: Construct, id: string, props: ReplicatedStatefulSetProps) {
    checkSetProps(props);
    const engine = checkEngine(props.engine);
    const gracePeriod = checkDuration('terminationGracePeriod', props.terminationGracePeriod ?? Duration.minutes(5), SHORTEST_GRACE_PERIOD);
    super(scope, id, {
      metadata: props.metadata,
      podMetadata: props.podMetadata,
      select: false,
      terminationGracePeriod: gracePeriod,
      securityContext: {
        user: engine.user,
        group: engine.user,
        fsGroup: engine.user,
        ensureNonRoot: true,
        // Else the kubelet walks a large volume at every start.
        fsGroupChangePolicy: FsGroupChangePolicy.ON_ROOT_MISMATCH,
      },
    });

    const name = props.name ?? id;
    checkSetName(name);
    refuseName('metadata', checkMetadata('metadata', props.metadata, OWNED_LABELS));
    refuseName('podMetadata', checkMetadata('podMetadata', props.podMetadata, OWNED_POD_LABELS));
    refuseNamespace('podMetadata', props.podMetadata);
    const nodeSelector = checkNodeSelector(props.nodeSelector);
    const priorityClassName = checkPriorityClass(props.priorityClassName);
    this.replicas = props.replicas;
    this.names = namesOf(name);
    this.port = engine.clientPort ?? engine.port;
    const namespace = checkNamespace('namespace', props.metadata?.namespace ?? Chart.of(this).namespace);
    this.namespace = namespace;
    claimNames(this, namespace, name, Object.values(this.names));

    if (engine.source !== undefined) refuseOwnHost(engine.source.host, name, namespace);
    this.primary = endpoint(this.names.primaryService, namespace, this.port);
    this.read = readEndpoint(
      endpoint(this.names.readService, namespace, this.port),
      Array.from({ length: this.replicas - 1 }, (_, below) => endpoint(`${name}-${below + 1}.${name}`, namespace, this.port)),
    );

    const selector = { [NAME_LABEL]: name };
    const labels = { 'app.kubernetes.io/name': engine.name, 'app.kubernetes.io/instance': name };
    const version = { 'app.kubernetes.io/version': engine.version };
    const metadata: ApiObjectMetadata = { ...props.metadata, labels: { ...labels, ...props.metadata?.labels } };
    const files = podFiles(props, engine, gracePeriod);
    addObjects(this, { metadata, setName: name, names: this.names, selector, replicas: this.replicas, engine, files });
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { ...metadata, name, labels: { ...metadata.labels, ...version } },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the render seam: cdk8s types what is produced late as any
      spec: Lazy.any({ produce: () => this.renderSpec({ ...props, nodeSelector, priorityClassName }, selector) }),
    });

    this.select(LabelSelector.of({ labels: selector }));
    for (const [label, value] of Object.entries({ ...labels, ...props.podMetadata?.labels, ...version, ...selector })) {
      this.podMetadata.addLabel(label, value);
    }
    // cdk8s-plus selects pods by this label in network policies and affinities; its own value depends on the construct's path.
    this.podMetadata.addLabel(Pod.ADDRESS_LABEL, name);
    this.podMetadata.addAnnotation(HASH_ANNOTATION, digestFiles(files.scripts, files.config));
    this.dataVolume = addContainers(this, this.names, props);
    lookAnewAtEachSynth(this);
    this.node.addValidation({ validate: () => this.validatePod(engine, selector) });
  }

  /**
   * Where one pod answers, for ever: its name survives its death.
   *
   * @param ordinal 0 for the primary
   * @throws if there is no such ordinal
   */
  public pod(ordinal: number): Endpoint {
    if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= this.replicas) {
      throw new Error(`ordinal must be a whole number from 0 to ${this.replicas - 1}, got ${ordinal}`);
    }
    return endpoint(`${this.name}-${ordinal}.${this.names.headlessService}`, this.namespace, this.port);
  }

  /** At synth, when all containers, objects and policies are there. */
  private validatePod(engine: Engine, selector: { [label: string]: string }): string[] {
    const { labels: podLabels } = this.podMetadata.toJson() as { labels: { [label: string]: string } };
    addPeersPolicy(this, this.apiObject, { namespace: this.namespace, selector, podLabels, engine });
    return [...containerErrors(this), ...portCollisions(this), ...namesTaken(this), ...metadataErrors(this.apiObject.metadata.toJson(), podLabels, selector)];
  }

  /** The one place that reads what cdk8s-plus keeps `@internal`: `_toPodSpec` and `_toLabelSelector`. */
  private renderSpec(props: ReplicatedStatefulSetProps, selector: { [label: string]: string }): object {
    return statefulSetSpec({
      serviceName: this.names.headlessService,
      replicas: this.replicas,
      selector: this._toLabelSelector(),
      podMetadata: this.podMetadata.toJson() as object,
      podSpec: completePodSpec(this._toPodSpec(), {
        selector,
        nodeSelector: props.nodeSelector,
        priorityClassName: props.priorityClassName,
        claimed: props.storage.kind === StorageKind.EPHEMERAL ? [] : [DATA_VOLUME],
      }),
      storage: props.storage,
      whenDeleted: props.volumesWhenDeleted ?? VolumeRetention.RETAIN,
      whenScaled: props.volumesWhenScaled ?? VolumeRetention.RETAIN,
    });
  }
}
