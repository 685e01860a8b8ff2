import { isEqual } from '../../values/json';
import { abbreviate, pvcNames, SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { refused } from './set-rule';

/**
 * StatefulSets that were removed, renamed, or moved to another namespace. Each leaves its data behind.
 *
 * @param missing sets that existed before and no longer do
 * @param added sets that did not exist before
 */
export function missingSets(missing: SetFacts[], added: SetFacts[]): Finding[] {
  return missing.filter((set) => set.storage !== 'none').map((set) => {
    const moved = added.find((other) => other.name === set.name);
    const renamed = added.find((other) => namespaceOrDefault(other) === namespaceOrDefault(set) && looksLike(set, other));
    if (moved !== undefined) {
      return refused(set, {
        rule: 'set-moved',
        field: 'metadata.namespace',
        before: namespaceOrDefault(set),
        after: namespaceOrDefault(moved),
        reason: `PVCs do not move between namespaces: it starts empty there and leaves behind ${describeKeptClaims(set)}`,
        remedy: `restore the namespace '${namespaceOrDefault(set)}'; or create a new StatefulSet there, migrate the data, then retire this one`,
      });
    }
    if (renamed !== undefined) {
      return refused(set, {
        rule: 'set-renamed',
        field: 'metadata.name',
        before: set.name,
        after: renamed.name,
        reason: `PVCs are named after the StatefulSet: '${renamed.name}' starts empty and leaves behind ${describeKeptClaims(set)}`,
        remedy: `restore the name '${set.name}'; or keep both, migrate the data, then retire this one`,
      });
    }
    return refused(set, {
      rule: 'set-removed',
      reason: `the database is deleted with it, ${set.whenDeleted === 'Delete' || set.storage === 'ephemeral' ? 'and its data too' : `leaving behind ${describeKeptClaims(set)}`}`,
      remedy: 'restore it; if the removal is intended, declare a RetiredSystem in its place (with a StatefulApp), or decide what happens to its volumes',
    });
  });
}

function looksLike(set: SetFacts, other: SetFacts): boolean {
  return isEqual(Object.keys(set.claims).sort(), Object.keys(other.claims).sort())
    && set.storage === other.storage
    && (set.image === other.image || (set.engine !== undefined && set.engine === other.engine));
}

function namespaceOrDefault(set: SetFacts): string {
  return set.namespace ?? 'default';
}

function describeKeptClaims(set: SetFacts): string {
  const claims = pvcNames(set, 0, set.replicas);
  return claims.length === 0 ? 'none of its data' : abbreviate(claims);
}
