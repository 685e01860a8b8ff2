import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { ARGO_CD_SYNC_OPTIONS, optionsIn } from '../values/deployment-tools';
import { SCRIPTS_LABEL } from '../values/labels';
import { annotate, checkConstruct } from './private/annotations';

const SYNC_WAVE = 'argocd.argoproj.io/sync-wave';

/**
 * What Argo CD is told about objects by their annotations: whether it may remove them, and when it applies them.
 *
 * Nothing is annotated unless asked for. Argo CD goes by the annotations in the cluster, so they must have been synced
 * once before they protect. The volumes' claims need none: Argo CD does not manage them, whatever it removes.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
 */
export class ArgoCd {
  /**
   * Of a database, that is, of all objects that belong to it; or of any other construct, a chart say.
   *
   * @param scope the construct, with all its objects in it already: those that are added later are not annotated
   * @throws if it is no construct
   */
  public static of(scope: IConstruct): ArgoCd {
    return new ArgoCd(checkConstruct(scope));
  }

  private constructor(private readonly scope: IConstruct) {}

  /**
   * Argo CD never removes the objects: not when they are no longer in the repository, and not together with their
   * Application. Anyone who means it deletes them by hand. An Application that lost them shows as out of sync.
   *
   * @throws if there are no objects, or if they say otherwise already
   */
  public preventDeletion(): void {
    this.onRemoval('false');
  }

  /**
   * Argo CD removes the objects only when a person has confirmed it. Argo CD 2.14 or newer; an older one removes them
   * without asking. Scripts of a former version stay without a question, as they always do: pods may need them until
   * they are rolled out.
   *
   * @throws if there are no objects, or if they say otherwise already
   */
  public confirmDeletion(): void {
    this.onRemoval('confirm');
  }

  /**
   * When the objects are applied: lower waves first, and each only when all of the one before is healthy. A StatefulSet
   * is healthy when its pods are ready, so that what comes in a later wave finds the database at work.
   *
   * @param wave a whole number; what has no wave is in wave 0
   * @throws if there are no objects, or if it is no whole number
   */
  public syncWave(wave: number): void {
    if (!Number.isInteger(wave)) {
      throw new Error(`wave must be a whole number, got ${wave}`);
    }
    annotate(this.scope, SYNC_WAVE, () => String(wave));
  }

  private onRemoval(value: string): void {
    annotate(this.scope, ARGO_CD_SYNC_OPTIONS, (present = '', object) => {
      const options =
        object.metadata.getLabel(SCRIPTS_LABEL) === undefined ? withOption(present, 'Prune', value, object) : present;
      return withOption(options, 'Delete', value, object);
    });
  }
}

/** The list with one option more; the others stay as they are. */
function withOption(present: string, name: string, value: string, object: ApiObject): string {
  const wanted = `${name}=${value}`;
  const options = optionsIn(present);
  const contrary = options.find((option) => option.startsWith(`${name}=`) && option !== wanted);
  if (contrary !== undefined) {
    throw new Error(
      `${ARGO_CD_SYNC_OPTIONS} must say one thing about ${name}, got '${contrary}' and '${wanted}' for ${object.kind} '${object.name}': choose one`,
    );
  }
  return options.includes(wanted) ? options.join(',') : [...options, wanted].join(',');
}
