import { ApiObject, App, AppProps } from 'cdk8s';
import { basename, dirname, join, relative } from 'node:path';
import { checkFlag, checkObject, checkText } from '../../values/checks';
import { Manifests } from '../facts/manifests';
import { readSets } from '../facts/set-facts';
import { Finding, FindingLevel } from '../finding';
import { findingLine } from '../finding-formats';
import { growPlans, writePlans } from '../plans/grow-plan';
import { checkLock, LockChange } from './lock-check';
import { findLockFile, lockExists, readLock, writeLock } from './lock-file';
import { refusal } from './refusal';
import { RetiredSystem } from './retired-system';

/**
 * Props of a `StatefulApp`.
 */
export interface StatefulAppProps extends AppProps {
  /**
   * The file of the lock.
   *
   * @default - `stateful.lock.json` beside the `cdk8s.yaml` of the project
   */
  readonly lockFile?: string;

  /**
   * Whether synth fails where it would change the lock, as `npm ci` does: what a pipeline synthesizes is then what was reviewed.
   *
   * @default - whether the environment has `CI`, or `NODE_ENV=test`: a test does not write the lock
   */
  readonly frozen?: boolean;
}

/** The folder beside the lock that plans are written to. */
const PLANS = 'stateful-plans';

/**
 * An app that keeps a lock of its stateful systems: `stateful.lock.json`, to be committed, says what must not change while data is in it.
 *
 * `synth` adds a new system to it, records a change that keeps the data and says what it does, and refuses a change that Kubernetes or the
 * database refuses or that would lose data: before anything is written. The cdk8s command has emptied its output by then: `npx cdk8s-stateful
 * synth` runs it so that the former manifests stay. It looks at all StatefulSets of the app, whoever made them.
 */
export class StatefulApp extends App {
  /**
   * The file of the lock.
   */
  public readonly lockFile: string;

  private readonly frozen: boolean;

  constructor(props: StatefulAppProps = {}) {
    super(checkObject('props', props));
    this.lockFile = checkText('lockFile', props.lockFile ?? findLockFile());
    this.frozen = checkFlag('frozen', props.frozen ?? (isSet(process.env.CI) || process.env.NODE_ENV === 'test'));
  }

  /**
   * Writes all manifests, and the lock if it changes.
   *
   * @throws if a change is refused, or the lock is frozen and would change; nothing is written then
   */
  public synth(): void {
    const change = this.checkedChange();
    super.synth();
    if (change.differences.length > 0) this.writeChange(change);
  }

  /**
   * All manifests as one text. The lock is compared and never written.
   *
   * @throws if a change is refused, or the lock is frozen and would change
   */
  public synthYaml(): string {
    this.checkedChange();
    return super.synthYaml();
  }

  private checkedChange(): LockChange {
    const constructs = this.node.findAll();
    const retirements = constructs.filter((construct) => construct instanceof RetiredSystem)
      .map(({ name, namespaceName, volumes }) => ({ name, namespace: namespaceName, volumes }));
    // Only these say where data is; to render all objects twice would make a large app slow.
    const objects = constructs.filter((construct) => ApiObject.isApiObject(construct)).filter(({ kind }) => ['StatefulSet', 'ConfigMap', 'StorageClass'].includes(kind));
    const systems = readSets(Manifests.of(objects.map((object) => object.toJson() as unknown)));
    const change = checkLock(readLock(this.lockFile), systems, retirements);
    const file = basename(this.lockFile);
    const refusals = change.findings.filter(({ level }) => level === FindingLevel.ERROR);
    if (refusals.length > 0) {
      throw refusal(`${file} refuses changes that would lose data:\n${formatFindings(refusals)}\n  To overrule it, delete the system's entry in ${file}: the diff shows that to whoever reviews it`, this.outdir);
    }
    if (this.frozen && change.differences.length > 0) {
      const what = lockExists(this.lockFile) ? `${file} is frozen and would change` : `${file} is missing`;
      throw refusal(`${what}:\n${change.differences.map((line) => `  ${line}`).join('\n')}\n  Run cdk8s synth where CI is not set, and commit ${file}`, this.outdir);
    }
    return change;
  }

  /** On standard error, since the cdk8s command keeps an app's standard output for itself. */
  private writeChange({ content, findings, differences }: LockChange): void {
    const plans = growPlans(readLock(this.lockFile).systems, content.systems);
    const files = writePlans(join(dirname(this.lockFile), PLANS), plans);
    writeLock(this.lockFile, content);
    console.error(`${basename(this.lockFile)} has changed; commit it:\n${differences.map((line) => `  ${line}`).join('\n')}`);
    if (findings.length > 0) console.error(formatFindings(findings));
    for (const file of files) console.error(`  plan: bash ${relative(process.cwd(), file)} FILE, where FILE has the new manifests`);
  }
}

function formatFindings(findings: Finding[]): string {
  return findings.map((finding) => `  ${findingLine(finding)}`).join('\n');
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value);
}
