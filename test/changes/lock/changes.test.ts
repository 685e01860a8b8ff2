import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, Chart, JsonPatch, Size, Yaml } from 'cdk8s';
import { StatefulSet } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import {
  Credentials,
  Finding,
  FindingLevel,
  MariaDb,
  MariaDbVersion,
  Postgres,
  PostgresProps,
  PostgresVersion,
  Redis,
  RedisVersion,
  ReplicatedFiles,
  Review,
  StatefulApp,
  Storage,
  Valkey,
  ValkeyVersion,
  VolumeRetention,
} from '../../../lib';
import { StatefulValidation, ValidationContext } from '../../../lib/changes/plugin';
import { refusalOf } from '../../refusal';

// What a change of the code does, row by row as docs/changes.md has it: each is asked of synth with its lock, of the
// review of the two YAMLs, and of the validation plugin, which must agree.

type Build = (scope: Construct) => unknown;

const size = Size.gibibytes(10);
const remote = Storage.remote({ storageClassName: 'remote', size });
const credentials = Credentials.fromSecret('orders-credentials');
const common = { replicas: 3, storage: remote, credentials };

const postgres =
  (props: Partial<PostgresProps> = {}): Build =>
  (scope) =>
    new Postgres(scope, 'orders', { version: PostgresVersion.V18, ...common, ...props });
const patched =
  (path: string, value: unknown, props: Partial<PostgresProps> = {}): Build =>
  (scope) => {
    ApiObject.of(new Postgres(scope, 'orders', { version: PostgresVersion.V18, ...common, ...props })).addJsonPatch(
      JsonPatch.add(path, value),
    );
  };
const mariadb =
  (parameters: { [name: string]: string } = {}, version = MariaDbVersion.V11_8): Build =>
  (scope) =>
    new MariaDb(scope, 'orders', { version, ...common, parameters });
const redis: Build = (scope) => new Redis(scope, 'orders', { version: RedisVersion.V8, ...common });
const valkey: Build = (scope) => new Valkey(scope, 'orders', { version: ValkeyVersion.V9, ...common });
const files =
  (replicationPort: number): Build =>
  (scope) =>
    new ReplicatedFiles(scope, 'orders', { ...common, replicationPort, container: { image: 'app:1' } });
const nothing: Build = () => undefined;
const deeper =
  (build: Build): Build =>
  (scope) =>
    build(new Construct(scope, 'deeper'));

interface Row {
  readonly change: string;
  readonly before: Build;
  readonly after: Build;
  /** The rule that names it, and what the line about it says beside the rule. */
  readonly rule: string;
  readonly says: string;
}

const CLAIM = '/spec/volumeClaimTemplates/0';

const REFUSED: Row[] = [
  {
    change: 'a renamed set',
    before: postgres(),
    after: postgres({ name: 'sales' }),
    rule: 'set-renamed',
    says: "restore the name 'orders'",
  },
  {
    change: 'another namespace',
    before: postgres({ metadata: { namespace: 'shop' } }),
    after: postgres({ metadata: { namespace: 'sales' } }),
    rule: 'set-moved',
    says: "restore the namespace 'shop'",
  },
  {
    change: 'a removed set',
    before: postgres(),
    after: nothing,
    rule: 'set-removed',
    says: 'data-orders-0, data-orders-1, data-orders-2',
  },
  {
    change: 'a removed set without volumes',
    before: postgres({ storage: Storage.ephemeral() }),
    after: nothing,
    rule: 'set-removed',
    says: 'its data too',
  },
  {
    change: 'the selector',
    before: postgres(),
    after: patched('/spec/selector/matchLabels/team', 'shop'),
    rule: 'selector-changed',
    says: 'restore the previous selector',
  },
  {
    change: 'the governing Service',
    before: postgres(),
    after: patched('/spec/serviceName', 'orders-2'),
    rule: 'service-name-changed',
    says: "restore 'orders'",
  },
  {
    change: 'the order in which pods are made',
    before: postgres(),
    after: patched('/spec/podManagementPolicy', 'OrderedReady'),
    rule: 'pod-management-policy-changed',
    says: 'restore Parallel',
  },
  {
    change: 'the first ordinal',
    before: postgres(),
    after: patched('/spec/ordinals', { start: 1 }),
    rule: 'ordinals-changed',
    says: 'restore 0',
  },
  {
    change: 'a renamed claim',
    before: postgres(),
    after: patched(`${CLAIM}/metadata/name`, 'pgdata'),
    rule: 'claim-',
    says: 'data',
  },
  {
    change: 'a claim more',
    before: postgres(),
    after: patched('/spec/volumeClaimTemplates/-', {
      metadata: { name: 'wal' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
    rule: 'claim-template-added',
    says: 'remove the template',
  },
  {
    change: 'labels of a claim',
    before: postgres(),
    after: patched(`${CLAIM}/metadata/labels`, { team: 'shop' }),
    rule: 'claim-template-changed',
    says: 'restore it',
  },
  {
    change: 'access modes of a claim',
    before: postgres(),
    after: patched(`${CLAIM}/spec/accessModes`, ['ReadWriteOncePod']),
    rule: 'claim-template-changed',
    says: 'ReadWriteOncePod',
  },
  {
    change: 'another storage class',
    before: postgres(),
    after: postgres({ storage: Storage.remote({ storageClassName: 'faster', size }) }),
    rule: 'storage-class-changed',
    says: 'remote -> faster',
  },
  {
    change: 'local volumes in place of remote ones',
    before: postgres(),
    after: postgres({
      storage: Storage.localForDevelopmentOnlyDataDiesWithTheNode({ storageClassName: 'local-path', size }),
    }),
    rule: 'storage-class-changed',
    says: 'remote -> local-path',
  },
  {
    change: 'no volumes in place of volumes',
    before: postgres(),
    after: postgres({ storage: Storage.ephemeral() }),
    rule: 'claim-template-removed',
    says: 'start without volumes',
  },
  {
    change: 'volumes in place of none',
    before: postgres({ storage: Storage.ephemeral() }),
    after: postgres(),
    rule: 'claim-template-added',
    says: 'remove the template',
  },
  {
    change: 'a smaller volume',
    before: postgres(),
    after: postgres({ storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(5) }) }),
    rule: 'volume-shrunk',
    says: '10Gi -> 5Gi',
  },
  {
    change: 'the path of the volume',
    before: postgres(),
    after: patched('/spec/template/spec/containers/0/volumeMounts/0/mountPath', '/data'),
    rule: 'data-directory-changed',
    says: 'restore the mount path',
  },
  {
    change: 'a newer major version',
    before: postgres({ version: PostgresVersion.V17 }),
    after: postgres(),
    rule: 'major-version-changed',
    says: 'create a new set of version 18 alongside that imports the data',
  },
  {
    change: 'an older major version',
    before: postgres(),
    after: postgres({ version: PostgresVersion.V17 }),
    rule: 'major-version-changed',
    says: 'postgres 17 cannot open data written by postgres 18',
  },
  {
    change: 'MariaDB 12 for 11.8',
    before: mariadb(),
    after: mariadb({}, MariaDbVersion.of('12.3', 'mariadb:12.3')),
    rule: 'major-version-changed',
    says: 'restore mariadb 11.8',
  },
  {
    change: 'another engine',
    before: postgres(),
    after: mariadb(),
    rule: 'engine-changed',
    says: 'mariadb cannot open the data of postgres',
  },
  { change: 'Valkey for Redis', before: redis, after: valkey, rule: 'engine-changed', says: 'redis 8 -> valkey 9' },
  {
    change: 'how PostgreSQL makes its files',
    before: postgres(),
    after: postgres({ initdbArguments: ['--encoding=LATIN1'] }),
    rule: 'layout-changed',
    says: 'an existing one stays as it is',
  },
  {
    change: 'how MariaDB makes its files',
    before: mariadb({ innodb_page_size: '16k' }),
    after: mariadb({ innodb_page_size: '64k' }),
    rule: 'layout-changed',
    says: "restore '16k'",
  },
  {
    change: 'the port',
    before: postgres(),
    after: postgres({ port: 5433 }),
    rule: 'port-changed',
    says: 'kubectl scale statefulset orders --replicas=0',
  },
  {
    change: 'the port of Redis',
    before: redis,
    after: (scope) => new Redis(scope, 'orders', { version: RedisVersion.V8, ...common, port: 6380 }),
    rule: 'port-changed',
    says: 'restore 6379',
  },
  {
    change: 'the port of plain files',
    before: files(8022),
    after: files(8023),
    rule: 'port-changed',
    says: 'restore 8022',
  },
  {
    change: 'the port of a set without volumes, which must not go down',
    before: postgres({ storage: Storage.ephemeral() }),
    after: postgres({ storage: Storage.ephemeral(), port: 5433 }),
    rule: 'port-changed',
    says: 'targetPort 5432',
  },
  {
    change: 'the database',
    before: postgres(),
    after: postgres({ database: 'shop' }),
    rule: 'database-changed',
    says: 'ALTER DATABASE app RENAME TO shop',
  },
  {
    change: 'the user',
    before: postgres(),
    after: postgres({ user: 'shop' }),
    rule: 'user-changed',
    says: 'ALTER ROLE app RENAME TO shop',
  },
  {
    change: 'the user of MariaDB',
    before: mariadb(),
    after: (scope) => new MariaDb(scope, 'orders', { version: MariaDbVersion.V11_8, ...common, user: 'shop' }),
    rule: 'user-changed',
    says: "RENAME USER 'app'@'%' TO 'shop'@'%'",
  },
  {
    change: 'an image of another engine',
    before: postgres(),
    after: patched('/spec/template/spec/containers/0/image', 'mysql:9.7'),
    rule: 'engine-changed',
    says: 'mysql cannot open the data of postgres',
  },
  {
    change: 'an image of another major version',
    before: postgres(),
    after: patched('/spec/template/spec/containers/0/image', 'postgres:17-trixie'),
    rule: 'major-version-changed',
    says: 'postgres 17',
  },
  {
    change: 'one pod without volumes',
    before: postgres({ storage: Storage.ephemeral() }),
    after: patched('/spec/replicas', 1, { storage: Storage.ephemeral() }),
    rule: 'only-copy-deleted',
    says: 'keep at least 2',
  },
];

const ALLOWED: Row[] = [
  {
    change: 'a larger volume',
    before: postgres(),
    after: postgres({ storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(20) }) }),
    rule: 'volume-grown',
    says: '10Gi -> 20Gi',
  },
  {
    change: 'fewer replicas',
    before: postgres(),
    after: postgres({ replicas: 1 }),
    rule: 'replicas-lowered',
    says: 'kept: data-orders-1, data-orders-2',
  },
  {
    change: 'fewer replicas whose volumes go',
    before: postgres({ volumesWhenScaled: VolumeRetention.DELETE }),
    after: postgres({ volumesWhenScaled: VolumeRetention.DELETE, replicas: 2 }),
    rule: 'replicas-lowered',
    says: 'pods that are added later copy their data again',
  },
  {
    change: 'fewer replicas without volumes',
    before: postgres({ storage: Storage.ephemeral() }),
    after: postgres({ storage: Storage.ephemeral(), replicas: 2 }),
    rule: 'replicas-lowered',
    says: 'they have no volumes',
  },
  {
    change: 'more replicas',
    before: postgres(),
    after: postgres({ replicas: 5 }),
    rule: 'replicas-raised',
    says: 'copies its data from the ordinal below it',
  },
  {
    change: 'a minor version',
    before: postgres({ version: PostgresVersion.of('18.1', 'postgres:18.1') }),
    after: postgres({ version: PostgresVersion.of('18.2', 'registry.example.com/postgres:stable') }),
    rule: 'version-raised',
    says: 'from the last to 0',
  },
  {
    change: 'an older minor version',
    before: postgres({ version: PostgresVersion.of('18.2', 'registry.example.com/postgres:stable') }),
    after: postgres({ version: PostgresVersion.of('18.1', 'postgres:18.1') }),
    rule: 'version-lowered',
    says: 'keep a backup',
  },
  {
    change: 'another Secret',
    before: postgres(),
    after: postgres({ credentials: Credentials.fromSecret('others') }),
    rule: 'credentials-changed',
    says: 'create the new Secret with the passwords of the previous one',
  },
  {
    change: 'the user of Redis, whose users are no data',
    before: redis,
    after: (scope) => new Redis(scope, 'orders', { version: RedisVersion.V8, ...common, user: 'shop' }),
    rule: 'user-changed',
    says: "switch the clients to 'shop'",
  },
  {
    change: 'another release of Debian',
    before: postgres({ version: PostgresVersion.of('18', 'postgres:18-bookworm') }),
    after: postgres(),
    rule: 'collation-changed',
    says: 'REFRESH COLLATION VERSION',
  },
  {
    change: 'a release of Debian where none was said',
    before: postgres({ version: PostgresVersion.of('18', 'postgres:18') }),
    after: postgres(),
    rule: 'collation-unknown',
    says: 'kubectl exec orders-0 -- cat /etc/os-release',
  },
  {
    change: 'other init scripts',
    before: postgres({ initScripts: { 'a.sql': 'SELECT 1' } }),
    after: postgres({ initScripts: { 'a.sql': 'SELECT 2' } }),
    rule: 'init-scripts-changed',
    says: 'do not run again',
  },
  {
    change: 'a parameter',
    before: postgres(),
    after: postgres({ parameters: { max_connections: '50' } }),
    rule: 'rolling-restart',
    says: 'from the last to 0',
  },
  {
    change: 'volumes that go with the set',
    before: postgres(),
    after: postgres({ volumesWhenDeleted: VolumeRetention.DELETE }),
    rule: 'retention-changed',
    says: 'Retain -> Delete',
  },
];

const UNCHANGED: Pick<Row, 'change' | 'before' | 'after'>[] = [
  { change: 'a construct that was moved in the tree', before: postgres(), after: deeper(postgres()) },
  { change: 'labels of the set', before: postgres(), after: postgres({ metadata: { labels: { team: 'shop' } } }) },
  {
    change: 'a set that keeps no data',
    before: postgres(),
    after: (scope) => {
      postgres()(scope);
      new StatefulSet(scope, 'api', { containers: [{ image: 'api:1', portNumber: 8080 }] });
    },
  },
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'changes-'));
  jest.spyOn(console, 'error').mockImplementation();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  jest.restoreAllMocks();
});

test.each(REFUSED)('$change is refused: $rule', async ({ before, after, rule, says }) => {
  synth(before);
  const lock = lockText();
  const refusal = refusalOf(() => synth(after));
  expect(refusal).toContain('stateful.lock.json refuses changes that would lose data');
  expect(refusal).toContain(`orders ${rule}`);
  expect(refusal).toContain(says);
  expect(lockText()).toBe(lock);

  const errors = Review.fromYaml(yaml(before), yaml(after)).findingsWithLevel(FindingLevel.ERROR);
  expect(messages(errors)).toContain(rule);
  for (const finding of errors) expect(refusal).toContain(`${finding.resource} ${finding.rule}`);
  expect(await violations(after)).toEqual(errors.map((finding) => finding.rule));
});

test("another major version is said once: the folder of the data is the library's own affair", () => {
  for (const [before, after] of [
    [postgres(), postgres({ version: PostgresVersion.V17 })],
    [postgres({ version: PostgresVersion.V17 }), postgres()],
  ]) {
    expect(
      Review.fromYaml(yaml(before), yaml(after))
        .findingsWithLevel(FindingLevel.ERROR)
        .map(({ rule }) => rule),
    ).toEqual(['major-version-changed']);
  }
  expect(
    Review.fromYaml(
      yaml(postgres()),
      yaml(patched('/spec/template/spec/containers/0/env/-', { name: 'PGDATA', value: '/x' })),
    )
      .findingsWithLevel(FindingLevel.ERROR)
      .map(({ rule }) => rule),
  ).toEqual(['data-directory-changed']);
});

test('a lock of before the port and the names were kept in it refuses nothing', () => {
  synth(postgres());
  const lock = JSON.parse(lockText()) as { systems: { [key: string]: { settings?: object; release?: string } } };
  expect(lock.systems['default/orders']).toMatchObject({
    settings: { port: '5432', database: 'app', user: 'app' },
    release: 'trixie',
  });
  delete lock.systems['default/orders'].settings;
  writeFileSync(join(folder, 'stateful.lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  synth(postgres({ port: 6000, user: 'shop' }));
  expect(lockText()).toContain('"port": "6000"');
});

test.each(ALLOWED)('$change is allowed, and said: $rule', async ({ before, after, rule, says }) => {
  synth(before);
  const lock = lockText();
  const findings = Review.fromYaml(yaml(before), yaml(after)).findings;
  expect(findings.filter(({ level }) => level === FindingLevel.ERROR)).toEqual([]);
  expect(messages(findings.filter((finding) => finding.rule === rule))).toContain(says);
  expect(await violations(after)).toEqual([]);

  expect(refusalOf(() => synth(after, true))).toContain('is frozen and would change');
  expect(lockText()).toBe(lock);
  synth(after);
  expect(said()).toContain(rule);
  expect(said()).toContain(says);
  expect(lockText()).not.toBe(lock);
  synth(after, true);
});

test.each(UNCHANGED)('$change changes nothing', ({ before, after }) => {
  synth(before);
  synth(after, true);
  expect(Review.fromYaml(yaml(before), yaml(after)).findings).toEqual([]);
});

function app(build: Build, frozen: boolean): StatefulApp {
  const stateful = new StatefulApp({
    outdir: join(folder, 'dist'),
    lockFile: join(folder, 'stateful.lock.json'),
    frozen,
  });
  build(new Chart(stateful, 'chart'));
  return stateful;
}

function synth(build: Build, frozen = false): void {
  app(build, frozen).synth();
}

function yaml(build: Build): string {
  return Yaml.stringify(...app(build, false).charts.flatMap((chart) => chart.toJson() as unknown[]));
}

function lockText(): string {
  return readFileSync(join(folder, 'stateful.lock.json'), 'utf8');
}

function said(): string {
  return jest.mocked(console.error).mock.calls.flat().join('\n');
}

function messages(findings: Finding[]): string {
  return findings
    .map((finding) => Object.values(finding).join(' '))
    .join('\n')
    .replace('10Gi 20Gi', '10Gi -> 20Gi')
    .replace('Retain Delete', 'Retain -> Delete');
}

async function violations(build: Build): Promise<string[]> {
  const file = Yaml.tmp(app(build, false).charts.flatMap((chart) => chart.toJson() as unknown[]));
  const rules: string[] = [];
  const context: ValidationContext = {
    manifests: [file],
    report: { addViolation: ({ ruleName }) => rules.push(ruleName), submit: () => undefined },
  };
  await new StatefulValidation({ lockFile: join(folder, 'stateful.lock.json') }).validate(context);
  rmSync(file);
  return rules;
}
