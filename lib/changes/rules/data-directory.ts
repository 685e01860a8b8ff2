import { isOwn } from '../facts/set-facts';
import { Finding } from '../finding';
import { refused, SetRule, warned } from './set-rule';

const APPEND_ONLY = 'appendonly';
/**
 * PGDATA of PostgreSQL's images before 18. This library's scripts set the directory themselves, so it may come and go.
 */
const IMAGE_DEFAULT = '/var/lib/postgresql/data';
const NOT_FOUND = 'the database would not find its data there: it initialises an empty one, or does not start';

/** Where a database finds its data, and as whom. */
export const dataDirectory: SetRule = (before, after) => [
  ...Object.keys(before.claims)
    .filter((name) => name in after.claims)
    .flatMap((name): Finding[] => {
      const [old, now] = [before.claims[name].mounts, after.claims[name].mounts];
      if (old.length > 0 && now.length === 0) {
        return [
          refused(before, {
            rule: 'claim-not-mounted',
            field: `volumeMounts[${name}]`,
            before: old.join(', '),
            reason: `the volume is still claimed but no longer mounted: ${NOT_FOUND}`,
            remedy: 'restore the mount path',
          }),
        ];
      }
      // An additional mount path does no harm.
      if (old.every((path) => now.includes(path))) return [];
      return [
        refused(before, {
          rule: 'data-directory-changed',
          field: `volumeMounts[${name}]`,
          before: old.join(', '),
          after: now.join(', '),
          reason: NOT_FOUND,
          remedy: 'restore the mount path',
        }),
      ];
    }),
  ...Object.keys({ ...before.dataSettings, ...after.dataSettings }).flatMap((setting): Finding[] => {
    const [old, now] = [before, after].map((set) =>
      isOwn(set) && set.dataSettings[setting] === IMAGE_DEFAULT ? undefined : set.dataSettings[setting],
    );
    if (old === now || before.storage === 'none' || setting === APPEND_ONLY) return [];
    return [
      refused(before, {
        rule: 'data-directory-changed',
        field: setting,
        before: old,
        after: now,
        reason: NOT_FOUND,
        remedy: old === undefined ? 'remove it' : `restore '${old}'`,
      }),
    ];
  }),
];

/** Which of its two files Redis reads when it starts: the append-only file or the snapshot. */
export const appendOnly: SetRule = (before, after) => {
  const [old, now] = [before, after].map((set) => set.dataSettings[APPEND_ONLY] ?? 'no');
  if (old === now || before.storage !== 'volumes') return [];
  return [
    refused(before, {
      rule: 'append-only-changed',
      field: APPEND_ONLY,
      before: old,
      after: now,
      reason:
        now === 'yes'
          ? 'at startup the server would read append-only files, which do not exist yet, instead of its snapshot: it starts empty and overwrites the snapshot'
          : 'at startup the server would read its last snapshot instead of the append-only files: everything newer is lost',
      remedy: `restore '${old}'; or change it in the running server first (CONFIG SET appendonly ${now}), then here`,
    }),
  ];
};

/** Settings that were built into the data when the database was initialised. */
export const layout: SetRule = (before, after) =>
  Object.keys({ ...before.layout, ...after.layout }).flatMap((setting): Finding[] => {
    const [old, now] = [before.layout[setting], after.layout[setting]];
    if (old === now || before.storage === 'none') return [];
    return [
      refused(before, {
        rule: 'layout-changed',
        field: setting,
        before: old,
        after: now,
        reason:
          'it only takes effect when the database is initialised: an existing one stays as it is, or does not start',
        remedy: `${old === undefined ? 'remove it' : `restore '${old}'`}, or create a new StatefulSet with it alongside and migrate the data`,
      }),
    ];
  });

/** The user and group that the files on the volume belong to. */
export const owner: SetRule = (before, after) =>
  (['runAsUser', 'fsGroup'] as const).flatMap((field): Finding[] => {
    const [old, now] = [before[field], after[field]];
    if (old === now || before.storage !== 'volumes') return [];
    return [
      warned(before, {
        rule: 'owner-changed',
        field: `securityContext.${field}`,
        before: displayId(old),
        after: displayId(now),
        reason:
          'the files on the volumes belong to the previous user or group: the database may be unable to read them, and many databases refuse files of another owner',
        remedy: 'restore it, or test on a copy of the volume that the database starts',
      }),
    ];
  });

function displayId(id: number | undefined): string {
  return id === undefined ? "(the image's own)" : String(id);
}
