import { at, isObject, JsonObject } from '../../values/json';
import { withoutDigest } from '../facts/password-sources';
import { SetFacts } from '../facts/set-facts';

interface Kind {
  /** How an error describes it. */
  readonly title: string;
  readonly accepts: (value: unknown) => boolean;
}

const STRING: Kind = { title: 'a string', accepts: (value) => typeof value === 'string' };
const NUMBER: Kind = { title: 'a whole number', accepts: Number.isInteger };
const TRUE: Kind = { title: 'true', accepts: (value) => value === true };
const FALSE: Kind = { title: 'false', accepts: (value) => value === false };
const OBJECT: Kind = { title: 'an object', accepts: isObject };
const STRINGS: Kind = {
  title: 'a list of strings',
  accepts: (value) => Array.isArray(value) && value.every(STRING.accepts),
};
const STRING_MAP: Kind = {
  title: 'an object of strings',
  accepts: (value) => isObject(value) && Object.values(value).every(STRING.accepts),
};
const oneOf = (...values: string[]): Kind => ({
  title: values.map((value) => `'${value}'`).join(' or '),
  accepts: (value) => values.includes(value as string),
});

/** Fields by name. A field that is always written is required: without it the data is not protected. */
interface Fields {
  readonly always: { readonly [name: string]: Kind };
  readonly sometimes: { readonly [name: string]: Kind };
}

const ENTRY: Fields = {
  always: {
    image: STRING,
    storage: oneOf('volumes', 'ephemeral'),
    replicas: NUMBER,
    selector: OBJECT,
    serviceName: STRING,
    podManagementPolicy: STRING,
    terminationGracePeriodSeconds: NUMBER,
    podTemplate: STRING,
  },
  sometimes: {
    engine: STRING,
    version: STRING,
    alpine: TRUE,
    release: STRING,
    onDelete: TRUE,
    firstOrdinal: NUMBER,
    claims: OBJECT,
    retention: OBJECT,
    dataSettings: STRING_MAP,
    layout: STRING_MAP,
    runAsUser: NUMBER,
    fsGroup: NUMBER,
    credentials: STRING_MAP,
    settings: STRING_MAP,
    backup: OBJECT,
    restoreFrom: STRING,
    initScripts: STRING,
  },
};
const CLAIM: Fields = {
  always: { size: STRING, accessModes: STRINGS, mounts: STRINGS },
  sometimes: { storageClassName: STRING, rest: OBJECT, grows: FALSE },
};
const BACKUP: Fields = {
  always: { store: STRING, retentionSeconds: NUMBER, maxDataLossSeconds: NUMBER },
  sometimes: { encryption: STRING, maxUnshippedBytes: NUMBER },
};
const RETENTION: Fields = { always: { whenDeleted: STRING, whenScaled: STRING }, sometimes: {} };

/** One system as it is written to the lock. */
export function formatEntry(facts: SetFacts): JsonObject {
  const {
    engine,
    version,
    image,
    isAlpine,
    release,
    storage,
    replicas,
    firstOrdinal,
    selector,
    serviceName,
    podManagementPolicy,
    claims,
    whenDeleted,
    whenScaled,
  } = facts;
  const {
    dataSettings,
    layout,
    runAsUser,
    fsGroup,
    gracePeriod,
    isOnDelete,
    credentials,
    settings,
    backup,
    restoreFrom,
    initScripts,
    podTemplate,
  } = facts;
  const entry = {
    engine,
    version,
    image,
    alpine: isAlpine || undefined,
    release,
    podTemplate,
    storage,
    replicas,
    firstOrdinal: firstOrdinal === 0 ? undefined : firstOrdinal,
    selector,
    serviceName,
    podManagementPolicy,
    claims: filled(claims),
    retention: storage === 'volumes' ? { whenDeleted, whenScaled } : undefined,
    dataSettings: filled(dataSettings),
    layout: filled(layout),
    runAsUser,
    fsGroup,
    terminationGracePeriodSeconds: gracePeriod,
    onDelete: isOnDelete || undefined,
    credentials: filled(
      Object.fromEntries(Object.entries(credentials).map(([use, source]) => [use, withoutDigest(source)])),
    ),
    settings: filled(settings ?? {}),
    backup: filled(backup ?? {}),
    restoreFrom,
    initScripts,
  };
  return JSON.parse(JSON.stringify(entry)) as JsonObject;
}

/**
 * Reads one system of the lock.
 *
 * @returns its facts, or what is wrong with it
 */
export function parseEntry(key: string, entry: unknown): SetFacts | string {
  const [namespace, name, ...more] = key.split('/');
  if (!namespace || !name || more.length > 0) return "its key must be '<namespace>/<name>'";
  const problem =
    findProblem(entry, ENTRY) ?? findStorageProblem(entry as JsonObject) ?? findBackupProblem(entry as JsonObject);
  if (problem !== undefined) return problem;
  const {
    alpine,
    onDelete,
    retention,
    terminationGracePeriodSeconds: gracePeriod,
    ...fields
  } = entry as { [field: string]: unknown };
  const none = {
    engine: undefined,
    version: undefined,
    release: undefined,
    settings: undefined,
    runAsUser: undefined,
    fsGroup: undefined,
    initScripts: undefined,
  };
  const absent = {
    ...none,
    firstOrdinal: 0,
    claims: {},
    dataSettings: {},
    layout: {},
    credentials: {},
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  };
  return {
    ...absent,
    ...fields,
    ...(retention as object),
    name,
    namespace,
    isAlpine: alpine === true,
    isOnDelete: onDelete === true,
    gracePeriod,
  } as SetFacts;
}

function findStorageProblem(entry: JsonObject): string | undefined {
  const claims = entry.claims ?? {};
  const hasVolumes = entry.storage === 'volumes';
  if (hasVolumes !== Object.keys(claims).length > 0)
    return `its storage is '${entry.storage as string}', but it has ${hasVolumes ? 'no ' : ''}claims`;
  if (hasVolumes !== (entry.retention !== undefined))
    return `its storage is '${entry.storage as string}', but it has ${hasVolumes ? 'no ' : ''}retention`;
  const wrongClaim = Object.entries(claims)
    .map(([name, claim]) => findProblem(claim, CLAIM, `claims.${name}`))
    .find((wrong) => wrong !== undefined);
  return wrongClaim ?? (hasVolumes ? findProblem(entry.retention, RETENTION, 'retention') : undefined);
}

function findBackupProblem({ backup }: JsonObject): string | undefined {
  return backup === undefined ? undefined : findProblem(backup, BACKUP, 'backup');
}

/** The first thing that is wrong with an object. */
function findProblem(value: unknown, { always, sometimes }: Fields, path = ''): string | undefined {
  if (!isObject(value)) return `${path ? `'${path}'` : 'it'} is not an object`;
  const fieldName = (field: string): string => `'${path ? `${path}.` : ''}${field}'`;
  const missing = Object.keys(always).find((field) => !Object.hasOwn(value, field));
  if (missing !== undefined) return `no ${fieldName(missing)}`;
  const kinds = { ...always, ...sometimes };
  const unknown = Object.keys(value).find((field) => !Object.hasOwn(kinds, field));
  if (unknown !== undefined) return `unknown field ${fieldName(unknown)}`;
  const other = Object.keys(value).find((field) => !kinds[field].accepts(at(value, field)));
  return other === undefined ? undefined : `${fieldName(other)} is not ${kinds[other].title}`;
}

/** Undefined for an empty map, otherwise sorted by name, as manifests may have any order. */
function filled<T extends object>(map: T): T | undefined {
  const fields = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.length > 0 ? (Object.fromEntries(fields) as T) : undefined;
}
