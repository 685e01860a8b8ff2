import { App, Chart, Yaml } from 'cdk8s';
import { Environment } from '../../core/environment';
import { isObject, listAt, stringAt } from '../../values/json';
import { Manifests } from '../facts/manifests';
import { readDocuments } from '../facts/yaml';
import { FindingLevel } from '../finding';
import { findingLine } from '../finding-formats';
import { Review } from '../review';
import { podSecurityViolations } from './pod-security';

/** The result of a jest matcher. */
export interface Verdict {
  /** Whether the expectation holds. */
  readonly pass: boolean;
  /** What jest prints if the expectation fails. */
  readonly message: () => string;
}

/**
 * `expect(chart).toKeepDataOf(yaml)`: no change since the previous YAML is refused by Kubernetes or the database, or
 * loses data. Changes that are allowed but need an action, such as a larger volume, pass.
 *
 * @param actual a `Chart`, an `App`, manifests, or YAML
 * @param previous the YAML that was applied before
 * @throws if `previous` contains no manifests, or the `App` has several environments
 */
export function toKeepDataOf(actual: unknown, previous: string): Verdict {
  // A path instead of the file's content, or an empty file, would let everything pass.
  if (typeof previous !== 'string' || Manifests.parse(previous).all().length === 0) {
    throw new Error(
      `expected the previous YAML, with manifests in it, got ${typeof previous === 'string' ? `'${previous.slice(0, 40)}'` : typeof previous}`,
    );
  }
  const environments = actual instanceof App ? [...new Set(actual.charts.map((chart) => Environment.of(chart)))] : [];
  if (environments.length > 1) {
    throw new Error(
      `expected a Chart of one environment, got an App with the environments ${environments.map((name) => `'${name ?? '(none)'}'`).join(', ')}`,
    );
  }
  const findings = Review.fromYaml(previous, Yaml.stringify(...toManifests(actual))).findingsWithLevel(
    FindingLevel.ERROR,
  );
  return {
    pass: findings.length === 0,
    message: () =>
      findings.length === 0
        ? 'expected the change to lose data, but it does not'
        : `expected the change to keep the data:\n${findings.map(findingLine).join('\n')}`,
  };
}

/**
 * `expect(chart).toPassRestrictedPodSecurity()`: a namespace with `pod-security.kubernetes.io/enforce: restricted`
 * admits all its pods.
 *
 * @param actual a `Chart`, an `App`, manifests, or YAML
 */
export function toPassRestrictedPodSecurity(actual: unknown): Verdict {
  const violations = toManifests(actual).flatMap((manifest) =>
    podSecurityViolations(manifest).map((violation) => `${describeManifest(manifest)}: ${violation}`),
  );
  return {
    pass: violations.length === 0,
    message: () =>
      violations.length === 0
        ? 'expected violations of the restricted standard, but there are none'
        : `expected no violations of the restricted standard:\n${violations.join('\n')}`,
  };
}

function toManifests(actual: unknown): unknown[] {
  if (actual instanceof App) return actual.charts.flatMap((chart) => chart.toJson() as unknown[]);
  if (actual instanceof Chart) return actual.toJson() as unknown[];
  if (Array.isArray(actual)) return actual.filter(isObject).flatMap(listItems);
  if (typeof actual === 'string')
    return readDocuments(actual)
      .map(({ content }) => content)
      .filter(isObject)
      .flatMap(listItems);
  throw new Error(`expected a Chart, an App, manifests or YAML, got ${typeof actual}`);
}

function listItems(manifest: unknown): unknown[] {
  return stringAt(manifest, 'kind')?.endsWith('List') ? listAt(manifest, 'items') : [manifest];
}

function describeManifest(manifest: unknown): string {
  return `${stringAt(manifest, 'kind')} ${stringAt(manifest, 'metadata', 'name') ?? stringAt(manifest, 'metadata', 'generateName')}`;
}
