import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { Manifests } from '../../lib/changes/facts/manifests';
import { readSets } from '../../lib/changes/facts/set-facts';
import { checkLock } from '../../lib/changes/lock/lock-check';
import { writeLock } from '../../lib/changes/lock/lock-file';
import { EMPTY_LOCK, NO_ENVIRONMENT } from '../../lib/changes/lock/lock-format';
import { PluginManager } from '../../node_modules/cdk8s-cli/lib/plugins/_manager';
import { ValidationPlugin } from '../../node_modules/cdk8s-cli/lib/plugins/validation';
import { claim, Fields, statefulSet } from './sets';
// By their paths, since the command exports nothing.

const PLUGIN = join(__dirname, '..', '..', 'lib', 'changes', 'plugin');
const sized = (storage: string): Fields => statefulSet({ claims: [claim({ resources: { requests: { storage } } })] });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'validation-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, ...manifests: Fields[]): string {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), Yaml.stringify(...manifests));
  return join(folder, path);
}

/** Runs the plugin as `cdk8s synth` does, with the classes of the cdk8s command, and returns its report. */
async function validate(
  manifests: string[],
  properties: { readonly [name: string]: string },
): Promise<{ status: string; violations: object[]; text: string }> {
  const { plugin, context } = ValidationPlugin.load(
    { package: PLUGIN, version: '0.1.0', class: 'StatefulValidation', properties },
    { manifests },
    false,
    new PluginManager(join(folder, 'plugins')),
  );
  await plugin.validate(context);
  const {
    summary: { status },
    violations,
  } = context.report.toJson();
  return { status, violations: [...violations], text: context.report.toString() };
}

function lock(...sets: Fields[]): { lockFile: string } {
  return locked({ [NO_ENVIRONMENT]: sets });
}

function locked(environments: Readonly<Record<string, Fields[]>>): { lockFile: string } {
  const lockFile = join(folder, 'stateful.lock.json');
  const code = new Map(
    Object.entries(environments).map(([name, sets]) => [
      name,
      { systems: readSets(Manifests.of(sets)), retirements: [] },
    ]),
  );
  writeLock(lockFile, checkLock(EMPTY_LOCK, code, true).content);
  return { lockFile };
}

test.each([
  ['nothing changes', '10Gi'],
  ['a change is allowed', '20Gi'],
])('success where %s', async (_, size) => {
  const manifests = [write('dist/orders.k8s.yaml', sized(size))];
  expect(await validate(manifests, lock(sized('10Gi')))).toMatchObject({ status: 'success', violations: [] });
  expect(await validate(manifests, { previous: write('previous.yaml', sized('10Gi')) })).toMatchObject({
    status: 'success',
    violations: [],
  });
});

test('failure where a change is refused, with the lock and with manifests of before', async () => {
  const manifests = [
    write('dist/other.k8s.yaml', statefulSet({ name: 'api', claims: [] })),
    write('dist/orders.k8s.yaml', sized('5Gi')),
  ];
  const violation = {
    ruleName: 'volume-shrunk',
    recommendation: 'volumes cannot shrink',
    fix: expect.stringMatching(/^restore 10Gi/) as unknown,
    violatingConstructs: [
      expect.objectContaining({
        resourceName: 'orders',
        locations: ['spec.volumeClaimTemplates[data].spec.resources.requests.storage'],
        manifestPath: manifests[1],
      }),
    ],
  };
  for (const properties of [
    lock(sized('10Gi')),
    { previous: write('previous/orders.yaml', sized('10Gi')) },
    { previous: join(folder, 'previous') },
  ]) {
    const { status, violations, text } = await validate(manifests, properties);
    expect({ status, violations }).toEqual({ status: 'failure', violations: [violation] });
    expect(text).toContain('How to fix: restore 10Gi');
  }
});

test('a set that is gone is reported though it is in no file', async () => {
  const manifests = [write('dist/api.k8s.yaml', statefulSet({ name: 'api', claims: [] }))];
  const { lockFile } = lock(sized('10Gi'));
  expect(await validate(manifests, { lockFile })).toMatchObject({
    status: 'failure',
    violations: [
      { ruleName: 'set-removed', violatingConstructs: [{ locations: ['metadata.name'], manifestPath: lockFile }] },
    ],
  });
  expect(await validate([], lock(sized('10Gi')))).toMatchObject({
    status: 'failure',
    violations: [{ ruleName: 'set-removed' }],
  });
});

test.each([
  [
    'no lock',
    { lockFile: 'not-there.json' },
    /not-there\.json is missing: create it with a StatefulApp, or set 'previous'/,
  ],
  ['a damaged lock', { lockFile: 'damaged.json' }, /damaged\.json is damaged/],
  ['no manifests of before', { previous: 'not-there' }, /no such file or directory/],
])('%s to compare with is an error', async (_, properties, message) => {
  writeFileSync(join(folder, 'damaged.json'), '{');
  const paths = Object.fromEntries(Object.entries(properties).map(([name, path]) => [name, join(folder, path)]));
  await expect(validate([write('dist/orders.k8s.yaml', sized('10Gi'))], paths)).rejects.toThrow(message);
});

describe('of several environments', () => {
  const both = { dev: [sized('10Gi')], prod: [sized('100Gi')] };

  test('the one that is named is compared', async () => {
    const manifests = [write('dist/orders.k8s.yaml', sized('20Gi'))];
    expect(await validate(manifests, { ...locked(both), environment: 'dev' })).toMatchObject({
      status: 'success',
      violations: [],
    });
    expect(await validate(manifests, { ...locked(both), environment: 'prod' })).toMatchObject({
      status: 'failure',
      violations: [{ ruleName: 'volume-shrunk' }],
    });
    expect(await validate([], { ...locked(both), environment: 'prod' })).toMatchObject({
      status: 'failure',
      violations: [{ ruleName: 'set-removed' }],
    });
  });

  test.each<[string, Readonly<Record<string, Fields[]>>, string | undefined, string]>([
    ['none', both, undefined, "be one of the environments in LOCK, 'dev', 'prod'; got none"],
    ['another one', both, 'test', "be one of the environments in LOCK, 'dev', 'prod'; got 'test'"],
    [
      'one that the lock knows nothing of',
      { [NO_ENVIRONMENT]: [sized('10Gi')] },
      'prod',
      "not be set, as LOCK has no environments; got 'prod'",
    ],
  ])('to name %s is an error', async (_, environments, environment, message) => {
    const { lockFile } = locked(environments);
    await expect(
      validate([write('dist/orders.k8s.yaml', sized('10Gi'))], {
        lockFile,
        ...(environment !== undefined && { environment }),
      }),
    ).rejects.toThrow(`environment in the plugin's properties must ${message.replace('LOCK', lockFile)}`);
  });

  test('the manifests of all at once are no environment', async () => {
    const manifests = ['dev', 'prod'].map((name) => write(`dist/${name}/orders.k8s.yaml`, sized('10Gi')));
    await expect(validate(manifests, { ...locked(both), environment: 'dev' })).rejects.toThrow(
      'several manifests define the same StatefulSet',
    );
  });

  test('previous manifests are compared folder by folder', async () => {
    const previous = join(folder, 'previous');
    for (const [name, [manifest]] of Object.entries(both)) write(`previous/${name}/orders.k8s.yaml`, manifest);
    const manifests = [
      write('dist/dev/orders.k8s.yaml', sized('10Gi')),
      write('dist/prod/orders.k8s.yaml', sized('50Gi')),
    ];
    expect(await validate(manifests, { previous })).toMatchObject({
      status: 'failure',
      violations: [{ ruleName: 'volume-shrunk', violatingConstructs: [{ manifestPath: manifests[1] }] }],
    });
  });
});
