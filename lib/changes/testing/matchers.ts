import { App, Chart, Yaml } from 'cdk8s';
import { isObject, listAt, stringAt } from '../../values/json';
import { Manifests } from '../facts/manifests';
import { readDocuments } from '../facts/yaml';
import { FindingLevel } from '../finding';
import { findingLine } from '../finding-formats';
import { Review } from '../review';
import { podSecurityViolations } from './pod-security';

/** What a matcher of jest says. */
export interface Verdict {
  /** Whether the expectation holds. */
  readonly pass: boolean;
  /** What to print if it was expected otherwise. */
  readonly message: () => string;
}

/**
 * `expect(chart).toKeepDataOf(yaml)`: nothing that was synthesized before is changed so that Kubernetes or the database refuses it, or data is
 * lost. What is allowed and needs a hand, as a larger volume, passes.
 *
 * @param actual a `Chart`, an `App`, manifests, or YAML
 * @param previous the YAML of before, as it was applied
 * @throws if `previous` has no manifests
 */
export function toKeepDataOf(actual: unknown, previous: string): Verdict {
  // A path in place of the file's text, or a file that is empty, would let everything pass.
  if (typeof previous !== 'string' || Manifests.parse(previous).all().length === 0) {
    throw new Error(`expected the YAML of before, with manifests in it, got ${typeof previous === 'string' ? `'${previous.slice(0, 40)}'` : typeof previous}`);
  }
  const findings = Review.fromYaml(previous, Yaml.stringify(...toManifests(actual))).findingsWithLevel(FindingLevel.ERROR);
  return {
    pass: findings.length === 0,
    message: () => (findings.length === 0 ? 'expected the data not to be kept, and it is' : `expected the data to be kept:\n${findings.map(findingLine).join('\n')}`),
  };
}

/**
 * `expect(chart).toPassRestrictedPodSecurity()`: a namespace with `pod-security.kubernetes.io/enforce: restricted` admits all its pods.
 *
 * @param actual a `Chart`, an `App`, manifests, or YAML
 */
export function toPassRestrictedPodSecurity(actual: unknown): Verdict {
  const violations = toManifests(actual).flatMap((manifest) => podSecurityViolations(manifest).map((violation) => `${describeManifest(manifest)}: ${violation}`));
  return {
    pass: violations.length === 0,
    message: () => (violations.length === 0 ? 'expected the restricted standard to be violated, and it is not' : `expected the restricted standard to be met:\n${violations.join('\n')}`),
  };
}

function toManifests(actual: unknown): unknown[] {
  if (actual instanceof App) return actual.charts.flatMap((chart) => chart.toJson() as unknown[]);
  if (actual instanceof Chart) return actual.toJson() as unknown[];
  if (Array.isArray(actual)) return actual.filter(isObject).flatMap(listItems);
  if (typeof actual === 'string') return readDocuments(actual).map(({ content }) => content).filter(isObject).flatMap(listItems);
  throw new Error(`expected a Chart, an App, manifests or YAML, got ${typeof actual}`);
}

function listItems(manifest: unknown): unknown[] {
  return stringAt(manifest, 'kind')?.endsWith('List') ? listAt(manifest, 'items') : [manifest];
}

function describeManifest(manifest: unknown): string {
  return `${stringAt(manifest, 'kind')} ${stringAt(manifest, 'metadata', 'name') ?? stringAt(manifest, 'metadata', 'generateName')}`;
}
