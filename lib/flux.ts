import { IConstruct } from 'constructs';
import { annotate } from './private/annotations';

/**
 * What Flux is told about objects by their annotations.
 *
 * Nothing is annotated unless asked for. Flux goes by the annotations in the cluster, so they must have been applied once before they
 * protect. The volumes' claims need none: Flux does not manage them, whatever it removes.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 */
export class Flux {
  /**
   * Of a database, that is, of all objects that belong to it; or of any other construct, a chart say.
   *
   * @param scope the construct, with all its objects in it already: those that are added later are not annotated
   */
  public static of(scope: IConstruct): Flux {
    return new Flux(scope);
  }

  private constructor(private readonly scope: IConstruct) {}

  /**
   * Flux never removes the objects: not when they are no longer in the repository, and not together with their Kustomization. Whoever
   * means it deletes them by hand.
   *
   * @throws if there are no objects
   */
  public keep(): void {
    annotate(this.scope, 'kustomize.toolkit.fluxcd.io/prune', () => 'disabled');
  }
}
