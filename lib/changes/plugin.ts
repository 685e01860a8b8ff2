import { dirname, resolve, sep } from 'node:path';
import { Manifests, resourceId } from './facts/manifests';
import { readSets } from './facts/set-facts';
import { Finding, FindingLevel } from './finding';
import { checkLock } from './lock/lock-check';
import { findLockFileOfCommand, lockExists, readLock } from './lock/lock-file';
import { LockContent, NO_ENVIRONMENT } from './lock/lock-format';
import { Review } from './review';

/** The part of the cdk8s CLI's `ValidationContext` that this plugin uses. */
export interface ValidationContext {
  /** Paths of the synthesized files. */
  readonly manifests: readonly string[];
  /** The report that the CLI prints. */
  readonly report: {
    addViolation(violation: {
      readonly ruleName: string;
      readonly recommendation: string;
      readonly fix: string;
      readonly violatingResources: {
        readonly resourceName: string;
        readonly locations: string[];
        readonly manifestPath: string;
      }[];
    }): void;
    submit(status: 'success' | 'failure'): void;
  };
}

/** The `properties` of the plugin in `cdk8s.yaml`. */
export interface StatefulValidationProps {
  /**
   * File or folder with the manifests that were applied last.
   *
   * @default - the synthesized manifests are compared with the lock
   */
  readonly previous?: string;

  /**
   * Path of the lock file.
   *
   * @default - `stateful.lock.json` next to `cdk8s.yaml`
   */
  readonly lockFile?: string;

  /**
   * The environment that the app builds, if the lock has environments.
   *
   * @default - the lock has no environments
   */
  readonly environment?: string;
}

/**
 * A validation plugin of the cdk8s CLI, for any app: compares the synthesized manifests with the lock, or with previous
 * manifests, and writes nothing. In `cdk8s.yaml`:
 *
 *     validations:
 *       - package: ./node_modules/cdk8s-stateful/validation
 *         version: 0.1.0
 *         class: StatefulValidation
 *
 * If a workspace hoists packages to `../../node_modules`, the path must still begin with `./`:
 * `./../../node_modules/...`.
 *
 * @see https://cdk8s.io/docs/latest/cli/synth/#validations
 */
export class StatefulValidation {
  private readonly props: StatefulValidationProps;

  constructor(props: StatefulValidationProps = {}) {
    this.props = props;
  }

  /**
   * Reports every error as a violation.
   *
   * @throws if there is nothing to compare with, or it cannot be read
   */
  public validate(context: ValidationContext): Promise<void> {
    const errors = this.findings(Manifests.readFiles(context.manifests, commonFolder(context.manifests))).filter(
      ({ level }) => level === FindingLevel.ERROR,
    );
    for (const finding of errors) {
      context.report.addViolation({
        ruleName: finding.rule,
        recommendation: finding.reason,
        fix: finding.remedy,
        violatingResources: [
          {
            // The CLI finds the construct by the name alone.
            resourceName: finding.resource.split('/').at(-1) ?? '',
            locations: [finding.field ?? 'metadata.name'],
            manifestPath: finding.file ?? '',
          },
        ],
      });
    }
    context.report.submit(errors.length > 0 ? 'failure' : 'success');
    return Promise.resolve();
  }

  private findings(manifests: Manifests): Finding[] {
    if (this.props.previous !== undefined) return Review._of(Manifests.read(this.props.previous), manifests).findings;
    const lockFile = this.props.lockFile ?? findLockFileOfCommand();
    if (!lockExists(lockFile)) {
      throw new Error(
        `${lockFile} is missing: create it with a StatefulApp, or set 'previous' in the plugin's properties to the manifests to compare with`,
      );
    }
    if (manifests.hasTwins(() => '')) {
      throw new Error(
        "several manifests define the same StatefulSet, as those of several environments do: synthesize one environment at a time, or set 'previous' in the plugin's properties",
      );
    }
    const lock = readLock(lockFile);
    const code = new Map([
      [this.checkedEnvironment(lock, lockFile), { systems: readSets(manifests), retirements: [] }],
    ]);
    const files = new Map(manifests.all().map((manifest) => [resourceId(manifest), manifest.file]));
    return checkLock(lock, code, false).findings.map((finding) => ({
      ...finding,
      file: files.get(finding.resource) ?? lockFile,
    }));
  }

  private checkedEnvironment(lock: LockContent, lockFile: string): string {
    const { environment = NO_ENVIRONMENT } = this.props;
    const names = [...lock.keys()].filter((name) => name !== NO_ENVIRONMENT);
    if (names.length > 0 ? names.includes(environment) : environment === NO_ENVIRONMENT) return environment;
    const allowed =
      names.length > 0
        ? `be one of the environments in ${lockFile}, ${names.map((name) => `'${name}'`).join(', ')}`
        : `not be set, as ${lockFile} has no environments`;
    throw new Error(
      `environment in the plugin's properties must ${allowed}; got ${environment === NO_ENVIRONMENT ? 'none' : `'${environment}'`}`,
    );
  }
}

/** The output folder, as far as the files tell. */
function commonFolder(files: readonly string[]): string {
  const [first = [], ...others] = files.map((file) => dirname(resolve(file)).split(sep));
  const length = first.findIndex((part, place) => others.some((folder) => folder[place] !== part));
  return (length < 0 ? first : first.slice(0, length)).join(sep) || sep;
}
