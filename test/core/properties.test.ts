import { App, Chart, Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import fc, { Arbitrary } from 'fast-check';
import { AccessMode, Credentials, Postgres, PostgresProps, PostgresVersion, Storage } from '../../lib';
import { acceptedProps, NamedProps } from '../arbitraries';
import { Manifest, synthesize } from '../manifests';
import { podSecurityViolations } from '../../lib/changes/testing/pod-security';
import { refusalOf } from '../refusal';

/** Of a Service, the strictest: RFC 1035. */
const DNS_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

describe('whatever props are accepted', () => {
  const synth = (props: NamedProps): Manifest[] => synthesize((scope) => new Postgres(scope, 'some-id', props));
  const always = (check: (props: NamedProps) => void): void =>
    fc.assert(fc.property(acceptedProps, check), { numRuns: 60 });

  /** As a file, in an app of its own. */
  function yaml(props: NamedProps, place: (chart: Chart) => Construct, id: string): string {
    const app = new App();
    new Postgres(place(new Chart(app, 'chart')), id, props);
    return app.synthYaml();
  }

  test('the output is the same when it is made again, and when the construct is moved', () => {
    const path = fc.array(fc.stringMatching(/^[A-Za-z][-_ A-Za-z0-9]{0,10}$/), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(acceptedProps, path, (props, ids) => {
        const one = yaml(props, (chart) => chart, 'some-id');
        expect(yaml(props, (chart) => chart, 'some-id')).toBe(one);
        expect(
          yaml(props, (chart) => ids.reduce((scope: Construct, id) => new Construct(scope, id), chart), 'another'),
        ).toBe(one);
      }),
      { numRuns: 40 },
    );
  });

  test('its pods pass restricted Pod Security', () => {
    always((props) => expect(synth(props).flatMap(podSecurityViolations)).toEqual([]));
  });

  test('nothing in it is null or no number, nor would Helm render it', () => {
    always((props) => {
      const manifests = synth(props);
      expect(
        [...leaves(manifests)].filter(
          (leaf) => leaf === null || leaf === undefined || (typeof leaf === 'number' && !Number.isInteger(leaf)),
        ),
      ).toEqual([]);
      expect(JSON.stringify(manifests)).not.toContain('{{');
    });
  });

  test('every object is named by the set, and its name is one that Services may have', () => {
    always((props) => {
      const names = synth(props).map((manifest) => manifest.metadata.name ?? '(none)');
      expect(names.filter((name) => name !== props.name && !name.startsWith(`${props.name}-`))).toEqual([]);
      expect(names.filter((name) => !DNS_LABEL.test(name))).toEqual([]);
    });
  });
});

function* leaves(value: unknown): Generator<unknown> {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) {
      yield* leaves(inner);
    }
  } else {
    yield value;
  }
}

describe('whatever is refused, the error names the prop and what it got', () => {
  const good: PostgresProps = {
    version: PostgresVersion.V18,
    replicas: 3,
    storage: Storage.ephemeral(),
    credentials: Credentials.fromSecret('credentials'),
  };
  const construct = (props: Partial<PostgresProps>): unknown =>
    new Postgres(new Chart(new App(), 'chart'), 'orders', { ...good, ...props });
  const remote = (props: object): unknown =>
    Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(1), ...props });

  const isNo =
    (pattern: RegExp) =>
    (text: string): boolean =>
      !pattern.test(text);
  const string = fc.oneof(fc.string({ maxLength: 70 }), fc.stringMatching(/^[-_.A-Za-z0-9]{0,70}$/));
  const noWhole = (least: number, most = Number.POSITIVE_INFINITY): Arbitrary<number> =>
    fc.oneof(fc.double(), fc.integer()).filter((value) => !Number.isInteger(value) || value < least || value > most);
  const noSize = fc.oneof(
    fc.constant(Size.gibibytes(0)),
    fc.integer({ min: 1, max: 1023 }).map((amount) => Size.kibibytes(amount)),
    fc.constantFrom(Size.mebibytes(Number.NaN), Size.gibibytes(0.3), Size.tebibytes(Number.POSITIVE_INFINITY)),
  );
  const noSubdomain = string.filter(isNo(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/));
  const noIdentifier = string.filter(isNo(/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/));
  const noDuration = (least: number): Arbitrary<Duration> =>
    fc.oneof(
      fc.integer({ max: least - 1, min: 0 }).map((amount) => Duration.seconds(amount)),
      fc
        .integer({ min: least * 1000 })
        .filter((amount) => amount % 1000 !== 0)
        .map((amount) => Duration.millis(amount)),
    );
  const seconds = (duration: Duration): string => `${duration.toSeconds({ integral: false })} seconds`;
  const record = (name: string, value = 'x'): { [name: string]: string } => Object.fromEntries([[name, value]]);

  /** A prop, values that it does not take, how to give one, and how the error shows it. */
  interface Refusal<T> {
    readonly prop: string;
    readonly values: Arbitrary<T>;
    readonly give: (value: T) => unknown;
    readonly got: (value: T) => string;
  }
  const refusal = <T>(
    prop: string,
    values: Arbitrary<T>,
    give: (value: T) => unknown,
    got: (value: T) => string = String,
  ): Refusal<unknown> => ({ prop, values, give, got }) as Refusal<unknown>;

  test.each([
    refusal('name', string.filter(isNo(/^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/)), (name) => construct({ name })),
    refusal(
      'name',
      fc.stringMatching(/^[a-z]{53,60}$/),
      (name) => construct({ name }),
      (name) => `${name.length}: '${name}'`,
    ),
    refusal('replicas', noWhole(2, 1000), (replicas) => construct({ replicas })),
    refusal(
      'size',
      noSize,
      (size) => remote({ size }),
      (size) => size.asString(),
    ),
    refusal(
      'sizeLimit',
      noSize,
      (sizeLimit) => Storage.ephemeral({ sizeLimit }),
      (size) => size.asString(),
    ),
    refusal('storageClassName', noSubdomain, (storageClassName) => remote({ storageClassName }), JSON.stringify),
    refusal('storageClassName', fc.constantFrom('local-path', 'hostpath', 'local-storage'), (storageClassName) =>
      remote({ storageClassName }),
    ),
    refusal('accessMode', string, (accessMode) => remote({ accessMode: accessMode as AccessMode }), JSON.stringify),
    refusal('credentials', noSubdomain, (name) => Credentials.fromSecret(name), JSON.stringify),
    refusal('keys', string.filter(isNo(/^[-._a-zA-Z0-9]{1,253}$/)), (password) =>
      Credentials.fromSecret('credentials', { password }),
    ),
    refusal('version', string.filter(isNo(/^(1[7-9]|2\d)(\.\d{1,4}){0,2}$/)), (version) =>
      PostgresVersion.of(version, 'postgres:18'),
    ),
    refusal('image', string.filter(isNo(/^\S+$/)), (image) => PostgresVersion.of('17', image)),
    refusal('port', noWhole(1024, 65535), (port) => construct({ port })),
    refusal('parameters', fc.constantFrom('port', 'fsync', 'primary_conninfo', 'hba_file'), (name) =>
      construct({ parameters: record(name) }),
    ),
    refusal('parameters', string.filter(isNo(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/)), (name) =>
      construct({ parameters: record(name) }),
    ),
    refusal(
      'parameters',
      fc.tuple(string, fc.constantFrom('\n', '\r', '\0'), string),
      (value) => construct({ parameters: record('a', value.join('')) }),
      (value) => JSON.stringify(value.join('')),
    ),
    refusal('database', noIdentifier, (database) => construct({ database })),
    refusal('user', noIdentifier, (user) => construct({ user })),
    refusal('user', fc.constantFrom('postgres', 'replicator', 'public', 'none'), (user) => construct({ user })),
    refusal('initScripts', string.filter(isNo(/^[A-Za-z1-9][-._A-Za-z0-9]*\.(sql|sh)$/)), (name) =>
      construct({ initScripts: record(name) }),
    ),
    refusal(
      'resources.memory',
      fc.integer({ min: 1, max: 127 }),
      (mebibytes) => construct({ resources: { memory: { limit: Size.mebibytes(mebibytes) } } }),
      (mebibytes) => `${mebibytes} mebibytes`,
    ),
    refusal('maxLag', noDuration(1), (maxLag) => construct({ maxLag }), seconds),
    refusal(
      'terminationGracePeriod',
      noDuration(30),
      (terminationGracePeriod) => construct({ terminationGracePeriod }),
      seconds,
    ),
    refusal('startupTimeout', noDuration(10), (startupTimeout) => construct({ startupTimeout }), seconds),
    refusal('metadata.name', string, (name) => construct({ metadata: { name } })),
    refusal('podMetadata.name', string, (name) => construct({ podMetadata: { name } })),
  ])('$prop', ({ prop, values, give, got }) => {
    fc.assert(
      fc.property(values, (value) => {
        const message = refusalOf(() => give(value));
        expect(message).toMatch(new RegExp(`^${prop.replace('.', '\\.')} `));
        expect(message).toContain(got(value));
        expect(message).toMatch(/^[a-z].*[^.]$/s); // one sentence, as all errors of the library
      }),
    );
  });
});
