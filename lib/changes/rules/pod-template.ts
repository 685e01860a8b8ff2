import { isSameSource, withoutDigest } from '../facts/password-sources';
import { isOwn, SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { noted, SetRule, warned } from './set-rule';

/** With less time a database is killed while it still flushes its memory to disk. */
const SHORT_GRACE_PERIOD = 10;

/** Where passwords come from. A database keeps the passwords it was initialised with. */
export const credentials: SetRule = (before, after) =>
  Object.keys(before.credentials).flatMap((use): Finding[] => {
    const [old, now] = [before.credentials[use], after.credentials[use]];
    if (before.storage === 'none' || now === undefined || isSameSource(old, now)) return [];
    const own = isOwn(before);
    return [
      warned(before, {
        rule: 'credentials-changed',
        field: use,
        before: withoutDigest(old),
        after: withoutDigest(now),
        reason: own
          ? 'the pods restart one by one, from the last to 0: the primary refuses a replica that has another password, and the rollout gets stuck'
          : 'most databases read a password from here only when they are initialised, and keep it afterwards',
        remedy: own
          ? 'before applying, create the new Secret with the passwords of the previous one; change them there afterwards, and the database follows'
          : 'make sure that the new source has the same password, or change it in the database as well',
      }),
    ];
  });

/** Scripts that ran when the database was initialised. */
export const initScripts: SetRule = (before, after) => {
  if (before.initScripts === after.initScripts || before.storage === 'none') return [];
  return [
    noted(before, {
      rule: 'init-scripts-changed',
      reason: 'they ran when the database was initialised and do not run again: the database stays as it is',
      remedy: 'make the same change in the database by hand or in your migrations',
    }),
  ];
};

/** How long a database may take to stop. */
export const gracePeriod: SetRule = (before, after) => {
  if (after.gracePeriod >= SHORT_GRACE_PERIOD || before.gracePeriod <= after.gracePeriod || before.storage === 'none')
    return [];
  return [
    warned(before, {
      rule: 'grace-period-lowered',
      field: 'terminationGracePeriodSeconds',
      before: String(before.gracePeriod),
      after: String(after.gracePeriod),
      reason:
        'the database may be killed before it has flushed its memory to disk: every start is then a crash recovery',
      remedy: `restore ${before.gracePeriod}`,
    }),
  ];
};

/** Anything else in the pod template. */
export const restart: SetRule = (before, after) => {
  if (before.podTemplate === after.podTemplate || before.storage === 'none') return [];
  return [
    noted(before, {
      rule: 'rolling-restart',
      field: 'spec.template',
      ...rolloutText(after),
    }),
  ];
};

/** What a changed pod template does to the pods. */
export function rolloutText({ isOnDelete }: SetFacts): Pick<Finding, 'reason' | 'remedy'> {
  return isOnDelete
    ? {
        reason: 'the pods stay as they are until they are deleted (updateStrategy OnDelete)',
        remedy: 'delete them one by one, each after the previous one is ready again',
      }
    : {
        reason: 'the pods restart one by one, from the last to 0, each after the one above is ready',
        remedy: 'nothing to do; the pod at 0 is unavailable while it restarts',
      };
}
