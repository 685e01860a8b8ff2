import { isEqual } from '../../values/json';
import { abbreviate, pvcNames, SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { storeFolder } from './backups';
import { refused } from './set-rule';

/**
 * StatefulSets that were removed, renamed, or moved to another namespace. Each leaves its data behind.
 *
 * @param missing sets that existed before and no longer do
 * @param added sets that did not exist before
 */
export function missingSets(missing: SetFacts[], added: SetFacts[]): Finding[] {
  return missing
    .filter((set) => set.storage !== 'none')
    .map((set) => {
      const moved = added.find((other) => other.name === set.name);
      const renamed = added.find(
        (other) => namespaceOrDefault(other) === namespaceOrDefault(set) && looksLike(set, other),
      );
      if (moved !== undefined) {
        return refused(set, {
          rule: 'set-moved',
          field: 'metadata.namespace',
          before: namespaceOrDefault(set),
          after: namespaceOrDefault(moved),
          reason: `PVCs do not move between namespaces: it starts empty there and leaves behind ${describeKeptClaims(set)}${describeLeftBackups(set)}`,
          remedy: `restore the namespace '${namespaceOrDefault(set)}'; or create a new StatefulSet there, ${describeMigration(set)}, then retire this one`,
        });
      }
      if (renamed !== undefined) {
        return refused(set, {
          rule: 'set-renamed',
          field: 'metadata.name',
          before: set.name,
          after: renamed.name,
          reason: `PVCs are named after the StatefulSet: '${renamed.name}' starts empty and leaves behind ${describeKeptClaims(set)}${describeLeftBackups(set)}`,
          remedy: `restore the name '${set.name}'; or keep both, ${describeMigration(set)}, then retire this one`,
        });
      }
      return refused(set, {
        rule: 'set-removed',
        reason:
          `the database is deleted with it, ${set.whenDeleted === 'Delete' || set.storage === 'ephemeral' ? 'and its data too' : `leaving behind ${describeKeptClaims(set)}`}` +
          describeLeftBackups(set),
        remedy:
          'restore it; if the removal is intended, declare a RetiredSystem in its place (with a StatefulApp), or decide what happens to its volumes',
      });
    });
}

function looksLike(set: SetFacts, other: SetFacts): boolean {
  return (
    isEqual(Object.keys(set.claims).sort(), Object.keys(other.claims).sort()) &&
    set.storage === other.storage &&
    (set.image === other.image || (set.engine !== undefined && set.engine === other.engine))
  );
}

function namespaceOrDefault(set: SetFacts): string {
  return set.namespace ?? 'default';
}

function describeKeptClaims(set: SetFacts): string {
  const claims = pvcNames(set, 0, set.replicas);
  return claims.length === 0 ? 'none of its data' : abbreviate(claims);
}

/** They are in a folder of the set's namespace and name, where no other set looks. */
function describeLeftBackups(set: SetFacts): string {
  return set.backup === undefined
    ? ''
    : `; its backups stay in the store, in folder ${storeFolder(set)}, and nothing deletes them any more`;
}

function describeMigration(set: SetFacts): string {
  if (set.backup === undefined) return 'migrate the data';
  return `migrate the data, or have it begin with the backups (restoreFrom: RestorePoint.latest(store, { name: '${set.name}', namespaceName: '${namespaceOrDefault(set)}' }))`;
}
