import { checkEnum, checkText } from '../values/checks';
import { EnvironmentPair, pairEnvironments } from './facts/environments';
import { Manifests, resourceId } from './facts/manifests';
import { readSets } from './facts/set-facts';
import { Finding, FindingLevel } from './finding';
import { growPlans, Plan } from './plans/grow-plan';
import { compareSets } from './rules/compare-sets';
import { otherObjects } from './rules/other-objects';
import { sharedSelectors } from './rules/shared-selectors';

const LEVELS = [FindingLevel.ERROR, FindingLevel.WARNING, FindingLevel.NOTE];

/**
 * What a change of manifests does to the data of the StatefulSets in them, whatever tool wrote them. It only reads the
 * manifests and never contacts a cluster. If several files define the same StatefulSet, such as `dev/orders.yaml` and
 * `prod/orders.yaml`, each folder is an environment and compared by itself.
 *
 * `npx cdk8s-stateful review OLD NEW` runs it on the command line.
 */
export class Review {
  /**
   * Compares two files, or two folders with everything in them, such as two revisions of a repository.
   *
   * @param before the path of the previous manifests
   * @param after the path of the new manifests
   * @throws if a path cannot be read, or contains YAML that cannot be parsed
   */
  public static fromPaths(before: string, after: string): Review {
    return new Review(Manifests.read(checkText('before', before)), Manifests.read(checkText('after', after)));
  }

  /**
   * Compares two strings of YAML or JSON.
   *
   * @param before the previous manifests
   * @param after the new manifests
   * @throws if one cannot be parsed
   */
  public static fromYaml(before: string, after: string): Review {
    return new Review(Manifests.parse(checkText('before', before)), Manifests.parse(checkText('after', after)));
  }

  /**
   * Compares manifests that were read already.
   *
   * @internal
   */
  public static _of(before: Manifests, after: Manifests): Review {
    return new Review(before, after);
  }

  /**
   * All findings, the most severe first.
   */
  public readonly findings: Finding[];

  private readonly environments: EnvironmentPair[];

  private constructor(
    private readonly before: Manifests,
    after: Manifests,
  ) {
    this.environments = pairEnvironments(before, after);
    const findings = this.environments.flatMap(findChanges);
    this.findings = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
  }

  /**
   * The findings of one level.
   *
   * @param level the level; findings of other levels are left out, also more severe ones
   */
  public findingsWithLevel(level: FindingLevel): Finding[] {
    checkEnum('level', level, FindingLevel);
    return this.findings.filter((finding) => finding.level === level);
  }

  /**
   * Scripts for changes that Kubernetes does not make by itself.
   *
   * @internal
   */
  public _plans(): Plan[] {
    return this.environments.flatMap(({ name, before, after }) =>
      growPlans(readSets(before), readSets(after), name || undefined),
    );
  }

  /**
   * Whether there are no previous manifests.
   *
   * @internal
   */
  public _isFirst(): boolean {
    return this.before.all().length === 0;
  }
}

function findChanges({ name, before, after }: EnvironmentPair): Finding[] {
  const places = new Map([...before.all(), ...after.all()].map((manifest) => [resourceId(manifest), manifest]));
  const findings = [
    ...compareSets(readSets(before), readSets(after)),
    ...otherObjects(before, after),
    ...sharedSelectors(before, after),
  ];
  return findings.map((finding) => {
    const { file, line } = places.get(finding.resource) ?? {};
    return { ...finding, ...(name !== '' && { environment: name }), ...(file !== undefined && { file, line }) };
  });
}
