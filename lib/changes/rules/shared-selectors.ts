import { at, canonicalJson, stringMapAt } from '../../values/json';
import { Manifest, Manifests, resourceId } from '../facts/manifests';
import { Finding, FindingLevel } from '../finding';

/**
 * StatefulSets with the same selector, such as two kustomize instances of one base in a namespace. The controller tells
 * their pods apart by name; Services and PodDisruptionBudgets that use the same labels do not.
 */
export function sharedSelectors(before: Manifests, after: Manifests): Finding[] {
  const former = new Set(pairsWithOneSelector(before).map(describePair));
  return pairsWithOneSelector(after)
    .filter((pair) => !former.has(describePair(pair)))
    .map(([set, other]) => ({
      rule: 'selector-shared',
      level: FindingLevel.WARNING,
      resource: resourceId(other),
      field: 'spec.selector',
      after: Object.entries(stringMapAt(other.object, 'spec', 'selector', 'matchLabels'))
        .map(([label, value]) => `${label}=${value}`)
        .join(','),
      reason: `it also selects the pods of '${set.name}': a Service or PodDisruptionBudget with the same labels mixes the two`,
      remedy:
        'give each its own label before the first apply, as selectors are immutable: with kustomize, labels with includeSelectors and another value',
    }));
}

type Pair = readonly [Manifest, Manifest];

function pairsWithOneSelector(manifests: Manifests): Pair[] {
  const bySelector = new Map<string, Manifest[]>();
  for (const set of manifests.ofKind('StatefulSet')) {
    const selector = canonicalJson(at(set.object, 'spec', 'selector'));
    const key = `${set.namespace ?? 'default'} ${selector}`;
    if (Object.keys(stringMapAt(set.object, 'spec', 'selector', 'matchLabels')).length > 0)
      bySelector.set(key, [...(bySelector.get(key) ?? []), set]);
  }
  return [...bySelector.values()].flatMap(([first, ...others]) => others.map((other): Pair => [first, other]));
}

function describePair(pair: Pair): string {
  return pair.map(resourceId).sort().join(' ');
}
