import { App, Chart, Testing } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppExample } from '../examples/app';
import { FilesExample } from '../examples/files';
import { LedgerExample } from '../examples/ledger';
import { MariaDbExample } from '../examples/mariadb';
import { MySqlExample } from '../examples/mysql';
import { PostgresExample } from '../examples/postgres';
import { PostgresBackupExample } from '../examples/postgres-backup';
import { PostgresEphemeralExample } from '../examples/postgres-ephemeral';
import { PostgresUpgradeExample } from '../examples/postgres-upgrade';
import { RedisExample } from '../examples/redis';
import { ValkeyExample } from '../examples/valkey';
import { forReading, Manifest, only, podSpec, statefulSet, title } from './manifests';
import { podSecurityViolations } from '../lib/changes/testing/pod-security';

const FOLDER = join(__dirname, '..', 'examples');

type Example = new (scope: Construct, id: string) => Chart;

const examples: [string, Example][] = [
  ['app', AppExample],
  ['files', FilesExample],
  ['ledger', LedgerExample],
  ['mariadb', MariaDbExample],
  ['mysql', MySqlExample],
  ['postgres', PostgresExample],
  ['postgres-backup', PostgresBackupExample],
  ['postgres-ephemeral', PostgresEphemeralExample],
  ['postgres-upgrade', PostgresUpgradeExample],
  ['redis', RedisExample],
  ['valkey', ValkeyExample],
];

function synth(name: string, Example: Example): Manifest[] {
  return Testing.synth(new Example(new App(), name)) as Manifest[];
}

test('every example is tested here, and built by main.ts', () => {
  const files = readdirSync(FOLDER).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && file !== 'main.ts',
  );
  expect(files.sort()).toEqual(examples.map(([name]) => `${name}.ts`).sort());
  const main = readFileSync(join(FOLDER, 'main.ts'), 'utf8');
  expect(examples.filter(([name, { name: type }]) => !main.includes(`new ${type}(app, '${name}')`))).toEqual([]);
});

/** Settings about passwords, and text in which a shell puts what it has made of one. */
const SAYS_NO_PASSWORD =
  /password_encryption=scram-sha-256|strict_password_validation = 0|PASSWORD '\*%s'|@password = 0x\$\(/g;

describe.each(examples)('%s', (name, Example) => {
  const manifests = synth(name, Example);

  test('is what a reviewer saw', () => {
    expect(forReading(manifests)).toMatchSnapshot();
  });

  test('is byte by byte the same when it is synthesized again', () => {
    const yaml = (): string => {
      const app = new App();
      new Example(app, name);
      return app.synthYaml();
    };
    expect(yaml()).toBe(yaml());
  });

  test('passes restricted Pod Security', () => {
    expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
  });

  test('every container says what it needs, and how much memory it may have', () => {
    const needs = containersOf(manifests).map(({ name: container, resources }) => [
      container,
      resources?.requests?.cpu,
      resources?.requests?.memory,
      resources?.limits?.memory,
    ]);
    expect(needs.length).toBeGreaterThanOrEqual(3);
    expect(needs.filter((each) => each.includes(undefined))).toEqual([]);
  });

  test('holds no Secret and no password', () => {
    expect(manifests.map(title).filter((each) => each.startsWith('Secret'))).toEqual([]);
    const environment = containersOf(manifests).flatMap(({ env = [] }) => env);
    expect(environment.filter(({ name: variable, value }) => /passw/i.test(variable) && value !== undefined)).toEqual(
      [],
    );
    // In scripts and configuration a password is a variable's, or a file's, and never what stands there.
    const texts = manifests
      .flatMap(({ data = {} }) => Object.values(data))
      .map((text) => text.replace(SAYS_NO_PASSWORD, ''));
    expect(texts.flatMap((text) => text.match(/^.*passw\w*['"]?( *= *['"]?\w| +').*$/gim) ?? [])).toEqual([]);
  });

  test('its file begins with the command that makes the Secret of each set', () => {
    const sets = manifests.filter(({ kind }) => kind === 'StatefulSet');
    expect(sets).not.toEqual([]);
    const [comment] = /^(\/\/.*\n)+/.exec(readFileSync(join(FOLDER, `${name}.ts`), 'utf8')) ?? ['(none)'];
    for (const set of sets) {
      const secret = podSpec([set]).volumes?.find((volume) => volume.name === 'credentials')?.secret;
      const command =
        comment.split('\n').find((line) => line.includes(`kubectl create secret generic ${secret?.secretName} `)) ??
        '(none)';
      expect(secret?.items).toHaveLength(name === 'files' ? 1 : 3); // files have no users
      expect(secret?.items?.filter(({ key }) => !command.includes(` --from-literal=${key}=`))).toEqual([]);
    }
  });
});

test.each(
  examples.filter(([name]) => ['files', 'ledger', 'mariadb', 'mysql', 'postgres', 'redis', 'valkey'].includes(name)),
)('%s is three pods of that name on remote storage', (name, Example) => {
  const manifests = synth(name, Example);
  const { metadata, spec } = statefulSet(manifests);
  expect(metadata.name).toBe(name);
  expect(spec).toMatchObject({ replicas: 3, volumeClaimTemplates: [{ spec: { storageClassName: 'remote' } }] });
  expect(podSpec(manifests).volumes?.find(({ name: volume }) => volume === 'credentials')?.secret?.secretName).toBe(
    `${name}-credentials`,
  );
});

test('app finds its database by the addresses of the Services', () => {
  const manifests = synth('app', AppExample);
  const [{ env = [] }] = containersOf(manifests).filter(({ name }) => !['prepare', 'postgres', 'sync'].includes(name));
  for (const [variable, service] of [
    ['DB_WRITE_HOST', 'orders-primary'],
    ['DB_READ_HOST', 'orders-read'],
  ]) {
    expect(env).toContainEqual({ name: variable, value: service });
    expect(only(manifests, 'Service', service)).toBeDefined();
  }
  const password = env.find(({ name }) => name === 'PGPASSWORD')?.valueFrom?.secretKeyRef;
  expect(password).toEqual({ name: 'orders-credentials', key: 'password' });
});

/** The containers of all pods that the manifests make. */
function containersOf(manifests: Manifest[]): k8s.Container[] {
  return manifests.flatMap(({ spec }) => {
    const pod = (spec as { template?: { spec?: k8s.PodSpec } } | undefined)?.template?.spec;
    return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])];
  });
}
