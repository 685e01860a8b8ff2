import { ApiObject, Lazy } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { Environment } from '../environment';
import { Labels, SetModel } from '../model';
import { at, listAt, objectAt, stringAt, stringMapAt } from '../../values/json';
import { objectsOfApp } from '../private/app-objects';
import { POD_INDEX_LABEL } from './layout';

const ID = 'PeersPolicy';

type Direction = 'Ingress' | 'Egress';

/** What a cluster's DNS listens on, as policies see it; on OpenShift the second. */
const DNS_PORTS = [53, 5353];
/** What only the controllers know when a pod is made. */
const OF_CONTROLLERS = [POD_INDEX_LABEL, 'statefulset.kubernetes.io/pod-name', 'controller-revision-hash', 'pod-template-hash'];

/**
 * What the pods of a set need of one another, where policies of this app let in, or out, only what they name: undefined where none does.
 * Policies add up, so this one takes nothing away from them.
 */
function peersPolicy(set: IConstruct, model: SetModel, podLabels: Labels): object | undefined {
  const directions = new Set(objectsOfApp(set).networkPolicies
    .filter((object) => object.metadata.namespace === model.namespaceName && Environment.of(object) === Environment.of(set))
    .filter((object) => object !== set.node.tryFindChild(ID))
    .flatMap((object) => isolates(objectAt(object.toJson(), 'spec'), podLabels)));
  if (directions.size === 0) return undefined;
  const { engine, selector } = model;
  const peers = [{ podSelector: { matchLabels: selector } }];
  const ports = [engine.port, ...engine.copyPort === undefined ? [] : [engine.copyPort]].map((port) => ({ protocol: 'TCP', port }));
  const names = { ports: DNS_PORTS.flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ protocol, port }))) };
  const source = engine.source === undefined ? [] : [{ ports: [{ protocol: 'TCP', port: engine.source.port }] }];
  return {
    podSelector: { matchLabels: selector },
    policyTypes: (['Ingress', 'Egress'] as const).filter((direction) => directions.has(direction)),
    ...directions.has('Ingress') && { ingress: [{ from: peers, ports }] },
    ...directions.has('Egress') && { egress: [{ to: peers, ports }, names, ...source] },
  };
}

/** In which directions a policy closes pods with such labels. */
function isolates(spec: object, labels: Labels): Direction[] {
  if (!selects(objectAt(spec, 'podSelector'), labels)) return [];
  const types = listAt(spec, 'policyTypes');
  if (types.length > 0) return types.filter((type): type is Direction => type === 'Ingress' || type === 'Egress');
  return at(spec, 'egress') === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
}

/** An empty selector selects all pods of the namespace. */
function selects(selector: object, labels: Labels): boolean {
  const hasLabels = Object.entries(stringMapAt(selector, 'matchLabels')).every(([key, value]) => OF_CONTROLLERS.includes(key) || labels[key] === value);
  return hasLabels && listAt(selector, 'matchExpressions').every((expression) => {
    const key = stringAt(expression, 'key') ?? '';
    const isThere = Object.hasOwn(labels, key);
    const isAmong = isThere && listAt(expression, 'values').includes(labels[key]);
    const holds = new Map([['In', isAmong], ['NotIn', !isAmong], ['Exists', isThere], ['DoesNotExist', !isThere]]);
    return OF_CONTROLLERS.includes(key) || (holds.get(stringAt(expression, 'operator') ?? '') ?? true);
  });
}

/** The policy as an object of the set, with its labels and annotations. It is added at synth, when all policies are known. */
export function addPeersPolicy(set: Construct, resource: ApiObject, model: SetModel, podLabels: Labels): void {
  if (set.node.tryFindChild(ID) !== undefined || peersPolicy(set, model, podLabels) === undefined) return;
  new ApiObject(set, ID, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...resource.metadata.toJson() as object, name: `${resource.name}-peers` },
    // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- cdk8s types what is produced late as any
    spec: Lazy.any({ produce: () => peersPolicy(set, model, podLabels) }),
  });
}
