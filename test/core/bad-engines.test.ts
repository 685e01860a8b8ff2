import { App, Chart, Duration, Size } from 'cdk8s';
import {
  AwsEbsVolumeType,
  Credentials,
  EngineConfig,
  Postgres,
  PostgresSource,
  PostgresVersion,
  ReplicatedFiles,
  ReplicatedStatefulSet,
  Review,
  StatefulApp,
  Storage,
  StorageClass,
  StorageProvisioner,
} from '../../lib';
import { refusalOf } from '../refusal';
import { engineOf, stubConfig, stubProps } from '../stub-engine';

// An engine of somebody's own may say anything, and so may anyone who calls what stands next to the sets.

const any = (value: unknown): never => value as never;
const chart = (): Chart => new Chart(new App(), 'chart');
const engine = (fields: { readonly [field in keyof EngineConfig]?: unknown }): string =>
  refusalOf(
    () =>
      new ReplicatedStatefulSet(chart(), 'orders', {
        ...stubProps,
        engine: engineOf({ ...stubConfig, ...fields } as EngineConfig),
      }),
  );
const names =
  "must be at most 15 characters of a-z, 0-9 and '-', other than prepare, sync, copy, rclone-program, ship, backup, proof, got";
const scripts = stubConfig.scripts;

test.each<[string, string, string]>([
  ['a name of two words', engine({ name: 'My Engine' }), `engine.name ${names} 'My Engine'`],
  ['a name that a port cannot have', engine({ name: 'a'.repeat(16) }), `engine.name ${names} '${'a'.repeat(16)}'`],
  ['a name without a letter', engine({ name: '123' }), `engine.name ${names} '123'`],
  ['the name of the sidecar', engine({ name: 'sync' }), `engine.name ${names} 'sync'`],
  ['no version', engine({ version: undefined }), 'engine.version must be a string, got undefined'],
  [
    'a version that no label can be',
    engine({ version: '1 2' }),
    "engine.version must be a label's value (letters, digits, '-', '_' and '.', at most 63), got '1 2'",
  ],
  ['no image', engine({ image: '' }), "engine.image must be a reference in lower case without blanks, got ''"],
  [
    'no image of rclone',
    engine({ rcloneImage: '' }),
    "engine.rcloneImage must be a reference in lower case without blanks, got ''",
  ],
  ['root', engine({ user: 0 }), 'engine.user must be a whole number greater than zero, as root is not allowed, got 0'],
  [
    'no user',
    engine({ user: undefined }),
    'engine.user must be a whole number greater than zero, as root is not allowed, got undefined',
  ],
  [
    'a port that needs root',
    engine({ port: 80 }),
    'engine.port must be a whole number from 1024 to 65535 (the server is not root), got 80',
  ],
  [
    'no port',
    engine({ port: undefined }),
    'engine.port must be a whole number from 1024 to 65535 (the server is not root), got undefined',
  ],
  [
    'a port of clients that is none',
    engine({ clientPort: 70_000 }),
    'engine.clientPort must be a whole number from 1 to 65535, got 70000',
  ],
  [
    'a port of copies that is none',
    engine({ copyPort: '4444' }),
    "engine.copyPort must be a whole number from 1024 to 65535 (the server is not root), got '4444'",
  ],
  [
    'a relative path',
    engine({ volumePath: 'data' }),
    "engine.volumePath must be an absolute path without ':' and '..', below '/', got 'data'",
  ],
  [
    'a path that leaves itself',
    engine({ volumePath: '/a/../b' }),
    "engine.volumePath must be an absolute path without ':' and '..', below '/', got '/a/../b'",
  ],
  ['no list of directories', engine({ scratch: 'tmp' }), "engine.scratch must be a list, got 'tmp'"],
  [
    'a directory by a name that is taken',
    engine({ scratch: [{ name: 'state', path: '/a' }] }),
    "engine.scratch must have names of a-z, 0-9 and '-', other than data, state, scripts, config, init, credentials, source, rclone-program, ship, backup, restore, got 'state'",
  ],
  [
    'a directory at a relative path',
    engine({ scratch: [{ name: 'tmp', path: 'tmp' }] }),
    "engine.scratch['tmp'].path must be an absolute path without ':' and '..', below '/', got 'tmp'",
  ],
  [
    'a directory of a size in words',
    engine({ scratch: [{ name: 'tmp', path: '/tmp', sizeLimit: '1Gi' }] }),
    "engine.scratch['tmp'].sizeLimit must be a Size, as Size.gibibytes(10), got '1Gi'",
  ],
  ['no scripts', engine({ scripts: undefined }), 'engine.scripts must be an object, got undefined'],
  [
    'half of the scripts',
    engine({ scripts: { 'engine.sh': '' } }),
    "engine.scripts must have 'engine-sync.sh', got 'engine.sh'",
  ],
  [
    'a script that is none',
    engine({ scripts: { ...scripts, 'more.sh': undefined } }),
    "engine.scripts must have strings as values, got undefined for 'more.sh'",
  ],
  [
    'a script by a name that no ConfigMap takes',
    engine({ scripts: { ...scripts, 'a b.sh': '' } }),
    "engine.scripts must have file names of letters, digits, '-', '_' and '.', got 'a b.sh'",
  ],
  [
    'a function of another name than its script',
    engine({ scripts: { ...scripts, 'engine_reconcile.sh': 'mend() { :; }' } }),
    "engine.scripts['engine_reconcile.sh'] must define the function engine_reconcile and no other, got mend: a script with '_' in its name replaces the function of that name",
  ],
  [
    'a file of configuration in a folder',
    engine({ configFiles: { 'a/b': '' } }),
    "engine.configFiles must have file names of letters, digits, '-', '_' and '.', got 'a/b'",
  ],
  [
    'the settings as a file',
    engine({ configFiles: { 'settings.sh': '' } }),
    "engine.configFiles must not have 'settings.sh': the library writes that file itself",
  ],
  [
    'the number of replicas as a file',
    engine({ configFiles: { replicas: '7' } }),
    "engine.configFiles must not have 'replicas': the library writes that file itself",
  ],
  [
    'a setting that is a command',
    engine({ settings: { 'a; rm': 'x' } }),
    "engine.settings must have names of shell variables, got 'a; rm'",
  ],
  [
    'a setting that is not set',
    engine({ settings: { a: undefined } }),
    "engine.settings must have strings as values, got undefined for 'a'",
  ],
  [
    'a setting of the core',
    engine({ settings: { volume: '/x' } }),
    "engine.settings must not have 'volume', got '/x': the library sets it",
  ],
  [
    "a setting that would move the scripts' folder",
    engine({ settings: { state: '/x' } }),
    "engine.settings must not have 'state', got '/x': the scripts of the library use that variable. Choose another name",
  ],
  [
    'a script that defines a function of the core',
    engine({ scripts: { ...scripts, 'engine.sh': 'core_tick() { :; }\n' } }),
    "engine.scripts['engine.sh'] must not define the function core_tick, as names that begin with 'core_' are the library's: rename it",
  ],
  ['no keys', engine({ secretKeys: undefined }), 'engine.secretKeys must be an object, got undefined'],
])('refused of an engine: %s', (_, message, expected) => {
  expect(message).toBe(expected);
});

const props = {
  version: PostgresVersion.V18,
  replicas: 3,
  storage: stubProps.storage,
  credentials: stubProps.credentials,
};
const from = (host: string): string =>
  refusalOf(
    () =>
      new Postgres(chart(), 'orders', {
        ...props,
        importFrom: PostgresSource.fromEndpoint({ host, credentials: stubProps.credentials }),
      }),
  );

test.each<[string, string, string | RegExp]>([
  [
    'data from oneself',
    from('orders-primary'),
    "importFrom must be another set, got 'orders-primary', which is the primary of this one",
  ],
  ['data from no host', from('a..b'), /^importFrom must name a host by its DNS name/],
  [
    'a key that no Secret has',
    refusalOf(() => Credentials.fromSecret('s', { password: '..' })),
    "keys must have letters, digits, '-', '_' and '.' only, got '..'",
  ],
  [
    "less memory than the sidecar's client takes",
    refusalOf(
      () => new Postgres(chart(), 'orders', { ...props, syncResources: { memory: { limit: Size.mebibytes(8) } } }),
    ),
    'syncResources.memory.limit must be at least 32 mebibytes, got 8Mi',
  ],
  [
    'a namespace of the pods',
    refusalOf(() => new Postgres(chart(), 'orders', { ...props, podMetadata: { namespace: 'x' } })),
    "podMetadata.namespace must not be given, got 'x': pods are in the namespace of their set",
  ],
  [
    'root in words',
    refusalOf(
      () =>
        new ReplicatedFiles(chart(), 'files', {
          ...props,
          container: { image: 'a:1', securityContext: { user: any('0') } },
        }),
    ),
    "container.securityContext.user must be a whole number, got '0'",
  ],
  [
    'a path of two lines',
    refusalOf(
      () => new ReplicatedFiles(chart(), 'files', { ...props, mountPath: '/a\nb', container: { image: 'a:1' } }),
    ),
    "mountPath must be an absolute path without ':', below '/', got '/a\nb'",
  ],
  [
    'a path that leaves itself',
    refusalOf(
      () => new ReplicatedFiles(chart(), 'files', { ...props, mountPath: '/a/../b', container: { image: 'a:1' } }),
    ),
    "mountPath must be an absolute path without ':', below '/', got '/a/../b'",
  ],
  [
    'a lock that is no file',
    refusalOf(() => new StatefulApp({ lockFile: any(3) })),
    'lockFile must be a string, got 3',
  ],
  [
    'a lock that is frozen in words',
    refusalOf(() => new StatefulApp({ frozen: any('false') })),
    "frozen must be true or false, got 'false'",
  ],
  [
    'a review of nothing',
    refusalOf(() => Review.fromPaths(any(undefined), 'x')),
    'before must be a string, got undefined',
  ],
  ['a review of no text', refusalOf(() => Review.fromYaml('', any(null))), 'after must be a string, got null'],
  [
    'findings of no level',
    refusalOf(() => Review.fromYaml('', '').findingsWithLevel(any('bad'))),
    "level must be one of 'error', 'warning', 'note', got 'bad'",
  ],
  [
    'no props of a provisioner',
    refusalOf(() => StorageProvisioner.cephRbd(any(undefined))),
    'props must be an object, got undefined',
  ],
  [
    'props of a provisioner that are null',
    refusalOf(() => StorageProvisioner.awsEbs(any(null))),
    'props must be an object, got null',
  ],
  [
    'a type of volume that AWS has not',
    refusalOf(() => StorageProvisioner.awsEbs({ volumeType: any('gp9') })),
    `volumeType must be one of ${Object.values(AwsEbsVolumeType)
      .map((one) => `'${one}'`)
      .join(', ')}, got 'gp9'`,
  ],
  [
    'a file system of another world',
    refusalOf(() => StorageProvisioner.gcePd({ fileSystem: any('ntfs') })),
    /^fileSystem must be one of 'ext4', .*, got 'ntfs'$/,
  ],
  [
    'a timeout in minutes',
    refusalOf(() => StorageProvisioner.longhorn({ staleReplicaTimeout: any(30) })),
    'staleReplicaTimeout must be a Duration, as Duration.minutes(30), got 30',
  ],
  [
    'options of a mount as a text',
    refusalOf(
      () =>
        new StorageClass(chart(), 'fast', { provisioner: StorageProvisioner.awsEbs(), mountOptions: any('noatime') }),
    ),
    "mountOptions must be a list, got 'noatime'",
  ],
])('refused: %s', (_, message, expected) => {
  expect(message).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
});

test('what is right is taken', () => {
  expect(
    engine({ clientPort: 80, copyPort: 7001, scratch: [{ name: 'tmp', path: '/tmp', sizeLimit: Size.mebibytes(10) }] }),
  ).toBe('(nothing was refused)');
  expect(from('orders-primary.elsewhere.svc')).toBe('(nothing was refused)');
  expect(refusalOf(() => StorageProvisioner.longhorn({ staleReplicaTimeout: Duration.minutes(30) }))).toBe(
    '(nothing was refused)',
  );
  expect(refusalOf(() => Storage.ephemeral())).toBe('(nothing was refused)');
});
