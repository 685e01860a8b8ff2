import { ApiObject, Duration, JsonPatch, Size } from 'cdk8s';
import {
  ContainerRestartPolicy,
  Deployment,
  EnvValue,
  LabelExpression,
  LabelSelector,
  Namespaces,
  Node,
  NodeLabelQuery,
  NodeTaintQuery,
  Pods,
  Service,
  TaintEffect,
  Volume,
  Workload,
} from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReplicatedStatefulSet } from '../../lib';
import { containerOf, Manifest, only, podSpec, statefulSet, synthesize } from '../manifests';
import { stubProps } from '../stub-engine';

// A ReplicatedStatefulSet is a workload of cdk8s-plus: whatever its users know how to do with one must show in the
// output.

type Extend = (set: ReplicatedStatefulSet, scope: Construct) => void;

function synth(extend: Extend): Manifest[] {
  return synthesize((scope) => extend(new ReplicatedStatefulSet(scope, 'orders', stubProps), scope));
}

describe('extra containers and volumes', () => {
  test('a container with environment and a volume of its own', () => {
    const manifests = synth((set) => {
      const exporter = set.addContainer({
        name: 'exporter',
        image: 'exporter:1',
        portNumber: 9187,
        envVariables: { A: EnvValue.fromValue('1') },
      });
      exporter.env.addVariable('DB_HOST', EnvValue.fromValue(set.primary.host));
      exporter.mount('/cache', Volume.fromEmptyDir(set, 'cache', 'cache', { sizeLimit: Size.mebibytes(10) }));
    });
    expect(containerOf(manifests, 'exporter')).toMatchObject({
      image: 'exporter:1',
      env: [
        { name: 'A', value: '1' },
        { name: 'DB_HOST', value: 'orders-primary' },
      ],
      ports: [{ containerPort: 9187 }],
      volumeMounts: [{ mountPath: '/cache', name: 'cache' }],
    });
    expect(podSpec(manifests).volumes).toContainEqual({ name: 'cache', emptyDir: { sizeLimit: '10Mi' } });
    expect(podSpec(manifests).containers.map(({ name }) => name)).toEqual(['stubdb', 'sync', 'exporter']);
  });

  test('an init container comes after prepare, a native sidecar too', () => {
    const manifests = synth((set) => {
      set.addInitContainer({ name: 'warm', image: 'warm:1' });
      set.addInitContainer({ name: 'proxy', image: 'proxy:1', restartPolicy: ContainerRestartPolicy.ALWAYS });
    });
    expect(podSpec(manifests).initContainers?.map(({ name }) => name)).toEqual(['prepare', 'warm', 'proxy']);
    expect(containerOf(manifests, 'proxy').restartPolicy).toBe('Always');
  });

  test('a volume without a container, and environment of our own containers', () => {
    const manifests = synth((set) => {
      set.addVolume(Volume.fromEmptyDir(set, 'spare', 'spare'));
      set.containers[0].env.addVariable('TZ', EnvValue.fromValue('UTC'));
    });
    expect(podSpec(manifests).volumes).toContainEqual({ name: 'spare', emptyDir: {} });
    expect(containerOf(manifests, 'stubdb').env).toContainEqual({ name: 'TZ', value: 'UTC' });
  });
});

describe('scheduling', () => {
  test('nodes and taints, in addition to those of the props', () => {
    const manifests = synthesize((scope) => {
      const set = new ReplicatedStatefulSet(scope, 'orders', {
        ...stubProps,
        nodeSelector: { disk: 'fast' },
        priorityClassName: 'data',
      });
      set.scheduling.attract(Node.labeled(NodeLabelQuery.is('zone', 'a')));
      set.scheduling.tolerate(Node.tainted(NodeTaintQuery.exists('spot', { effect: TaintEffect.NO_SCHEDULE })));
      const unreachable = { effect: TaintEffect.NO_EXECUTE, evictAfter: Duration.seconds(30) };
      set.scheduling.tolerate(Node.tainted(NodeTaintQuery.exists('node.kubernetes.io/unreachable', unreachable)));
    });
    expect(podSpec(manifests)).toMatchObject({
      nodeSelector: { disk: 'fast' },
      priorityClassName: 'data',
      tolerations: [
        { key: 'spot', operator: 'Exists', effect: 'NoSchedule' },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
      ],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
          },
        },
      },
    });
  });

  test('away from all pods of all namespaces: an empty selector means all, and its absence none', () => {
    const manifests = synth((set, scope) =>
      set.scheduling.separate(Pods.all(scope, 'all', { namespaces: Namespaces.all(scope, 'everywhere') })),
    );
    expect(podSpec(manifests).affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
      { topologyKey: 'kubernetes.io/hostname', labelSelector: {}, namespaceSelector: {} },
    ]);
  });

  test('away from its own pods, by the label that never changes', () => {
    const manifests = synth((set) => set.scheduling.spread({ weight: 50 }));
    expect(
      podSpec(manifests).affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.[0].podAffinityTerm
        .labelSelector,
    ).toEqual({ matchLabels: { 'cdk8s.io/metadata.addr': 'orders' } });
  });
});

describe('what selects the pods', () => {
  const own = { 'cdk8s.io/metadata.addr': 'orders' };

  test("network policies, by a label of the pods that does not depend on the construct's path", () => {
    const manifests = synthesize((scope) => {
      const deeper = new Construct(new Construct(scope, 'some'), 'where');
      const set = new ReplicatedStatefulSet(deeper, 'orders', stubProps);
      const web = new Deployment(scope, 'web', { containers: [{ image: 'web:1' }] });
      set.connections.allowFrom(web);
      set.connections.isolate();
    });
    expect(statefulSet(manifests).spec.template.metadata?.labels).toMatchObject(own);
    const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec);
    expect(policies).toContainEqual(
      expect.objectContaining({
        podSelector: { matchLabels: own },
        ingress: [expect.objectContaining({ ports: [{ port: 7000, protocol: 'TCP' }] })],
      }),
    );
    expect(policies).toContainEqual(
      expect.objectContaining({ egress: [expect.objectContaining({ to: [{ podSelector: { matchLabels: own } }] })] }),
    );
    expect(policies).toContainEqual({ podSelector: { matchLabels: own }, policyTypes: ['Egress', 'Ingress'] });
  });

  test("a Service of one's own", () => {
    const manifests = synth(
      (set, scope) =>
        new Service(scope, 'mine', {
          metadata: { name: 'mine' },
          selector: set,
          ports: [{ port: 80, targetPort: 7000 }],
        }),
    );
    expect(only(manifests, 'Service', 'mine').spec).toMatchObject({ selector: own });
  });

  test("the set's selector, extended", () => {
    const manifests = synth((set) => set.select(LabelSelector.of({ expressions: [LabelExpression.exists('tier')] })));
    expect(statefulSet(manifests).spec.selector).toEqual({
      matchLabels: { 'cdk8s-stateful/name': 'orders' },
      matchExpressions: [{ key: 'tier', operator: 'Exists' }],
    });
  });
});

describe('the rest, through the API object', () => {
  test('metadata of set and pods', () => {
    const manifests = synth((set) => {
      set.metadata.addAnnotation('owner', 'ann');
      ApiObject.of(set).metadata.addLabel('tier', 'data');
      set.podMetadata.addLabel('scrape', 'yes');
    });
    expect(statefulSet(manifests).metadata).toMatchObject({ annotations: { owner: 'ann' }, labels: { tier: 'data' } });
    expect(statefulSet(manifests).spec.template.metadata?.labels).toMatchObject({ scrape: 'yes' });
  });

  test('patches on plain JSON: claim templates, and fields that are newer than the typings', () => {
    const manifests = synth((set) =>
      ApiObject.of(set).addJsonPatch(
        JsonPatch.replace('/spec/volumeClaimTemplates/0/spec/resources/requests/storage', '11Gi'),
        JsonPatch.add('/spec/volumeClaimTemplates/0/spec/volumeAttributesClassName', 'gold'),
        JsonPatch.add('/spec/template/spec/fieldOfTomorrow', { deep: [{}] }),
        JsonPatch.add('/spec/template/spec/containers/0/lifecycle/postStart', { sleep: { seconds: 1 } }),
        JsonPatch.add('/spec/minReadySeconds', 3),
      ),
    );
    const { spec } = statefulSet(manifests);
    expect(spec.volumeClaimTemplates?.[0].spec).toMatchObject({
      resources: { requests: { storage: '11Gi' } },
      volumeAttributesClassName: 'gold',
    });
    expect(spec.template.spec).toMatchObject({ fieldOfTomorrow: { deep: [{}] } });
    expect(containerOf(manifests, 'stubdb').lifecycle).toMatchObject({
      postStart: { sleep: { seconds: 1 } },
      preStop: { exec: {} },
    });
    expect(spec.minReadySeconds).toBe(3);
  });

  test('every object of the set is a child that can be found and patched', () => {
    const manifests = synth((set) => {
      for (const child of set.node.children) {
        if (child instanceof ApiObject) child.metadata.addAnnotation('touched', 'yes');
      }
    });
    expect(manifests.map(({ metadata }) => metadata.annotations?.touched)).toEqual(manifests.map(() => 'yes'));
  });
});

describe('nothing of its defaults by accident', () => {
  const manifests = synth(() => undefined);
  const { containers, initContainers = [], ...pod } = podSpec(manifests);

  test.each([...initContainers, ...containers].map((container) => [container.name, container] as const))(
    'container %s',
    (_, container) => {
      expect(container.imagePullPolicy).toBe('IfNotPresent');
      expect(container.resources?.requests).toEqual({
        cpu: expect.stringMatching(/^\d+m$/) as string,
        memory: expect.stringMatching(/^\d+Mi$/) as string,
      });
      expect(container.resources?.requests?.cpu).not.toBe('1000m');
      expect(container.resources?.requests?.memory).not.toBe('512Mi');
      expect(container.resources?.limits).not.toHaveProperty('cpu');
      expect(container.ports?.map(({ protocol }) => protocol) ?? []).not.toContain('TCP');
    },
  );

  test('only the server has a TCP probe, and prepare has none', () => {
    expect(containerOf(manifests, 'sync').startupProbe).not.toHaveProperty('tcpSocket');
    expect(Object.keys(containerOf(manifests, 'prepare')).filter((field) => field.endsWith('Probe'))).toEqual([]);
  });

  test('the pod says nothing that Kubernetes does anyway', () => {
    expect(Object.keys(pod)).toEqual([
      'affinity',
      'automountServiceAccountToken',
      'enableServiceLinks',
      'securityContext',
      'terminationGracePeriodSeconds',
      'volumes',
    ]);
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  });
});

describe('the @internal members of cdk8s-plus', () => {
  test('exist', () => {
    expect(typeof Workload.prototype._toPodSpec).toBe('function');
    expect(typeof Workload.prototype._toLabelSelector).toBe('function');
  });

  test('are these two, and read in one file', () => {
    const lib = join(__dirname, '..', '..', 'lib');
    const readers = readdirSync(lib, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .flatMap((file) =>
        [...readFileSync(join(lib, file), 'utf8').matchAll(/\.(_to\w+)\(/g)].map(([, member]) => `${file}: ${member}`),
      );
    expect([...new Set(readers)].sort()).toEqual([
      'core/replicated-stateful-set.ts: _toLabelSelector',
      'core/replicated-stateful-set.ts: _toPodSpec',
    ]);
  });
});
