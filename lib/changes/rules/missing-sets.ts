import { Finding } from '../finding';
import { same } from '../../values/json';
import { claimNamesOf, inShort, SetFacts } from '../facts/set-facts';
import { refused } from './rule';

/**
 * Sets that are gone: removed, renamed, or moved to another namespace. Each leaves its data behind.
 *
 * @param missing sets that were there, with data, and are not
 * @param added sets that were not there
 */
export function missingSets(missing: SetFacts[], added: SetFacts[]): Finding[] {
  return missing.filter((set) => set.storage !== 'none').map((set) => {
    const moved = added.find((other) => other.name === set.name);
    const renamed = added.find((other) => namespaceOf(other) === namespaceOf(set) && looksLike(set, other));
    if (moved !== undefined) {
      return refused(set, {
        rule: 'set-moved',
        field: 'metadata.namespace',
        before: namespaceOf(set),
        after: namespaceOf(moved),
        reason: `claims do not move between namespaces: it starts blank there, beside ${whatStays(set)}`,
        remedy: `restore the namespace '${namespaceOf(set)}'; or make a second set there, bring the data over, and retire this one`,
      });
    }
    if (renamed !== undefined) {
      return refused(set, {
        rule: 'set-renamed',
        field: 'metadata.name',
        before: set.name,
        after: renamed.name,
        reason: `claims are named by the set: '${renamed.name}' starts blank beside ${whatStays(set)}`,
        remedy: `restore the name '${set.name}'; or keep both, bring the data over, and retire this one`,
      });
    }
    return refused(set, {
      rule: 'set-removed',
      reason: `the database is deleted with it; ${set.whenDeleted === 'Delete' || set.storage === 'ephemeral' ? 'its data too' : `what stays is ${whatStays(set)}`}`,
      remedy: 'restore it; if it is meant, retire it (RetiredSystem, in the code of a StatefulApp) or see what becomes of its volumes',
    });
  });
}

function looksLike(set: SetFacts, other: SetFacts): boolean {
  return same(Object.keys(set.claims).sort(), Object.keys(other.claims).sort())
    && set.storage === other.storage
    && (set.image === other.image || (set.engine !== undefined && set.engine === other.engine));
}

function namespaceOf(set: SetFacts): string {
  return set.namespace ?? 'default';
}

function whatStays(set: SetFacts): string {
  const claims = claimNamesOf(set, 0, set.replicas);
  return claims.length === 0 ? 'nothing of its data' : inShort(claims);
}
