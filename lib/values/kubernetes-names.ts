import { ApiObjectMetadata, Lazy } from 'cdk8s';
import { dnsSubdomain } from './dns-subdomain';
import { checkObject, errorOf, shown } from './checks';

// What the API server would refuse, or no one would notice, in labels, annotations and names of other objects.

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** All annotations of an object together. */
const MOST_ANNOTATIONS = 262_144;

/** Why some labels and annotations must not be given, by their keys. */
export interface Owned {
  readonly [key: string]: string;
}

/** The name of a namespace, or of an environment. */
export function checkDnsLabel(prop: string, name: string): string {
  if (!((typeof name as unknown) === 'string' && DNS_LABEL.test(name))) {
    throw new Error(`${prop} must be a DNS label (a-z, 0-9, '-', at most 63 characters), got ${shown(name)}`);
  }
  return name;
}

/** The namespace of a set. */
export function checkNamespace(prop: string, namespace: string | undefined): string | undefined {
  return namespace === undefined ? undefined : checkDnsLabel(prop, namespace);
}

/** The name of a priority class. */
export function checkPriorityClass(name: string | undefined): string | undefined {
  return name === undefined ? undefined : dnsSubdomain(name, 'priorityClassName');
}

/** Labels that a node must have. A copy: what is changed afterwards does not reach the YAML. */
export function checkNodeSelector(
  labels: { readonly [label: string]: string } | undefined,
): { [label: string]: string } | undefined {
  return labels === undefined ? undefined : checkLabels('nodeSelector', labels, {});
}

/** Labels and annotations of an object. */
export function checkMetadata(
  prop: string,
  metadata: ApiObjectMetadata | undefined,
  owned: Owned,
): ApiObjectMetadata | undefined {
  if (metadata === undefined) return undefined;
  const { labels, annotations, namespace } = checkObject(prop, metadata);
  checkNamespace(`${prop}.namespace`, namespace);
  if (labels !== undefined) checkLabels(`${prop}.labels`, labels, owned);
  if (annotations !== undefined) checkAnnotations(`${prop}.annotations`, annotations, owned);
  return metadata;
}

/** Of labels and annotations that were added later, or come from the chart, at synth. */
export function metadataErrors(
  metadata: unknown,
  podLabels: { readonly [label: string]: string },
  selector: { readonly [label: string]: string },
): string[] {
  const { labels = {}, annotations = {} } = metadata as ApiObjectMetadata;
  return [
    ...errorOf(() => checkLabels('labels', labels, {})),
    ...errorOf(() => {
      checkAnnotations('annotations', annotations, {});
    }),
    ...errorOf(() => checkLabels('podMetadata.labels', podLabels, {})),
    ...Object.entries(selector)
      .filter(([label, value]) => podLabels[label] !== value)
      .map(
        ([label, value]) =>
          `podMetadata.labels must have '${label}: ${value}', by which the pods are selected, got ${shown(podLabels[label])}`,
      ),
  ];
}

function checkLabels(
  prop: string,
  labels: { readonly [label: string]: string },
  owned: Owned,
): { [label: string]: string } {
  for (const [key, value] of entriesOf(prop, labels, owned)) {
    if (value !== '' && !NAME.test(value)) {
      throw new Error(
        `${prop} must have values of at most 63 letters, digits, '-', '_' and '.', that begin and end with a letter or digit, got ${shown(value)} for '${key}'`,
      );
    }
  }
  return { ...labels };
}

function checkAnnotations(prop: string, annotations: { readonly [key: string]: string }, owned: Owned): void {
  const entries = entriesOf(prop, annotations, owned);
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > MOST_ANNOTATIONS) {
    throw new Error(`${prop} must have at most ${MOST_ANNOTATIONS} bytes together, got ${size}`);
  }
}

/** What is produced late is not looked at. */
function entriesOf(prop: string, map: { readonly [key: string]: string }, owned: Owned): [string, string][] {
  return Object.entries(checkObject(prop, map)).filter(([key, value]) => {
    if (!isQualifiedName(key)) {
      throw new Error(
        `${prop} must have keys of at most 63 letters, digits, '-', '_' and '.', with a DNS name and '/' before them or not, got ${shown(key)}`,
      );
    }
    if (Object.hasOwn(owned, key)) {
      throw new Error(`${prop} must not set '${key}', got ${shown(value)}: ${owned[key]}`);
    }
    if ((value as unknown) instanceof Lazy) return false;
    if ((typeof value as unknown) !== 'string') {
      throw new Error(`${prop} must have strings as values, got ${shown(value)} for '${key}'`);
    }
    return true;
  });
}

function isQualifiedName(key: string): boolean {
  const parts = key.split('/');
  const prefix = parts.length === 2 ? parts[0] : undefined;
  return (
    parts.length <= 2 &&
    NAME.test(parts[parts.length - 1]) &&
    (prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix)))
  );
}
