import { abbreviate, isOwn, pvcNames } from '../facts/set-facts';
import { Finding } from '../finding';
import { noted, refused, SetRule, warned } from './set-rule';

/** Fewer pods, and what becomes of their volumes; and what becomes of all volumes if the set goes. */
export const scaling: SetRule = (before, after) => {
  const change = { field: 'spec.replicas', before: String(before.replicas), after: String(after.replicas) };
  if (before.storage === 'none' || after.replicas === before.replicas) return [];
  if (after.replicas > before.replicas) {
    return [noted(before, {
      rule: 'replicas-raised',
      ...change,
      reason: isOwn(before) ? 'each new pod copies its data from the one below' : 'new pods start with volumes of their own',
      remedy: 'nothing to do; a volume that was kept from a former scale-down is used again',
    })];
  }
  const claims = pvcNames(before, after.replicas, before.replicas);
  if (before.storage === 'ephemeral' && after.replicas < 2) {
    return [refused(before, {
      rule: 'only-copy-deleted',
      ...change,
      reason: 'without volumes the other pods are all that brings the data of one back',
      remedy: 'keep at least 2, or move the data to a set with volumes first',
    })];
  }
  if (claims.length > 0 && (before.whenScaled === 'Delete' || after.whenScaled === 'Delete') && (!isOwn(before) || after.replicas < 1)) {
    return [refused(before, {
      rule: 'volumes-deleted-by-scaling',
      ...change,
      reason: `persistentVolumeClaimRetentionPolicy.whenScaled is Delete: ${abbreviate(claims)} and what is on them go with the pods`,
      remedy: 'set whenScaled to Retain, apply that, and scale afterwards; or move what is on them first',
    })];
  }
  if (after.replicas === 0) {
    return [warned(before, {
      rule: 'scaled-to-zero',
      ...change,
      reason: 'nobody serves the data any more',
      remedy: 'nothing to do if that is meant: the volumes are kept',
    })];
  }
  const areKept = claims.length > 0 && after.whenScaled !== 'Delete';
  const fate = claims.length === 0 ? 'they have no volumes' : `${areKept ? 'kept' : 'deleted with them'}: ${abbreviate(claims)}`;
  return [noted(before, {
    rule: 'replicas-lowered',
    ...change,
    reason: `the last pods go first; ${fate}`,
    remedy: areKept ? 'nothing to do; kept volumes are used again if there are more pods later' : `nothing to do; pods that are added later ${isOwn(before) ? 'copy their data anew' : 'start blank'}`,
  })];
};

/** What happens to the volumes when pods or the set go. */
export const retention: SetRule = (before, after) => (['whenDeleted', 'whenScaled'] as const).flatMap((field): Finding[] => {
  if (before[field] !== 'Retain' || after[field] === 'Retain' || before.storage !== 'volumes') return [];
  return [warned(before, {
    rule: 'retention-changed',
    field: `spec.persistentVolumeClaimRetentionPolicy.${field}`,
    before: before[field],
    after: after[field],
    reason: field === 'whenDeleted'
      ? 'from now on whoever deletes the StatefulSet deletes all volumes and what is on them'
      : "from now on whoever scales the set down deletes the last pods' volumes and what is on them",
    remedy: 'keep Retain unless that is meant',
  })];
});
