import { isSameSource, withoutDigest } from '../facts/password-sources';
import { isOwn, SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { noted, SetRule, warned } from './set-rule';

/** Below this a database is killed while it still writes out what it has in memory. */
const SHORT_GRACE_PERIOD = 10;

/** Passwords: a database keeps those that it was made with. */
export const credentials: SetRule = (before, after) => Object.keys(before.credentials).flatMap((use): Finding[] => {
  const [old, now] = [before.credentials[use], after.credentials[use]];
  if (before.storage === 'none' || now === undefined || isSameSource(old, now)) return [];
  const own = isOwn(before);
  return [warned(before, {
    rule: 'credentials-changed',
    field: use,
    before: withoutDigest(old),
    after: withoutDigest(now),
    reason: own
      ? 'the pods restart one by one, from the last to 0: a replica that has another password than the primary is refused, and the restart stands still'
      : 'most databases take a password from here only when their data is made; afterwards they keep the one they have',
    remedy: own ? 'make the new Secret with the passwords of the former one before this is applied, and change them there afterwards: the database then follows' : 'see that the new one has the same password, or change it in the database as well',
  })];
});

/** Scripts that ran when the data was made. */
export const initScripts: SetRule = (before, after) => {
  if (before.initScripts === after.initScripts || before.storage === 'none') return [];
  return [noted(before, {
    rule: 'init-scripts-changed',
    reason: 'they ran when the data was made, and run no more: the database stays as it is',
    remedy: 'make the same change in the database by hand or by your migrations',
  })];
};

/** How long a database may take to stop. */
export const gracePeriod: SetRule = (before, after) => {
  if (after.gracePeriod >= SHORT_GRACE_PERIOD || before.gracePeriod <= after.gracePeriod || before.storage === 'none') return [];
  return [warned(before, {
    rule: 'grace-period-lowered',
    field: 'terminationGracePeriodSeconds',
    before: String(before.gracePeriod),
    after: String(after.gracePeriod),
    reason: 'the database is killed before it has written out what it has in memory: each start is a recovery after a crash',
    remedy: `restore ${before.gracePeriod}`,
  })];
};

/** Anything else in the pods' template. */
export const restart: SetRule = (before, after) => {
  if (before.podTemplate === after.podTemplate || before.storage === 'none') return [];
  return [noted(before, {
    rule: 'rolling-restart',
    field: 'spec.template',
    ...rolloutText(after),
  })];
};

/** What a changed template does to the pods. */
export function rolloutText({ isOnDelete }: SetFacts): Pick<Finding, 'reason' | 'remedy'> {
  return isOnDelete
    ? { reason: 'the pods stay as they are until somebody deletes them (updateStrategy OnDelete)', remedy: 'delete them one by one, each after the former is ready again' }
    : { reason: 'the pods restart one by one, from the last to 0, each after the one above is ready', remedy: 'nothing to do; the pod at 0 is away while it restarts' };
}
