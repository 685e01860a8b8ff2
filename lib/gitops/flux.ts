import { IConstruct } from 'constructs';
import { FLUX_PRUNE } from '../values/deployment-tools';
import { annotate, checkConstruct } from './private/annotations';

/**
 * What Flux is told about objects by their annotations: whether it may remove them, and whether it may replace `${...}`
 * in them.
 *
 * Nothing is annotated unless asked for. The volumes' claims need no annotation: Flux does not manage them, whatever it
 * removes.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
 */
export class Flux {
  /**
   * Of a database, that is, of all objects that belong to it; or of any other construct, a chart say.
   *
   * @param scope the construct, with all its objects in it already: those that are added later are not annotated
   * @throws if it is no construct
   */
  public static of(scope: IConstruct): Flux {
    return new Flux(checkConstruct(scope));
  }

  private constructor(private readonly scope: IConstruct) {}

  /**
   * Flux never removes the objects: not when they are no longer in the repository, and not together with their
   * Kustomization. Anyone who means it deletes them by hand. Flux goes by the annotation in the cluster: it must have
   * been applied once before it protects.
   *
   * @throws if there are no objects
   */
  public preventDeletion(): void {
    annotate(this.scope, FLUX_PRUNE, () => 'disabled');
  }

  /**
   * Flux replaces no `${...}` in the objects. A Kustomization with `postBuild` needs it: else Flux takes the shell of a
   * database's ConfigMap for its own variables, and refuses to apply it (`bad substitution`).
   *
   * @throws if there are no objects
   */
  public disableSubstitution(): void {
    annotate(this.scope, 'kustomize.toolkit.fluxcd.io/substitute', () => 'disabled');
  }
}
