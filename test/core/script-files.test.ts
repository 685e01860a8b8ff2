import { Construct } from 'constructs';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { backupScripts, readScripts, sharedScripts } from '../../lib/core/script-files';
import { Ledger } from '../../examples/ledger/ledger';
import {
  Backup,
  BackupStore,
  Credentials,
  MariaDb,
  MariaDbVersion,
  MySql,
  MySqlVersion,
  Postgres,
  PostgresVersion,
  Redis,
  RedisVersion,
  ReplicatedFiles,
  ReplicatedSystemProps,
  Storage,
} from '../../lib';
import { backupScriptsOf, scriptsOf, synthesize } from '../manifests';
import { refusalOf } from '../refusal';

const lib = join(__dirname, '..', '..', 'lib');
const scriptsIn = (folder: string): string[] =>
  readdirSync(join(lib, folder)).filter((name) => !name.includes('.example.') && !name.endsWith('.md'));
const EXAMPLE = join('..', 'examples', 'ledger', 'reconcile_synchronous_replicas.sh');
const shared = scriptsIn(join('core', 'scripts'));
/** In pods of sets with a store only. */
const ofBackups = scriptsIn(join('core', 'backup-scripts'));
const namesOfBackups = (...engines: string[]): string[] =>
  engines
    .map((engine) => join('engines', engine, 'backup-scripts'))
    .filter((folder) => existsSync(join(lib, folder)))
    .flatMap(scriptsIn);
const postgres = scriptsIn(join('engines', 'postgres', 'scripts'));
const redis = scriptsIn(join('engines', 'redis', 'scripts'));
const files = scriptsIn(join('engines', 'files', 'scripts'));
const family = scriptsIn(join('engines', 'mysql-common', 'scripts'));
const mariadb = scriptsIn(join('engines', 'mariadb', 'scripts'));
const mysql = scriptsIn(join('engines', 'mysql', 'scripts'));
const props = { replicas: 2, storage: Storage.ephemeral(), credentials: Credentials.fromSecret('c') };
const backup = Backup.to(BackupStore.s3({ bucket: 'backups', secretName: 's' }));

test.each<[string, { readonly [name: string]: string }, string[]]>([
  ['scripts', sharedScripts(), shared],
  ['backup-scripts', backupScripts(), ofBackups],
])('all %s of the folder are there, as they are', (folder, texts, names) => {
  expect(Object.keys(texts).sort()).toEqual(names);
  for (const [name, text] of Object.entries(texts)) {
    expect(text).toBe(readFileSync(join(lib, 'core', folder, name), 'utf8'));
  }
});

type More = Pick<ReplicatedSystemProps, 'backup'>;

test.each<[string, string[], string[], (scope: Construct, more: More) => unknown]>([
  [
    'Postgres',
    postgres,
    ['postgres'],
    (scope, more) => new Postgres(scope, 'orders', { ...props, version: PostgresVersion.V17, ...more }),
  ],
  [
    'Redis',
    redis,
    ['redis'],
    (scope, more) => new Redis(scope, 'orders', { ...props, version: RedisVersion.V8, ...more }),
  ],
  [
    'MariaDb',
    [...family, ...mariadb],
    ['mysql-common', 'mariadb'],
    (scope, more) => new MariaDb(scope, 'orders', { ...props, version: MariaDbVersion.V11_8, ...more }),
  ],
  [
    'MySql',
    [...family, ...mysql],
    ['mysql-common', 'mysql'],
    (scope, more) => new MySql(scope, 'orders', { ...props, version: MySqlVersion.V9_7, ...more }),
  ],
  [
    "the example's",
    [...postgres, basename(EXAMPLE)],
    ['postgres'],
    (scope, more) => new Ledger(scope, 'orders', { ...props, version: PostgresVersion.V18, ...more }),
  ],
  [
    'ReplicatedFiles',
    files,
    ['files'],
    (scope, more) => new ReplicatedFiles(scope, 'orders', { ...props, container: { image: 'a' }, ...more }),
  ],
])("a pod of %s has them all, and its engine's; those of backups where there are any", (_, own, engines, make) => {
  const filesOf = (more: More, of = scriptsOf): { [name: string]: string } =>
    of(synthesize((scope) => make(scope, more))).data ?? {};
  const sorted = (...names: string[]): string[] => [...new Set(names)].sort();
  expect(Object.keys(filesOf({})).sort()).toEqual(sorted(...shared, ...own));
  if (!refusalOf(() => filesOf({ backup })).includes('there are no backups of')) {
    expect(Object.keys(filesOf({ backup })).sort()).toEqual(sorted(...shared, ...own));
    expect(Object.keys(filesOf({ backup }, backupScriptsOf)).sort()).toEqual(
      sorted(...ofBackups, ...namesOfBackups(...engines)),
    );
    // Of what `kubectl apply` takes, for labels and a longer version of them.
    for (const of of [scriptsOf, backupScriptsOf]) {
      expect(JSON.stringify(filesOf({ backup }, of)).length).toBeLessThan(0.75 * 262_144);
    }
  }
});

test.each([
  ['postgres', postgres],
  ['redis', redis],
  ['mariadb', mariadb],
  ['mysql', mysql],
  ['mysql-common', family],
  ['files', files],
])(
  '%s has no function of a shared name: the one that is sourced later would be called instead of the other',
  (engine, names) => {
    const functionsOf = (folder: string, files: string[]): string[] =>
      files.flatMap((name) => readFileSync(join(lib, folder, name), 'utf8').match(/^\w+(?=\(\))/gm) ?? []);
    const taken = functionsOf(
      join('core', 'scripts'),
      shared.filter((name) => !['tools.sh', 'pause.sh'].includes(name)),
    ); // those an engine may have of its own
    expect(taken).toContain('core_peer_state');
    const sourced =
      engine === 'files'
        ? names.filter((name) => name.endsWith('.sh')) // they are all parts of these two
        : names.filter((name) => /^(engine|engine-sync|mysql-common|mysql-common-sync)\.sh$/.test(name));
    expect(functionsOf(join('engines', engine, 'scripts'), sourced).filter((name) => taken.includes(name))).toEqual([]);
  },
);

test("an engine's script may not hide a shared one", () => {
  expect([...postgres, ...redis, ...mariadb, ...mysql, ...family].filter((name) => shared.includes(name))).toEqual([]);
  expect(files.filter((name) => shared.includes(name)).sort()).toEqual(['follow.sh']); // its server decides, and the sidecar sources none
  expect([...mariadb, ...mysql].filter((name) => family.includes(name))).toEqual([]);
});

test.each([
  ...shared.map((name) => join('core', 'scripts', name)),
  ...postgres.map((name) => join('engines', 'postgres', 'scripts', name)),
  ...redis.map((name) => join('engines', 'redis', 'scripts', name)),
  ...files.map((name) => join('engines', 'files', 'scripts', name)),
  ...family.map((name) => join('engines', 'mysql-common', 'scripts', name)),
  ...mariadb.map((name) => join('engines', 'mariadb', 'scripts', name)),
  ...mysql.map((name) => join('engines', 'mysql', 'scripts', name)),
  EXAMPLE,
])('%s', (name) => {
  const path = join(lib, name);
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('{{'); // Helm would render it
  expect(text).toMatch(/\n$/); // or YAML needs another block style
  expect(text).not.toMatch(/[^\n\x20-\x7e]/); // nor may tabs and the like make YAML quote it all on one line
  expect(text).not.toMatch(/ $/m);
  if (text.startsWith('#!')) {
    expect(statSync(path).mode & 0o111).toBe(0o111);
  }
});

test('a missing script is an error, not an empty file', () => {
  expect(() => readScripts(join(lib, 'scripts'), ['nothing.sh'])).toThrow('nothing.sh');
});

test('README.md knows each file of $state, but for those of plain files', () => {
  const readme = readFileSync(join(lib, 'core', 'scripts', 'README.md'), 'utf8');
  const known = new Set(
    [...readme.matchAll(/^\| (.*?) \|/gm)].flatMap(([, names]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name.replace(/\/$/, '')),
    ),
  );
  const folders = [
    'core',
    ...['postgres', 'redis', 'mariadb', 'mysql', 'mysql-common'].map((engine) => join('engines', engine)),
  ];
  const texts = folders
    .flatMap((folder) => ['scripts', 'backup-scripts'].map((name) => join(lib, folder, name)))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.sh'))
        .map((name) => readFileSync(join(folder, name), 'utf8').replace(/^ *#.*$/gm, '')),
    );
  const used = texts.flatMap((text) =>
    [...text.matchAll(/(?:\$state|\$\{STATEFUL_STATE:-[^}]*\})"?\/([\w$.-]+)/g)].map(([, name]) =>
      name
        .replace('$container', 'CONTAINER')
        .replace('$BASHPID', 'BASHPID')
        .replace(/\$[n1]$/, 'N')
        .replace(/-XXXXXX$/, '-*')
        .replace(/\.new$/, ''),
    ),
  );
  expect(used).toContain('former-primary');
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});
