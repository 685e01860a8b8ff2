import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc, { Arbitrary } from 'fast-check';
import { SetFacts, setResourceId } from '../../../lib/changes/facts/set-facts';
import {
  formatLock,
  LockContent,
  LockedSystems,
  NO_ENVIRONMENT,
  parseLock,
} from '../../../lib/changes/lock/lock-format';
import { refusalOf } from '../../refusal';
import { claim, factsOf, SetChange, statefulSet } from '../sets';

const FILE = 'stateful.lock.json';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const text = fc.string({ maxLength: 12 });
const texts = fc.dictionary(fc.stringMatching(/^[a-z0-9_]{1,8}$/), text, { maxKeys: 3, noNullPrototype: true });
const optional = <T>(value: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const claims = fc.dictionary(
  name,
  fc.record(
    {
      size: text,
      accessModes: fc.array(text, { maxLength: 2 }),
      mounts: fc.array(text, { maxLength: 2 }),
      storageClassName: text,
      rest: texts,
    },
    { requiredKeys: ['size', 'accessModes', 'mounts'], noNullPrototype: true },
  ),
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);
const common = {
  name,
  namespace: name,
  engine: optional(text),
  version: optional(text),
  image: text,
  isAlpine: fc.boolean(),
  isOnDelete: fc.boolean(),
  replicas: fc.nat(),
  firstOrdinal: fc.nat({ max: 3 }),
  selector: fc.record({ matchLabels: texts }, { noNullPrototype: true }),
  serviceName: text,
  podManagementPolicy: text,
  dataSettings: texts,
  layout: texts,
  runAsUser: optional(fc.nat()),
  fsGroup: optional(fc.nat()),
  gracePeriod: fc.nat(),
  credentials: texts,
  initScripts: optional(text),
  podTemplate: text,
  backup: optional(
    fc.record(
      { store: text, encryption: text, retentionSeconds: fc.nat(), maxDataLossSeconds: fc.nat() },
      { requiredKeys: ['store', 'retentionSeconds', 'maxDataLossSeconds'], noNullPrototype: true },
    ),
  ),
  restoreFrom: optional(text),
};
const retention = fc.constantFrom('Retain', 'Delete');
const facts: Arbitrary<SetFacts> = fc.oneof(
  fc.record({
    ...common,
    storage: fc.constant('volumes' as const),
    claims,
    whenDeleted: retention,
    whenScaled: retention,
  }),
  fc.record({
    ...common,
    storage: fc.constant('ephemeral' as const),
    claims: fc.constant({}),
    whenDeleted: fc.constant('Retain'),
    whenScaled: fc.constant('Retain'),
  }),
);
const sets = fc.array(facts, { maxLength: 4 }).map((list) => new Map(list.map((set) => [setResourceId(set), set])));
const locked: Arbitrary<LockedSystems> = fc.record({ systems: sets, retired: sets });
const filled = locked.filter(({ systems, retired }) => systems.size + retired.size > 0);
const contents: Arbitrary<LockContent> = fc
  .record({
    none: locked,
    named: fc.dictionary(
      name.filter((key) => !key.endsWith('-')),
      filled,
      { maxKeys: 3, noNullPrototype: true },
    ),
  })
  .map(({ none, named }) => new Map([[NO_ENVIRONMENT, none], ...Object.entries(named)]));
const formatSystems = (systems: LockedSystems['systems']): string =>
  formatLock(new Map([[NO_ENVIRONMENT, { systems, retired: new Map() }]]));

const lockOf = (...systems: SetFacts[]): string =>
  formatSystems(new Map(systems.map((set) => [setResourceId(set), set])));
const ofSets = (...changes: SetChange[]): string => lockOf(...changes.map((change) => factsOf(statefulSet(change))));
const FULL: SetChange = {
  namespace: 'shop',
  image: 'postgres:17.4-alpine',
  claims: [claim({}, { labels: { a: 'b' } })],
  env: [
    { name: 'POSTGRES_INITDB_ARGS', value: '--locale=C' },
    { name: 'POSTGRES_PASSWORD', value: 's3cret' },
  ],
  pod: { securityContext: { runAsUser: 70, fsGroup: 70 } },
  spec: { ordinals: { start: 1 }, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } },
};
/** Every field that there is. */
const more = {
  initScripts: '0123456789abcdef',
  backup: { store: 's3 backups', encryption: 'seal/passphrase', retentionSeconds: 1209600, maxDataLossSeconds: 60 },
  restoreFrom: 'old/orders until latest',
};
const full = lockOf({ ...factsOf(statefulSet(FULL)), ...more });

test('what is read is what was written, of any systems', () => {
  fc.assert(
    fc.property(contents, (content) => {
      expect(parseLock(formatLock(content), FILE)).toEqual(content);
    }),
    { numRuns: 200 },
  );
});

test.each(['examples/stateful.lock.json', 'examples/repository/stateful.lock.json'])(
  'a lock without environments is in the first format, and is kept to the byte: %s',
  (file) => {
    const text = readFileSync(join(__dirname, '..', '..', '..', file), 'utf8');
    expect(text).toContain('"format": 1,');
    expect(formatLock(parseLock(text, FILE))).toBe(text);
  },
);

test('a lock with environments is in a format that an older library refuses', () => {
  const systems = new Map([factsOf(statefulSet())].map((set) => [setResourceId(set), set]));
  const text = formatLock(new Map([['prod', { systems, retired: new Map() }]]));
  const lock = JSON.parse(text) as object;
  expect(lock).toEqual({
    '//': expect.any(String) as unknown,
    format: 2,
    environments: { prod: { systems: { 'default/orders': expect.any(Object) as unknown } } },
  });
  expect(formatLock(parseLock(text, FILE))).toBe(text);
});

test.each([
  [
    'a name that is a path',
    '{"format": 2, "environments": {"../prod": {"systems": {}}}}',
    "'../prod' of 'environments': its key must be a DNS label",
  ],
  ['no systems', '{"format": 2, "environments": {"prod": {}}}', "no 'environments.prod.systems'"],
  [
    'a system that is none',
    '{"format": 2, "environments": {"prod": {"systems": {"a/b": 1}}}}',
    "'a/b' of 'environments.prod.systems': it is not an object",
  ],
  ['no environments', '{"format": 2, "systems": {}}', "no 'environments'"],
])('an environment with %s is damaged', (_, text, why) => {
  expect(refusalOf(() => parseLock(text, FILE))).toContain(`stateful.lock.json is damaged (${why})`);
});

test('the text depends on what is in it alone: not on any order', () => {
  const reversed = <T extends object>(map: T): T => Object.fromEntries(Object.entries(map).reverse()) as T;
  fc.assert(
    fc.property(sets, (systems) => {
      const other = new Map(
        [...systems].reverse().map(([id, set]) => [
          id,
          {
            ...set,
            claims: reversed(set.claims),
            dataSettings: reversed(set.dataSettings),
            layout: reversed(set.layout),
            credentials: reversed(set.credentials),
          },
        ]),
      );
      expect(formatSystems(other)).toBe(formatSystems(systems));
    }),
  );
});

test('it can be read by people', () => {
  expect(full).toMatchInlineSnapshot(`
"{
  "//": "What must not change while data is in it. Written by cdk8s synth (StatefulApp of cdk8s-stateful); commit it, do not edit it.",
  "format": 1,
  "systems": {
    "shop/orders": {
      "engine": "postgres",
      "version": "17.4",
      "image": "postgres",
      "alpine": true,
      "podTemplate": "07ecf8bf20efd540",
      "storage": "volumes",
      "replicas": 3,
      "firstOrdinal": 1,
      "selector": {
        "matchLabels": {
          "app": "orders"
        }
      },
      "serviceName": "orders",
      "podManagementPolicy": "OrderedReady",
      "claims": {
        "data": {
          "storageClassName": "remote",
          "size": "10Gi",
          "accessModes": [
            "ReadWriteOnce"
          ],
          "rest": {
            "labels": {
              "a": "b"
            }
          },
          "mounts": [
            "/var/lib/postgresql/data"
          ]
        }
      },
      "retention": {
        "whenDeleted": "Delete",
        "whenScaled": "Retain"
      },
      "dataSettings": {
        "PGDATA": "/var/lib/postgresql/data"
      },
      "layout": {
        "POSTGRES_INITDB_ARGS": "--locale=C"
      },
      "runAsUser": 70,
      "fsGroup": 70,
      "terminationGracePeriodSeconds": 30,
      "credentials": {
        "env POSTGRES_PASSWORD": "a literal"
      },
      "backup": {
        "encryption": "seal/passphrase",
        "maxDataLossSeconds": 60,
        "retentionSeconds": 1209600,
        "store": "s3 backups"
      },
      "restoreFrom": "old/orders until latest",
      "initScripts": "0123456789abcdef"
    }
  }
}
"
`);
});

test.each<[string, string, string]>([
  ['a system comes first', ofSets({ name: 'b' }, { name: 'c' }), ofSets({ name: 'a' }, { name: 'b' }, { name: 'c' })],
  [
    'a system comes in between',
    ofSets({ name: 'a' }, { name: 'c' }),
    ofSets({ name: 'a' }, { name: 'b' }, { name: 'c' }),
  ],
  ['a system comes last', ofSets({ name: 'a' }, { name: 'b' }), ofSets({ name: 'a' }, { name: 'b' }, { name: 'c' })],
  ['a system is gone', ofSets({ name: 'a' }, { name: 'b' }), ofSets({ name: 'b' })],
])('one change is one hunk: %s', (_, before, after) => {
  expect(git(before, after, 'diff', '--no-index', '--unified=3').match(/^@@/gm)).toHaveLength(1);
});

test('no password gets in, nor a digest of one', () => {
  expect(full).toContain('"env POSTGRES_PASSWORD": "a literal"');
  expect(full).not.toContain('s3cret');
  expect(full).not.toContain(createHash('sha256').update('s3cret').digest('hex').slice(0, 8));
  expect(
    lockOf({
      ...factsOf(statefulSet({ ...FULL, env: [FULL.env?.[0] ?? {}, { name: 'POSTGRES_PASSWORD', value: 'other' }] })),
      ...more,
    }),
  ).toBe(full);
});

/** Not every system has these, so nobody can tell that one was taken away. */
const MAY_BE_AWAY = [
  'alpine',
  'firstOrdinal',
  'dataSettings',
  'layout',
  'runAsUser',
  'fsGroup',
  'credentials',
  'initScripts',
  'engine',
  'version',
  'backup',
  'restoreFrom',
];

describe('a damaged entry', () => {
  const lock = JSON.parse(full) as Lock;
  const [key] = Object.keys(lock.systems);
  const fields = Object.keys(lock.systems[key]);
  const changed = (change: (entry: Entry) => void): string => {
    const copy = JSON.parse(full) as Lock;
    change(copy.systems[key]);
    return JSON.stringify(copy);
  };

  test.each(fields.filter((field) => !MAY_BE_AWAY.includes(field)))('is refused without %s', (field) => {
    expect(
      refusalOf(() =>
        parseLock(
          changed((entry) => {
            entry[field] = undefined;
          }),
          FILE,
        ),
      ),
    ).toMatch(
      new RegExp(
        `^stateful.lock.json is damaged \\('shop/orders' of 'systems': .*${field}.*\\): restore it from version control`,
      ),
    );
  });

  test.each(fields)('is refused with anything else as %s', (field) => {
    for (const value of [null, [1], { a: { b: 1 } }, 1.5, 'x', '']) {
      const before = lock.systems[key][field];
      const fits =
        typeof before === 'string'
          ? typeof value === 'string' && field !== 'storage'
          : field === 'selector' && JSON.stringify(value).startsWith('{');
      expect(
        refusalOf(() =>
          parseLock(
            changed((entry) => {
              entry[field] = value;
            }),
            FILE,
          ),
        ).includes('is damaged'),
      ).toBe(!fits);
    }
  });

  test.each([
    ['a claim is not an object', 'claims', { data: 1 }, "'claims.data' is not an object"],
    ['a claim has no size', 'claims', { data: { accessModes: [], mounts: [] } }, "no 'claims.data.size'"],
    ['a claim has no mounts', 'claims', { data: { size: '1Gi', accessModes: [] } }, "no 'claims.data.mounts'"],
    [
      'access modes are no list',
      'claims',
      { data: { size: '1Gi', accessModes: 'ReadWriteOnce', mounts: [] } },
      "'claims.data.accessModes' is not a list of strings",
    ],
    [
      'a claim has something else',
      'claims',
      { data: { size: '1Gi', accessModes: [], mounts: [], color: 'red' } },
      "unknown field 'claims.data.color'",
    ],
    ['there are no claims', 'claims', {}, "its storage is 'volumes', but it has no claims"],
    ['there are claims without storage', 'storage', 'ephemeral', "its storage is 'ephemeral', but it has claims"],
    ['it keeps no data', 'storage', 'none', "'storage' is not 'volumes' or 'ephemeral'"],
    ['retention is half', 'retention', { whenDeleted: 'Retain' }, "no 'retention.whenScaled'"],
    ['a backup is nowhere', 'backup', { retentionSeconds: 1, maxDataLossSeconds: 1 }, "no 'backup.store'"],
    [
      'a backup stays for a time in words',
      'backup',
      { store: 's3 b', retentionSeconds: '14 days', maxDataLossSeconds: 1 },
      "'backup.retentionSeconds' is not a whole number",
    ],
    [
      'a backup has something else',
      'backup',
      { store: 's3 b', retentionSeconds: 1, maxDataLossSeconds: 1, color: 'red' },
      "unknown field 'backup.color'",
    ],
    ['it has something else', 'dataSetting', {}, "unknown field 'dataSetting'"],
  ])('is refused where %s', (_, field, value, why) => {
    expect(
      refusalOf(() =>
        parseLock(
          changed((entry) => {
            entry[field] = value;
          }),
          FILE,
        ),
      ),
    ).toContain(`'shop/orders' of 'systems': ${why}`);
  });

  test.each(['orders', '/orders', 'shop/', 'a/b/c'])("is refused by the name '%s'", (other) => {
    expect(refusalOf(() => parseLock(full.replace('"shop/orders"', `"${other}"`), FILE))).toContain(
      "its key must be '<namespace>/<name>'",
    );
  });
});

test.each([
  ['no text', '', 'is damaged'],
  ['half a text', full.slice(0, 300), 'is damaged'],
  ['null', 'null', "is damaged (no 'format')"],
  ['a list', '[]', "is damaged (no 'format')"],
  ['no format', '{"systems": {}}', "is damaged (no 'format')"],
  ['a format that never was', '{"format": 0, "systems": {}}', "is damaged ('format' is 0)"],
  ['half a format', '{"format": 1.5, "systems": {}}', "is damaged ('format' is 1.5)"],
  ['no systems', '{"format": 1}', "is damaged (no 'systems')"],
  ['systems that are a list', '{"format": 1, "systems": []}', "is damaged (no 'systems')"],
  [
    'an entry that is none',
    '{"format": 1, "systems": {"a/b": null}}',
    "is damaged ('a/b' of 'systems': it is not an object)",
  ],
  ['retired ones that are none', '{"format": 1, "systems": {}, "retired": null}', "is damaged (no 'retired')"],
  [
    'a damaged one among the retired',
    '{"format": 1, "systems": {}, "retired": {"a/b": {}}}',
    "is damaged ('a/b' of 'retired': no 'image')",
  ],
  [
    'a system twice, as after a careless merge',
    ofSets({ name: 'a' }).replace(/("default\/a": \{[^]*?\n {4}\})/, '$1, $1'),
    'is damaged (a name occurs twice',
  ],
  [
    'a newer format',
    '{"format": 3, "anything": true}',
    'has format 3, but this version of cdk8s-stateful supports formats up to 2: upgrade to the version that wrote the lock',
  ],
])('of %s nothing is read', (_, lock, says) => {
  expect(refusalOf(() => parseLock(lock, FILE))).toContain(`${FILE} ${says}`);
});

test('carriage returns, as git may check it out with, do no harm', () => {
  expect(parseLock(full.replaceAll('\n', '\r\n'), FILE)).toEqual(parseLock(full, FILE));
});

test.each([['merge'], ['diff3']])('conflicts as git writes them are told from damage: %s', (style) => {
  const [base, ours, theirs] = [3, 4, 5].map((replicas) => ofSets({ spec: { replicas } }));
  expect(() => parseLock(merge(base, ours, theirs, style), FILE)).toThrow(
    /has merge conflicts: .* run cdk8s synth again$/,
  );
});

test('git merges what two branches changed of two systems', () => {
  const [base, ours, theirs] = [
    [3, 3],
    [4, 3],
    [3, 5],
  ].map(([a, z]) => ofSets({ name: 'a', spec: { replicas: a } }, { name: 'z', spec: { replicas: z } }));
  expect(
    [
      ...(parseLock(merge(base, ours, theirs, 'merge'), FILE)
        .get(NO_ENVIRONMENT)
        ?.systems.values() ?? []),
    ].map(({ replicas }) => replicas),
  ).toEqual([4, 5]);
});

type Entry = Record<string, unknown>;

interface Lock {
  readonly systems: { [key: string]: Entry };
}

/** Runs a command of git on files with these texts; one that ends with a difference is no failure. */
function git(a: string, b: string, ...command: string[]): string {
  return inFolder({ a, b }, (folder) => {
    try {
      return execFileSync('git', [...command, 'a', 'b'], { cwd: folder, encoding: 'utf8' });
    } catch (error) {
      return (error as { readonly stdout: string }).stdout;
    }
  });
}

/** The file that git leaves of three versions. */
function merge(base: string, ours: string, theirs: string, style: string): string {
  return inFolder({ base, ours, theirs }, (folder) => {
    try {
      execFileSync('git', ['-c', `merge.conflictStyle=${style}`, 'merge-file', 'ours', 'base', 'theirs'], {
        cwd: folder,
      });
    } catch (error) {
      if ((error as { readonly status: number }).status !== 1) throw error; // the number of conflicts
    }
    return readFileSync(join(folder, 'ours'), 'utf8');
  });
}

function inFolder<T>(files: { readonly [file: string]: string }, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  try {
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
