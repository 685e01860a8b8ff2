import { ApiObject, Lazy } from 'cdk8s';
import { FsGroupChangePolicy, k8s, LabelSelector, Volume, Workload } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { digestFiles } from '../values/digest';
import { metadataErrors } from '../values/kubernetes-names';
import { Endpoint, ReadEndpoint } from './endpoints';
import { HASH_ANNOTATION, modelOf, SetModel } from './model';
import { lookAnewWhenItChanges, namesTaken, OnceEachSynth } from './private/app-objects';
import { containerErrors, portCollisions, volumeErrors } from './private/pod-checks';
import { claimNames } from './private/registry';
import { configFiles } from './render/config-files';
import { addContainers } from './render/containers';
import { DATA_VOLUME } from './render/layout';
import { addObjects } from './render/objects';
import { addPolicies } from './render/peers-policy';
import { completePodSpec } from './render/pod';
import { endpoint, readEndpoint } from './render/services';
import { statefulSetSpec } from './render/stateful-set';
import { ReplicatedStatefulSetProps } from './replicated-system-props';

/**
 * A primary at ordinal 0 and read-only replicas above it, each with its own data and its own DNS name, ordered when
 * they start and stop.
 *
 * This is the core that knows no database; `Postgres` is one on top of it. It is a cdk8s-plus workload: `addContainer`,
 * `addVolume`, `scheduling`, `connections` work as on a `StatefulSet`, and `ApiObject.of(it).addJsonPatch(...)` reaches
 * the rest of the StatefulSet.
 *
 * Where a NetworkPolicy of the app closes the pods (`connections.allowFrom(api)`, say), one more is added,
 * `<name>-peers`: the pods reach one another, and the cluster's DNS, whatever the others name; and with backups the
 * store, and what the jobs need, which have a policy of their own, `<name>-jobs`, where one closes them.
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

  private readonly model: SetModel;
  private readonly validation: OnceEachSynth;
  private ownDataVolume?: Volume;

  /**
   * @throws if a prop cannot be, by its name: a name that is no DNS label, or taken in this app and namespace;
   * `replicas` that are no whole number or too few; a duration that is too short; a script of the engine with a
   * function of a shared name. At synth, if two containers have one name, port or path of a volume, or ask for more
   * than they may use; if another object of the app has the name of one of this set's
   */
  constructor(scope: Construct, id: string, props: ReplicatedStatefulSetProps) {
    const model = modelOf(scope, id, props);
    const { engine, name, namespaceName: namespace, names, port } = model;
    super(scope, id, {
      metadata: props.metadata,
      podMetadata: model.podMetadata,
      select: false,
      terminationGracePeriod: model.gracePeriod,
      securityContext: {
        user: engine.user,
        group: engine.user,
        fsGroup: engine.user,
        ensureNonRoot: true,
        // Otherwise the kubelet would change the owner of a whole large volume at every start.
        fsGroupChangePolicy: FsGroupChangePolicy.ON_ROOT_MISMATCH,
      },
    });
    // A CronJob may be called as another set is.
    claimNames(
      this,
      namespace,
      name,
      Object.values(names).filter((each) => ![names.backup, names.proof].includes(each)),
    );
    this.model = model;
    this.replicas = model.replicas;
    this.primary = endpoint(names.primaryService, namespace, port);
    this.read = readEndpoint(
      endpoint(names.readService, namespace, port),
      Array.from({ length: model.replicas - 1 }, (_, below) => this.pod(below + 1)),
    );

    const config = configFiles(model);
    addObjects(this, model, config, () => this._toPodSpec());
    const { metadata, versionLabel } = model;
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { ...metadata, name, labels: { ...metadata.labels, ...versionLabel } },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the render seam: cdk8s has it as any
      spec: Lazy.any({ produce: () => this.renderSpec() }),
    });

    this.select(LabelSelector.of({ labels: model.selector }));
    for (const [label, value] of Object.entries(model.podLabels)) {
      this.podMetadata.addLabel(label, value);
    }
    this.podMetadata.addAnnotation(HASH_ANNOTATION, digestFiles(config));
    addContainers(this, model);
    lookAnewWhenItChanges(this);
    this.validation = new OnceEachSynth(
      this,
      () => this.countParts(),
      () => this.validateObjects(),
    );
    this.node.addValidation(this.validation);
  }

  /** The volume with the pod's data, for containers that are added. What they write there is not replicated. */
  public get dataVolume(): Volume {
    this.ownDataVolume ??= Volume.fromEmptyDir(this, 'Volume-data', DATA_VOLUME);
    return this.ownDataVolume;
  }

  /**
   * Where one pod answers, for ever: its name survives its death.
   *
   * @param ordinal 0 for the primary
   * @throws if there is no such ordinal
   */
  public pod(ordinal: number): Endpoint {
    const { name, names, namespaceName, port, replicas } = this.model;
    if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= replicas) {
      throw new Error(`ordinal must be a whole number from 0 to ${replicas - 1}, got ${ordinal}`);
    }
    return endpoint(`${name}-${ordinal}.${names.headlessService}`, namespaceName, port);
  }

  /** How many containers, ports, mounts and volumes there are. */
  private countParts(): number {
    let count = this.volumes.length;
    for (const containers of [this.initContainers, this.containers]) {
      for (const { mounts, ports } of containers) count += 1 + mounts.length + ports.length;
    }
    return count;
  }

  /** At synth, when all containers, objects and policies are there. */
  private validateObjects(): string[] {
    const podLabels = this.podMetadata.toJson() as { labels: { [label: string]: string } };
    addPolicies(this, this.apiObject, this.model, podLabels.labels);
    return [
      ...containerErrors(this),
      ...portCollisions(this),
      ...volumeErrors(this.renderPodSpec()),
      ...namesTaken(this),
      ...metadataErrors(this.apiObject.metadata.toJson(), podLabels.labels, this.model.selector),
    ];
  }

  private renderSpec(): object {
    this.validation.checkAddedParts();
    return statefulSetSpec(this.model, {
      selector: this._toLabelSelector(),
      metadata: this.podMetadata.toJson() as object,
      spec: this.renderPodSpec(),
    });
  }

  /** `_toPodSpec` and `_toLabelSelector` are all that is used of what cdk8s-plus keeps `@internal`. */
  private renderPodSpec(): k8s.PodSpec {
    return completePodSpec(this._toPodSpec(), this.model);
  }
}
