import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart, Size, YamlOutputType } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Credentials,
  Postgres,
  PostgresVersion,
  RetiredSystem,
  RetiredVolumes,
  StatefulApp,
  StatefulAppProps,
  Storage,
  VolumeRetention,
} from '../../../lib';
import { refusalOf } from '../../refusal';

type Build = (scope: Construct) => unknown;

const postgres =
  (
    name: string,
    props: { gibibytes?: number; volumesWhenDeleted?: VolumeRetention; ephemeral?: boolean } = {},
  ): Build =>
  (scope) =>
    new Postgres(scope, name, {
      version: PostgresVersion.V18,
      replicas: 3,
      storage: props.ephemeral
        ? Storage.ephemeral()
        : Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(props.gibibytes ?? 10) }),
      credentials: Credentials.fromSecret('orders-credentials'),
      volumesWhenDeleted: props.volumesWhenDeleted,
    });
const retired =
  (name: string, volumes: RetiredVolumes): Build =>
  (scope) =>
    new RetiredSystem(scope, name, { volumes });

let folder: string;
const environment = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-'));
  delete process.env.CI;
  jest.spyOn(console, 'error').mockImplementation();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.env = { ...environment };
  jest.restoreAllMocks();
});

test('a new system is added to the lock, and the manifests are those of any app', () => {
  synth([postgres('orders')]);
  expect(systems()).toEqual(['default/orders']);
  expect(readdirSync(join(folder, 'dist'))).toEqual(['chart.k8s.yaml']);
  expect(said()).toContain('systems default/orders: new');
});

test('nothing is said and nothing written where nothing changes', () => {
  synth([postgres('orders')]);
  const lock = readFileSync(lockFile(), 'utf8');
  jest.mocked(console.error).mockClear();
  synth([postgres('orders')]);
  expect(said()).toBe('');
  expect(readFileSync(lockFile(), 'utf8')).toBe(lock);
});

test('a change of one system is one hunk of the lock', () => {
  synth([postgres('accounts'), postgres('orders'), postgres('sales')]);
  const before = readFileSync(lockFile(), 'utf8').split('\n');
  synth([postgres('sales'), postgres('orders', { gibibytes: 20 }), postgres('accounts')]);
  const after = readFileSync(lockFile(), 'utf8').split('\n');
  expect(after).toHaveLength(before.length);
  const changed = after.flatMap((line, place) => (line === before[place] ? [] : [place]));
  // The database keeps more of its log on a larger volume, so the pods' configuration changes with it.
  expect(changed.map((place) => after[place].trim())).toEqual([
    expect.stringContaining('"podTemplate": '),
    '"size": "20Gi",',
  ]);
  expect(after.slice(changed[0], changed[1]).filter((line) => /^ {4}"/.test(line))).toEqual([]);
});

describe('frozen', () => {
  test.each(['true', '1'])('is what CI=%s makes it', (CI) => {
    process.env.CI = CI;
    process.env.NODE_ENV = 'production';
    expect(refusalOf(() => synth([postgres('orders')], { frozen: undefined }))).toContain(
      'stateful.lock.json is missing:\n  systems default/orders: new',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([undefined, '', '0', 'false'])('is not what CI=%s makes it', (CI) => {
    if (CI !== undefined) process.env.CI = CI;
    process.env.NODE_ENV = 'production';
    synth([postgres('orders')], { frozen: undefined });
    expect(systems()).toEqual(['default/orders']);
  });

  test('is every app in a test', () => {
    process.env.NODE_ENV = 'test';
    expect(refusalOf(() => synth([postgres('orders')], { frozen: undefined }))).toContain(
      'stateful.lock.json is missing',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('lets pass what the lock has', () => {
    synth([postgres('orders')]);
    synth([postgres('orders')], { frozen: true });
  });

  test('refuses what would change the lock, field by field', () => {
    synth([postgres('orders')]);
    expect(refusalOf(() => synth([postgres('orders', { gibibytes: 20 })], { frozen: true }))).toMatch(
      /is frozen and would change:\n[^]* {2}systems default\/orders: claims \{.*10Gi.*\} -> \{.*20Gi.*\}\n[^]* commit stateful\.lock\.json/,
    );
  });
});

test('a refused change writes neither manifests nor lock', () => {
  synth([postgres('orders')]);
  rmSync(join(folder, 'dist'), { recursive: true });
  expect(refusalOf(() => synth([postgres('orders', { gibibytes: 5 })]))).toContain('volume-shrunk');
  expect(readdirSync(folder)).toEqual(['stateful.lock.json']);
});

test('to overrule a refusal, the entry is deleted', () => {
  synth([postgres('accounts'), postgres('orders')]);
  const lock = JSON.parse(readFileSync(lockFile(), 'utf8')) as { systems: { [key: string]: object } };
  delete lock.systems['default/orders'];
  writeFileSync(lockFile(), JSON.stringify(lock));
  synth([postgres('accounts'), postgres('orders', { gibibytes: 5 })]);
  expect(systems()).toEqual(['default/accounts', 'default/orders']);
});

test('an invalid app is refused before the lock is written', () => {
  const invalid: Build = (scope) => scope.node.addValidation({ validate: () => ['no good'] });
  expect(refusalOf(() => synth([postgres('orders'), invalid]))).toContain('no good');
  expect(existsSync(lockFile())).toBe(false);
});

test('a larger volume comes with a plan', () => {
  synth([postgres('orders')]);
  synth([postgres('orders', { gibibytes: 20 })]);
  const [plan] = readdirSync(join(folder, 'stateful-plans'));
  expect(plan).toBe('grow-data-of-orders-to-20Gi.sh');
  expect(said()).toContain(plan);
  const script = readFileSync(join(folder, 'stateful-plans', plan), 'utf8');
  expect(script).toContain('\nset_name=orders\nclaim=data\nsize=20Gi\n');
  expect(script).not.toContain('\nnamespace=');
});

describe('a retired system', () => {
  test('whose volumes are kept may go, and is remembered', () => {
    synth([postgres('orders')]);
    synth([retired('orders', RetiredVolumes.KEPT)]);
    expect(systems()).toEqual([]);
    expect(systems('retired')).toEqual(['default/orders']);
    expect(said()).toContain('its PVCs are kept: data-orders-0 data-orders-1 data-orders-2');
  });

  test('and the line that retired it may go afterwards', () => {
    synth([postgres('orders')]);
    synth([retired('orders', RetiredVolumes.KEPT)]);
    synth([], { frozen: true });
  });

  test('that comes back must fit the volumes that it finds', () => {
    synth([postgres('orders')]);
    synth([retired('orders', RetiredVolumes.KEPT)]);
    expect(refusalOf(() => synth([postgres('orders', { gibibytes: 5 })]))).toContain('volume-shrunk');
    synth([postgres('orders')]);
    expect(systems()).toEqual(['default/orders']);
    expect(systems('retired')).toEqual([]);
  });

  test('whose volumes are deleted is forgotten, and synth says how to delete them', () => {
    synth([postgres('orders')]);
    synth([retired('orders', RetiredVolumes.DELETED)]);
    expect(said()).toContain('kubectl delete persistentvolumeclaim data-orders-0 data-orders-1 data-orders-2');
    expect(systems('retired')).toEqual([]);
    synth([postgres('orders', { gibibytes: 5 })]);
  });

  test('whose kept volumes were deleted later is forgotten when the code says so', () => {
    synth([postgres('orders')]);
    synth([retired('orders', RetiredVolumes.KEPT)]);
    synth([retired('orders', RetiredVolumes.DELETED)]);
    expect(systems('retired')).toEqual([]);
  });

  test.each([
    ['claims go with the set', { volumesWhenDeleted: VolumeRetention.DELETE }, 'set volumesWhenDeleted to RETAIN'],
    ['there are no volumes', { ephemeral: true }, 'it has no volumes to keep'],
  ])('cannot keep volumes where %s', (_, props, says) => {
    synth([postgres('orders', props)]);
    expect(refusalOf(() => synth([retired('orders', RetiredVolumes.KEPT)]))).toContain(says);
    synth([retired('orders', RetiredVolumes.DELETED)]);
    expect(systems()).toEqual([]);
  });

  test('may not be in the code as well', () => {
    const both: Build = (scope) => {
      postgres('orders')(scope);
      retired('orders', RetiredVolumes.KEPT)(new Construct(scope, 'old'));
    };
    synth([postgres('orders')]);
    expect(refusalOf(() => synth([both]))).toContain('it is marked as retired but still defined');
  });

  test('in one namespace says nothing of the same name in another', () => {
    const shop: Build = (scope) => postgres('orders')(new Chart(scope, 'shop', { namespace: 'shop' }));
    synth([postgres('orders'), shop]);
    expect(systems()).toEqual(['default/orders', 'shop/orders']);
    expect(refusalOf(() => synth([retired('orders', RetiredVolumes.KEPT)]))).toContain(
      'StatefulSet/shop/orders set-removed',
    );
    synth([shop, retired('orders', RetiredVolumes.KEPT)]);
    expect(systems()).toEqual(['shop/orders']);
  });
});

test.each([
  ['with conflicts of a merge', '{\n<<<<<<< HEAD\n"format": 1\n=======\n>>>>>>> theirs\n', 'merge conflicts'],
  ['that is no JSON', '{ "format": 1,', 'is damaged'],
  ['of a newer library', '{ "format": 3, "systems": {} }', 'upgrade to the version that wrote the lock'],
  ['without systems', '{ "format": 1 }', "no 'systems'"],
])('a lock %s is an error, and stays as it is', (_, text, says) => {
  writeFileSync(lockFile(), text);
  expect(refusalOf(() => synth([postgres('orders')]))).toContain(says);
  expect(readFileSync(lockFile(), 'utf8')).toBe(text);
  expect(existsSync(join(folder, 'dist'))).toBe(false);
});

test('synthYaml compares, and writes nothing', () => {
  synth([postgres('orders')]);
  expect(app([postgres('orders')]).synthYaml()).toContain('kind: StatefulSet');
  expect(refusalOf(() => app([postgres('orders', { gibibytes: 5 })]).synthYaml())).toContain('volume-shrunk');
  app([postgres('orders', { gibibytes: 20 })]).synthYaml();
  expect(readFileSync(lockFile(), 'utf8')).not.toContain('20Gi');
});

test('the form of the output makes no difference', () => {
  synth([postgres('orders')]);
  for (const yamlOutputType of [
    YamlOutputType.FILE_PER_APP,
    YamlOutputType.FILE_PER_RESOURCE,
    YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE,
  ]) {
    synth([postgres('orders')], { frozen: true, yamlOutputType });
  }
});

test('the lock is beside the cdk8s.yaml of the folder that the cdk8s command runs in', () => {
  mkdirSync(join(folder, 'below'));
  writeFileSync(join(folder, 'cdk8s.yaml'), 'app: ts-node main.ts\n');
  process.env.CDK8S_OUTDIR = join(folder, 'dist');
  jest.spyOn(process, 'cwd').mockReturnValue(join(folder, 'below'));
  expect(new StatefulApp().lockFile).toBe(lockFile());
});

test('else it is beside the cdk8s.yaml of the app itself', () => {
  delete process.env.CDK8S_OUTDIR;
  jest.spyOn(process, 'cwd').mockReturnValue('/');
  expect(new StatefulApp().lockFile).toBe(join(__dirname, '..', '..', '..', 'stateful.lock.json'));
});

function app(builds: Build[], props: StatefulAppProps = {}): StatefulApp {
  const stateful = new StatefulApp({ outdir: join(folder, 'dist'), lockFile: lockFile(), frozen: false, ...props });
  const chart = new Chart(stateful, 'chart');
  builds.forEach((build) => build(chart));
  return stateful;
}

function synth(builds: Build[], props?: StatefulAppProps): void {
  app(builds, props).synth();
}

function lockFile(): string {
  return join(folder, 'stateful.lock.json');
}

function systems(part: 'systems' | 'retired' = 'systems'): string[] {
  const lock = JSON.parse(readFileSync(lockFile(), 'utf8')) as { [part: string]: object | undefined };
  return Object.keys(lock[part] ?? {});
}

function said(): string {
  return jest.mocked(console.error).mock.calls.flat().join('\n');
}
