import { ApiObject, App, AppProps, YamlOutputType } from 'cdk8s';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Environment } from '../../core/environment';
import { checkFlag, checkObject, checkText } from '../../values/checks';
import { Manifests } from '../facts/manifests';
import { readSets } from '../facts/set-facts';
import { Finding, FindingLevel } from '../finding';
import { findingLine } from '../finding-formats';
import { growPlans, Plan, writePlans } from '../plans/grow-plan';
import { checkLock, EnvironmentCode, LockChange } from './lock-check';
import { findLockFile, lockExists, readLock, writeLock } from './lock-file';
import { LockContent, NO_ENVIRONMENT, NOTHING_LOCKED } from './lock-format';
import { refusal } from './refusal';
import { RetiredSystem } from './retired-system';

/**
 * Props of a `StatefulApp`.
 */
export interface StatefulAppProps extends AppProps {
  /**
   * The environment that this app builds, such as `dev` or `prod`, if the same code builds several: one app each, or
   * one run each with another value. Systems of the same name in two environments are different systems, and the lock
   * keeps each environment by itself.
   *
   * An app that builds several environments at once has an `Environment` for each instead.
   *
   * @default - the app answers for everything in the lock, whatever environment it is in
   */
  readonly environment?: string;

  /**
   * Path of the lock file. Environments can share one.
   *
   * @default - `stateful.lock.json` next to the `cdk8s.yaml` of the project
   */
  readonly lockFile?: string;

  /**
   * Whether synth fails if it would change the lock, like `npm ci`: then a pipeline synthesizes exactly what was
   * reviewed.
   *
   * @default - true if the environment variable `CI` is set, or `NODE_ENV` is `test`, as a test must not write the lock
   */
  readonly frozen?: boolean;
}

/** The folder next to the lock that plans are written to. */
const PLANS = 'stateful-plans';

/** Kinds that say where data is. To render all objects twice would make a large app slow. */
const KINDS = ['StatefulSet', 'ConfigMap', 'StorageClass'];

/** With these, each chart has files of its own. */
const CHART_FILES = [YamlOutputType.FILE_PER_CHART, YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE];

/** The environment that an app of this process has written, by the path of each output. */
const written = new Map<string, string>();

/**
 * An app that keeps a lock of its stateful systems. `stateful.lock.json`, which is committed, records what must not
 * change while there is data.
 *
 * `synth` adds new systems to it, records changes that keep the data and says what they do, and refuses changes that
 * Kubernetes or the database would refuse, or that would lose data, before it writes anything. It checks all
 * StatefulSets of the app, whatever created them.
 *
 * `cdk8s synth` deletes the output folder before it runs the app; `npx cdk8s-stateful synth` runs it so that the
 * previous manifests stay if synth is refused.
 */
export class StatefulApp extends App {
  /**
   * Path of the lock file.
   */
  public readonly lockFile: string;

  /**
   * The environment that this app builds, if it builds one.
   */
  public readonly environment?: string;

  private readonly frozen: boolean;

  /**
   * @throws if `environment` is not a DNS label
   */
  constructor(props: StatefulAppProps = {}) {
    super(checkObject('props', props));
    this.lockFile = checkText('lockFile', props.lockFile ?? findLockFile());
    this.frozen = checkFlag('frozen', props.frozen ?? (isSet(process.env.CI) || process.env.NODE_ENV === 'test'));
    if (props.environment !== undefined) Environment._assign(this, 'environment', props.environment);
    this.environment = props.environment;
  }

  /**
   * Writes all manifests, and the lock if it changes.
   *
   * @throws if a change is refused, if the lock is frozen and would change, or if two environments would be written to
   * the same files; then nothing is written
   */
  public synth(): void {
    const change = this.checkedChange();
    this.checkOutput();
    super.synth();
    if (change.differences.length > 0) this.writeChange(change);
  }

  /**
   * All manifests as one string. The lock is checked but never written.
   *
   * @throws if a change is refused, if the lock is frozen and would change, or if there are several environments
   */
  public synthYaml(): string {
    this.checkedChange();
    const environments = this.environments();
    if (environments.length > 1) {
      throw refusal(
        `synthYaml must be called on an app of one environment, got ${environments.join(', ')}: one text of all would be applied to one cluster; use synth`,
        this.outdir,
      );
    }
    return super.synthYaml();
  }

  private checkedChange(): LockChange {
    const change = checkLock(this.lock(), this.code(), this.environment === undefined);
    const file = basename(this.lockFile);
    const refusals = change.findings.filter(({ level }) => level === FindingLevel.ERROR);
    if (refusals.length > 0) {
      throw refusal(
        `${file} refuses changes that would lose data:\n${formatFindings(refusals)}\n${this.waysOut(refusals)}`,
        this.outdir,
      );
    }
    if (this.frozen && change.differences.length > 0) {
      const what = lockExists(this.lockFile) ? `${file} is frozen and would change` : `${file} is missing`;
      throw refusal(
        `${what}:\n${change.differences.map((line) => `  ${line}`).join('\n')}\n  Run cdk8s synth where CI is not set, and commit ${file}`,
        this.outdir,
      );
    }
    return change;
  }

  private waysOut(refusals: Finding[]): string {
    const isGone = refusals.some(({ rule }) => ['set-removed', 'set-renamed', 'set-moved'].includes(rule));
    const hint =
      isGone && this.environment === undefined
        ? "  If another app, or another run of this one, defines it for another cluster, set 'environment' of each StatefulApp: they share this lock\n"
        : '';
    return `${hint}  To overrule a refusal, delete the system's entry in ${basename(this.lockFile)}; reviewers see that in the diff`;
  }

  private lock(): LockContent {
    try {
      return readLock(this.lockFile);
    } catch (error) {
      throw refusal((error as Error).message, this.outdir);
    }
  }

  /** What the app defines, by environment. */
  private code(): ReadonlyMap<string, EnvironmentCode> {
    const constructs = this.node.findAll();
    const objects = constructs
      .filter((construct) => ApiObject.isApiObject(construct))
      .filter(({ kind }) => KINDS.includes(kind));
    const retirements = constructs.filter((construct) => construct instanceof RetiredSystem);
    const names = new Set([this.environment ?? NO_ENVIRONMENT, ...[...objects, ...retirements].map(environmentOrNone)]);
    return new Map(
      [...names].map((name): [string, EnvironmentCode] => [
        name,
        {
          systems: readSets(
            Manifests.of(
              objects
                .filter((object) => environmentOrNone(object) === name)
                .map((object) => object.toJson() as unknown),
            ),
          ),
          retirements: retirements
            .filter((retired) => environmentOrNone(retired) === name)
            .map((retired) => ({ name: retired.name, namespace: retired.namespaceName, volumes: retired.volumes })),
        },
      ]),
    );
  }

  /** Whether manifests of one environment would replace those of another, which have the same names. */
  private checkOutput(): void {
    const environments = this.environments();
    const hasChartFiles = CHART_FILES.includes(this.yamlOutputType);
    if (environments.length > 1 && !hasChartFiles) {
      throw refusal(
        `yamlOutputType must be one of ${CHART_FILES.map((type) => `'${type}'`).join(', ')}, got '${this.yamlOutputType}': ` +
          `the others write objects of environments ${environments.join(', ')} to the same files`,
        this.outdir,
      );
    }
    const { environment } = this;
    if (environment === undefined) return;
    const outputs = hasChartFiles ? this.charts.map(({ node }) => join(this.outdir, node.path)) : [this.outdir];
    for (const output of outputs) {
      const other = written.get(resolve(output));
      if (other !== undefined && other !== environment) {
        throw refusal(
          `environments '${other}' and '${environment}' would write the same files in '${this.outdir}': ` +
            `set 'outdir' of each StatefulApp, for example join(process.env.CDK8S_OUTDIR ?? 'dist', '${environment}')`,
          this.outdir,
        );
      }
    }
    outputs.forEach((output) => written.set(resolve(output), environment));
  }

  /** The names of all environments that have charts, as an error lists them. */
  private environments(): string[] {
    return [...new Set(this.charts.map((chart) => Environment.of(chart)))].map((name) =>
      name === undefined ? '(none)' : `'${name}'`,
    );
  }

  /** On standard error, as the cdk8s CLI does not print the standard output of an app. */
  private writeChange({ before, content, findings, differences }: LockChange): void {
    const plans = [...content].flatMap(([name, { systems }]): Plan[] =>
      growPlans((before.get(name) ?? NOTHING_LOCKED).systems, systems, name === NO_ENVIRONMENT ? undefined : name),
    );
    const files = writePlans(join(dirname(this.lockFile), PLANS), plans);
    writeLock(this.lockFile, content);
    console.error(
      `${basename(this.lockFile)} has changed; commit it:\n${differences.map((line) => `  ${line}`).join('\n')}`,
    );
    if (findings.length > 0) console.error(formatFindings(findings));
    for (const file of files)
      console.error(`  plan: bash ${relative(process.cwd(), file)} FILE, where FILE contains the new manifests`);
  }
}

function environmentOrNone(construct: ApiObject | RetiredSystem): string {
  return Environment.of(construct) ?? NO_ENVIRONMENT;
}

function formatFindings(findings: Finding[]): string {
  return findings.map((finding) => `  ${findingLine(finding)}`).join('\n');
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value);
}
