import { ApiObjectMetadata, Duration, Size } from 'cdk8s';
import { ContainerResources, Cpu, EmptyDirMedium } from 'cdk8s-plus-28';
import fc, { Arbitrary } from 'fast-check';
import {
  AccessMode,
  Credentials,
  PrimaryVolumeLoss,
  PostgresProps,
  PostgresVersion,
  Storage,
  VolumeRetention,
} from '../lib';

// What users may give to `Postgres`, all of it accepted; shared by properties.test.ts and schemas/samples.ts.

/** Props with a name, so that they say everything of the output. */
export type NamedProps = PostgresProps & { readonly name: string };

const dnsLabel = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const dnsSubdomain = fc.array(dnsLabel, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
const labelValue = fc.stringMatching(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
const labelKey = fc
  .tuple(
    fc.constantFrom('', 'example.com/', 'a.b-c.d/'),
    fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,40}[A-Za-z0-9])?$/),
  )
  .map(([prefix, name]) => prefix + name);
const labels = fc.dictionary(labelKey, labelValue, { maxKeys: 4, noNullPrototype: true });
/** Any text but what Helm would render, which is the user's own to give. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom("it's", '\\', '"', '$(x)', '#', ': ', '- a', '~', 'null', 'yes', '0x10', '1e3', ' ', '%', '}}'),
  )
  .filter((value) => !value.includes('{{'));

const setName = fc.stringMatching(/^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/);
const identifier = fc
  .stringMatching(/^[a-z_][a-z0-9_]{0,62}$/)
  .filter(
    (name) =>
      !name.startsWith('pg_') && !['template0', 'template1', 'postgres', 'public', 'none', 'replicator'].includes(name),
  );
const parameters = fc.dictionary(
  fc.constantFrom(
    'work_mem',
    'shared_buffers',
    'search_path',
    'application_name',
    'log_line_prefix',
    'auto_explain.log_min_duration',
    'a',
    'x_y.z',
  ),
  text,
  { noNullPrototype: true },
);
const initScripts = fc.dictionary(
  fc.stringMatching(/^[A-Za-z1-9][-._A-Za-z0-9]{0,20}\.(sql|sh)$/),
  fc.array(text).map((lines) => lines.join('\n')),
  {
    maxKeys: 3,
    noNullPrototype: true,
  },
);

const mebibytes = (min: number, max: number): Arbitrary<Size> =>
  fc.oneof(
    fc.integer({ min, max }).map((amount) => Size.mebibytes(amount)),
    fc.integer({ min: Math.ceil(min / 1024), max: Math.ceil(max / 1024) }).map((amount) => Size.gibibytes(amount)),
  );
const volumeSize = mebibytes(1, 2 ** 24);

const optional = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

/** No usual name of a local class begins so. */
const className = dnsSubdomain.map((name) => `remote-${name}`);
const storage = fc.oneof(
  fc
    .record({
      storageClassName: className,
      size: volumeSize,
      accessMode: optional(fc.constantFrom(...Object.values(AccessMode))),
    })
    .map((props) => Storage.remote(props)),
  fc
    .record({ medium: optional(fc.constantFrom(...Object.values(EmptyDirMedium))), sizeLimit: optional(volumeSize) })
    .map((props) => Storage.ephemeral(props)),
  fc
    .record({ storageClassName: optional(className), size: volumeSize })
    .map((props) => Storage.localForDevelopmentOnlyDataDiesWithTheNode(props)),
);

const cpu = fc.tuple(fc.integer({ min: 1, max: 64_000 }), optional(fc.nat({ max: 64_000 }))).map(([request, more]) => ({
  request: Cpu.millis(request),
  limit: more === undefined ? undefined : Cpu.millis(request + more),
}));
const memory = fc
  .tuple(fc.integer({ min: 128, max: 2 ** 20 }), optional(fc.nat({ max: 2 ** 20 })))
  .map(([request, more]) => ({
    request: Size.mebibytes(request),
    limit: more === undefined ? undefined : Size.mebibytes(request + more),
  }));
const resources: Arbitrary<ContainerResources> = fc.record({ cpu: optional(cpu), memory: optional(memory) });

const atLeast = (seconds: number): Arbitrary<Duration> =>
  fc.oneof(
    fc.integer({ min: seconds, max: 1_000_000 }).map((amount) => Duration.seconds(amount)),
    fc.integer({ min: seconds, max: 1_000_000 }).map((amount) => Duration.millis(amount * 1000)),
    fc.integer({ min: 1, max: 1000 }).map((amount) => Duration.minutes(amount)),
    fc.integer({ min: 1, max: 100 }).map((amount) => Duration.hours(amount)),
  );

const version = fc.oneof(
  fc.constantFrom(PostgresVersion.V17, PostgresVersion.V18),
  fc
    .record({ major: fc.integer({ min: 17, max: 19 }), minor: fc.nat({ max: 9999 }), registry: fc.webAuthority() })
    .map(({ major, minor, registry }) =>
      PostgresVersion.of(`${major}.${minor}`, `${registry}/postgres:${major}.${minor}`),
    ),
);
const keys = fc.uniqueArray(
  fc.stringMatching(/^[-._a-zA-Z0-9]{1,60}$/).filter((key) => !/^(\.\.|\.$)/.test(key)),
  { minLength: 3, maxLength: 3 },
);
const credentials = fc
  .tuple(dnsSubdomain, optional(keys))
  .map(([name, given]) =>
    Credentials.fromSecret(
      name,
      given && { superuserPassword: given[0], replicationPassword: given[1], password: given[2] },
    ),
  );

/** The namespace is the set's, as a pod template has none. */
const metadata = (namespace: Arbitrary<string | undefined>): Arbitrary<ApiObjectMetadata> =>
  fc.record({ namespace, labels, annotations: fc.dictionary(labelKey, text, { maxKeys: 3, noNullPrototype: true }) });
const retention = fc.constantFrom(...Object.values(VolumeRetention));

/** Props that are accepted. Each that may be left out is left out now and then. */
export const acceptedProps: Arbitrary<NamedProps> = fc.record(
  {
    name: setName,
    version,
    // At least two, as ephemeral storage demands; sets of one have tests of their own.
    replicas: fc.integer({ min: 2, max: 40 }),
    storage,
    credentials,
    resources,
    metadata: metadata(optional(dnsLabel)),
    podMetadata: metadata(fc.constant(undefined)),
    nodeSelector: labels,
    priorityClassName: dnsSubdomain,
    maxLag: atLeast(1),
    onPrimaryVolumeLoss: fc.constantFrom(...Object.values(PrimaryVolumeLoss)),
    terminationGracePeriod: atLeast(30),
    startupTimeout: atLeast(10),
    volumesWhenDeleted: retention,
    volumesWhenScaled: retention,
    parameters,
    database: identifier,
    user: identifier,
    port: fc.integer({ min: 1024, max: 65535 }),
    initScripts,
    initdbArguments: fc.uniqueArray(
      fc.constantFrom(
        '--locale=de_DE.utf8',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--wal-segsize=32',
        '--no-locale',
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['name', 'version', 'replicas', 'storage', 'credentials'] },
);
