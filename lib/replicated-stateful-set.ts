import { ApiObject, ApiObjectMetadata, Chart, Duration, Lazy } from 'cdk8s';
import { FsGroupChangePolicy, k8s, LabelSelector, Pod, Workload } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Endpoint, ReadEndpoint } from './endpoints';
import { Engine } from './engine';
import { LostPrimary } from './lost-primary';
import { checkDuration, checkReplicas, portCollisions } from './private/checks';
import { addContainers, CREDENTIALS_PATH } from './private/containers';
import { hashOf } from './private/hash';
import { checkSetName, namesOf, refuseName, SetNames } from './private/names';
import { completePodSpec } from './private/pod-template';
import { claimNames } from './private/registry';
import { sharedScripts } from './private/scripts';
import { endpoint, readEndpoint, serviceSpecs } from './private/services';
import { settingsFile } from './private/settings';
import { DATA_VOLUME, statefulSetSpec } from './private/stateful-set-spec';
import { ReplicatedProps } from './replicated-props';
import { StorageKind } from './storage';
import { VolumeRetention } from './volume-retention';

/**
 * Props of a `ReplicatedStatefulSet`.
 */
export interface ReplicatedStatefulSetProps extends ReplicatedProps {
  /**
   * The database.
   */
  readonly engine: Engine;
}

/** The label that the selector selects by. Its value is the set's name: moving the construct in the tree changes nothing. */
const NAME_LABEL = 'cdk8s-stateful/name';
const HASH_ANNOTATION = 'cdk8s-stateful/config-hash';
const SHORTEST_GRACE_PERIOD = Duration.seconds(30);

/**
 * A primary at ordinal 0 and read-only replicas above it, each with its own data and its own DNS name, ordered when they start and
 * stop.
 *
 * This is the core that knows no database; `Postgres` is one on top of it. It is a cdk8s-plus workload: `addContainer`, `addVolume`,
 * `scheduling`, `connections` work as on a `StatefulSet`, and `ApiObject.of(it).addJsonPatch(...)` reaches the rest.
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

  private readonly names: SetNames;
  private readonly port: number;
  private readonly namespace?: string;

  /**
   * @throws if a name is no DNS label, or taken in this app and namespace; if `replicas` is no whole number or too small; if a
   * duration is too short; at synth, if a container's port collides with another's
   */
  constructor(scope: Construct, id: string, props: ReplicatedStatefulSetProps) {
    const { engine } = props;
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
    refuseName('metadata', props.metadata);
    refuseName('podMetadata', props.podMetadata);
    this.replicas = checkReplicas(props.replicas, props.storage);
    this.names = namesOf(name);
    this.port = engine.port;
    const namespace = props.metadata?.namespace ?? Chart.of(this).namespace;
    this.namespace = namespace;
    claimNames(this, namespace, name, Object.values(this.names));

    this.primary = endpoint(this.names.primaryService, namespace, this.port);
    this.read = readEndpoint(
      endpoint(this.names.readService, namespace, this.port),
      Array.from({ length: this.replicas - 1 }, (_, below) => endpoint(`${name}-${below + 1}.${name}`, namespace, this.port)),
    );

    const labels = { 'app.kubernetes.io/name': engine.name, 'app.kubernetes.io/instance': name };
    const selector = { [NAME_LABEL]: name };
    const metadata: ApiObjectMetadata = { ...props.metadata, labels: { ...labels, ...props.metadata?.labels } };
    const scripts = { ...sharedScripts(), ...engine.scripts };
    const config = {
      'settings.sh': settingsFile({
        port: String(engine.port),
        volume: engine.volumePath,
        credentials: CREDENTIALS_PATH,
        max_lag: String(checkDuration('maxLag', props.maxLag ?? Duration.seconds(60), Duration.seconds(1)).toSeconds()),
        leave_timeout: String(Math.floor(gracePeriod.toSeconds() / 2)),
        lost_primary: props.lostPrimary ?? LostPrimary.RECOVER,
        ...engine.settings,
      }),
      ...engine.configFiles,
    };

    // In the order in which `kubectl apply` must find them.
    const child = (childId: string, kind: string, childName: string, rest: object, apiVersion = 'v1'): ApiObject =>
      new ApiObject(this, childId, { apiVersion, kind, metadata: { ...metadata, name: childName }, ...rest });
    child('Scripts', 'ConfigMap', this.names.scripts, { data: scripts });
    child('Config', 'ConfigMap', this.names.config, { data: { ...config, replicas: `${this.replicas}\n` } });
    if (engine.initFiles !== undefined) {
      child('InitFiles', 'ConfigMap', this.names.initFiles, { data: engine.initFiles });
    }
    for (const [serviceName, spec] of Object.entries(serviceSpecs(this.names, selector, { name: engine.name, port: engine.port }))) {
      child(`Service-${serviceName}`, 'Service', serviceName, { spec });
    }
    if (this.replicas > 1) {
      // One at a time: a budget that allows none at all would block the draining of nodes.
      child('DisruptionBudget', 'PodDisruptionBudget', name, { spec: { maxUnavailable: 1, selector: { matchLabels: selector } } }, 'policy/v1');
    }

    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { ...metadata, name, labels: { ...metadata.labels, 'app.kubernetes.io/version': engine.version } },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the render seam: cdk8s types what is produced late as any
      spec: Lazy.any({
        produce: () => statefulSetSpec({
          serviceName: this.names.headlessService,
          replicas: this.replicas,
          selector: this._toLabelSelector(),
          podMetadata: this.podMetadata.toJson() as object,
          podSpec: this.renderPodSpec(props, selector),
          storage: props.storage,
          whenDeleted: props.volumesWhenDeleted ?? VolumeRetention.RETAIN,
          whenScaled: props.volumesWhenScaled ?? VolumeRetention.RETAIN,
        }),
      }),
    });

    this.select(LabelSelector.of({ labels: selector }));
    for (const [label, value] of Object.entries({ ...selector, ...labels, 'app.kubernetes.io/version': engine.version })) {
      this.podMetadata.addLabel(label, value);
    }
    // cdk8s-plus selects pods by this label in network policies and affinities; its own value depends on the construct's path.
    this.podMetadata.addLabel(Pod.ADDRESS_LABEL, name);
    this.podMetadata.addAnnotation(HASH_ANNOTATION, hashOf(scripts, config));
    addContainers(this, this.names, props);
    this.node.addValidation({ validate: () => portCollisions(this) });
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

  /** The one place that reads what cdk8s-plus keeps `@internal`: `_toPodSpec`, and `_toLabelSelector` above. */
  private renderPodSpec(props: ReplicatedStatefulSetProps, selector: { [label: string]: string }): k8s.PodSpec {
    return completePodSpec(this._toPodSpec(), {
      selector,
      nodeSelector: props.nodeSelector,
      priorityClassName: props.priorityClassName,
      claimed: props.storage.kind === StorageKind.EPHEMERAL ? [] : [DATA_VOLUME],
    });
  }
}
