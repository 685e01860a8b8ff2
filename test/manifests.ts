import { App, Chart, ChartProps, Testing } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { parseAllDocuments } from 'yaml';

/** What the tests read of a manifest of any kind; the rest is there as well. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: k8s.ObjectMeta;
  readonly data?: { readonly [fileName: string]: string };
  readonly spec?: object;
}

/** A StatefulSet as plain JSON. */
export interface StatefulSetManifest extends Manifest {
  readonly spec: k8s.StatefulSetSpec;
}

/** The manifests of a chart, in the order in which they are written. */
export function synthesize(build: (scope: Construct) => void, props?: ChartProps): Manifest[] {
  const chart = new Chart(new App(), 'test', props);
  build(chart);
  return Testing.synth(chart) as Manifest[];
}

/** The manifests in YAML of any number of documents; some may be empty. */
export function parse(yaml: string): Manifest[] {
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** The one manifest of that kind and name. */
export function only(manifests: Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter(
    (manifest) => manifest.kind === kind && (name ?? manifest.metadata.name) === manifest.metadata.name,
  );
  if (found.length !== 1) {
    throw new Error(`expected one ${kind} ${name ?? ''}, got ${found.length} among ${manifests.map(title).join(', ')}`);
  }
  return found[0];
}

/** For example `Service orders`. */
export function title(manifest: Manifest): string {
  return `${manifest.kind} ${manifest.metadata.name}`;
}

/** The one StatefulSet. */
export function statefulSet(manifests: Manifest[]): StatefulSetManifest {
  return only(manifests, 'StatefulSet') as StatefulSetManifest;
}

/** The spec of the StatefulSet's pods. */
export function podSpec(manifests: Manifest[]): k8s.PodSpec {
  const { spec } = statefulSet(manifests).spec.template;
  if (spec === undefined) {
    throw new Error('the pod template has no spec');
  }
  return spec;
}

/** A container of the StatefulSet's pods, or an init container. */
export function containerOf(manifests: Manifest[], name: string): k8s.Container {
  const { containers, initContainers = [] } = podSpec(manifests);
  const found = [...initContainers, ...containers].filter((container) => container.name === name);
  if (found.length !== 1) {
    throw new Error(`expected one container ${name}, got ${found.length}`);
  }
  return found[0];
}

/** `settings.sh` and the engine's own files. */
export function configOf(manifests: Manifest[]): { readonly [fileName: string]: string } {
  const { data } = only(manifests, 'ConfigMap', `${statefulSet(manifests).metadata.name}-config`);
  if (data === undefined) {
    throw new Error('the config has no data');
  }
  return data;
}

const HASH = 'cdk8s-stateful/config-hash';
const SCRIPTS = 'cdk8s-stateful/scripts';

/** The value that makes the pods restart when it changes. */
export function configHash(manifests: Manifest[]): string | undefined {
  return statefulSet(manifests).spec.template.metadata?.annotations?.[HASH];
}

/** What runs in the pods: the shared scripts and the engine's. */
export function scriptsOf(manifests: Manifest[]): Manifest {
  const [name] = namesOfScripts(manifests);
  return only(manifests, 'ConfigMap', name);
}

/** Those of backups, which are an object of their own. */
export function backupScriptsOf(manifests: Manifest[]): Manifest {
  const [, name] = namesOfScripts(manifests);
  return only(manifests, 'ConfigMap', name);
}

function namesOfScripts(manifests: Manifest[]): string[] {
  const { configMap, projected } = podSpec(manifests).volumes?.find(({ name }) => name === 'scripts') ?? {};
  const names = [configMap?.name, ...(projected?.sources ?? []).map((source) => source.configMap?.name)];
  return [...names.filter((name) => name !== undefined), '(none)', '(none)'];
}

/**
 * The manifests for a snapshot that people read: the scripts, which are files of their own, only by their number of
 * lines, and without the hashes, so that a changed script shows as one changed line.
 */
export function forReading(manifests: Manifest[]): Manifest[] {
  const digests = manifests.flatMap(({ metadata }) => metadata.labels?.[SCRIPTS] ?? []);
  const short = manifests.map((manifest) =>
    manifest.metadata.labels?.[SCRIPTS] === undefined
      ? manifest
      : { ...manifest, data: lineCounts(manifest.data ?? {}) },
  );
  const text = JSON.stringify(short, (key, value: unknown) => (key === HASH ? '(a hash)' : value));
  return JSON.parse(digests.reduce((all, digest) => all.replaceAll(digest, 'HASH'), text)) as Manifest[];
}

function lineCounts(files: { readonly [fileName: string]: string }): { [fileName: string]: string } {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, `(${text.split('\n').length - 1} lines)`]),
  );
}
