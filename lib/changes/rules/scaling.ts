import { abbreviate, isOwn, pvcNames } from '../facts/set-facts';
import { Finding } from '../finding';
import { noted, refused, SetRule, warned } from './set-rule';

/** More or fewer pods, and what happens to their volumes. */
export const scaling: SetRule = (before, after) => {
  const change = { field: 'spec.replicas', before: String(before.replicas), after: String(after.replicas) };
  if (before.storage === 'none' || after.replicas === before.replicas) return [];
  if (after.replicas > before.replicas) {
    return [
      noted(before, {
        rule: 'replicas-raised',
        ...change,
        reason: isOwn(before)
          ? 'each new pod copies its data from the ordinal below it'
          : 'new pods start with their own, empty volumes',
        remedy: 'nothing to do; a volume that was kept by an earlier scale-down is reused',
      }),
    ];
  }
  const claims = pvcNames(before, after.replicas, before.replicas);
  if (before.storage === 'ephemeral' && after.replicas < 2) {
    return [
      refused(before, {
        rule: 'only-copy-deleted',
        ...change,
        reason: 'without volumes only the other pods can restore the data of a lost one',
        remedy: 'keep at least 2, or migrate the data to a StatefulSet with volumes first',
      }),
    ];
  }
  if (
    claims.length > 0 &&
    (before.whenScaled === 'Delete' || after.whenScaled === 'Delete') &&
    (!isOwn(before) || after.replicas < 1)
  ) {
    return [
      refused(before, {
        rule: 'volumes-deleted-by-scaling',
        ...change,
        reason: `persistentVolumeClaimRetentionPolicy.whenScaled is Delete: ${abbreviate(claims)} and their data are deleted with the pods`,
        remedy: 'set whenScaled to Retain, apply that, and scale afterwards; or migrate their data first',
      }),
    ];
  }
  if (after.replicas === 0) {
    return [
      warned(before, {
        rule: 'scaled-to-zero',
        ...change,
        reason: 'no pod serves the data any more',
        remedy: 'nothing to do if that is intended: the volumes are kept',
      }),
    ];
  }
  const areKept = claims.length > 0 && after.whenScaled !== 'Delete';
  const fate =
    claims.length === 0 ? 'they have no volumes' : `${areKept ? 'kept' : 'deleted with them'}: ${abbreviate(claims)}`;
  return [
    noted(before, {
      rule: 'replicas-lowered',
      ...change,
      reason: `the highest ordinals are removed first; ${fate}`,
      remedy: areKept
        ? 'nothing to do; kept volumes are reused when the set is scaled up again'
        : `nothing to do; pods that are added later ${isOwn(before) ? 'copy their data again' : 'start empty'}`,
    }),
  ];
};

/** What happens to the volumes when the set is deleted or scaled down. */
export const retention: SetRule = (before, after) =>
  (['whenDeleted', 'whenScaled'] as const).flatMap((field): Finding[] => {
    if (before[field] !== 'Retain' || after[field] === 'Retain' || before.storage !== 'volumes') return [];
    return [
      warned(before, {
        rule: 'retention-changed',
        field: `spec.persistentVolumeClaimRetentionPolicy.${field}`,
        before: before[field],
        after: after[field],
        reason:
          field === 'whenDeleted'
            ? 'from now on, deleting the StatefulSet deletes all its volumes and their data'
            : 'from now on, scaling down deletes the volumes of the removed pods and their data',
        remedy: 'keep Retain unless that is intended',
      }),
    ];
  });
