import { ApiObject, Lazy } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { BackupStore } from '../../backups/backup-store';
import { EngineConfig } from '../engine';
import { Environment } from '../environment';
import { Labels, SetModel } from '../model';
import { at, listAt, objectAt, stringAt, stringMapAt } from '../../values/json';
import { objectsOfApp } from '../private/app-objects';
import { jobLabels, jobSelector } from './backup-job';
import { POD_INDEX_LABEL } from './layout';

const [ID, OF_JOBS_ID] = ['PeersPolicy', 'JobsPolicy'];

type Direction = 'Ingress' | 'Egress';

/** What a cluster's DNS listens on, as policies see it; on OpenShift the second. */
const DNS_PORTS = [53, 5353];
const DNS = { ports: DNS_PORTS.flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ protocol, port }))) };
/** What only the controllers know when a pod is made. */
const OF_CONTROLLERS = [
  POD_INDEX_LABEL,
  'statefulset.kubernetes.io/pod-name',
  'controller-revision-hash',
  'pod-template-hash',
];
/**
 * Where Google's pods get a workload's identity:
 * https://docs.cloud.google.com/kubernetes-engine/docs/how-to/workload-identity.
 */
const GOOGLE_METADATA = {
  to: ['169.254.169.252/32', '169.254.169.254/32'].map((cidr) => ({ ipBlock: { cidr } })),
  ports: [80, 988].map(tcp),
};

/**
 * What the pods of a set need of one another, where policies of this app let in, or out, only what they name: undefined
 * where none does. Policies add up, so this one takes nothing away from them.
 */
function peersPolicy(set: IConstruct, model: SetModel, podLabels: Labels): object | undefined {
  const directions = closedDirections(set, model, podLabels);
  if (directions.size === 0) return undefined;
  const { engine, selector, backup, restoreFrom } = model;
  const peers = [{ podSelector: { matchLabels: selector } }];
  const jobs = backup === undefined ? [] : [{ podSelector: { matchLabels: jobSelector(model) } }];
  const ports = portsOf(engine);
  const source = engine.source === undefined ? [] : [{ ports: [tcp(engine.source.port)] }];
  return {
    podSelector: { matchLabels: selector },
    policyTypes: (['Ingress', 'Egress'] as const).filter((direction) => directions.has(direction)),
    ...(directions.has('Ingress') && { ingress: [{ from: [...peers, ...jobs], ports }] }),
    ...(directions.has('Egress') && {
      egress: [{ to: peers, ports }, DNS, ...source, ...toStores(backup?.store, restoreFrom?.store)],
    }),
  };
}

/** What its jobs need, where their way out is closed. No one asks anything of them. */
function jobsPolicy(set: IConstruct, model: SetModel): object | undefined {
  const { engine, selector, backup } = model;
  if (backup === undefined || !jobLabels(model).some((labels) => closedDirections(set, model, labels).has('Egress')))
    return undefined;
  return {
    podSelector: { matchLabels: jobSelector(model) },
    policyTypes: ['Egress'],
    egress: [
      { to: [{ podSelector: { matchLabels: selector } }], ports: portsOf(engine) },
      DNS,
      ...toStores(backup.store),
    ],
  };
}

function portsOf({ port, copyPort }: EngineConfig): object[] {
  return [port, ...(copyPort === undefined ? [] : [copyPort])].map(tcp);
}

function tcp(port: number): object {
  return { protocol: 'TCP', port };
}

/** By their ports, as a policy knows no names. */
function toStores(...stores: (BackupStore | undefined)[]): object[] {
  const given = stores.filter((store) => store !== undefined);
  const ports = [...new Set(given.flatMap(({ _ports }) => _ports))];
  const asksGoogle = given.some(
    ({ _options, secretName }) => _options?.type === 'google cloud storage' && secretName === undefined,
  );
  return [...(ports.length === 0 ? [] : [{ ports: ports.map(tcp) }]), ...(asksGoogle ? [GOOGLE_METADATA] : [])];
}

/** In which directions the other policies of the app close pods with such labels. */
function closedDirections(set: IConstruct, model: SetModel, labels: Labels): ReadonlySet<Direction> {
  const own = [ID, OF_JOBS_ID].map((id) => set.node.tryFindChild(id));
  return new Set(
    objectsOfApp(set)
      .networkPolicies.filter(
        (object) => object.metadata.namespace === model.namespaceName && Environment.of(object) === Environment.of(set),
      )
      .filter((object) => !own.includes(object))
      .flatMap((object) => isolates(objectAt(object.toJson(), 'spec'), labels)),
  );
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
  const hasLabels = Object.entries(stringMapAt(selector, 'matchLabels')).every(
    ([key, value]) => OF_CONTROLLERS.includes(key) || labels[key] === value,
  );
  return (
    hasLabels &&
    listAt(selector, 'matchExpressions').every((expression) => {
      const key = stringAt(expression, 'key') ?? '';
      const isThere = Object.hasOwn(labels, key);
      const isAmong = isThere && listAt(expression, 'values').includes(labels[key]);
      const holds = new Map([
        ['In', isAmong],
        ['NotIn', !isAmong],
        ['Exists', isThere],
        ['DoesNotExist', !isThere],
      ]);
      return OF_CONTROLLERS.includes(key) || (holds.get(stringAt(expression, 'operator') ?? '') ?? true);
    })
  );
}

/**
 * The policies as objects of the set, with its labels and annotations. They are added at synth, when all others are
 * known.
 */
export function addPolicies(set: Construct, resource: ApiObject, model: SetModel, podLabels: Labels): void {
  const add = (id: string, suffix: string, produce: () => object | undefined): void => {
    if (set.node.tryFindChild(id) !== undefined || produce() === undefined) return;
    new ApiObject(set, id, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { ...(resource.metadata.toJson() as object), name: `${resource.name}-${suffix}` },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- cdk8s types what is produced late as any
      spec: Lazy.any({ produce }),
    });
  };
  add(ID, 'peers', () => peersPolicy(set, model, podLabels));
  add(OF_JOBS_ID, 'jobs', () => jobsPolicy(set, model));
}
