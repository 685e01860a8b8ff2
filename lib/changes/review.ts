import { checkEnum, checkText } from '../values/checks';
import { Manifests, resourceId } from './facts/manifests';
import { readSets } from './facts/set-facts';
import { Finding, FindingLevel } from './finding';
import { growPlans, Plan } from './plans/grow-plan';
import { compareSets } from './rules/compare-sets';
import { otherObjects } from './rules/other-objects';
import { sharedSelectors } from './rules/shared-selectors';

const LEVELS = [FindingLevel.ERROR, FindingLevel.WARNING, FindingLevel.NOTE];

/**
 * What a change of manifests does to the data of the StatefulSets in them, whoever made them. Nothing but the manifests is looked at: no cluster.
 *
 * `npx cdk8s-stateful review OLD NEW` is this class on the command line.
 */
export class Review {
  /**
   * Compares files, or folders with all files in them, as two revisions of a repository.
   *
   * @param before the manifests as they were
   * @param after the manifests as they are to be
   * @throws if a path cannot be read, or has YAML that cannot be parsed
   */
  public static fromPaths(before: string, after: string): Review {
    return new Review(Manifests.read(checkText('before', before)), Manifests.read(checkText('after', after)));
  }

  /**
   * Compares texts of YAML or JSON.
   *
   * @param before the manifests as they were
   * @param after the manifests as they are to be
   * @throws if one cannot be parsed
   */
  public static fromYaml(before: string, after: string): Review {
    return new Review(Manifests.parse(checkText('before', before)), Manifests.parse(checkText('after', after)));
  }

  /**
   * Compares what has been read already.
   *
   * @internal
   */
  public static _of(before: Manifests, after: Manifests): Review {
    return new Review(before, after);
  }

  /**
   * What was found, the worst first.
   */
  public readonly findings: Finding[];

  private constructor(private readonly before: Manifests, private readonly after: Manifests) {
    const places = new Map([...before.all(), ...after.all()].map((manifest) => [resourceId(manifest), manifest]));
    const findings = [...compareSets(readSets(before), readSets(after)), ...otherObjects(before, after), ...sharedSelectors(before, after)];
    this.findings = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level)).map((finding) => {
      const { file, line } = places.get(finding.resource) ?? {};
      return { ...finding, ...file !== undefined && { file, line } };
    });
  }

  /**
   * Findings of a level.
   *
   * @param level the level; others are left out, worse ones too
   */
  public findingsWithLevel(level: FindingLevel): Finding[] {
    checkEnum('level', level, FindingLevel);
    return this.findings.filter((finding) => finding.level === level);
  }

  /**
   * Scripts for the changes that Kubernetes does not make by itself.
   *
   * @internal
   */
  public _plans(): Plan[] {
    return growPlans(readSets(this.before), readSets(this.after));
  }

  /**
   * Whether there was nothing to compare with.
   *
   * @internal
   */
  public _isFirst(): boolean {
    return this.before.all().length === 0;
  }
}
