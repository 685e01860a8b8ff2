import { SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { refused, SetRule, warned } from './set-rule';

/** Engines that keep users in the configuration and not in the data. */
const USERS_IN_CONFIGURATION = ['redis', 'valkey'];

/** How to rename with SQL what was created with the data. */
const RENAME: {
  readonly [engine: string]: {
    readonly user: (old: string, now: string) => string;
    readonly database: (old: string, now: string) => string;
  };
} = {
  postgres: {
    user: (old, now) => `ALTER ROLE ${old} RENAME TO ${now}`,
    database: (old, now) => `ALTER DATABASE ${old} RENAME TO ${now}, while no client is connected to it`,
  },
  mysql: {
    user: (old, now) => `RENAME USER '${old}'@'%' TO '${now}'@'%'`,
    database: (old, now) => `CREATE DATABASE ${now}, and RENAME TABLE ${old}.t TO ${now}.t for each of its tables`,
  },
};

/** The ports by which the pods of this library's sets find each other. */
export const ports: SetRule = (before, after) =>
  (['port', 'copy_port'] as const).flatMap((setting): Finding[] => {
    const change = changedSetting(before, after, setting);
    if (change === undefined) return [];
    const { old, now } = change;
    return [
      refused(before, {
        rule: 'port-changed',
        field: setting,
        before: old,
        after: now,
        reason: `the pods find each other by it: the first pod that restarts looks for the others on ${now}, where none listens yet, so the rollout gets stuck while the Services already point to ${now}`,
        remedy:
          `restore ${old}; for clients that need another port create a Service of your own with targetPort ${old}` +
          (before.storage === 'volumes'
            ? `; or stop all pods first and apply while they are down: kubectl scale statefulset ${before.name} --replicas=0`
            : ''),
      }),
    ];
  });

/** Names that were created together with the data. */
export const names: SetRule = (before, after) =>
  (['database', 'user'] as const).flatMap((setting): Finding[] => {
    const change = changedSetting(before, after, setting);
    if (change === undefined) return [];
    const { old, now } = change;
    const about = { rule: `${setting}-changed`, field: setting, before: old, after: now };
    const engine = before.engine ?? '';
    if (setting === 'user' && USERS_IN_CONFIGURATION.includes(engine)) {
      return [
        warned(before, {
          ...about,
          reason: `after its restart each pod knows '${now}' and no longer '${old}': clients that connect as '${old}' are refused`,
          remedy: `switch the clients to '${now}' at the same time`,
        }),
      ];
    }
    const rename = RENAME[engine === 'mariadb' ? 'mysql' : engine]?.[setting](old, now);
    return [
      refused(before, {
        ...about,
        reason:
          setting === 'database'
            ? `a database is created once, with the data: '${now}' does not exist, or is created empty later, and the existing data stays in '${old}'`
            : `a user is created once, with the data: '${now}' does not exist, or is created later without the objects and privileges of '${old}'`,
        remedy: `restore '${old}'; or rename it with SQL first, as the superuser on the primary${rename === undefined ? '' : ` (${rename})`}, and apply right afterwards`,
      }),
    ];
  });

function changedSetting(
  before: SetFacts,
  after: SetFacts,
  setting: string,
): { readonly old: string; readonly now: string } | undefined {
  const [old, now] = [before.settings?.[setting], after.settings?.[setting]];
  return before.storage === 'none' || old === undefined || now === undefined || old === now ? undefined : { old, now };
}
