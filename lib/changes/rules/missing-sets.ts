import { isEqual } from '../../values/json';
import { abbreviate, pvcNames, SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { refused } from './set-rule';

/**
 * Sets that are gone: removed, renamed, or moved to another namespace. Each leaves its data behind.
 *
 * @param missing sets that were there, with data, and are not
 * @param added sets that were not there
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
        reason: `claims do not move between namespaces: it starts blank there, beside ${describeKeptClaims(set)}`,
        remedy: `restore the namespace '${namespaceOrDefault(set)}'; or make a second set there, bring the data over, and retire this one`,
      });
    }
    if (renamed !== undefined) {
      return refused(set, {
        rule: 'set-renamed',
        field: 'metadata.name',
        before: set.name,
        after: renamed.name,
        reason: `claims are named by the set: '${renamed.name}' starts blank beside ${describeKeptClaims(set)}`,
        remedy: `restore the name '${set.name}'; or keep both, bring the data over, and retire this one`,
      });
    }
    return refused(set, {
      rule: 'set-removed',
      reason: `the database is deleted with it; ${set.whenDeleted === 'Delete' || set.storage === 'ephemeral' ? 'its data too' : `what stays is ${describeKeptClaims(set)}`}`,
      remedy: 'restore it; if it is meant, retire it (RetiredSystem, in the code of a StatefulApp) or see what becomes of its volumes',
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
  return claims.length === 0 ? 'nothing of its data' : abbreviate(claims);
}
