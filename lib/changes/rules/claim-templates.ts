import { canonicalJson, isEqual } from '../../values/json';
import { parseQuantity } from '../../values/quantity';
import { ClaimFacts } from '../facts/claims';
import { SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { refused, SetRule, warned } from './set-rule';

const REFUSED = "Kubernetes refuses to change a StatefulSet's claim templates";
const NEW_SET = 'or make a second set beside this one, bring the data over, and retire this one';

/** The templates that a pod's volumes are claimed by. */
export const claimTemplates: SetRule = (before, after) => {
  const removed = Object.keys(before.claims).filter((name) => !(name in after.claims));
  const added = Object.keys(after.claims).filter((name) => !(name in before.claims));
  const findings: Finding[] = [];
  for (const name of removed) {
    const heir = added.find((other) => isEqual(after.claims[other].mounts, before.claims[name].mounts));
    if (heir !== undefined) added.splice(added.indexOf(heir), 1);
    findings.push(heir === undefined ? gone(before, name, after) : renamed(before, name, heir));
  }
  findings.push(...added.map((name) => refused(before, {
    rule: 'claim-template-added',
    field: templateField(name),
    after: sizeAndClass(after.claims[name]),
    reason: `${REFUSED}; pods would start with a blank volume at ${after.claims[name].mounts.join(', ') || 'no path'}`,
    remedy: `leave it out, ${NEW_SET}`,
  })));
  const kept = Object.keys(before.claims).filter((name) => name in after.claims);
  return [...findings, ...kept.flatMap((name) => changed(before, name, before.claims[name], after.claims[name]))];
};

function gone(set: SetFacts, name: string, after: SetFacts): Finding {
  const ephemeral = Object.keys(after.claims).length === 0;
  return refused(set, {
    rule: 'claim-template-removed',
    field: templateField(name),
    before: sizeAndClass(set.claims[name]),
    reason: `${REFUSED}; the pods would start ${ephemeral ? 'without volumes' : 'without that volume'}, and the data stay behind in ${name}-${set.name}-0 and those after it`,
    remedy: `restore it, ${NEW_SET}`,
  });
}

function renamed(set: SetFacts, name: string, heir: string): Finding {
  return refused(set, {
    rule: 'claim-renamed',
    field: 'spec.volumeClaimTemplates',
    before: name,
    after: heir,
    reason: `${REFUSED}; and the pods would claim blank volumes (${heir}-${set.name}-0) beside those that have the data (${name}-${set.name}-0)`,
    remedy: `restore the name '${name}'`,
  });
}

function changed(set: SetFacts, name: string, before: ClaimFacts, after: ClaimFacts): Finding[] {
  const findings: Finding[] = [];
  if (before.storageClassName !== after.storageClassName) {
    findings.push(refused(set, {
      rule: 'storage-class-changed',
      field: `${templateField(name)}.spec.storageClassName`,
      before: before.storageClassName ?? "(the cluster's default)",
      after: after.storageClassName ?? "(the cluster's default)",
      reason: `${REFUSED}, and a volume stays in the class it was made in`,
      remedy: `restore the class, ${NEW_SET}`,
    }));
  }
  const [old, wanted] = [parseQuantity(before.size), parseQuantity(after.size)];
  if (wanted < old) {
    findings.push(refused(set, {
      rule: 'volume-shrunk',
      field: sizeField(name),
      before: before.size,
      after: after.size,
      reason: 'no volume can be made smaller',
      remedy: `restore ${before.size}, ${NEW_SET}`,
    }));
  } else if (wanted > old && after.grows === false) {
    findings.push(refused(set, {
      rule: 'volume-cannot-grow',
      field: sizeField(name),
      before: before.size,
      after: after.size,
      reason: `${REFUSED}, and volumes of class ${after.storageClassName} do not grow (allowVolumeExpansion)`,
      remedy: `restore ${before.size}; let the class allow it, if its storage can; ${NEW_SET}`,
    }));
  } else if (wanted > old) {
    findings.push(warned(set, {
      rule: 'volume-grown',
      field: sizeField(name),
      before: before.size,
      after: after.size,
      reason: `${REFUSED}, but volumes of a class with allowVolumeExpansion grow by their claims`,
      remedy: `before it is applied: grow the claims (${name}-${set.name}-0 and those after it), then 'kubectl delete statefulset ${set.name} --cascade=orphan', then apply; the plan has each step`,
    }));
  } else if (Number.isNaN(wanted) && before.size !== after.size) {
    findings.push(refused(set, {
      rule: 'claim-template-changed',
      field: sizeField(name),
      before: before.size,
      after: after.size || '(none)',
      reason: `${REFUSED}; and that is no size`,
      remedy: `restore ${before.size}`,
    }));
  }
  const [oldRest, newRest] = [{ accessModes: before.accessModes, ...before.rest }, { accessModes: after.accessModes, ...after.rest }];
  if (!isEqual(oldRest, newRest)) {
    findings.push(refused(set, {
      rule: 'claim-template-changed',
      field: templateField(name),
      before: canonicalJson(oldRest),
      after: canonicalJson(newRest),
      reason: REFUSED,
      remedy: 'restore it; labels and annotations can be put on the claims themselves',
    }));
  }
  return findings;
}

function templateField(name: string): string {
  return `spec.volumeClaimTemplates[${name}]`;
}

function sizeField(name: string): string {
  return `${templateField(name)}.spec.resources.requests.storage`;
}

function sizeAndClass(claim: ClaimFacts): string {
  return [claim.size, ...claim.storageClassName === undefined ? [] : [claim.storageClassName]].join(' of ');
}
