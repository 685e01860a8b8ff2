import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart, Size, YamlOutputType } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Credentials,
  Environment,
  Postgres,
  PostgresVersion,
  RetiredSystem,
  RetiredVolumes,
  StatefulApp,
  StatefulAppProps,
  Storage,
} from '../../../lib';
import { refusalOf } from '../../refusal';

// The layouts that teams have for dev, staging and prod of one code base: the same names and namespaces, in clusters of
// their own.

let folder: string;
const inherited = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'environments-'));
  delete process.env.CI;
  jest.spyOn(console, 'error').mockImplementation();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.env = { ...inherited };
  jest.restoreAllMocks();
});

/** The chart of the code base. */
class Orders extends Chart {
  constructor(scope: Construct, id: string, gibibytes: number, set = 'orders') {
    super(scope, id, { namespace: 'shop' });
    new Postgres(this, set, {
      version: PostgresVersion.V18,
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(gibibytes) }),
      credentials: Credentials.fromSecret('orders-credentials'),
    });
  }
}

/** Sizes of volumes by environment. */
type Sizes = Readonly<Record<string, number>>;

const lockFile = (name = 'stateful.lock.json'): string => join(folder, name);
const stateful = (props: StatefulAppProps = {}): StatefulApp =>
  new StatefulApp({ outdir: join(folder, 'dist'), lockFile: lockFile(), frozen: false, ...props });
const lock = (
  name?: string,
): {
  format: number;
  systems?: object;
  environments?: Readonly<Record<string, { systems: object; retired?: object }>>;
} => JSON.parse(readFileSync(lockFile(name), 'utf8')) as ReturnType<typeof lock>;
const locked = (): unknown =>
  Object.entries(lock().environments ?? {}).map(([name, { systems }]) => [name, Object.keys(systems)]);
const said = (): string => jest.mocked(console.error).mock.calls.join('\n');

/** One app, with the charts of all environments. */
function charts(sizes: Sizes, props?: StatefulAppProps): void {
  const app = stateful(props);
  for (const [name, gibibytes] of Object.entries(sizes)) new Orders(new Environment(app, name), 'orders', gibibytes);
  app.synth();
}

/** An app for each environment, in one program. */
function apps(sizes: Sizes): void {
  for (const [environment, gibibytes] of Object.entries(sizes)) {
    const app = stateful({ environment, outdir: join(folder, 'dist', environment) });
    new Orders(app, 'orders', gibibytes);
    app.synth();
  }
}

/** A run for each environment, as `ENVIRONMENT=prod cdk8s synth --output dist/prod` is. */
function run(environment: string | undefined, gibibytes: number, props?: StatefulAppProps): void {
  const app = stateful({ environment, outdir: join(folder, 'dist', environment ?? ''), ...props });
  new Orders(app, 'orders', gibibytes);
  app.synth();
}

const runs = (sizes: Sizes): void => {
  for (const [environment, gibibytes] of Object.entries(sizes)) run(environment, gibibytes);
};

describe.each<[string, (sizes: Sizes) => void, RegExp[]]>([
  ['charts of one app', charts, [/^dev-orders-\w+\.k8s\.yaml$/, /^prod-orders-\w+\.k8s\.yaml$/]],
  ['apps of one program', apps, [/^dev$/, /^prod$/]],
  ['runs of one app', runs, [/^dev$/, /^prod$/]],
])('%s', (_, synth, output) => {
  beforeEach(() => {
    synth({ dev: 10, prod: 100 });
  });

  test('have each an entry of its own in the lock, and manifests of its own', () => {
    expect(lock().format).toBe(2);
    expect(lock().systems).toBeUndefined();
    expect(locked()).toEqual([
      ['dev', ['shop/orders']],
      ['prod', ['shop/orders']],
    ]);
    expect(readdirSync(join(folder, 'dist'))).toEqual(
      output.map((pattern) => expect.stringMatching(pattern) as unknown),
    );
    expect(said()).toContain('[dev] systems shop/orders: new');
    expect(said()).toContain('[prod] systems shop/orders: new');
  });

  test('change nothing and say nothing, when nothing changes', () => {
    const before = readFileSync(lockFile(), 'utf8');
    jest.mocked(console.error).mockClear();
    synth({ dev: 10, prod: 100 });
    expect(said()).toBe('');
    expect(readFileSync(lockFile(), 'utf8')).toBe(before);
  });

  test('are compared each with its own, and the refusal says which', () => {
    expect(
      refusalOf(() => {
        synth({ dev: 10, prod: 50 });
      }),
    ).toMatch(
      /^stateful\.lock\.json refuses [^\n]*\n {2}error \[prod\] StatefulSet\/shop\/orders volume-shrunk: [^\n]* 100Gi -> 50Gi: [^\n]*\n {2}To overrule/,
    );
    expect(
      refusalOf(() => {
        synth({ dev: 5, prod: 100 });
      }),
    ).toContain('error [dev] StatefulSet/shop/orders volume-shrunk');
  });

  test('a plan is in a folder of its own', () => {
    synth({ dev: 20, prod: 200 });
    expect(readdirSync(join(folder, 'stateful-plans')).sort()).toEqual(['dev', 'prod']);
    expect(readdirSync(join(folder, 'stateful-plans', 'prod'))).toEqual(['grow-data-of-orders-in-shop-to-200Gi.sh']);
  });

  test('an environment may be added', () => {
    synth({ dev: 10, prod: 100, staging: 10 });
    expect(locked()).toEqual(['dev', 'prod', 'staging'].map((name) => [name, ['shop/orders']]));
  });
});

describe('an environment that is no longer in the code', () => {
  test('is refused, where the app builds all of them', () => {
    charts({ dev: 10, prod: 100 });
    expect(
      refusalOf(() => {
        charts({ prod: 100 });
      }),
    ).toContain('error [dev] StatefulSet/shop/orders set-removed');
  });

  test('may go when its systems are retired', () => {
    charts({ dev: 10, prod: 100 });
    const app = stateful();
    new Orders(new Environment(app, 'prod'), 'orders', 100);
    new RetiredSystem(new Chart(new Environment(app, 'dev'), 'orders', { namespace: 'shop' }), 'orders', {
      volumes: RetiredVolumes.DELETED,
    });
    app.synth();
    expect(said()).toContain('note [dev] StatefulSet/shop/orders set-retired');
    charts({ prod: 100 });
    expect(locked()).toEqual([['prod', ['shop/orders']]]);
  });

  test('stays in the lock, where each run builds one', () => {
    runs({ dev: 10, prod: 100 });
    run('prod', 100);
    expect(locked()).toEqual([
      ['dev', ['shop/orders']],
      ['prod', ['shop/orders']],
    ]);
  });
});

test('a run that forgot to say which environment it is, is refused', () => {
  runs({ dev: 10, prod: 100 });
  const refusal = refusalOf(() => {
    run(undefined, 100);
  });
  expect(refusal).toContain('error [prod] StatefulSet/shop/orders set-removed');
  expect(refusal).toContain(
    "If another app, or another run of this one, defines it for another cluster, set 'environment' of each StatefulApp",
  );
});

test('frozen, a lock without the environment is an error', () => {
  run('dev', 10);
  expect(
    refusalOf(() => {
      run('prod', 100, { frozen: true });
    }),
  ).toContain('stateful.lock.json is frozen and would change:\n  [prod] systems shop/orders: new');
});

test('each may have a lock file of its own', () => {
  for (const environment of ['dev', 'prod']) run(environment, 10, { lockFile: lockFile(`${environment}.lock.json`) });
  for (const environment of ['dev', 'prod'])
    run(undefined, 10, { lockFile: lockFile(`plain-${environment}.lock.json`) });
  expect(Object.keys(lock('dev.lock.json').environments ?? {})).toEqual(['dev']);
  expect([lock('plain-prod.lock.json').format, Object.keys(lock('plain-prod.lock.json').systems ?? {})]).toEqual([
    1,
    ['shop/orders'],
  ]);
  expect(
    refusalOf(() => {
      run(undefined, 5, { lockFile: lockFile('plain-prod.lock.json') });
    }),
  ).toContain('plain-prod.lock.json refuses');
});

describe('manifests of two environments never replace one another', () => {
  test('by apps of one output folder', () => {
    run('dev', 10, { outdir: join(folder, 'dist') });
    const before = readFileSync(join(folder, 'dist', 'orders.k8s.yaml'), 'utf8');
    expect(
      refusalOf(() => {
        run('prod', 100, { outdir: join(folder, 'dist') });
      }),
    ).toBe(
      `environments 'dev' and 'prod' would write the same files in '${folder}/dist': set 'outdir' of each StatefulApp, for example join(process.env.CDK8S_OUTDIR ?? 'dist', 'prod')`,
    );
    expect(readFileSync(join(folder, 'dist', 'orders.k8s.yaml'), 'utf8')).toBe(before);
    expect(locked()).toEqual([['dev', ['shop/orders']]]);
  });

  test('by apps that write files of other kinds', () => {
    const yamlOutputType = YamlOutputType.FILE_PER_RESOURCE;
    run('dev', 10, { outdir: join(folder, 'dist'), yamlOutputType });
    expect(
      refusalOf(() => {
        run('prod', 100, { outdir: join(folder, 'dist'), yamlOutputType });
      }),
    ).toContain('would write the same files');
    expect(
      refusalOf(() => {
        run('prod', 100, { outdir: join(folder, 'dist', 'prod'), yamlOutputType });
      }),
    ).toBe('(nothing was refused)');
  });

  test('by one text of all', () => {
    const app = stateful();
    for (const name of ['dev', 'prod']) new Orders(new Environment(app, name), 'orders', 10);
    expect(refusalOf(() => app.synthYaml())).toBe(
      "synthYaml must be called on an app of one environment, got 'dev', 'prod': one text of all would be applied to one cluster; use synth",
    );
  });

  test.each([YamlOutputType.FILE_PER_APP, YamlOutputType.FILE_PER_RESOURCE])(
    'by charts of one app: %s',
    (yamlOutputType) => {
      expect(
        refusalOf(() => {
          charts({ dev: 10, prod: 100 }, { yamlOutputType });
        }),
      ).toMatch(
        /^yamlOutputType must be one of .*, got '.*': the others write objects of environments 'dev', 'prod' to the same files$/,
      );
      expect([existsSync(lockFile()), existsSync(join(folder, 'dist'))]).toEqual([false, false]);
      expect(
        refusalOf(() => {
          charts({ prod: 100 }, { yamlOutputType });
        }),
      ).toBe('(nothing was refused)');
    },
  );

  test('not where each chart has a folder', () => {
    charts({ dev: 10, prod: 100 }, { yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE });
    expect(readdirSync(join(folder, 'dist'))).toHaveLength(2);
  });
});

describe('a project that introduces environments', () => {
  beforeEach(() => {
    run(undefined, 100);
    expect(lock().format).toBe(1);
  });

  test.each<[string, (gibibytes: number) => void]>([
    [
      'by its app',
      (gibibytes) => {
        run('prod', gibibytes);
      },
    ],
    [
      'by a scope',
      (gibibytes) => {
        charts({ prod: gibibytes });
      },
    ],
  ])('keeps the protection of what it has, %s', (_, synth) => {
    expect(
      refusalOf(() => {
        synth(50);
      }),
    ).toContain('error [prod] StatefulSet/shop/orders volume-shrunk');
    synth(200);
    expect([lock().systems, locked()]).toEqual([undefined, [['prod', ['shop/orders']]]]);
    expect(said()).toContain('systems shop/orders: removed\n  [prod] systems shop/orders: new');
    expect(readdirSync(join(folder, 'stateful-plans', 'prod'))).toEqual(['grow-data-of-orders-in-shop-to-200Gi.sh']);
  });

  test('is told of what is in none', () => {
    const app = stateful({ environment: 'prod' });
    new Orders(app, 'orders', 100, 'other');
    app.synth();
    expect(said()).toContain('warning StatefulSet/shop/orders environment-unknown: the lock has it in no environment');
    expect(Object.keys(lock().systems ?? {})).toEqual(['shop/orders']);
  });

  test('may retire what it had at the same time', () => {
    const app = stateful({ environment: 'prod' });
    new RetiredSystem(new Chart(app, 'orders', { namespace: 'shop' }), 'orders', { volumes: RetiredVolumes.KEPT });
    app.synth();
    expect(said()).toContain('note [prod] StatefulSet/shop/orders set-retired');
    expect(Object.keys(lock().environments?.prod.retired ?? {})).toEqual(['shop/orders']);
  });

  test('may leave systems without one in the same app', () => {
    const app = stateful();
    new Orders(new Environment(app, 'prod'), 'orders', 100);
    new Orders(app, 'tools', 10, 'tools');
    app.synth();
    expect([Object.keys(lock().systems ?? {}), locked()]).toEqual([['shop/tools'], [['prod', ['shop/orders']]]]);
  });
});

test('a lock that knows no environments is read as it was, and stays so to the byte', () => {
  run(undefined, 100);
  const before = readFileSync(lockFile(), 'utf8');
  expect(before).toContain('"format": 1,');
  writeFileSync(lockFile(), before);
  run(undefined, 100, { frozen: true });
  expect(readFileSync(lockFile(), 'utf8')).toBe(before);
});
