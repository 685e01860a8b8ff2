import { SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { refused, SetRule, warned } from './set-rule';

/** Whose users are in its configuration, and not in its data. */
const USERS_IN_CONFIGURATION = ['redis', 'valkey'];

/** How to rename by SQL what was made with the data. */
const RENAME: { readonly [engine: string]: { readonly user: (old: string, now: string) => string; readonly database: (old: string, now: string) => string } } = {
  postgres: {
    user: (old, now) => `ALTER ROLE ${old} RENAME TO ${now}`,
    database: (old, now) => `ALTER DATABASE ${old} RENAME TO ${now}, while nobody is connected to it`,
  },
  mysql: {
    user: (old, now) => `RENAME USER '${old}'@'%' TO '${now}'@'%'`,
    database: (old, now) => `CREATE DATABASE ${now}, and RENAME TABLE ${old}.t TO ${now}.t for each of its tables`,
  },
};

/** By what port the pods of this library's sets find one another. */
export const ports: SetRule = (before, after) => (['port', 'copy_port'] as const).flatMap((setting): Finding[] => {
  const change = changedSetting(before, after, setting);
  if (change === undefined) return [];
  const { old, now } = change;
  return [refused(before, {
    rule: 'port-changed',
    field: setting,
    before: old,
    after: now,
    reason: `the pods find one another by it: the first that restarts looks for the others at ${now}, where nobody listens yet, and the restart stands still, while the Services lead to ${now} at once`,
    remedy: `restore ${old}; for clients that need another one make a Service of your own with targetPort ${old}`
      + (before.storage === 'volumes' ? `; or take all pods down, and apply it before they start again: kubectl scale statefulset ${before.name} --replicas=0` : ''),
  })];
});

/** Names that were made together with the data. */
export const names: SetRule = (before, after) => (['database', 'user'] as const).flatMap((setting): Finding[] => {
  const change = changedSetting(before, after, setting);
  if (change === undefined) return [];
  const { old, now } = change;
  const about = { rule: `${setting}-changed`, field: setting, before: old, after: now };
  const engine = before.engine ?? '';
  if (setting === 'user' && USERS_IN_CONFIGURATION.includes(engine)) {
    return [warned(before, {
      ...about,
      reason: `each pod knows '${now}', and '${old}' no more, from its restart on: clients of '${old}' are refused`,
      remedy: `let the clients connect as '${now}' at the same time`,
    })];
  }
  const rename = RENAME[engine === 'mariadb' ? 'mysql' : engine]?.[setting](old, now);
  return [refused(before, {
    ...about,
    reason: setting === 'database'
      ? `a database is made once, with the data: '${now}' is not there, or is made blank later, and what was written stays in '${old}'`
      : `a user is made once, with the data: '${now}' is not there, or is made later without what '${old}' owns and may do`,
    remedy: `restore '${old}'; or rename it first by SQL, as the superuser at the primary${rename === undefined ? '' : ` (${rename})`}, and apply this right afterwards`,
  })];
});

function changedSetting(before: SetFacts, after: SetFacts, setting: string): { readonly old: string; readonly now: string } | undefined {
  const [old, now] = [before.settings?.[setting], after.settings?.[setting]];
  return before.storage === 'none' || old === undefined || now === undefined || old === now ? undefined : { old, now };
}
