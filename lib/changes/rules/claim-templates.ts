import { canonicalJson, isEqual } from '../../values/json';
import { parseQuantity } from '../../values/quantity';
import { ClaimFacts } from '../facts/claims';
import { SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { refused, SetRule, warned } from './set-rule';

const IMMUTABLE = "Kubernetes does not allow a StatefulSet's volumeClaimTemplates to change";
const NEW_SET = 'or create a new StatefulSet alongside, migrate the data, then retire this one';

/** The templates of the pods' PersistentVolumeClaims. */
export const claimTemplates: SetRule = (before, after) => {
  const removed = Object.keys(before.claims).filter((name) => !(name in after.claims));
  const added = Object.keys(after.claims).filter((name) => !(name in before.claims));
  const findings: Finding[] = [];
  for (const name of removed) {
    const successor = added.find((other) => isEqual(after.claims[other].mounts, before.claims[name].mounts));
    if (successor !== undefined) added.splice(added.indexOf(successor), 1);
    findings.push(successor === undefined ? gone(before, name, after) : renamed(before, name, successor));
  }
  findings.push(
    ...added.map((name) =>
      refused(before, {
        rule: 'claim-template-added',
        field: templateField(name),
        after: sizeAndClass(after.claims[name]),
        reason: `${IMMUTABLE}; pods would start with an empty volume at ${after.claims[name].mounts.join(', ') || 'no path'}`,
        remedy: `remove the template, ${NEW_SET}`,
      }),
    ),
  );
  const kept = Object.keys(before.claims).filter((name) => name in after.claims);
  return [...findings, ...kept.flatMap((name) => changed(before, name, before.claims[name], after.claims[name]))];
};

function gone(set: SetFacts, name: string, after: SetFacts): Finding {
  const ephemeral = Object.keys(after.claims).length === 0;
  return refused(set, {
    rule: 'claim-template-removed',
    field: templateField(name),
    before: sizeAndClass(set.claims[name]),
    reason: `${IMMUTABLE}; pods would start without ${ephemeral ? 'volumes' : 'that volume'}, and the data would stay behind in PVC ${name}-${set.name}-0 and those after it`,
    remedy: `restore it, ${NEW_SET}`,
  });
}

function renamed(set: SetFacts, name: string, successor: string): Finding {
  return refused(set, {
    rule: 'claim-renamed',
    field: 'spec.volumeClaimTemplates',
    before: name,
    after: successor,
    reason: `${IMMUTABLE}; pods would claim empty volumes (PVC ${successor}-${set.name}-0) instead of those that hold the data (PVC ${name}-${set.name}-0)`,
    remedy: `restore the name '${name}'`,
  });
}

function changed(set: SetFacts, name: string, before: ClaimFacts, after: ClaimFacts): Finding[] {
  return [
    ...classChanged(set, name, before, after),
    ...sizeChanged(set, name, before, after),
    ...otherFieldsChanged(set, name, before, after),
  ];
}

function classChanged(set: SetFacts, name: string, before: ClaimFacts, after: ClaimFacts): Finding[] {
  if (before.storageClassName === after.storageClassName) return [];
  return [
    refused(set, {
      rule: 'storage-class-changed',
      field: `${templateField(name)}.spec.storageClassName`,
      before: before.storageClassName ?? "(the cluster's default)",
      after: after.storageClassName ?? "(the cluster's default)",
      reason: `${IMMUTABLE}, and an existing volume stays in the class it was created in`,
      remedy: `restore the class, ${NEW_SET}`,
    }),
  ];
}

function sizeChanged(set: SetFacts, name: string, before: ClaimFacts, after: ClaimFacts): Finding[] {
  const [old, wanted] = [parseQuantity(before.size), parseQuantity(after.size)];
  const change = {
    field: `${templateField(name)}.spec.resources.requests.storage`,
    before: before.size,
    after: after.size,
  };
  if (wanted < old) {
    return [
      refused(set, {
        rule: 'volume-shrunk',
        ...change,
        reason: 'volumes cannot shrink',
        remedy: `restore ${before.size}, ${NEW_SET}`,
      }),
    ];
  }
  if (wanted > old && after.grows === false) {
    return [
      refused(set, {
        rule: 'volume-cannot-grow',
        ...change,
        reason: `${IMMUTABLE}, and StorageClass ${after.storageClassName} does not allow volume expansion (allowVolumeExpansion)`,
        remedy: `restore ${before.size}; or enable allowVolumeExpansion, if the storage supports it; ${NEW_SET}`,
      }),
    ];
  }
  if (wanted > old) {
    return [
      warned(set, {
        rule: 'volume-grown',
        ...change,
        reason: `${IMMUTABLE}, but volumes of a class with allowVolumeExpansion can be expanded through their PVCs`,
        remedy: `before applying: expand the PVCs (${name}-${set.name}-0 and those after it), run 'kubectl delete statefulset ${set.name} --cascade=orphan', then apply; the plan script does each step`,
      }),
    ];
  }
  if (!Number.isNaN(wanted) || before.size === after.size) return [];
  return [
    refused(set, {
      rule: 'claim-template-changed',
      ...change,
      after: after.size || '(none)',
      reason: `${IMMUTABLE}, and '${after.size}' is not a valid quantity`,
      remedy: `restore ${before.size}`,
    }),
  ];
}

function otherFieldsChanged(set: SetFacts, name: string, before: ClaimFacts, after: ClaimFacts): Finding[] {
  const [old, wanted] = [before, after].map(({ accessModes, rest }) => ({ accessModes, ...rest }));
  if (isEqual(old, wanted)) return [];
  return [
    refused(set, {
      rule: 'claim-template-changed',
      field: templateField(name),
      before: canonicalJson(old),
      after: canonicalJson(wanted),
      reason: IMMUTABLE,
      remedy: 'restore it; labels and annotations can be set on the PVCs directly',
    }),
  ];
}

function templateField(name: string): string {
  return `spec.volumeClaimTemplates[${name}]`;
}

function sizeAndClass(claim: ClaimFacts): string {
  return [claim.size, ...(claim.storageClassName === undefined ? [] : [claim.storageClassName])].join(' of ');
}
