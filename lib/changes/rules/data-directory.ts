import { isOwn } from '../facts/set-facts';
import { Finding } from '../finding';
import { refused, SetRule, warned } from './set-rule';

const APPEND_ONLY = 'appendonly';
/** What images of PostgreSQL before 18 say; this library's scripts name the folder themselves. */
const IMAGE_DEFAULT = '/var/lib/postgresql/data';
const BLANK = 'the database looks where its data is not: it makes a new, blank one, or does not start';

/** Where a database finds its data, and as whom. */
export const dataDirectory: SetRule = (before, after) => [
  ...Object.keys(before.claims).filter((name) => name in after.claims).flatMap((name): Finding[] => {
    const [old, now] = [before.claims[name].mounts, after.claims[name].mounts];
    if (old.length > 0 && now.length === 0) {
      return [refused(before, {
        rule: 'claim-not-mounted',
        field: `volumeMounts[${name}]`,
        before: old.join(', '),
        reason: `the volume is still claimed and nobody uses it: ${BLANK}`,
        remedy: 'mount it where it was',
      })];
    }
    // A place more does no harm.
    if (old.every((path) => now.includes(path))) return [];
    return [refused(before, {
      rule: 'data-directory-changed',
      field: `volumeMounts[${name}]`,
      before: old.join(', '),
      after: now.join(', '),
      reason: BLANK,
      remedy: 'mount it where it was',
    })];
  }),
  ...Object.keys({ ...before.dataSettings, ...after.dataSettings }).flatMap((setting): Finding[] => {
    const [old, now] = [before, after].map((set) => (isOwn(set) && set.dataSettings[setting] === IMAGE_DEFAULT ? undefined : set.dataSettings[setting]));
    if (old === now || before.storage === 'none' || setting === APPEND_ONLY) return [];
    return [refused(before, {
      rule: 'data-directory-changed', field: setting, before: old, after: now, reason: BLANK, remedy: old === undefined ? 'leave it out' : `restore '${old}'`,
    })];
  }),
];

/** Which of its two forms of data Redis reads as it starts. */
export const appendOnly: SetRule = (before, after) => {
  const [old, now] = [before, after].map((set) => set.dataSettings[APPEND_ONLY] ?? 'no');
  if (old === now || before.storage !== 'volumes') return [];
  return [refused(before, {
    rule: 'append-only-changed',
    field: APPEND_ONLY,
    before: old,
    after: now,
    reason: now === 'yes'
      ? 'as it starts the server looks for append-only files, which are not there yet, and not for its snapshot: it starts blank and overwrites it'
      : 'as it starts the server reads its last snapshot and not the append-only files: all that is newer is gone',
    remedy: `restore '${old}'; change it in the running server first (CONFIG SET appendonly ${now}), then here`,
  })];
};

/** Settings that were built into the data when it was made. */
export const layout: SetRule = (before, after) => Object.keys({ ...before.layout, ...after.layout }).flatMap((setting): Finding[] => {
  const [old, now] = [before.layout[setting], after.layout[setting]];
  if (old === now || before.storage === 'none') return [];
  return [refused(before, {
    rule: 'layout-changed',
    field: setting,
    before: old,
    after: now,
    reason: 'it counts only when the data is made: a database that exists stays as it is, or does not start',
    remedy: `${old === undefined ? 'leave it out' : `restore '${old}'`}, or make a second set with it and bring the data over`,
  })];
});

/** The user and group that the files on the volume belong to. */
export const owner: SetRule = (before, after) => (['runAsUser', 'fsGroup'] as const).flatMap((field): Finding[] => {
  const [old, now] = [before[field], after[field]];
  if (old === now || before.storage !== 'volumes') return [];
  return [warned(before, {
    rule: 'owner-changed',
    field: `securityContext.${field}`,
    before: displayId(old),
    after: displayId(now),
    reason: 'the files on the volumes belong to the former one: the database may not be able to read them, and many refuse files of another owner',
    remedy: 'restore it, or see on a copy of the volume that the database starts',
  })];
});

function displayId(id: number | undefined): string {
  return id === undefined ? "(the image's own)" : String(id);
}
