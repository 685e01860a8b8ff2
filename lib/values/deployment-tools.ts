// Annotations by which tools that apply manifests are told what to do with an object.

/** Options of Argo CD when it applies or removes an object: `Prune=false`, and others, with commas between them. */
export const ARGO_CD_SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';

/** Options of Argo CD when it compares an object with the repository. */
const ARGO_CD_COMPARE_OPTIONS = 'argocd.argoproj.io/compare-options';

/** `disabled`: Flux does not remove it. */
export const FLUX_PRUNE = 'kustomize.toolkit.fluxcd.io/prune';

/** `keep`: Helm does not remove it. */
export const HELM_RESOURCE_POLICY = 'helm.sh/resource-policy';

/** The options in an annotation of Argo CD. */
export function optionsIn(annotation = ''): string[] {
  return annotation
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');
}

/**
 * Annotations with which no tool removes an object that is no longer in the repository, and with which Argo CD says
 * that all is synced though it is left over.
 *
 * @param annotations what the object says otherwise
 */
export function withoutPruning(annotations: { readonly [key: string]: string } = {}): { [key: string]: string } {
  const others = optionsIn(annotations[ARGO_CD_SYNC_OPTIONS]).filter((option) => !option.startsWith('Prune='));
  const compared = optionsIn(annotations[ARGO_CD_COMPARE_OPTIONS]);
  return {
    ...annotations,
    [ARGO_CD_SYNC_OPTIONS]: [...others, 'Prune=false'].join(','),
    [ARGO_CD_COMPARE_OPTIONS]: [...new Set([...compared, 'IgnoreExtraneous'])].join(','),
    [FLUX_PRUNE]: 'disabled',
    [HELM_RESOURCE_POLICY]: 'keep',
  };
}
