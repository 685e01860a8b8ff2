import { ApiObject, App, Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { ArgoCd, Credentials, Flux, Redis, RedisProps, RedisVersion, Storage } from '../../lib';
import { Manifest, scriptsOf, synthesize, title } from '../manifests';

const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';
const props: RedisProps = {
  version: RedisVersion.V8,
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(1) }),
  credentials: Credentials.fromSecret('credentials'),
};

function setWith(annotateIt: (set: Redis) => void, more: Partial<RedisProps> = {}): Manifest[] {
  return synthesize((scope) => annotateIt(new Redis(scope, 'sessions', { ...props, ...more })));
}

/** All but the scripts. */
function others(manifests: Manifest[]): Manifest[] {
  const scripts = scriptsOf(manifests);
  return manifests.filter((manifest) => manifest !== scripts);
}

test.each<[string, (set: Redis) => void, { [annotation: string]: string }]>([
  ['ArgoCd.preventDeletion', (set) => ArgoCd.of(set).preventDeletion(), { [SYNC_OPTIONS]: 'Prune=false,Delete=false' }],
  [
    'ArgoCd.confirmDeletion',
    (set) => ArgoCd.of(set).confirmDeletion(),
    { [SYNC_OPTIONS]: 'Prune=confirm,Delete=confirm' },
  ],
  ['ArgoCd.syncWave', (set) => ArgoCd.of(set).syncWave(-1), { 'argocd.argoproj.io/sync-wave': '-1' }],
  [
    'Flux.preventDeletion',
    (set) => Flux.of(set).preventDeletion(),
    { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
  ],
  [
    'Flux.disableSubstitution',
    (set) => Flux.of(set).disableSubstitution(),
    { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  ],
])('%s annotates every object of the set, and changes nothing else', (_, annotateIt, annotations) => {
  const plain = setWith(() => undefined);
  const annotated = setWith(annotateIt);
  expect(annotated.map(title)).toEqual(plain.map(title));
  expect(others(annotated)).toEqual(
    others(plain).map((manifest) => ({ ...manifest, metadata: { ...manifest.metadata, annotations } })),
  );
});

// They are annotated already: pods of the former revision need them in the middle of a rollout.
test.each<[string, (set: Redis) => void, { [annotation: string]: string }]>([
  ['ArgoCd.preventDeletion', (set) => ArgoCd.of(set).preventDeletion(), { [SYNC_OPTIONS]: 'Prune=false,Delete=false' }],
  [
    'ArgoCd.confirmDeletion',
    (set) => ArgoCd.of(set).confirmDeletion(),
    { [SYNC_OPTIONS]: 'Prune=false,Delete=confirm' },
  ],
  ['ArgoCd.syncWave', (set) => ArgoCd.of(set).syncWave(-1), { 'argocd.argoproj.io/sync-wave': '-1' }],
  ['Flux.preventDeletion', (set) => Flux.of(set).preventDeletion(), {}],
])('%s leaves the scripts where they are', (_, annotateIt, annotations) => {
  const plain = scriptsOf(setWith(() => undefined));
  expect(scriptsOf(setWith(annotateIt))).toEqual({
    ...plain,
    metadata: { ...plain.metadata, annotations: { ...plain.metadata.annotations, ...annotations } },
  });
});

test('other objects are left alone, unless the whole chart is meant', () => {
  const annotated = (choose: (set: Redis, chart: Construct) => Construct): string[] =>
    synthesize((chart) => {
      new ApiObject(chart, 'other', { apiVersion: 'v1', kind: 'Namespace' });
      Flux.of(choose(new Redis(chart, 'sessions', props), chart)).preventDeletion();
    })
      .filter(({ metadata }) => metadata.annotations?.['kustomize.toolkit.fluxcd.io/prune'] === 'disabled')
      .map(title);
  const all = annotated((_, chart) => chart);
  expect(all.filter((each) => each.startsWith('Namespace'))).toHaveLength(1);
  expect(annotated((set) => set)).toEqual(all.filter((each) => !each.startsWith('Namespace')));
});

test('options and annotations that are there stay, and saying it twice changes nothing', () => {
  const [, second] = setWith(
    (set) => {
      ArgoCd.of(set).preventDeletion();
      ArgoCd.of(set).preventDeletion();
      ArgoCd.of(set).syncWave(2);
    },
    { metadata: { annotations: { [SYNC_OPTIONS]: 'ServerSideApply=true, Delete=false', owner: 'team' } } },
  );
  expect(second.metadata.annotations).toEqual({
    [SYNC_OPTIONS]: 'ServerSideApply=true,Delete=false,Prune=false',
    'argocd.argoproj.io/sync-wave': '2',
    owner: 'team',
  });
});

test.each<[string, (set: Redis) => void, string]>([
  [
    'kept and asked about',
    (set) => {
      ArgoCd.of(set).preventDeletion();
      ArgoCd.of(set).confirmDeletion();
    },
    `${SYNC_OPTIONS} must say one thing about Delete, got 'Delete=false' and 'Delete=confirm' for ConfigMap '${scriptsOf(setWith(() => undefined)).metadata.name}': choose one`,
  ],
  ['a wave and a half', (set) => ArgoCd.of(set).syncWave(1.5), 'wave must be a whole number, got 1.5'],
  [
    'a chart that is still empty',
    () => ArgoCd.of(new Chart(new App(), 'empty')).preventDeletion(),
    "scope must have objects that can be annotated, got none at or below 'empty': add them first",
  ],
])('refused: %s', (_, annotateIt, message) => {
  expect(() => setWith(annotateIt)).toThrow(new Error(message));
});
