import { Manifests, resourceId } from './facts/manifests';
import { readSets } from './facts/set-facts';
import { Finding, FindingLevel } from './finding';
import { checkLock } from './lock/lock-check';
import { findLockFileOfCommand, lockExists, readLock } from './lock/lock-file';
import { Review } from './review';

/** Of the cdk8s command's `ValidationContext`, what this plugin uses. */
export interface ValidationContext {
  /** Paths of the files that were synthesized. */
  readonly manifests: readonly string[];
  /** What the command prints. */
  readonly report: {
    addViolation(violation: {
      readonly ruleName: string;
      readonly recommendation: string;
      readonly fix: string;
      readonly violatingResources: { readonly resourceName: string; readonly locations: string[]; readonly manifestPath: string }[];
    }): void;
    submit(status: 'success' | 'failure'): void;
  };
}

/** What `properties` in `cdk8s.yaml` may say. */
export interface StatefulValidationProps {
  /**
   * File or folder of manifests as they were applied last, to compare with.
   *
   * @default - what was synthesized is compared with the lock
   */
  readonly previous?: string;

  /**
   * The file of the lock.
   *
   * @default - `stateful.lock.json` beside `cdk8s.yaml`
   */
  readonly lockFile?: string;
}

/**
 * A validation plugin of the cdk8s command, for apps of every kind: what was synthesized is compared with the lock, or with manifests of before.
 * It writes nothing. In `cdk8s.yaml`, without a registry:
 *
 *     validations:
 *       - package: ./node_modules/cdk8s-stateful/validation
 *         version: 0.1.0
 *         class: StatefulValidation
 *
 * Where a workspace has its packages in `../../node_modules` the path must begin with `./`: `./../../node_modules/...`.
 *
 * @see https://cdk8s.io/docs/latest/cli/synth/#validations
 */
export class StatefulValidation {
  private readonly props: StatefulValidationProps;

  constructor(props: StatefulValidationProps = {}) {
    this.props = props;
  }

  /**
   * Compares, and reports as violations what must not be applied.
   *
   * @throws if there is nothing to compare with, or it cannot be read
   */
  public validate(context: ValidationContext): Promise<void> {
    const errors = this.findings(Manifests.readAll(context.manifests)).filter(({ level }) => level === FindingLevel.ERROR);
    for (const finding of errors) {
      context.report.addViolation({
        ruleName: finding.rule,
        recommendation: finding.reason,
        fix: finding.remedy,
        violatingResources: [{
          // The name alone: by it the command finds the construct.
          resourceName: finding.resource.split('/').at(-1) ?? '',
          locations: [finding.field ?? 'metadata.name'],
          manifestPath: finding.file ?? '',
        }],
      });
    }
    context.report.submit(errors.length > 0 ? 'failure' : 'success');
    return Promise.resolve();
  }

  private findings(manifests: Manifests): Finding[] {
    if (this.props.previous !== undefined) return Review._of(Manifests.read(this.props.previous), manifests).findings;
    const lockFile = this.props.lockFile ?? findLockFileOfCommand();
    if (!lockExists(lockFile)) {
      throw new Error(`${lockFile} is missing: make it by StatefulApp, or name manifests to compare with as 'previous' in the plugin's properties`);
    }
    const files = new Map(manifests.all().map((manifest) => [resourceId(manifest), manifest.file]));
    return checkLock(readLock(lockFile), readSets(manifests), []).findings.map((finding) => ({ ...finding, file: files.get(finding.resource) ?? lockFile }));
  }
}
